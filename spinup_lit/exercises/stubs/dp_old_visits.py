# spinup_lit/exercises/stubs/dp_old_visits.py: generated from book/depth/tabular.md; edit the chapter. sha256:28776ac7b1c3a45a
"""Which advantages?

A new policy is compared with an old one. How much more does the new one earn, discounted,
from the start on? The performance difference lemma says it without the values of the new
policy: go where the *new* policy goes, and add up the *old* policy's advantages of what
the new one does there.

The discounted number of visits d solves  d = start + gamma * (step transposed) d,  where
step[s, k] is the probability that the new policy gets from state s to state k (rows may
sum to less than one, for some steps end the episode).

For two cells A and B, from A, with gamma 0.9, the old policy goes from A into a pit that
pays -1. The new one goes right, from A to B, and from B to the goal, which pays 1. The old
policy's advantages of going right are 0.19 in A and 1.9 in B. What is the true gain, and
what would you get with the *old* policy's visits?
"""

import numpy as np

TRUE_GAIN: float | None = None
WITH_OLD_VISITS: float | None = None


def gain(
    step: np.ndarray,
    start: np.ndarray,
    adv_old: np.ndarray,
    new: np.ndarray,
    gamma: float,
) -> float:
    """How much more the new policy earns than the old one.

    Args:
        step: probability that the *new* policy gets from each state to each, (S, S).
        start: probability of each first state, (S,).
        adv_old: advantages of the old policy, (S, A).
        new: the new policy's probabilities, (S, A).
        gamma: discount factor.
    """
    raise NotImplementedError
