# spinup_lit/exercises/known/concepts_mean_return.py: generated from book/start/key-concepts.md; edit the chapter. sha256:8267a5014c7544eb
"""Known answers to the exercise `concepts-mean-return`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Step t is reached with probability c^t, and pays gamma^t r: a geometric series in
    gamma c. A discount and a chance to end multiply, which is why one can stand for the
    other."""

    def mean_length(c: float) -> float:
        """The mean number of steps of an episode."""
        return 1 / (1 - c)

    def mean_return(r: float, c: float, gamma: float) -> float:
        """The mean of the discounted return."""
        return r / (1 - gamma * c)

    def mean_return_cut(r: float, c: float, gamma: float, limit: int) -> float:
        """The mean of the discounted return, if episodes are cut after `limit` steps."""
        return r * (1 - (gamma * c) ** limit) / (1 - gamma * c)


class Equations(Right):
    """What an episode is worth now, in terms of what it is worth after a step."""

    def mean_length(c):
        return float(np.linalg.solve([[1 - c]], [1.0])[0])

    def mean_return(r, c, gamma):
        return float(np.linalg.solve([[1 - c * gamma]], [float(r)])[0])

    def mean_return_cut(r, c, gamma, limit):
        value = 0.0
        for _ in range(limit):
            value = r + gamma * c * value
        return value


class Series(Right):
    """The series, added up."""

    def mean_return(r, c, gamma):
        return float(r * ((gamma * c) ** np.arange(5000)).sum())

    def mean_return_cut(r, c, gamma, limit):
        return sum(r * gamma**t * c**t for t in range(limit))


class MeanLength(Mistake):
    """This is the return of an episode of mean length. But the return is no linear function
    of the length, and the mean of a function is not the function of the mean."""

    rung = "by_hand"

    def mean_return(r, c, gamma):
        n = 1 / (1 - c)
        return r * (n if gamma == 1 else (1 - gamma**n) / (1 - gamma))


class ForEver(Mistake):
    """You sum as if episodes never ended. Step t pays only if it is reached: with which
    probability is that?"""

    rung = "by_hand"

    def mean_return(r, c, gamma):
        return r / (1 - gamma) if gamma < 1 else r / (1 - c)


class FirstIsSure(Mistake):
    """One factor c too many: you let the episode go on with probability c *before* its first
    step, which is always taken."""

    rung = "by_hand"

    def mean_return(r, c, gamma):
        return r * c / (1 - gamma * c)


class StepsAfterTheFirst(Mistake):
    """You count how often the episode goes on. It has one step more than that."""

    rung = "by_hand"

    def mean_length(c):
        return c / (1 - c)


class OneStepTooMany(Mistake):
    """Your sum goes to t = T and has T + 1 terms. The steps of an episode of T steps are
    numbered from 0 to T - 1."""

    rung = "by_hand"

    def mean_return_cut(r, c, gamma, limit):
        return r * (1 - (gamma * c) ** (limit + 1)) / (1 - gamma * c)


class CutForSure(Mistake):
    """The tail that a cut removes is worth less than you take away: step T is reached with
    probability c^T, and paid with gamma^T. Only one of the two is in your power."""

    rung = "by_hand"

    def mean_return_cut(r, c, gamma, limit):
        return r * (1 - gamma**limit) / (1 - gamma * c)
