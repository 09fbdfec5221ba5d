# spinup_lit/exercises/known/ppo_gaussian_policy.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:fd47724aaa8c88c8
"""Known answers to the exercise `ppo-gaussian-policy`."""

import math

import torch
from torch.distributions import Independent, Normal

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Independent components: log-densities and entropies add up over the last axis. The
    entropy does not depend on the state, since the deviations do not."""

    def draw(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """Actions, (B, d)."""
        return (mu + log_std.exp() * torch.randn_like(mu)).detach()

    def log_prob(
        mu: torch.Tensor, log_std: torch.Tensor, act: torch.Tensor
    ) -> torch.Tensor:
        """The log-probability of each action, (B,)."""
        z = (act - mu) / log_std.exp()
        return -(0.5 * z**2 + log_std + 0.5 * math.log(2 * math.pi)).sum(-1)

    def entropy(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of the policy in each state, (B,)."""
        each = 0.5 + 0.5 * math.log(2 * math.pi) + log_std
        return each.expand_as(mu).sum(-1)


class Library(Right):
    """By distributions, although the exercise asks not to."""

    def draw(mu, log_std):
        return Normal(mu, log_std.exp()).sample()

    def log_prob(mu, log_std, act):
        return Independent(Normal(mu, log_std.exp()), 1).log_prob(act)

    def entropy(mu, log_std):
        return Normal(mu, log_std.exp()).entropy().sum(-1)


class Determinant(Right):
    """With the logarithm of the determinant of the covariance."""

    def draw(mu, log_std):
        with torch.no_grad():
            return torch.normal(mu, log_std.exp().expand_as(mu))

    def log_prob(mu, log_std, act):
        square = ((act - mu) ** 2 * torch.exp(-2 * log_std)).sum(1)
        d = mu.shape[1]
        return -0.5 * (square + 2 * log_std.sum() + d * math.log(2 * math.pi))

    def entropy(mu, log_std):
        d = mu.shape[1]
        one = 0.5 * d * (1 + math.log(2 * math.pi)) + log_std.sum()
        return one.repeat(len(mu))


class LogarithmAsDeviation(Mistake):
    """You multiply the noise by log_std itself. With log_std 0 there is no noise at all: the
    deviation is its exponential."""

    rung = "properties"

    def draw(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """Actions, (B, d)."""
        return (mu + log_std * torch.randn_like(mu)).detach()


class UniformNoise(Mistake):
    """rand is uniform between 0 and 1: your actions all lie on one side of the mean. Normal
    noise is randn."""

    rung = "properties"

    def draw(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """Actions, (B, d)."""
        return (mu + log_std.exp() * torch.rand_like(mu)).detach()


class OneNoiseForAll(Mistake):
    """All components of an action share one random number. They should be independent, as
    your log-probability says that they are."""

    rung = "properties"

    def draw(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """Actions, (B, d)."""
        return (mu + log_std.exp() * torch.randn_like(mu[:, :1])).detach()


class ActionWithGradient(Mistake):
    """A gradient flows through the action into mu and log_std. An action is data: in
    log_prob(act), the mean would cancel, and nothing would be learned."""

    rung = "gradients"

    def draw(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """Actions, (B, d)."""
        return mu + log_std.exp() * torch.randn_like(mu)


class NoNormaliser(Mistake):
    """-log_std is missing: a wide density is low. Without it, the policy is rewarded for
    being wide, since the square shrinks."""

    rung = "by_hand"

    def log_prob(
        mu: torch.Tensor, log_std: torch.Tensor, act: torch.Tensor
    ) -> torch.Tensor:
        """The log-probability of each action, (B,)."""
        z = (act - mu) / log_std.exp()
        return -(0.5 * z**2 + 0.5 * math.log(2 * math.pi)).sum(-1)


class OnePerComponent(Mistake):
    """You give a log-probability for each component. An action is one event: sum over the
    last axis."""

    rung = "shapes"

    def log_prob(
        mu: torch.Tensor, log_std: torch.Tensor, act: torch.Tensor
    ) -> torch.Tensor:
        """The log-probability of each action, (B,)."""
        z = (act - mu) / log_std.exp()
        return -(0.5 * z**2 + log_std + 0.5 * math.log(2 * math.pi))


class ConstantOnce(Mistake):
    """The constant 1/2 + log(2 pi) / 2 belongs to each component, and is in your entropy only
    once. With one component nobody notices."""

    rung = "by_hand"

    def entropy(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of the policy in each state, (B,)."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + log_std.expand_as(mu).sum(-1)


class MeanOfComponents(Mistake):
    """You average the entropies of the components. They add up: a policy over six components
    is six times as random, not as random as one."""

    rung = "by_hand"

    def entropy(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of the policy in each state, (B,)."""
        each = 0.5 + 0.5 * math.log(2 * math.pi) + log_std
        return each.expand_as(mu).mean(-1)


class OneForTheBatch(Mistake):
    """There should be one entropy for each state, (B,). It is the same number for all of
    them, but whoever averages over a batch counts on its shape."""

    rung = "shapes"

    def entropy(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of the policy in each state, (B,)."""
        each = 0.5 + 0.5 * math.log(2 * math.pi) + log_std
        return each.sum(-1)
