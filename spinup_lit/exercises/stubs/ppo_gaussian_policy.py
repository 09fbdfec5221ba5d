# spinup_lit/exercises/stubs/ppo_gaussian_policy.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:063bc1a2c23723c8
"""A Gaussian policy for PPO.

An action has d components, independent of one another. In each of B states a network has
put out their means; their deviations are exp(log_std), the same in all states. Write the
policy without torch.distributions.
"""

import torch


def draw(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
    """Draw an action in each state, (B, d); no gradient belongs to it.

    Args:
        mu: means, (B, d).
        log_std: logarithms of the deviations, (d,).
    """
    raise NotImplementedError


def log_prob(
    mu: torch.Tensor, log_std: torch.Tensor, act: torch.Tensor
) -> torch.Tensor:
    """The log-probability (density) of each action, (B,).

    Args:
        mu: means, (B, d).
        log_std: logarithms of the deviations, (d,).
        act: actions, (B, d).
    """
    raise NotImplementedError


def entropy(mu: torch.Tensor, log_std: torch.Tensor) -> torch.Tensor:
    """The entropy of the policy in each state, (B,), in the order of mu."""
    raise NotImplementedError
