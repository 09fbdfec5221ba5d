# spinup_lit/exercises/stubs/variance_constant.py: generated from book/depth/variance.md; edit the chapter. sha256:6a4f54fcce309ac3
"""The best constant.

M episodes have the probabilities `weight`. Of each, `score` is the sum of the scores of
its steps, a vector of P parameters, and `ret` its return. One episode gives the estimate

    score * (ret - b)

of the gradient. Its mean is right for every b. Its total variance, the sum of those of
the P components, is not the same for every b.
"""

import numpy as np


def best_constant(score: np.ndarray, ret: np.ndarray, weight: np.ndarray) -> float:
    """The b with the smallest total variance, from (M, P), (M,), (M,).

    The mean of `score` is zero.
    """
    raise NotImplementedError


def noise(score: np.ndarray, ret: np.ndarray, weight: np.ndarray, b: float) -> float:
    """The total variance of the estimate with this b."""
    raise NotImplementedError
