# spinup_lit/exercises/stubs/results_welch.py: generated from book/practice/results.md; edit the chapter. sha256:e0198f19ffab2f4b
"""Two groups of seeds.

x are the scores of one algorithm, y those of another, each run with a seed of its own: so
the groups are independent, they may differ in size and in scatter. Write the difference
of their means and its interval after Welch:

    mean(x) - mean(y)  plus and minus  t * sqrt(a + b),

where a is the sample variance of x divided by its size, b that of y, and t the quantile
of Student's distribution with

    (a + b)^2 / (a^2 / (n_x - 1) + b^2 / (n_y - 1))

degrees of freedom that leaves half of 1 - level above it. `scipy.special.stdtrit(nu, p)`
is the number below which such a variable is with probability p.
"""

import numpy as np


def welch(x: np.ndarray, y: np.ndarray, level: float) -> tuple[float, float, float]:
    """The difference of the means, and the lower and upper end of its interval.

    Args:
        x, y: scores, (n_x,) and (n_y,), at least two each.
        level: how often such intervals hold the truth, such as 0.95.
    """
    raise NotImplementedError
