# spinup_lit/exercises/checks/sac_log_prob.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:fef228d6cd39f183
"""Checks of the exercise `sac-log-prob`."""

import numpy as np
import torch
from torch.distributions import AffineTransform, Normal, TanhTransform
from torch.distributions import TransformedDistribution as Transformed

from spinup_lit import sac
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import below

EXERCISE = Exercise(
    title="The density of a squashed action",
    chapter="offpolicy/sac",
    kind="implement",
    difficulty=3,
    minutes=20,
    hints=(
        "The density of a is that of u, divided by the slope of a in u. In logarithms: "
        "minus.",
        "The slope is reach (1 - tanh(u)^2), for each part; the logarithms add up.",
        "1 - tanh(u)^2 = 4 / (e^u + e^-u)^2. Take the logarithm of that, with "
        "`torch.nn.functional.softplus(x)`, which is log(1 + e^x).",
    ),
    seconds=90,
)


def shapes(answer: Answer) -> Cases:
    """A number for each action."""
    x = torch.zeros(3, 2)
    logp = answer.squashed_logp(x, x, x, torch.ones(2))
    yield Case("three actions of two parts: the shape", tuple(logp.shape), (3,))
    yield Case("the type of log-densities of float32", logp.dtype, torch.float32)


def by_hand(answer: Answer) -> Cases:
    """At the middle, where the slope is `reach`; then one deviation away."""
    zero = torch.zeros(1, 1)
    at_zero = -0.9189385  # -log(2 pi) / 2
    for reach, std, right in (
        (1.0, 1.0, at_zero),
        (2.0, 1.0, at_zero - np.log(2)),
        (1.0, 0.5, at_zero + np.log(2)),
    ):
        logp = answer.squashed_logp(
            zero, zero, zero + float(np.log(std)), torch.tensor([reach])
        )
        yield Case(f"u 0, mu 0, deviation {std}, reach {reach}", logp, [right])
    logp = answer.squashed_logp(zero + 1, zero, zero, torch.ones(1))
    yield Case("u 1, mu 0, deviation 1, reach 1", logp, [at_zero - 0.5 + 0.8675617])
    two = torch.zeros(1, 2)
    logp = answer.squashed_logp(two, two, two, torch.tensor([2.0, 5.0]))
    yield Case("two parts, u 0, reach [2, 5]", logp, [2 * at_zero - np.log(10)])


def properties(answer: Answer) -> Cases:
    """Densities add up to one, and are finite far out."""
    reach = torch.tensor([3.0], dtype=torch.float64)
    u = torch.linspace(-12, 12, 20_001, dtype=torch.float64)[:, None]
    mu, log_std = torch.full_like(u, 0.4), torch.full_like(u, -0.3)
    density = answer.squashed_logp(u, mu, log_std, reach).exp()
    total = torch.trapezoid(density, 3 * u[:, 0].tanh())
    yield Case("the integral over the actions, mu 0.4, reach 3", total, 1.0)
    for u_ in (10.0, 30.0, -30.0):
        far = torch.full((1, 1), u_)
        logp = answer.squashed_logp(far, far, 0 * far, torch.ones(1))
        slope = 2 * np.log(2) - 2 * abs(u_)
        yield Case(f"u {u_:.0f} = mu, float32", logp, [-0.9189385 - slope])


def given(seed: int) -> tuple[torch.Tensor, ...]:
    """Random u, mu, log_std and reach."""
    rng = np.random.default_rng(seed)
    u, mu, log_std = torch.tensor(rng.normal(size=(3, 50, 3)))
    return u, mu, log_std, torch.tensor(rng.uniform(0.2, 9, 3))


def oracle(answer: Answer) -> Cases:
    """PyTorch's chain of transforms."""
    u, mu, log_std, reach = given(1)
    squash = [TanhTransform(), AffineTransform(0, reach)]
    action = Transformed(Normal(mu, log_std.exp()), squash)
    right = action.log_prob(reach * u.tanh()).sum(-1)
    got = answer.squashed_logp(u, mu, log_std, reach)
    yield Case("50 random actions of three parts", got, right, rtol=1e-6)


def gradients(answer: Answer) -> Cases:
    """The reparameterised policy needs all three, and finite ones."""
    u, mu, log_std, reach = given(2)
    leaves = [x.clone().requires_grad_() for x in (u, mu, log_std)]
    total = answer.squashed_logp(*leaves, reach).sum()
    yield Case("whether log-densities have a gradient", total.requires_grad, True)
    slopes = torch.autograd.grad(total, leaves, allow_unused=True)
    z = (u - mu) / log_std.exp()
    rights = (2 * u.tanh() - z / log_std.exp(), z / log_std.exp(), z**2 - 1)
    for name, slope, right in zip(("u", "mu", "log_std"), slopes, rights):
        yield Case(f"the derivative in {name}, at 50 random actions", slope, right)
    far = torch.full((1, 1), 30.0, requires_grad=True)
    logp = answer.squashed_logp(far, far.detach(), torch.zeros(1, 1), torch.ones(1))
    (slope,) = torch.autograd.grad(logp.sum(), far)
    yield Case("the derivative in u at 30 = mu, float32", slope, [[2.0]])


def in_place(answer: Answer) -> Cases:
    """A short training: the action should be half of the observation."""
    with replaced(sac, log_prob=answer.squashed_logp):
        agent = sac.sac(
            probes.TARGET,
            hidden_sizes=(32,),
            steps_per_epoch=500,
            epochs=2,
            start_steps=200,
            update_after=100,
            pi_lr=3e-3,
            q_lr=1e-2,
        )
    act = agent.act(np.array([[-1.0], [1.0]], np.float32), deterministic=True)
    error = float(abs(act - [[-0.5], [0.5]]).mean())
    yield Case("how far SAC's middle actions are from right ones", error, below(1.5))
