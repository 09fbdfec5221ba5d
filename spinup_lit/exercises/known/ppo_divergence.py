# spinup_lit/exercises/known/ppo_divergence.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:931782c728faf622
"""Known answers to the exercise `ppo-divergence`."""

import torch

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """ratio - 1 has the mean zero under the old policy, and log x <= x - 1: so the sum of
    both is right on average, and never negative."""

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return (x.expm1() - x).mean()


class Ratios(Right):
    """With ratios, in whatever precision there is."""

    def divergence(log_ratio):
        with torch.no_grad():
            return (log_ratio.exp() - 1 - log_ratio).mean()


class Parts(Right):
    """The mean of each part, as plain numbers."""

    def divergence(log_ratio):
        x = log_ratio.detach().double()
        return torch.expm1(x).sum().item() / len(x) - x.mean().item()


class LogarithmAlone(Mistake):
    """This is the mean of -log_ratio: right on average, and negative for every sample that
    has become more likely. A batch may then say that a policy has moved by less than
    nothing."""

    rung = "by_hand"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return -x.mean()


class HalfTheSquare(Mistake):
    """Half the square of log_ratio is never negative, and only nearly right on average: good
    for short steps, wrong for long ones."""

    rung = "by_hand"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return (x**2).mean() / 2


class OtherDirection(Mistake):
    """This estimates KL(new || old): you have weighted with the ratio, as if the actions
    were to be those of the new policy."""

    rung = "by_hand"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return (x.exp() * x - x.expm1()).mean()


class RatioUpsideDown(Mistake):
    """The ratio is upside down: old over new. Under the old policy its mean is not 1, so
    what you have added does not vanish."""

    rung = "by_hand"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = -log_ratio.detach()
        return (x.expm1() - x).mean()


class SignOfLogarithm(Mistake):
    """The sign of log_ratio: it is log(new / old), and the divergence is the mean of
    log(old / new)."""

    rung = "by_hand"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return (x.expm1() + x).mean()


class SumOverBatch(Mistake):
    """You have summed over the batch. A larger batch does not mean a longer step."""

    rung = "by_hand"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return (x.expm1() - x).sum()


class WithGradient(Mistake):
    """A gradient flows through the estimate. It only says when to stop; whoever keeps it
    keeps the graph of the network with it."""

    rung = "gradients"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio
        return (x.expm1() - x).mean()


class OnePerSample(Mistake):
    """There is one number for each sample, and no mean over them."""

    rung = "shapes"

    def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
        """An estimate of KL(old || new), a number."""
        x = log_ratio.detach()
        return x.expm1() - x
