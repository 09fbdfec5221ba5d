# spinup_lit/exercises/known/results_first_ten.py: generated from book/practice/results.md; edit the chapter. sha256:00c8bc4b0cc9bd11
"""Known answers to the exercise `results-first-ten`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import between, inside


class TheBook(Book):
    """About 2.4. Whoever waits for the first to finish waits for the short ones: before
    step 9 only those of length 1 can have finished. In half of all games, ten short ones
    come first, and the average is 1."""

    MEAN = 2.4


class Unbiased(Mistake):
    """You think that his average is right, or nearly. But the first ten to finish are not
    ten episodes drawn at random: a short one finishes first *because* it is short."""

    MEAN = between(4.5, 5.5)
    rung = "claim"


class LongOnes(Mistake):
    """You expect more than the true 5. Which episodes finish first, the short or the long
    ones?"""

    MEAN = between(5.51, 9)
    rung = "claim"


class OnlyShort(Mistake):
    """You say that nearly all of the ten are short. This is so in half of the games. In the
    others, too many copies are busy with long episodes, and some of those are counted."""

    MEAN = between(1, 1.9)
    rung = "claim"


class TooLittle(Mistake):
    """The direction is right: short episodes are counted too often. It is worse than you
    think."""

    MEAN = inside(2.9, 4.5)
    rung = "claim"
