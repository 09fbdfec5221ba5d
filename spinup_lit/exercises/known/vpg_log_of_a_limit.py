# spinup_lit/exercises/known/vpg_log_of_a_limit.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:16546b3c56e4caf3
"""Known answers to the exercise `vpg-log-of-a-limit`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import between, inside


class TheBook(Book):
    """The first difference comes with the first episode of 500 steps, and in the targets of
    the critic. A pole that still stands is taken for one that has fallen."""

    CAUSE = "d"
    RIGHT = 100.0
    WRONG = 80.3


class PolicyRate(Mistake):
    """Another learning rate of the policy would show from epoch 1 on, when the first step has
    been taken. These logs agree for 34 epochs."""

    rung = "claim"
    CAUSE = "a"


class CriticRate(Mistake):
    """Values that are too low look like that. But another learning rate of the critic would
    show in VVals of epoch 0, and these logs agree for 34 epochs."""

    rung = "claim"
    CAUSE = "b"


class NotNormalised(Mistake):
    """That would change the policy's first step. These logs agree for 34 epochs, and in epoch
    34 it is the critic's loss that differs."""

    rung = "claim"
    CAUSE = "c"


class NextEpisode(Mistake):
    """A good suspect: it, too, begins with the first episode that is cut. But the first state
    of the next one is worth about as much as any upright pole, so the values would go to 100.
    Here they stay far below."""

    rung = "claim"
    CAUSE = "e"


class LimitedReturn(Mistake):
    """500 is the undiscounted return of an episode that is cut. The critic learns discounted
    sums, and should think the pole goes on standing."""

    rung = "claim"
    RIGHT = 500.0


class ValueAtTheStart(Mistake):
    """This is the discounted return of 500 steps, which is what the wrong value is in the
    first. The critic should think that the pole goes on standing."""

    rung = "claim"
    RIGHT = inside(99, 100)


class StartForMean(Mistake):
    """That is the wrong value of the first step, of which 500 are still to come. In the last,
    it is 1. Asked for is the mean."""

    rung = "claim"
    WRONG = inside(95, 100.1)


class HalfWay(Mistake):
    """You average the two ends. The values fall slowly for most of the episode, and fast in
    its last hundred steps."""

    rung = "claim"
    WRONG = between(45, 55)
