# spinup_lit/exercises/stubs/pg_reward_to_go.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:79efe24137c8bff1
"""Rewards-to-go.

The weight of step t is the sum of the rewards from t on to the end of its episode, each
step later counting gamma times as much:

    r_t + gamma r_(t+1) + gamma^2 r_(t+2) + ...

Several episodes follow one another in one array. `over` says which steps were the last of
their episodes; the last step of the array ends the data, whatever it says.
"""

import numpy as np


def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
    """The discounted sum of the rewards from each step to the end of its episode, (T,).

    Args:
        rew: rewards, (T,), integers or floats.
        over: whether the step was the last of its episode, (T,), booleans.
        gamma: discount factor, in [0, 1].
    """
    raise NotImplementedError
