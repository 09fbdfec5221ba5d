# spinup_lit/exercises/stubs/sac_by_hand.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:0c51d5668ddd485a
"""Half the temperature.

An agent may choose among roads, worth q to it. It earns what the road is worth and,
besides, alpha times the entropy of its policy (natural logarithms). So it looks for the
probabilities p with the largest

    sum of p q  -  alpha * sum of p log p.

Derive the best probabilities, and how much they earn in all. Any alpha above 0 may be
asked, also a very small one.

LIMIT is where the value goes as alpha goes to 0, for the roads 3, 2 and 2; EXCESS is what
it is more than alpha log 3 as alpha grows without end.
"""

import numpy as np

LIMIT: float | None = None
EXCESS: float | None = None


def best_policy(q: np.ndarray, alpha: float) -> np.ndarray:
    """The best probabilities of the roads of each crossing, (S, A), from q, (S, A)."""
    raise NotImplementedError


def best_value(q: np.ndarray, alpha: float) -> np.ndarray:
    """What they earn, entropy included, (S,), from q, (S, A)."""
    raise NotImplementedError
