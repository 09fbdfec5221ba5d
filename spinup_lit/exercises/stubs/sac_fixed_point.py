# spinup_lit/exercises/stubs/sac_fixed_point.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:b51464b1d0ba462a
"""Where the thermostat comes to rest.

There is one state, and an action is any number. It is worth Q(a) = -k a^2 / 2, with k > 0.
At the temperature alpha, the best policy has a density in proportion to e^(Q(a) / alpha).

SAC moves the logarithm of alpha down the slope of

    loss(log alpha) = -alpha * (mean of log pi(a)  +  wanted),

where actions are drawn from the policy, which is a constant in this loss. Derive, if the
policy is always the best one at the present temperature:
"""

import numpy as np


def entropy(k: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The entropy of the best policy, (B,)."""
    raise NotImplementedError


def slope(k: np.ndarray, alpha: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The derivative of the loss in log alpha, expected over actions, (B,)."""
    raise NotImplementedError


def at_rest(k: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The temperature that does not move any more, (B,)."""
    raise NotImplementedError
