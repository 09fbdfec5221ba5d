# spinup_lit/exercises/known/advantages_horizon.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:d5779aef04450209
"""Known answers to the exercise `advantages-horizon`."""

import math

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Only the product counts, and the smaller of the two keeps it small: with lam at 1 the
    sum is 100, with gamma at 1 it is 33."""

    LONGER = "lam"

    def total(gamma: float, lam: float) -> float:
        """The sum of all factors."""
        return 1 / (1 - gamma * lam)

    def half_life(gamma: float, lam: float) -> float:
        """After how many steps the factor is a half, a real number."""
        return math.log(2) / -math.log(gamma * lam)


class Series(Right):
    """The series itself; and a logarithm to the base of the factor."""

    def total(gamma, lam):
        return sum((gamma * lam) ** n for n in range(100_000))

    def half_life(gamma, lam):
        return math.log(0.5, gamma * lam)


class Binary(Right):
    """Twofold logarithms."""

    def half_life(gamma, lam):
        return -1 / math.log2(gamma * lam)


class GammaDecides(Mistake):
    """You expect more from gamma. Compute both sums: with lam at 0.97, what can be the
    largest product?"""

    rung = "claim"
    LONGER = "gamma"


class HorizonOfGamma(Mistake):
    """This is the horizon of the discount. The residuals count with lam as well."""

    rung = "by_hand"

    def total(gamma, lam):
        return 1 / (1 - gamma) if gamma < 1 else math.inf


class FirstLeftOut(Mistake):
    """Your sum begins with l = 1. The residual of the step itself counts, fully."""

    rung = "by_hand"

    def total(gamma, lam):
        return gamma * lam / (1 - gamma * lam)


class MixtureWeights(Mistake):
    """This is the sum of the weights of the n-step estimates, (1 - lam) lam^(n - 1), which
    is 1. Asked for are the factors of the residuals."""

    rung = "by_hand"

    def total(gamma, lam):
        return 1.0


class NegativeTime(Mistake):
    """The sign: the logarithm of a factor below 1 is negative, and time is not."""

    rung = "by_hand"

    def half_life(gamma, lam):
        return math.log(2) / math.log(gamma * lam)


class TimeConstant(Mistake):
    """After so many steps the factor has fallen to 1/e, which is less than a half."""

    rung = "by_hand"

    def half_life(gamma, lam):
        return -1 / math.log(gamma * lam)


class StraightLine(Mistake):
    """You let the factor fall by the same amount in each step. It falls by the same share."""

    rung = "by_hand"

    def half_life(gamma, lam):
        return 0.5 / (1 - gamma * lam)
