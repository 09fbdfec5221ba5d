# spinup_lit/exercises/checks/dp_backup.py: generated from book/depth/tabular.md; edit the chapter. sha256:50ae8b35111b0527
"""Checks of the exercise `dp-backup`."""

import numpy as np

from spinup_lit.exact.tabular import MDP, evaluate, random_mdp
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import below

EXERCISE = Exercise(
    title="One backup, and many",
    chapter="depth/tabular",
    kind="implement",
    difficulty=2,
    minutes=25,
    hints=(
        "First what each action is worth, (S, A): a mean over the next places of reward "
        "and, discounted, value.",
        "The end is worth 0: `np.append(v, 0)` has a value for each place.",
        "The agent chooses before it knows where the step leads: maximum of means.",
        "For off_by: the new values are one sweep nearer than the old ones, and the old "
        "ones are off by at most what has moved plus what the new ones are off.",
    ),
)


def three() -> tuple[np.ndarray, np.ndarray]:
    """Three states in a row; action 0 stays and pays 1, action 1 goes on by a coin."""
    P, R = np.zeros((3, 2, 4)), np.zeros((3, 2, 4))
    for s in range(3):
        P[s, 0, s] = 1
        R[s, 0, s] = 1
        P[s, 1, s], P[s, 1, s + 1] = 0.5, 0.5
    R[2, 1, 3] = 10
    return P, R


def shapes(answer: Answer) -> Cases:
    """A value for each state."""
    P, R = three()
    best = answer.best_step(P, R, np.zeros(3), 0.9)
    yield Case("best_step of three states: the shape", np.shape(best), (3,))
    pi = np.full((3, 2), 0.5)
    expected = answer.expected_step(P, R, pi, np.zeros(3), 0.9)
    yield Case("expected_step of three states: the shape", np.shape(expected), (3,))


def by_hand(answer: Answer) -> Cases:
    """Three states: stay for 1, or go on, half of the time; the last step out pays 10."""
    P, R = three()
    world = (
        "three states, gamma 0.5, stay for 1 or go on by a coin, the way out pays 10"
    )
    got = answer.best_step(P, R, np.zeros(3), 0.5)
    yield Case(f"best_step: {world}; v [0, 0, 0]", got, [1.0, 1.0, 5.0])
    got = answer.best_step(P, R, np.array([1.0, 1.0, 5.0]), 0.5)
    yield Case(f"best_step: {world}; v [1, 1, 5]", got, [1.5, 1.5, 6.25])
    pi = np.array([[1.0, 0], [0.5, 0.5], [0, 1]])
    got = answer.expected_step(P, R, pi, np.array([1.0, 1.0, 5.0]), 0.5)
    what = f"expected_step: {world}; pi stays, tosses a coin, goes; v [1, 1, 5]"
    yield Case(what, got, [1.5, 1.5, 6.25])
    got = answer.expected_step(P, R, pi, np.array([2.0, 4.0, 0.0]), 0.5)
    yield Case("the same with v [2, 4, 0]", got, [2.0, 2.0, 5.0])
    yield Case("off_by, moved 0.001, gamma 0.99", answer.off_by(0.001, 0.99), 0.099)


def given(seed: int) -> tuple[MDP, np.ndarray]:
    """A random world of five states and three actions, and a policy."""
    pi = np.random.default_rng(seed).dirichlet(np.ones(3), size=5)
    return random_mdp(5, 3, ends=0.1, seed=seed), pi


def properties(answer: Answer) -> Cases:
    """Distances shrink, and a policy's own values stay as they are."""
    world, pi = given(1)
    rng = np.random.default_rng(1)
    v, w = rng.normal(size=(2, 5))
    x, y = (answer.best_step(world.P, world.R, each, 0.8) for each in (v, w))
    ratio = float(abs(x - y).max() / abs(v - w).max())
    yield Case("how much best_step shrinks a distance, gamma 0.8", ratio, below(0.8001))
    v = evaluate(world, pi, 0.8).v
    again = answer.expected_step(world.P, world.R, pi, v, 0.8)
    yield Case("expected_step of the policy's own values", again, v)


def oracle(answer: Answer) -> Cases:
    """Place by place; and the best of all policies that do not toss coins."""
    world, pi = given(2)
    v = np.random.default_rng(2).normal(size=5)
    worth = np.zeros((5, 3))
    for s, a, k in np.ndindex(*world.P.shape):
        after = v[k] if k < 5 else 0.0
        worth[s, a] += world.P[s, a, k] * (world.R[s, a, k] + 0.9 * after)
    best = [max(row) for row in worth.tolist()]
    got = answer.best_step(world.P, world.R, v, 0.9)
    yield Case("best_step of a random world", got, best, rtol=1e-9)
    mean = [p @ row for p, row in zip(pi, worth)]
    got = answer.expected_step(world.P, world.R, pi, v, 0.9)
    yield Case("expected_step of a random world", got, mean, rtol=1e-9)
    v = np.zeros(5)
    for _ in range(400):
        v = answer.best_step(world.P, world.R, v, 0.9)
    plans = (np.eye(3)[list(plan)] for plan in np.ndindex(3, 3, 3, 3, 3))
    best_of_all = np.max([evaluate(world, plan, 0.9).v for plan in plans], axis=0)
    yield Case("400 sweeps: the best of all 243 plans", v, best_of_all)
    for gamma in (0.5, 0.9):
        # one state that pays 1 for ever: the worst there is
        value, new = 0.0, 1.0
        off = 1 / (1 - gamma) - new
        got = answer.off_by(new - value, gamma)
        yield Case(f"off_by where 1 is paid for ever, moved 1, gamma {gamma}", got, off)
