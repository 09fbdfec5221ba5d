# spinup_lit/exact/soft.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:59562fed3dd7f78b
"""Small worlds in which entropy counts: soft values exactly, and the best policy."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from spinup_lit.exact.tabular import MDP, bellman_matrix, gridworld, softmax
from spinup_lit.machinery.errors import require


def entropy(pi: np.ndarray) -> np.ndarray:
    """How random a policy (S, A) is in each state, (S,), Eq. (sac-entropy)."""
    h: np.ndarray = -(pi * np.log(np.where(pi > 0, pi, 1))).sum(axis=1)
    return h


def gibbs(q: np.ndarray, alpha: float) -> np.ndarray:
    """The policy (S, A) that is best for these action values, Eq. (sac-gibbs)."""
    return softmax(q / alpha)


def soft_value(q: np.ndarray, alpha: float) -> np.ndarray:
    """What it attains, (S,): reward and entropy together, Eq. (sac-gibbs)."""
    top = q.max(axis=1)
    surplus = np.exp((q - top[:, None]) / alpha).sum(axis=1)
    v: np.ndarray = top + alpha * np.log(surplus)
    return v


class SoftValues(NamedTuple):
    """What states and actions are worth if entropy counts."""

    v: np.ndarray  # (S,) with the entropy of the state
    q: np.ndarray  # (S, A) without it: the action is given


def soft_evaluate(
    mdp: MDP, pi: np.ndarray, alpha: float, gamma: float = 1.0
) -> SoftValues:
    """The soft values of a policy (S, A), exactly, Eq. (sac-values)."""
    r = (mdp.P * mdp.R).sum(axis=2)
    earned = (pi * r).sum(axis=1) + alpha * entropy(pi)
    v = np.linalg.solve(bellman_matrix(mdp, pi, gamma), earned)
    return SoftValues(v, r + gamma * mdp.P[:, :, :-1] @ v)


def soft_optimal(mdp: MDP, alpha: float, gamma: float) -> SoftValues:
    """The best soft values there are, by going round until they stay, Eq. (sac-iteration)."""
    require(0 <= gamma < 1, f"gamma is {gamma}; it must be at least 0 and below 1")
    require(alpha > 0, f"alpha is {alpha}; it must be above 0")
    r, v = (mdp.P * mdp.R).sum(axis=2), np.zeros(len(mdp.P))
    while True:
        q = r + gamma * mdp.P[:, :, :-1] @ v
        new = soft_value(q, alpha)
        if abs(new - v).max() <= 1e-13 * (1 + abs(v).max()):
            return SoftValues(new, q)
        v = new


ROADS = "..... S###G ..~.."


def roads() -> MDP:
    """Two ways round a wall; each step costs 1, a step to the muddy cell 0.2 more."""
    return gridworld(ROADS, pays={".": -1, "S": -1, "G": -1, "~": -1.2})


def closed(mdp: MDP, place: int) -> MDP:
    """The same world, but who tries to enter a place pays for the step and stays."""
    P, earned, S = mdp.P.copy(), mdp.P * mdp.R, len(mdp.P)
    for table in (P, earned):
        turned = table[:, :, place].copy()
        table[:, :, place] = 0
        table[np.arange(S), :, np.arange(S)] += turned
    R = np.divide(earned, P, out=np.zeros_like(P), where=P > 0)
    return replace(mdp, P=P, R=R)
