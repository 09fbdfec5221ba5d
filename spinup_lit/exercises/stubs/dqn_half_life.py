# spinup_lit/exercises/stubs/dqn_half_life.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:77b1fbb426b97d91
"""How old is the slow copy?

After each update a slow copy follows the network:

    slow = kappa * slow + (1 - kappa) * network.

So the copy is an average of the network as it was after each update of the past. Derive
three things. Count so that the network that has just been added has the age 0; the copy
has been following for so long that its beginning is forgotten.
"""

import numpy as np


def weight(kappa: np.ndarray, age: np.ndarray) -> np.ndarray:
    """With which weight the network of this age stands in the copy. All are (B,)."""
    raise NotImplementedError


def mean_age(kappa: np.ndarray) -> np.ndarray:
    """The average age of what is in the copy, in updates, (B,)."""
    raise NotImplementedError


def half_life(kappa: np.ndarray) -> np.ndarray:
    """After how many updates half of what was in the copy is left, (B,); not rounded."""
    raise NotImplementedError
