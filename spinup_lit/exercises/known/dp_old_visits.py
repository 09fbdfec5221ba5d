# spinup_lit/exercises/known/dp_old_visits.py: generated from book/depth/tabular.md; edit the chapter. sha256:98d236513aa183f3
"""Known answers to the exercise `dp-old-visits`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The new policy's visits, the old policy's advantages. With the old visits it is a
    surrogate: right in sign here, and wrong in size, for the policy has changed a lot."""

    TRUE_GAIN = 1.9
    WITH_OLD_VISITS = 0.19

    def gain(step, start, adv_old, new, gamma):
        visits = np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)
        return visits @ (new * adv_old).sum(axis=1)


class StepByStep(Right):
    """Follow the state for a long time."""

    def gain(step, start, adv_old, new, gamma):
        at, total, each = start, 0.0, (new * adv_old).sum(axis=1)
        for _ in range(3000):
            total, at = total + at @ each, gamma * at @ step
        return total


class Backwards(Right):
    """What is gained from each state on, as values."""

    def gain(step, start, adv_old, new, gamma):
        each = np.einsum("sa,sa->s", new, adv_old)
        return start @ np.linalg.inv(np.eye(len(start)) - gamma * step) @ each


class OldVisitsAreTrue(Mistake):
    """0.19 is what the old policy's visits give: it never comes to B, where most is gained.
    From A, going right earns 0.9; the old policy earned -1."""

    rung = "claim"
    TRUE_GAIN = 0.19


class BothAlike(Mistake):
    """The old policy's visits are others: from A it falls into the pit at once, so B counts
    nothing."""

    rung = "claim"
    WITH_OLD_VISITS = 1.9


class Transposed(Mistake):
    """The transpose is missing: you have solved for *values*. How often a state is visited
    depends on where one comes from, so the columns of `step` count."""

    rung = "by_hand"

    def gain(step, start, adv_old, new, gamma):
        visits = np.linalg.solve(np.eye(len(start)) - gamma * step, start)
        return visits @ (new * adv_old).sum(axis=1)


class NotDiscounted(Mistake):
    """Your visits are not discounted: what is gained later counts in full."""

    rung = "by_hand"

    def gain(step, start, adv_old, new, gamma):
        visits = np.linalg.solve(np.eye(len(start)) - step.T, start)
        return visits @ (new * adv_old).sum(axis=1)


class Normalised(Mistake):
    """You have made a distribution of the visits. Then the sum is a mean per step, and
    1 / (1 - gamma) times too small where no episode ends."""

    rung = "by_hand"

    def gain(step, start, adv_old, new, gamma):
        visits = np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)
        visits = visits / visits.sum()
        return visits @ (new * adv_old).sum(axis=1)


class FirstStateOnly(Mistake):
    """You look at the first state alone. Its advantage supposes that the *old* policy goes on
    from there; what the new one does later must be added."""

    rung = "by_hand"

    def gain(step, start, adv_old, new, gamma):
        visits = start
        return visits @ (new * adv_old).sum(axis=1)


class AllActions(Mistake):
    """You add up the advantages of all actions as if each were taken. The new policy takes
    each with its probability."""

    rung = "properties"

    def gain(step, start, adv_old, new, gamma):
        visits = np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)
        return visits @ adv_old.sum(axis=1)


class WrongWay(Mistake):
    """The sign: this is what the *old* policy earns more."""

    rung = "by_hand"

    def gain(step, start, adv_old, new, gamma):
        visits = np.linalg.solve(np.eye(len(start)) - gamma * step.T, start)
        return -visits @ (new * adv_old).sum(axis=1)
