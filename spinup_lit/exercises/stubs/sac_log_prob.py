# spinup_lit/exercises/stubs/sac_log_prob.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:30a8f0c28d6c0beb
"""The density of a squashed action.

Each part of an action is drawn so: u from a normal distribution with the mean mu and the
deviation exp(log_std); then a = centre + reach * tanh(u), where reach is half the range
of this part. Parts are independent.

Write the logarithm of the density of the *action*, given u. It must be right for large u
too: in float32, 1 - tanh(u)^2 is rounded to 0 from about u = 9 on.
"""

import torch


def squashed_logp(
    u: torch.Tensor, mu: torch.Tensor, log_std: torch.Tensor, reach: torch.Tensor
) -> torch.Tensor:
    """Log-density of the action that u becomes, (B,).

    Args:
        u: what was drawn, (B, act_dim).
        mu: the mean of the Gaussian, (B, act_dim).
        log_std: the logarithm of its deviation, (B, act_dim).
        reach: half the range of each part of the action, (act_dim,).
    """
    raise NotImplementedError
