# spinup_lit/exercises/known/vpg_long_step.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:b5a74a02575cb5d1
"""Known answers to the exercise `vpg-long-step`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import at_least


class TheBook(Book):
    """From the same batch and the same gradient, the step went far further. A
    policy that is certain has no score, so no gradient leads back."""

    CAUSE = "b"
    EPOCH = 0
    RECOVERS = False


class WrongSign(Mistake):
    """With the wrong sign the returns fall, too, but a step is as long as before. Look at KL
    in the first row."""

    rung = "claim"
    CAUSE = "a"


class DeadCritic(Mistake):
    """ExplVar is near 1: the critic foresees what this policy earns. It is not much, and not
    the critic's fault."""

    rung = "claim"
    CAUSE = "c"


class Clock(Mistake):
    """A time limit that is mistaken can only matter once episodes reach it, at 500 steps.
    These last nine."""

    rung = "claim"
    CAUSE = "d"


class SumOfGradients(Mistake):
    """Then GradNorm would be a thousand times as large, and it is the same. And Adam divides
    by the length of the gradient, so its steps would be as long as before."""

    rung = "claim"
    CAUSE = "e"


class SeenLate(Mistake):
    """You wait for the return to fall. One column says it before, in the row of the very step
    that was too long."""

    rung = "claim"
    EPOCH = at_least(1)


class Patience(Mistake):
    """GradNorm is 0. Certain actions have no score, so nothing will ever change this policy,
    and it draws no other action from which it could learn."""

    rung = "claim"
    RECOVERS = True
