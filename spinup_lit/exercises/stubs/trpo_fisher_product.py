# spinup_lit/exercises/stubs/trpo_fisher_product.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:33343c6c4d2f3a13
"""The Fisher matrix times a vector.

F is the second derivative, in the parameters theta of the new policy, of the mean of
KL(old || new) over B states, at the point where the new policy is the old one. It is also
the mean, over states and over actions drawn from the policy, of score times score'.

Multiply it by a vector. The matrix has n x n entries, and n may be a million: do not build
it. Differentiate twice.
"""

from collections.abc import Callable

import torch


def fisher_vector(
    logits_of: Callable[[torch.Tensor], torch.Tensor],
    theta: torch.Tensor,
    v: torch.Tensor,
) -> torch.Tensor:
    """The Fisher matrix at theta times v, (n,).

    Args:
        logits_of: the logits of A actions in B states, (B, A), from parameters (n,).
        theta: the parameters, (n,).
        v: the vector, (n,).
    """
    raise NotImplementedError
