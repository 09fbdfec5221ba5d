# spinup_lit/exercises/stubs/concepts_entropy.py: generated from book/start/key-concepts.md; edit the chapter. sha256:55bc3269dfc0544c
"""The entropy of a policy.

It is the mean of -log pi(a) over the actions that the policy draws: how random it is.

A Gaussian policy draws d independent components, with the deviations exp(log_std_j).
A categorical policy draws action a with the probability exp(logits_a) / sum_b
exp(logits_b). Logits may be large, such as -200 or 300; the result must stay a number.
"""

import torch


def gaussian_entropy(log_std: torch.Tensor) -> torch.Tensor:
    """The entropy of a diagonal Gaussian, a number.

    Args:
        log_std: logarithms of the deviations of the d components, (d,).
    """
    raise NotImplementedError


def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
    """The entropy of each of B categorical distributions, (B,).

    Args:
        logits: (B, n), for n actions.
    """
    raise NotImplementedError
