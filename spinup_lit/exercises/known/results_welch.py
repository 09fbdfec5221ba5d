# spinup_lit/exercises/known/results_welch.py: generated from book/practice/results.md; edit the chapter. sha256:d976790c04a4c420
"""Known answers to the exercise `results-welch`."""

import numpy as np
from scipy.special import ndtri, stdtrit
from scipy.stats import t, ttest_ind

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Two squared standard errors, added; and Student's quantile for as many degrees of freedom
    as their sum is worth."""

    def welch(x, y, level):
        a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = stdtrit(nu, (1 + level) / 2) * np.sqrt(a + b)
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class ByTest(Right):
    """SciPy's test, turned into an interval."""

    def welch(x, y, level):
        found = ttest_ind(x, y, equal_var=False).confidence_interval(level)
        return (found.low + found.high) / 2, found.low, found.high


class BySums(Right):
    """Everything from sums of squares."""

    def welch(x, y, level):
        errors, nu = 0.0, 0.0
        for z in (x, y):
            n = len(z)
            error = ((z - z.mean()) ** 2).sum() / (n * (n - 1))
            errors, nu = errors + error, nu + error**2 / (n - 1)
        low = t.ppf((1 - level) / 2, errors**2 / nu) * errors**0.5
        mean = np.mean(x) - np.mean(y)
        return mean, mean + low, mean - low


class NormalQuantile(Mistake):
    """You use the normal distribution's quantile, as if the scatter were known. It has been
    estimated from a few seeds: with two and two the interval must be twice as wide."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = ndtri((1 + level) / 2) * np.sqrt(a + b)
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class OneSided(Mistake):
    """All of 1 - level lies above your upper end, and as much again below the lower one: at
    0.95 this is an interval of 0.90. Divide it between both ends."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = stdtrit(nu, level) * np.sqrt(a + b)
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class DividedByN(Mistake):
    """A sample variance divides by n - 1, for the mean was fitted to the same scores. NumPy's
    `var` divides by n unless told otherwise."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var() / len(x), y.var() / len(y)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = stdtrit(nu, (1 + level) / 2) * np.sqrt(a + b)
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class ScatterOfOne(Mistake):
    """This is how much *one* run scatters. The mean of n runs is quieter: divide each variance
    by its number of runs."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var(ddof=1), y.var(ddof=1)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = stdtrit(nu, (1 + level) / 2) * np.sqrt(a + b)
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class PooledFreedom(Mistake):
    """n_x + n_y - 2 degrees of freedom are right if both groups scatter equally. Here most of
    the uncertainty may come from one small group, and the interval is then too narrow."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        nu = len(x) + len(y) - 2
        reach = stdtrit(nu, (1 + level) / 2) * np.sqrt(a + b)
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class ErrorsAddedUp(Mistake):
    """You add up the standard errors. Independent errors partly cancel: their *squares* add
    up."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = stdtrit(nu, (1 + level) / 2) * (np.sqrt(a) + np.sqrt(b))
        mean = x.mean() - y.mean()
        return mean, mean - reach, mean + reach


class TurnedRound(Mistake):
    """The sign: x minus y."""

    rung = "by_hand"

    def welch(x, y, level):
        a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
        nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
        reach = stdtrit(nu, (1 + level) / 2) * np.sqrt(a + b)
        mean = y.mean() - x.mean()
        return mean, mean - reach, mean + reach
