# spinup_lit/exercises/stubs/ppo_clipped_loss.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:0e1a04c30f006dcd
"""The clipped loss of PPO.

For each sample, ratio = exp(log_ratio) says how much more likely its action has become.
PPO gives it the objective

    min(ratio * adv, clip(ratio, 1 - clip_ratio, 1 + clip_ratio) * adv).

The loss is minus the mean of these objectives, for an optimiser goes downhill.
"""

import torch


def clipped_loss(
    log_ratio: torch.Tensor, adv: torch.Tensor, clip_ratio: float
) -> torch.Tensor:
    """Minus the clipped objective, averaged over the samples: a scalar.

    Args:
        log_ratio: log-probability of each action now, minus that when it was taken, (B,).
        adv: estimates of their advantages, (B,).
        clip_ratio: half the width of the interval around 1.
    """
    raise NotImplementedError
