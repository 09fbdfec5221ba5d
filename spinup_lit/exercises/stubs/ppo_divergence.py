# spinup_lit/exercises/stubs/ppo_divergence.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:6cb584686bd482f1
"""How far has the policy moved?

A batch holds actions of the old policy. For each, log_ratio = log pi_new - log pi_old.
Estimate KL(old || new), the mean of -log_ratio over actions of the old policy, so that

  - on average the estimate is exactly right,
  - no sample ever contributes less than zero,
  - it is a number without a gradient.

The mean of -log_ratio itself has only the first property. What has the mean zero under
the old policy, whatever the new one is, and could be added to each term?
"""

import torch


def divergence(log_ratio: torch.Tensor) -> torch.Tensor:
    """An estimate of KL(old || new), a number of shape ().

    Args:
        log_ratio: log pi_new(a) - log pi_old(a) at actions of the old policy, (B,).
    """
    raise NotImplementedError
