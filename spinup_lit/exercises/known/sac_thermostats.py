# spinup_lit/exercises/known/sac_thermostats.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:cb93576ebed95a31
"""Known answers to the exercise `sac-thermostats`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The second heats where it should cool. The third reports an entropy that no action in
    [-2, 2] can have: it is that of u. Equal chances have the most, and parts add up."""

    SECOND = "a"
    THIRD = "b"

    def most_entropy(low, high):
        return np.log(high - low).sum()


class ByDensity(Right):
    """Minus the logarithm of the density of equal chances."""

    def most_entropy(low, high):
        return -np.log(1 / np.prod(high - low))


class PartByPart(Right):
    """A part after the other, in units of half the range."""

    def most_entropy(low, high):
        return sum(np.log(2) + np.log((b - a) / 2) for a, b in zip(low, high))


class SecondStandsStill(Mistake):
    """Without an optimiser Alpha would stay at 1. Look at its column in the second log."""

    rung = "claim"
    SECOND = "c"


class SecondWantsMore(Mistake):
    """If so much entropy were wanted that no policy has it, Alpha would rise, too: a good
    thought. But the wanted entropy would be log 1000 higher, 6.6; the slope of log alpha is
    alpha (H - wanted), and its sign alone counts for Adam, so the log cannot tell the two
    apart. The file says that the wanted entropy is -0.31 in all three."""

    rung = "claim"
    SECOND = "d"


class SecondUnsquashed(Mistake):
    """Then Entropy could be of any size. In the second log it stays below log 4 = 1.386, as an
    action's must."""

    rung = "claim"
    SECOND = "b"


class SecondHatesEntropy(Mistake):
    """A policy that is punished for entropy would have little of it. The second has nearly the
    most there is."""

    rung = "claim"
    SECOND = "e"


class ThirdHeats(Mistake):
    """Alpha falls in the third log, as it should with so much entropy. That loss is right. Look
    at Entropy itself: can it be that large?"""

    rung = "claim"
    THIRD = "a"


class ThirdStandsStill(Mistake):
    """Alpha moves in the third log, nearly as in the first. Look at Entropy."""

    rung = "claim"
    THIRD = "c"


class ThirdWantsMore(Mistake):
    """If more entropy were wanted, Alpha would rise. It falls. Look at Entropy: can an action in
    [-2, 2] have so much?"""

    rung = "claim"
    THIRD = "d"


class ThirdHatesEntropy(Mistake):
    """A policy that is punished for entropy would have little of it. This one reports more than
    there can be."""

    rung = "claim"
    THIRD = "e"


class HalfTheRange(Mistake):
    """A factor of 2 in each part: equal chances have the density 1 / (high - low), over the whole
    range. Half of it is what tanh is multiplied with."""

    rung = "by_hand"

    def most_entropy(low, high):
        return np.log((high - low) / 2).sum()


class LogarithmOfSum(Mistake):
    """Parts are independent, so their entropies add up, not their ranges. With one part one
    cannot see it."""

    rung = "by_hand"

    def most_entropy(low, high):
        return np.log((high - low).sum())


class MeanOfParts(Mistake):
    """You average over the parts. The entropy of an action is the sum."""

    rung = "by_hand"

    def most_entropy(low, high):
        return np.log(high - low).mean()


class WrongSign(Mistake):
    """The sign: this is the log-density of equal chances; entropy is minus its mean."""

    rung = "by_hand"

    def most_entropy(low, high):
        return -np.log(high - low).sum()


class SymmetricBounds(Mistake):
    """You take twice the upper bound for the range. [3, 4] has the length 1, and [-1, 3] the
    length 4."""

    rung = "by_hand"

    def most_entropy(low, high):
        return np.log(2 * high).sum()
