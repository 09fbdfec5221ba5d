# spinup_lit/exercises/stubs/mpi_weights.py: generated from book/depth/parallel.md; edit the chapter. sha256:72be5700826aff46
"""Unequal shards.

n ranks share a batch of B samples; rank i has sizes[i] of them. Each computes the gradient
of *its* mean loss, and `avg_grads` averages these n gradients, each with the same weight.

1. With which number must each rank multiply its loss so that the average is the gradient
   of the mean loss over the whole batch?
2. To normalise advantages over all ranks, the standard deviation over the whole batch is
   needed (divided by B, not B - 1). Each rank knows mean and deviation of its own shard.
   Derive it from those.
"""

import numpy as np


def factors(sizes: np.ndarray) -> np.ndarray:
    """What each rank multiplies its loss with, (n,), from the sizes of the shards, (n,)."""
    raise NotImplementedError


def joint_std(sizes: np.ndarray, means: np.ndarray, stds: np.ndarray) -> float:
    """The deviation over the whole batch, from size, mean and deviation of each, (n,)."""
    raise NotImplementedError
