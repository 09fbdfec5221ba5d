# spinup_lit/exercises/stubs/td3_smoothing.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:f7385ec70c0e6195
"""Noise in its bounds.

TD3 asks its critics not about the slow policy's action but about one nearby. Noise is
drawn for each part of each action. It is meant in multiples of *half the range* of that
part, (high - low) / 2, and so is `noise_clip`: no noise is larger than that. What comes
out must lie within the bounds.

The noise has been drawn already; write the rest.
"""

import torch


def smoothed(
    act: torch.Tensor,
    noise: torch.Tensor,
    low: torch.Tensor,
    high: torch.Tensor,
    noise_clip: float,
) -> torch.Tensor:
    """Actions near these, (B, act_dim), within the bounds.

    Args:
        act: actions within the bounds, (B, act_dim).
        noise: in multiples of half the range, (B, act_dim).
        low, high: the bounds of each part, (act_dim,).
        noise_clip: the largest noise, likewise in multiples of half the range.
    """
    raise NotImplementedError
