# spinup_lit/experiments/statistics.py: generated from book/practice/results.md; edit the chapter. sha256:6057d4cf7c51ed78
"""Is one setting better than another, or had it the luckier seeds?"""

import numpy as np
from scipy.special import stdtrit

from spinup_lit.experiments.plot import mean_interval


def differ(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether the 95 % interval of Eq. (results-welch) leaves out zero."""
    a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    if a + b == 0:
        return bool(x[0] != y[0])
    nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
    return bool(abs(x.mean() - y.mean()) > stdtrit(nu, 0.975) * np.sqrt(a + b))


def paired(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Mean difference of pairs and its 95 % interval, Eq. (results-paired)."""
    mean, low, high = mean_interval(x - y)
    return float(mean), float(low), float(high)
