# spinup_lit/exercises/known/ddpg_flat_critic.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:5ee357d1b18ec28c
"""Known answers to the exercise `ddpg-flat-critic`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right
from spinup_lit.machinery.arguments import at_least


class TheBook(Book):
    """A column minus a vector is a table of all pairs. Each value is pulled towards the mean
    of all targets, so the critic says the same of everything, and what is left of its loss
    is the variance of the targets. A batch of one has only one pair."""

    CAUSE = "c"
    BATCH_SIZE = 1

    def slope(q: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The derivative of the other program's loss in each value, (B,)."""
        return 2 / len(q) * (q - y.mean())


class PairByPair(Right):
    """The table, written out."""

    def slope(q, y):
        n = len(q)
        return np.array([sum(2 * (a - b) for b in y) / n**2 for a in q])


class ByMeans(Right):
    """The mean over the columns of the table."""

    def slope(q, y):
        return 2 * (q[:, None] - y[None, :]).mean(axis=1) / q.size


class LearningRate(Mistake):
    """Steps that are far too large make values jump. Nothing jumps here: StdQVals falls and
    the level of the values moves, both steadily."""

    rung = "claim"
    CAUSE = "a"


class FrozenCopy(Mistake):
    """If the slow copy never moved, each target would be the reward of one step, never below
    -16.3, plus what a new network says, about 0. The values here go to -170, so the copy
    follows."""

    rung = "claim"
    CAUSE = "b"


class WrongWay(Mistake):
    """Then the *policy* would be bad, but nothing would keep the critic from learning what
    that policy earns, with a small loss. Here it is the critic that cannot fit: look at
    LossQ."""

    rung = "claim"
    CAUSE = "d"


class NewestOnly(Mistake):
    """Learning from the newest steps alone is unsteady, but a network can fit a few steps.
    Here LossQ stays large, and StdQVals falls: it cannot fit even what it has just seen."""

    rung = "claim"
    CAUSE = "e"


class LargeBatch(Mistake):
    """The larger the batch, the more targets are averaged, and the worse it gets. When is a
    table of all pairs nothing but the pairs that belong together?"""

    rung = "claim"
    BATCH_SIZE = at_least(2)


class RightLoss(Mistake):
    """This is the slope of the loss *without* the mistake: each value against its own
    target. With it, each value meets all targets."""

    rung = "by_hand"

    def slope(q, y):
        return 2 / len(q) * (q - y)


class SumOfPairs(Mistake):
    """A factor: the loss is a mean over B^2 pairs, and B of them hold one value. Your slope
    is that of the sum of B such means."""

    rung = "by_hand"

    def slope(q: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The derivative of the other program's loss in each value, (B,)."""
        return 2 * (q - y.mean())


class OnePairOnly(Mistake):
    """A factor: you divide by B^2, but each value stands in B of the pairs."""

    rung = "by_hand"

    def slope(q: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The derivative of the other program's loss in each value, (B,)."""
        return 2 / len(q) ** 2 * (q - y.mean())
