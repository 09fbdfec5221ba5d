# spinup_lit/exercises/stubs/dqn_epsilon_greedy.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:c354303cc8b17b9e
"""How often is the best action taken?

With probability epsilon an agent lets a die choose among *all* A actions, each with the
same chance. Otherwise it takes the action with the largest value (the first of equals).
Write the probability of each action.
"""

import numpy as np


def probabilities(q: np.ndarray, epsilon: float) -> np.ndarray:
    """The probability of each action in each of B observations, (B, A).

    Args:
        q: values of the actions, (B, A).
        epsilon: how often the die decides, from 0 to 1.
    """
    raise NotImplementedError
