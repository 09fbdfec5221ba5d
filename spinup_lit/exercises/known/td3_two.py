# spinup_lit/exercises/known/td3_two.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:8f3f1fefcc7ec162
"""Known answers to the exercise `td3-two`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import between, inside


class TheBook(Book):
    """A maximum over errors is too large by 1/2; a judge that did not choose is right on
    average; the smaller of both is too small by 1/4. With more actions the first estimate at
    the top is hardly ever low, so the smaller of both comes nearer to the honest second."""

    MAXIMUM = 0.5
    SECOND = 0.0
    SMALLER = -0.25
    MEAN = 0.25
    MORE_ACTIONS = "nearer"


class NoBias(Mistake):
    """Each estimate is right on average, but you look at the one that was *chosen* because it
    is large. In three of four cases a coin with +1 is among the two."""

    rung = "claim"
    MAXIMUM = 0.0


class AlwaysUp(Mistake):
    """You say that a +1 is always found, or nearly. How often do both coins say -1?"""

    rung = "claim"
    MAXIMUM = between(0.7, 1.0)


class ChoiceSpoilsSecond(Mistake):
    """You think that the choice also lifts the second estimate. It would if the coins were
    shared. They are not: whatever was chosen, the second coin is fair."""

    rung = "claim"
    SECOND = between(0.01, 1.0)


class SmallerIsHonest(Mistake):
    """You expect that the minimum just undoes the maximum. It does more: where the first says
    +1, the smaller is the second coin, 0 on average; where it says -1, the smaller is -1."""

    rung = "claim"
    SMALLER = 0.0


class SmallerOfFree(Mistake):
    """-1/2 is the smaller of two fair coins when nothing was chosen. Here the first belongs to
    the action that looks best, and says +1 three times in four."""

    rung = "claim"
    SMALLER = -0.5


class MeanIsHonest(Mistake):
    """A mean of one estimate that is too large by 1/2 and one that is right cannot be right."""

    rung = "claim"
    MEAN = 0.0


class MeanAsLarge(Mistake):
    """The mean lies halfway between MAXIMUM and SECOND."""

    rung = "claim"
    MEAN = inside(0.3, 1.0)


class MoreIsWorse(Mistake):
    """More actions make the *maximum* worse. The smaller of both is -1 at least whenever the
    first estimate at the top is -1, and with four actions that happens once in 16 times."""

    rung = "claim"
    MORE_ACTIONS = "farther"
