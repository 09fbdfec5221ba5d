# spinup_lit/exercises/stubs/trpo_conjugate_gradient.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:60086807bab74688
"""Conjugate gradients.

Solve A x = b without the matrix: A is symmetric and positive definite, and all that is
given is a function that multiplies by it. Begin at x = 0, take `iters` rounds, and stop
earlier if nothing is left to do: b may be 0, and `iters` larger than the number of rows.
"""

from collections.abc import Callable

import torch


def conjugate_gradient(
    product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
) -> torch.Tensor:
    """The x after so many rounds, (n,).

    Args:
        product: multiplies a vector (n,) by A.
        b: the right-hand side, (n,).
        iters: the number of rounds.
    """
    raise NotImplementedError
