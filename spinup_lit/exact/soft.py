# spinup_lit/exact/soft.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:1b606af67dc66197
"""Small worlds in which entropy counts: soft values exactly, and the best policy."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from spinup_lit.exact.tabular import MDP, bellman_matrix, softmax
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


def squares(plan: Sequence[str]) -> list[tuple[int, int]]:
    """Row and column of each state of a grid, in their order."""
    return [
        (i, j) for i, row in enumerate(plan) for j, x in enumerate(row) if x in "S.~"
    ]


def grid(plan: Sequence[str], mud: float = 0.0) -> MDP:
    """A world of squares; each step costs 1, and a step against a wall leads nowhere.

    Actions 0 to 3 go up, right, down and left.

    Args:
        plan: rows of squares: S start, G goal, # wall, ~ mud, . nothing of these.
        mud: what a step to a muddy square costs more.
    """
    states = squares(plan)
    place = {square: s for s, square in enumerate(states)}
    ends = [(i, j) for i, row in enumerate(plan) for j, x in enumerate(row) if x == "G"]
    place.update(dict.fromkeys(ends, len(states)))
    P = np.zeros((len(states), 4, len(states) + 1))
    for s, (i, j) in enumerate(states):
        for a, (down, right) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
            P[s, a, place.get((i + down, j + right), s)] = 1
    R = -np.ones_like(P)
    R[:, :, :-1] -= mud * np.array([plan[i][j] == "~" for i, j in states])
    start = np.array([plan[i][j] == "S" for i, j in states], dtype=float)
    return MDP(P, R, start / start.sum())


def closed(mdp: MDP, place: int) -> MDP:
    """The same world, but nobody can enter a place: who tries stays where they are."""
    P, S = mdp.P.copy(), len(mdp.P)
    turned = P[:, :, place].copy()
    P[:, :, place] = 0
    P[np.arange(S), :, np.arange(S)] += turned
    return replace(mdp, P=P)
