# spinup_lit/exercises/known/concepts_gaussian.py: generated from book/start/key-concepts.md; edit the chapter. sha256:2291a0641071ad3d
"""Known answers to the exercise `concepts-gaussian`."""

import math

import torch
from torch.distributions import Independent, Normal

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The squared distance in deviations, the width, and a constant; summed over the
    components, because they are independent."""

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each.sum(-1)


class Library(Right):
    """PyTorch has the distribution."""

    def gaussian_logp(act, mu, log_std):
        return Independent(Normal(mu, log_std.exp()), 1).log_prob(act)


class TermByTerm(Right):
    """The constant of all components at once."""

    def gaussian_logp(act, mu, log_std):
        d = act.shape[-1]
        square = torch.square((act - mu) * torch.exp(-log_std)).sum(dim=1)
        return -square / 2 - log_std.sum() - d / 2 * math.log(2 * math.pi)


class OnePerComponent(Mistake):
    """There is a number for each component. An action has one log-probability: the sum
    over its components."""

    rung = "shapes"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each


class SumOverBatch(Mistake):
    """You have added up the actions of the batch, the first axis. Add up the components,
    the last axis."""

    rung = "shapes"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each.sum(0)


class MeanOfComponents(Mistake):
    """You average over the components. Independent densities multiply, so that their
    logarithms add up; the mean would make an action of 17 components 17 times as tame."""

    rung = "by_hand"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each.mean(-1)


class LogarithmAsDeviation(Mistake):
    """You divide by log_std. The deviation is exp(log_std)."""

    rung = "by_hand"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each.sum(-1)


class VarianceForDeviation(Mistake):
    """You divide the distance by the variance. It is to be counted in deviations, and
    squared after that."""

    rung = "by_hand"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp() ** 2
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each.sum(-1)


class ConstantOnce(Mistake):
    """log(2 pi) stands in your sum once, for all components together. Each component
    brings its own. With one component you would not notice."""

    rung = "by_hand"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + 2 * log_std)  # (B, d)
        return each.sum(-1) - 0.5 * math.log(2 * math.pi)


class NoWidth(Mistake):
    """The term with log_std is missing, so the density does not integrate to one: a wide
    normal distribution is also a low one. Without it a policy could make all its actions
    more likely by being more random."""

    rung = "by_hand"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + math.log(2 * math.pi))  # (B, d)
        return each.sum(-1)


class FixedWidth(Mistake):
    """The value is right, but no gradient reaches log_std: it has been detached, so the
    policy will never learn how random to be."""

    rung = "gradients"

    def gaussian_logp(
        act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
    ) -> torch.Tensor:
        """Log-density of each action, (B,)."""
        log_std = log_std.detach()
        noise = (act - mu) / log_std.exp()
        each = -0.5 * (noise**2 + 2 * log_std + math.log(2 * math.pi))  # (B, d)
        return each.sum(-1)
