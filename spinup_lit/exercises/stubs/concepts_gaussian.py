# spinup_lit/exercises/stubs/concepts_gaussian.py: generated from book/start/key-concepts.md; edit the chapter. sha256:7f3890ad321e78a2
"""The log-probability of a Gaussian.

An action is a vector of d components. Each is drawn from a normal distribution of its
own, with the mean mu_j and the deviation exp(log_std_j), independently of the others:

    log pi(a) = sum over j of
        -1/2 ( (a_j - mu_j)^2 / std_j^2 + 2 log_std_j + log(2 pi) ).

Compute it for a batch of B actions at once.
"""

import torch


def gaussian_logp(
    act: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor
) -> torch.Tensor:
    """Log-density of each action, (B,).

    Args:
        act: actions, (B, d).
        mu: the mean of each, (B, d).
        log_std: logarithms of the deviations, the same for all, (d,).
    """
    raise NotImplementedError
