# spinup_lit/experiments/statistics.py: generated from book/practice/results.md; edit the chapter. sha256:1c9c99707d3e3d08
"""Is one setting better than another, or had it the luckier seeds?"""

import numpy as np
from scipy.special import stdtrit

from spinup_lit.experiments.plot import mean_interval

Interval = tuple[float, float, float]  # a mean, and the lower and upper end around it


def paired(x: np.ndarray, y: np.ndarray, level: float = 0.95) -> Interval:
    """Mean difference of pairs and its interval, Eq. (results-paired)."""
    mean, low, high = mean_interval(x - y, level)
    return float(mean), float(low), float(high)


def unpaired(x: np.ndarray, y: np.ndarray, level: float = 0.95) -> Interval:
    """Difference of the means of two groups and its interval, Eq. (results-welch)."""
    mean = float(x.mean() - y.mean())
    a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    if a + b == 0:
        return mean, mean, mean
    nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
    reach = float(stdtrit(nu, (1 + level) / 2) * np.sqrt(a + b))
    return mean, mean - reach, mean + reach


def level_of_each(comparisons: int, level: float = 0.95) -> float:
    """At which level each interval must hold for all of them to hold at `level`."""
    return 1 - (1 - level) / comparisons
