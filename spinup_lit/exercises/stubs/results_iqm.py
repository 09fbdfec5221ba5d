# spinup_lit/exercises/stubs/results_iqm.py: generated from book/practice/results.md; edit the chapter. sha256:1d1d1134605bfbd1
"""The middle half.

The interquartile mean of some scores: put them in order, leave out the lowest quarter and
the highest quarter, and average the rest. If n / 4 is no whole number, the score on each
border counts with the part of it that lies inside: of five scores 1.25 are left out on
each side, so the second and the fourth count with three quarters of their weight, and the
third in full.

The scores of all tasks and all seeds are thrown together.
"""

import numpy as np


def iqm(scores: np.ndarray) -> float:
    """The interquartile mean of all scores, whatever the shape of the array."""
    raise NotImplementedError
