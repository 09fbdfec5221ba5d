# spinup_lit/exercises/checks/ddpg_lq.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:3e3936f3fa5b4ca6
"""Checks of the exercise `ddpg-lq`."""

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="The theorem, with a pencil",
    chapter="offpolicy/ddpg",
    kind="derive",
    difficulty=4,
    minutes=40,
    hints=(
        "Under the policy s_t = G^t s_0, with G = A + B theta. The costs are a geometric "
        "series.",
        "Q(s, a) = -(s^2 + c a^2) - gamma X (A s + B a)^2. Differentiate in a, with X a "
        "constant; then put in a = theta s.",
        "The action is theta s, whose derivative in theta is s. So step t contributes "
        "gamma^t times slope(s_t) times s_t: both are in proportion to G^t.",
    ),
)


def column(*numbers: float) -> tuple[np.ndarray, ...]:
    """Each number as an array of one."""
    return tuple(np.array([float(x)]) for x in numbers)


def by_hand(answer: Answer) -> Cases:
    """A world that forgets, and one that does not."""
    still = column(0, 0.5, 1, 1, 1)
    where = "theta 0, A 0.5, B 1, c 1, gamma 1"
    yield Case(f"cost at {where}", answer.cost(*still), [4 / 3])
    got = answer.slope(np.ones(1), *still)
    yield Case(f"slope at s 1, {where}", got, [-4 / 3])
    got = answer.slope(3 * np.ones(1), *still)
    yield Case(f"slope at s 3, {where}", got, [-4.0])
    patient = answer.gradient(*column(0, 1, 1, 1, 0.5))
    yield Case("gradient at theta 0, A 1, B 1, c 1, gamma 0.5", patient, [-4.0])
    yield Case(f"gradient at {where}", answer.gradient(*still), [-16 / 9])
    short = column(1, 0.5, 1, 2, 0)
    where = "theta 1, A 0.5, B 1, c 2, gamma 0"
    yield Case(f"cost at {where}", answer.cost(*short), [3.0])
    yield Case(f"slope at s 1, {where}", answer.slope(np.ones(1), *short), [-4.0])


def worlds() -> tuple[np.ndarray, ...]:
    """Random theta, A, B, c and gamma, of which the sums are finite."""
    rng = np.random.default_rng(1)
    A, B = rng.uniform(0.5, 1.2, 12), rng.uniform(0.5, 1.5, 12)
    theta = (rng.uniform(-0.7, 0.7, 12) - A) / B
    return theta, A, B, rng.uniform(0.1, 2, 12), rng.uniform(0.5, 0.95, 12)


def played(
    first: torch.Tensor, s: torch.Tensor, theta: torch.Tensor, world: list[torch.Tensor]
) -> torch.Tensor:
    """What is earned by one action and then the policy, step by step."""
    A, B, c, gamma = world
    total, act = torch.zeros_like(s), first
    for t in range(300):
        total = total - gamma**t * (s**2 + c * act**2)
        s = A * s + B * act
        act = theta * s
    return total


def properties(answer: Answer) -> Cases:
    """At the best theta nothing is to be gained, in any state."""
    golden = (np.sqrt(5) - 1) / 2
    best = column(-golden, 1, 1, 1, 1)
    where = "theta -0.618, A 1, B 1, c 1, gamma 1: the best"
    yield Case(f"slope at s 2, {where}", answer.slope(2 * np.ones(1), *best), [0.0])
    yield Case(f"gradient at {where}", answer.gradient(*best), [0.0])


def oracle(answer: Answer) -> Cases:
    """PyTorch, through 300 steps of the world."""
    theta, *rest = (torch.tensor(x) for x in worlds())
    one = torch.ones(12, dtype=torch.float64)
    theta.requires_grad_()
    value = played(theta * one, one, theta, rest)
    got = answer.cost(*worlds())
    yield Case("cost of twelve random worlds", got, -value)
    (right,) = torch.autograd.grad(value.sum(), theta)
    s = torch.tensor(np.random.default_rng(2).normal(size=12))
    act = (theta * s).detach().requires_grad_()
    (push,) = torch.autograd.grad(played(act, s, theta.detach(), rest).sum(), act)
    yield Case("slope at random states", answer.slope(s.numpy(), *worlds()), push)
    yield Case("gradient of twelve random worlds", answer.gradient(*worlds()), right)
