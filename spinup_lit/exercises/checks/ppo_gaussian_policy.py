# spinup_lit/exercises/checks/ppo_gaussian_policy.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:0861fcbc48b8bc72
"""Checks of the exercise `ppo-gaussian-policy`."""

from typing import Any

import numpy as np
import torch
from torch.distributions import Independent, Normal

from spinup_lit import ppo
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="A Gaussian policy with the right entropy",
    chapter="onpolicy/ppo",
    kind="implement",
    difficulty=3,
    minutes=25,
    hints=(
        "torch.randn_like(mu) draws standard normal numbers of the shape of mu.",
        "Log-densities of independent components add up, and so do entropies: over the "
        "last axis.",
        "One component has the entropy 1/2 + log(2 pi) / 2 + log_std, in every state.",
    ),
    seconds=60,
)
LOG_STD = torch.tensor([0.0, -0.5, 0.7])


def shapes(answer: Answer) -> Cases:
    """A row for each action, a number for each state."""
    mu = torch.zeros(5, 3)
    act = answer.draw(mu, LOG_STD)
    yield Case("the shape of 5 actions of 3 components", tuple(act.shape), (5, 3))
    logp = answer.log_prob(mu, LOG_STD, mu)
    yield Case("the shape of their log-probabilities", tuple(logp.shape), (5,))
    entropy = answer.entropy(mu, LOG_STD)
    yield Case("the shape of 5 entropies", tuple(entropy.shape), (5,))


def by_hand(answer: Answer) -> Cases:
    """One component, and three."""
    zero = torch.zeros(1, 1)
    logp = answer.log_prob(zero, torch.zeros(1), zero + 2)
    yield Case("log_prob of 2, mean 0, deviation 1", logp, [-2.918939])
    logp = answer.log_prob(zero, torch.tensor([0.693147]), zero + 2)
    yield Case("log_prob of 2, mean 0, deviation 2", logp, [-2.112086])
    entropy = answer.entropy(torch.zeros(2, 1), torch.zeros(1))
    yield Case("entropy, one component, deviation 1", entropy, [1.418939, 1.418939])
    entropy = answer.entropy(torch.ones(1, 3), LOG_STD)
    what = "entropy, three components, log_std [0, -0.5, 0.7]"
    yield Case(what, entropy, [3 * 1.418939 + 0.2])


def properties(answer: Answer) -> Cases:
    """What is drawn has the means and the deviations that it should, and no partner."""
    mu = torch.tensor([3.0, -1.0, 0.5]).expand(40_000, 3)
    act = answer.draw(mu, LOG_STD)
    yield Case("the means of 40,000 actions", act.mean(0), mu[0], atol=0.05)
    deviation = LOG_STD.exp()
    yield Case("their deviations", act.std(0), deviation, rtol=0.03)
    share = torch.corrcoef(act.T)[0, 1]
    yield Case("the correlation of two components", share, between(-0.03, 0.03))
    half = torch.corrcoef(torch.stack([act[:20_000, 0], act[20_000:, 0]]))[0, 1]
    yield Case("the correlation of two states", half, between(-0.04, 0.04))


def oracle(answer: Answer) -> Cases:
    """Densities one by one; and the entropy by quadrature."""
    rng = np.random.default_rng(3)
    x, weight = np.polynomial.hermite_e.hermegauss(30)
    for d in (1, 2, 6):
        mu, act = rng.normal(size=(2, 7, d))
        log_std = rng.normal(0, 0.5, d)
        std = np.exp(log_std)
        density = np.exp(-0.5 * ((act - mu) / std) ** 2) / (std * np.sqrt(2 * np.pi))
        tensors = [torch.tensor(a) for a in (mu, log_std, act)]
        logp = answer.log_prob(*tensors)
        yield Case(f"log_prob, d = {d}", logp, np.log(density.prod(axis=1)))
        each = [-np.log(np.exp(-(x**2) / 2) / (s * np.sqrt(2 * np.pi))) for s in std]
        expected = sum(weight @ values / weight.sum() for values in each)
        found = answer.entropy(*tensors[:2])
        yield Case(f"entropy, d = {d}", found, np.full(7, expected))


def gradients(answer: Answer) -> Cases:
    """The entropy depends on the deviations; actions are data."""
    mu = torch.zeros(4, 3, requires_grad=True)
    log_std = LOG_STD.clone().requires_grad_()
    act = answer.draw(mu, log_std)
    yield Case("actions have a gradient", act.requires_grad, False)
    (slope,) = torch.autograd.grad(answer.entropy(mu, log_std).mean(), log_std)
    yield Case("the slope of the mean entropy in log_std", slope, [1.0, 1.0, 1.0])
    act = torch.ones(4, 3)
    found = torch.autograd.grad(answer.log_prob(mu, log_std, act).sum(), (mu, log_std))
    z = 1 / LOG_STD.exp()
    yield Case("the slope of log_prob in mu", found[0], (z**2).expand(4, 3))
    yield Case("the slope of log_prob in log_std", found[1], 4 * (z**2 - 1))


def in_place(answer: Answer) -> Cases:
    """PPO with this policy."""

    class Written(Independent[Normal]):
        def parts(self) -> tuple[torch.Tensor, torch.Tensor]:
            return self.base_dist.loc, self.base_dist.scale[0].log()

        def sample(self, sample_shape: Any = ()) -> torch.Tensor:
            act: torch.Tensor = answer.draw(*self.parts())
            return act

        def log_prob(self, value: torch.Tensor) -> torch.Tensor:
            logp: torch.Tensor = answer.log_prob(*self.parts(), value)
            return logp

        def entropy(self) -> torch.Tensor:
            entropy: torch.Tensor = answer.entropy(*self.parts())
            return entropy

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
