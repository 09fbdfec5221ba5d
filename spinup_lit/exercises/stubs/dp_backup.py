# spinup_lit/exercises/stubs/dp_backup.py: generated from book/depth/tabular.md; edit the chapter. sha256:919d7ed8ced8cad4
"""One backup, and many.

A world has S states and A actions; place number S is the end, where nothing is earned any
more. P[s, a, k] is the probability that action a in state s leads to place k, and
R[s, a, k] what this step pays. `v` is what states are thought to be worth.

1. The best backup: what a state is worth if the agent takes the best step and then gets v.
2. The expected backup: the same if a policy pi takes the step.
3. A sweep of the best backup has moved no value by more than `moved`. How far from the best
   values can the *new* ones be, at most? (The bound that holds in every world.)
"""

import numpy as np


def best_step(P: np.ndarray, R: np.ndarray, v: np.ndarray, gamma: float) -> np.ndarray:
    """The best step, then v: (S,).

    Args:
        P, R: probability and reward of each step, (S, A, S + 1).
        v: values of the states, (S,); the end has none.
        gamma: discount factor.
    """
    raise NotImplementedError


def expected_step(
    P: np.ndarray, R: np.ndarray, pi: np.ndarray, v: np.ndarray, gamma: float
) -> np.ndarray:
    """A step of the policy pi (S, A), then v: (S,)."""
    raise NotImplementedError


def off_by(moved: float, gamma: float) -> float:
    """How far the values after such a sweep can be from the best ones."""
    raise NotImplementedError
