# spinup_lit/exercises/known/trpo_kl_direction.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:7016c43a39f1efbd
"""Known answers to the exercise `trpo-kl-direction`."""

import math

import torch
from torch.distributions import Normal, kl_divergence

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The mean is taken where the old policy acts. A narrow new policy makes its common
    actions very unlikely, a wide one only somewhat less likely."""

    LARGER = "narrow"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_old**2 + (mu_old - mu_new) ** 2
        return math.log(std_new / std_old) + square / (2 * std_new**2) - 0.5


class Library(Right):
    """What PyTorch says, in double precision."""

    def kl(mu_old, std_old, mu_new, std_new):
        old, new = (
            Normal(torch.tensor(x).double(), torch.tensor(y).double())
            for x, y in ((mu_old, std_old), (mu_new, std_new))
        )
        return kl_divergence(old, new).item()


class Ratio(Right):
    """With the ratio of the variances."""

    def kl(mu_old, std_old, mu_new, std_new):
        ratio = (std_old / std_new) ** 2
        return 0.5 * (ratio - 1 - math.log(ratio) + ((mu_new - mu_old) / std_new) ** 2)


class Wide(Mistake):
    """Twice the deviation makes no action of the old policy very unlikely. Half the deviation
    does, and those in the tails are the ones that count."""

    rung = "claim"
    LARGER = "wide"


class Reversed(Mistake):
    """The direction: this is KL(new || old), a mean over actions of the *new* policy. For
    short steps the two are alike, and a batch only has actions of the old one."""

    rung = "by_hand"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_new**2 + (mu_old - mu_new) ** 2
        return math.log(std_old / std_new) + square / (2 * std_old**2) - 0.5


class Negative(Mistake):
    """The sign: a divergence is never negative. You have the logarithm of new over old."""

    rung = "by_hand"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_old**2 + (mu_old - mu_new) ** 2
        return 0.5 - math.log(std_new / std_old) - square / (2 * std_new**2)


class MeansForgotten(Mistake):
    """(a - mu_new)^2 is on average larger than the variance of the old policy: its mean lies
    elsewhere."""

    rung = "by_hand"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_old**2
        return math.log(std_new / std_old) + square / (2 * std_new**2) - 0.5


class LogTurned(Mistake):
    """The logarithm of the deviations has the wrong sign: a wide new policy has a *low*
    density."""

    rung = "by_hand"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_old**2 + (mu_old - mu_new) ** 2
        return math.log(std_old / std_new) + square / (2 * std_new**2) - 0.5


class CrossEntropy(Mistake):
    """This is the mean of -log pi_new alone. The entropy of the old policy is still to be
    subtracted; the divergence of a policy from itself is 0."""

    rung = "by_hand"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_old**2 + (mu_old - mu_new) ** 2
        return (
            math.log(std_new) + 0.5 * math.log(2 * math.pi) + square / (2 * std_new**2)
        )


class Doubled(Mistake):
    """A half is missing: the exponent of a normal density is -1/2 z^2."""

    rung = "by_hand"

    def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
        """The divergence of the new policy, as the old one sees it."""
        square = std_old**2 + (mu_old - mu_new) ** 2
        return math.log(std_new / std_old) + square / std_new**2 - 1
