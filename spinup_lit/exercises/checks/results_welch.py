# spinup_lit/exercises/checks/results_welch.py: generated from book/practice/results.md; edit the chapter. sha256:d5fdb4a360cbf04c
"""Checks of the exercise `results-welch`."""

import numpy as np
from scipy.stats import ttest_ind

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="Two groups of seeds",
    chapter="practice/results",
    kind="implement",
    difficulty=3,
    minutes=20,
    hints=(
        "The sample variance divides by n - 1: `x.var(ddof=1)`.",
        "The interval has two ends, so 1 - level is divided between them: the quantile at "
        "(1 + level) / 2.",
        "Squared standard errors add up; their roots do not.",
    ),
)


def shapes(answer: Answer) -> Cases:
    """Three numbers."""
    x = np.array([1.0, 2, 4])
    got = answer.welch(x, x, 0.9)
    yield Case("how many numbers come back", len(got), 3)


def by_hand(answer: Answer) -> Cases:
    """Two and two: both variances 2, degrees of freedom 2, t 4.3027."""
    x, y = np.array([10.0, 12]), np.array([4.0, 6])
    reach = 4.302653 * np.sqrt(2)
    got = np.array(answer.welch(x, y, 0.95))
    what = "x [10, 12], y [4, 6], level 0.95"
    yield Case(what, got, [6.0, 6 - reach, 6 + reach])
    x, y = np.array([1.0, 2, 3]), np.array([0.0, 4, 8, 8])
    # a = 1/3, b = (44/3)/4 = 11/3: nu = 16 / (1/18 + 121/27) = 3.5266
    got = np.array(answer.welch(x, y, 0.9))
    reach = 2.2168 * 2
    what = "x [1, 2, 3], y [0, 4, 8, 8], level 0.9"
    yield Case(what, got, [-3.0, -3 - reach, -3 + reach], rtol=1e-3)


def properties(answer: Answer) -> Cases:
    """Exchanged groups, another unit."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(0, 1, 4), rng.normal(1, 3, 7)
    mean, low, high = answer.welch(x, y, 0.95)
    got = np.array(answer.welch(y, x, 0.95))
    yield Case("groups exchanged: the signs, too", got, [-mean, -high, -low])
    got = np.array(answer.welch(10 * x, 10 * y, 0.95))
    yield Case("ten times the scores", got, 10 * np.array([mean, low, high]))


def oracle(answer: Answer) -> Cases:
    """SciPy's test; and how often the interval holds the truth."""
    rng = np.random.default_rng(2)
    for n, m, level in ((3, 5, 0.95), (10, 4, 0.99), (6, 6, 0.8)):
        x, y = rng.normal(5, 1, n), rng.normal(3, 4, m)
        found = ttest_ind(x, y, equal_var=False).confidence_interval(level)
        right = [x.mean() - y.mean(), found.low, found.high]
        got = np.array(answer.welch(x, y, level))
        yield Case(f"{n} and {m} random scores, level {level}", got, right)
    held = 0
    for _ in range(1000):
        x, y = rng.normal(0, 1, 5), rng.normal(0, 1, 5)
        _, low, high = answer.welch(x, y, 0.95)
        held += bool(low <= 0 <= high)
    what = "how often the interval of 1,000 such experiments holds the truth"
    yield Case(what, held / 1000, between(0.93, 0.98))
