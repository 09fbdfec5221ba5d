# spinup_lit/exercises/known/results_iqm.py: generated from book/practice/results.md; edit the chapter. sha256:c69472983f0b3603
"""Known answers to the exercise `results-iqm`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Sorted scores with weights: 1 in the middle half, 0 outside, and a part at the
    borders."""

    def iqm(scores):
        x = np.sort(scores, axis=None)
        n = len(x)
        low, high = np.arange(n), np.arange(1, n + 1)
        inside = np.minimum(high, 3 * n / 4) - np.maximum(low, n / 4)
        return x @ np.maximum(inside, 0) / (n / 2)


class FourTimes(Right):
    """Each score four times, and the middle half of that."""

    def iqm(scores):
        x = np.sort(np.repeat(scores, 4))
        n = np.size(scores)
        return x[n:-n].mean()


class ByArea(Right):
    """The area under the staircase of the sorted scores."""

    def iqm(scores):
        x = np.sort(np.ravel(scores))
        n = len(x)
        area = np.interp(
            [n / 4, 3 * n / 4], np.arange(n + 1), np.append(0.0, x.cumsum())
        )
        return (area[1] - area[0]) * 2 / n


class NotSorted(Mistake):
    """You leave out the first and the last quarter of the list, as it came. The lowest and the
    highest are meant: put the scores in order."""

    rung = "by_hand"

    def iqm(scores):
        x = np.ravel(scores)
        n = len(x)
        low, high = np.arange(n), np.arange(1, n + 1)
        inside = np.minimum(high, 3 * n / 4) - np.maximum(low, n / 4)
        return x @ np.maximum(inside, 0) / (n / 2)


class WholeScores(Mistake):
    """You leave out whole scores only. That is right if n can be divided by 4; of five scores
    one is left out on each side instead of 1.25."""

    rung = "by_hand"

    def iqm(scores):
        x = np.sort(scores, axis=None)
        n = len(x)
        low, high = np.arange(n), np.arange(1, n + 1)
        return x[n // 4 : n - n // 4].mean()


class QuarterInAll(Mistake):
    """You leave out a quarter in all, an eighth on each side. Between the quartiles lies the
    middle *half*."""

    rung = "by_hand"

    def iqm(scores):
        x = np.sort(scores, axis=None)
        n = len(x)
        low, high = np.arange(n), np.arange(1, n + 1)
        inside = np.minimum(high, 7 * n / 8) - np.maximum(low, n / 8)
        return x @ np.maximum(inside, 0) / (3 * n / 4)


class DividedByAll(Mistake):
    """You divide by the number of all scores; only half of them have been added up."""

    rung = "by_hand"

    def iqm(scores):
        x = np.sort(scores, axis=None)
        n = len(x)
        low, high = np.arange(n), np.arange(1, n + 1)
        inside = np.minimum(high, 3 * n / 4) - np.maximum(low, n / 4)
        return x @ np.maximum(inside, 0) / n


class LowestOnly(Mistake):
    """You leave out the lowest quarter only, so that the result is too good. What is left out
    on one side must be left out on the other."""

    rung = "by_hand"

    def iqm(scores):
        x = np.sort(scores, axis=None)
        n = len(x)
        low, high = np.arange(n), np.arange(1, n + 1)
        inside = high - np.maximum(low, n / 4)
        return x @ np.maximum(inside, 0) / (3 * n / 4)


class Median(Mistake):
    """This is the median: it leaves out everything but the middle. The interquartile mean
    averages half of the scores, and so scatters less."""

    rung = "by_hand"

    def iqm(scores):
        return np.median(scores)


class TaskByTask(Mistake):
    """You take the interquartile mean of each task and average those. Scores of all tasks are
    thrown together first."""

    rung = "by_hand"

    def iqm(scores):
        rows = np.sort(np.repeat(np.atleast_2d(scores), 4, axis=1), axis=1)
        n = rows.shape[1] // 4
        return rows[:, n:-n].mean()


class MidOfQuartiles(Mistake):
    """The mean of the two quartiles is no interquartile mean: it asks two scores, and not those
    between them."""

    rung = "by_hand"

    def iqm(scores):
        return np.quantile(scores, [0.25, 0.75]).mean()
