# spinup_lit/exercises/known/vpg_losing_randomness.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:0e7c167cfc82813d
"""Known answers to the exercise `vpg-losing-randomness`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import inside


class TheBook(Book):
    """The entropy goes on falling where the returns stand still, and the gradient is long
    although there is nothing left to learn from: certainty itself is paid for."""

    CAUSE = "d"
    LIKELIER = 0.942


class TooSlow(Mistake):
    """With such a learning rate the policy would hardly move: KL would be ten thousand times
    smaller from the start, and Entropy would stay at 0.69. Here it moves, and falls."""

    rung = "claim"
    CAUSE = "a"


class TooFast(Mistake):
    """A step that is too long shows in KL, at once. Here KL begins as in the healthy run, and
    becomes smaller than there."""

    rung = "claim"
    CAUSE = "b"


class NoAdvantages(Mistake):
    """Then there would be no gradient, and GradNorm 0. It is longer than in the healthy run."""

    rung = "claim"
    CAUSE = "c"


class Healthy(Mistake):
    """It falls in the healthy run as well, to 0.52, while the returns grow tenfold. Here it is
    at 0.22 and falling, and the returns have stood still for ten epochs."""

    rung = "claim"
    CAUSE = "e"


class StillACoin(Mistake):
    """So far from certainty the entropy would be larger: p = 0.9 gives 0.325."""

    rung = "claim"
    LIKELIER = inside(0.5, 0.922)


class Certain(Mistake):
    """At p = 0.97 the entropy is 0.135. There is a little more left."""

    rung = "claim"
    LIKELIER = inside(0.962, 1.0)
