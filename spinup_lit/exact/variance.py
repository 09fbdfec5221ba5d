# spinup_lit/exact/variance.py: generated from book/depth/variance.md; edit the chapter. sha256:70fde6aed58442f6
"""How noisy estimates of a policy gradient are, exactly, and the best baselines."""

from typing import NamedTuple

import numpy as np

from spinup_lit.exact.tabular import MDP, Episodes, evaluate_horizon, scores


class Moments(NamedTuple):
    """Mean and variance of the estimate from a single episode."""

    mean: np.ndarray  # (S, A)
    variance: float  # the sum of the variances of all components

    def episodes(self, error: float) -> float:
        """How many make the typical error so small, as a share of the mean's length."""
        return self.variance / (error**2 * float((self.mean**2).sum()))


def moments(pi: np.ndarray, episodes: Episodes, weights: np.ndarray) -> Moments:
    """Of the sum over t of weight times score; weights are (T, M)."""
    each = np.einsum("tn,tnsa->nsa", weights, scores(pi, episodes))
    mean = np.einsum("n,nsa->sa", episodes.weight, each)
    squares = ((each - mean) ** 2).sum(axis=(1, 2))
    return Moments(mean, float(episodes.weight @ squares))


def optimal_baseline(
    pi: np.ndarray, episodes: Episodes, weights: np.ndarray, cell: np.ndarray
) -> np.ndarray:
    """What to subtract from the weights in each cell, (K,), Eq. (variance-best).

    `cell` numbers the cells of the steps, (T, M); it must not depend on what the
    agent does in the step or later.
    """
    score = scores(pi, episodes)
    each = np.einsum("tn,tnsa->nsa", weights, score)
    cells = np.eye(cell.max() + 1)[cell]
    control = np.einsum("tnk,tnsa->knsa", cells, score)
    top = np.einsum("n,knsa,nsa->k", episodes.weight, control, each)
    bottom = np.einsum("n,knsa,knsa->k", episodes.weight, control, control)
    best: np.ndarray = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return best


def leave_one_out(ret: np.ndarray) -> np.ndarray:
    """Minus the mean of the others, (M, …)."""
    n = len(ret)
    centred: np.ndarray = (ret - ret.mean(axis=0)) * n / (n - 1)
    return centred


def lookup(episodes: Episodes, table: np.ndarray) -> np.ndarray:
    """Entries [t, s] or [t, s, a] of a table along the episodes, (T, M); 0 at the end."""
    padded = np.concatenate([table, np.zeros_like(table[:, :1])], axis=1)
    here = np.arange(len(table))[:, None], episodes.state[:-1]
    at = here if table.ndim == 2 else (*here, episodes.act)
    entries: np.ndarray = padded[at]
    return entries


def estimators(mdp: MDP, pi: np.ndarray, episodes: Episodes) -> dict[str, np.ndarray]:
    """The weights, (T, M), of the estimators that we compare."""
    horizon, state = len(episodes.act), episodes.state[:-1]
    time = np.arange(horizon)[:, None] + 0 * state
    v, q, adv = (lookup(episodes, x) for x in evaluate_horizon(mdp, pi, horizon))
    to_go = episodes.rew[::-1].cumsum(axis=0)[::-1]
    whole = np.broadcast_to(to_go[0], to_go.shape)

    def centred(weights: np.ndarray, cell: np.ndarray) -> np.ndarray:
        best: np.ndarray = optimal_baseline(pi, episodes, weights, cell)[cell]
        return np.asarray(weights - best)

    return {
        "whole": whole,
        "to go": to_go,
        "Q": q,
        "to go - constant": centred(to_go, 0 * time),
        "whole - constant": centred(whole, 0 * time),
        "to go - by time": centred(to_go, time),
        "to go - V": to_go - v,
        "to go - best": centred(to_go, (len(pi) + 1) * time + state),
        "A": adv,
    }
