# spinup_lit/exercises/checks/concepts_gaussian.py: generated from book/start/key-concepts.md; edit the chapter. sha256:0970cb7a26bd9e60
"""Checks of the exercise `concepts-gaussian`."""

import math

import numpy as np
import torch
from torch.distributions import Independent, Normal

from spinup_lit import ppo
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="The log-probability of a Gaussian",
    chapter="start/key-concepts",
    kind="implement",
    difficulty=1,
    minutes=15,
    hints=(
        "How many deviations is each component away from its mean? Square that.",
        "Logarithms of independent densities add up: over the last axis, not the first.",
        "Each component brings its own log(2 pi) and its own 2 log_std.",
    ),
    seconds=60,
)


def batch(seed: int, size: int, d: int) -> tuple[torch.Tensor, ...]:
    """Random actions and means, (size, d), and logarithms of deviations, (d,)."""
    rng = np.random.default_rng(seed)
    act, mu, log_std = (rng.normal(size=n) for n in ((size, d), (size, d), d))
    return torch.tensor(act), torch.tensor(mu), torch.tensor(0.5 * log_std)


def shapes(answer: Answer) -> Cases:
    """One number for each action."""
    logp = answer.gaussian_logp(torch.zeros(5, 3), torch.ones(5, 3), torch.zeros(3))
    yield Case("the shape for 5 actions of 3 components", tuple(logp.shape), (5,))
    yield Case("the type for tensors of float32", logp.dtype, torch.float32)


def by_hand(answer: Answer) -> Cases:
    """The standard normal at its mean, and two components."""
    zero = torch.zeros(1, 1)
    logp = answer.gaussian_logp(zero, zero, torch.zeros(1))
    yield Case("act [[0]], mu [[0]], log_std [0]: -log(2 pi) / 2", logp, [-0.918939])
    act, mu = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0, 1.0]])
    logp = answer.gaussian_logp(act, mu, torch.tensor([0.0, math.log(0.5)]))
    what = "act [[1, 1]], mu [[0, 1]], deviations [1, 1/2]: -1/2 - log(2 pi) + log 2"
    yield Case(what, logp, [-1.644730])
    logp = answer.gaussian_logp(
        torch.tensor([[1.0, 2.0]]), mu, torch.tensor([0.0, math.log(0.5)])
    )
    what = "the same, but act [[1, 2]]: two deviations from the second mean"
    yield Case(what, logp, [-3.644730])


def properties(answer: Answer) -> Cases:
    """It is a density, of independent components, and only the distance counts."""
    act, mu, log_std = batch(1, 6, 2)
    logp = answer.gaussian_logp(act, mu, log_std)
    moved = answer.gaussian_logp(act + 7, mu + 7, log_std)
    yield Case("actions and means moved together by 7: the same", moved, logp)
    parts = [slice(0, 1), slice(1, 2)]
    alone = [answer.gaussian_logp(act[:, i], mu[:, i], log_std[i]) for i in parts]
    yield Case("the sum of that of each component alone", logp, sum(alone))
    grid = torch.linspace(-6, 6, 4001, dtype=torch.float64)[:, None]
    density = answer.gaussian_logp(grid, 0 * grid, torch.tensor([-0.3])).exp()
    yield Case(
        "the integral of the density of one component", density.sum() * 0.003, 1.0
    )


def oracle(answer: Answer) -> Cases:
    """One number at a time, from the density."""
    for seed, d in enumerate((1, 2, 3, 17)):
        act, mu, log_std = batch(seed, 8, d)
        expected = np.zeros(8)
        for i in range(8):
            for j in range(d):
                std = math.exp(log_std[j])
                z = float(act[i, j] - mu[i, j]) / std
                expected[i] += math.log(
                    math.exp(-z * z / 2) / (std * math.sqrt(2 * math.pi))
                )
        logp = answer.gaussian_logp(act, mu, log_std)
        yield Case(f"8 random actions of {d} components", logp, expected, rtol=1e-9)


def gradients(answer: Answer) -> Cases:
    """The score in the mean and in the logarithm of the deviation."""
    act, mu, log_std = batch(5, 4, 3)
    mu.requires_grad_(), log_std.requires_grad_()
    logp = answer.gaussian_logp(act, mu, log_std)
    yield Case("the result has a gradient", logp.requires_grad, True)
    found = torch.autograd.grad(logp.sum(), (mu, log_std), allow_unused=True)
    yield Case(
        "a gradient reaches mu and log_std", [x is not None for x in found], [1, 1]
    )
    z = ((act - mu) / log_std.exp()).detach()
    yield Case("the gradient in mu: (act - mu) / std^2", found[0], z / log_std.exp())
    what = "the gradient in log_std: the sum over the batch of z^2 - 1"
    yield Case(what, found[1], (z**2 - 1).sum(0))


def in_place(answer: Answer) -> Cases:
    """PPO with a policy whose log-probabilities are the answer's."""

    class Written(Independent[Normal]):
        def log_prob(self, value: torch.Tensor) -> torch.Tensor:
            normal = self.base_dist
            logp: torch.Tensor = answer.gaussian_logp(
                value, normal.loc, normal.scale[0].log()
            )
            return logp

    with replaced(ppo, Independent=Written):
        agent = ppo.ppo(
            probes.TARGET,
            hidden_sizes=(16,),
            steps_per_epoch=256,
            minibatch_size=64,
            epochs=10,
            pi_lr=3e-3,
            vf_lr=1e-2,
        )
    what = "after ten epochs, how far the mean action is from the target"
    yield Case(what, probes.error(agent), between(0, 0.15))
