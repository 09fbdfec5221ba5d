# spinup_lit/exact/concepts.py: generated from book/start/key-concepts.md; edit the chapter. sha256:0387cf3382e86508
"""The first formulas: probabilities of actions, returns, and a world of three states."""

import numpy as np

from spinup_lit.exact.tabular import MDP


def categorical_logp(logits: np.ndarray, act: np.ndarray) -> np.ndarray:
    """Log-probability of each action: logits (B, A), actions (B,), result (B,)."""
    largest = logits.max(axis=1)  # taken out, so that no exponential overflows
    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
    logp: np.ndarray = logits[np.arange(len(act)), act] - log_sum  # each row's own
    return logp


def gaussian_logp(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
    """Log-density of each action: (B, d), means (B, d), deviations (d,), result (B,)."""
    noise = (act - mu) / np.exp(log_std)
    each = noise**2 + 2 * log_std + np.log(2 * np.pi)  # (B, d)
    total: np.ndarray = -0.5 * each.sum(axis=1)
    return total


def rewards_to_go(rew: np.ndarray, gamma: float) -> np.ndarray:
    """The discounted sum of rewards from each step on, (T,); the first is the return."""
    to_go, total = np.zeros(len(rew)), 0.0
    for t in reversed(range(len(rew))):
        total = rew[t] + gamma * total
        to_go[t] = total
    return to_go


UPRIGHT, LEANING, TIPPING, FALLEN = range(4)  # the last is the end
WAIT, PUSH = range(2)


def little_pole() -> MDP:
    """A pole with three states: waiting pays 1 until it has fallen, pushing nothing."""
    P, R = np.zeros((3, 2, 4)), np.zeros((3, 2, 4))
    P[UPRIGHT, WAIT, [UPRIGHT, LEANING]] = 0.5
    P[UPRIGHT, PUSH, LEANING] = 1
    P[LEANING, WAIT, TIPPING] = 1
    P[LEANING, PUSH, UPRIGHT] = 1
    P[TIPPING, WAIT, FALLEN] = 1
    P[TIPPING, PUSH, [UPRIGHT, FALLEN]] = 0.5
    R[:, WAIT] = 1
    return MDP(P, R, start=np.array([1.0, 0, 0]))


def q_from_v(mdp: MDP, v: np.ndarray, gamma: float) -> np.ndarray:
    """What actions are worth, (S, A), if states are worth `v` (S,), and the end nothing."""
    after = mdp.R + gamma * np.append(v, 0)  # (S, A, S + 1)
    q: np.ndarray = (mdp.P * after).sum(axis=2)
    return q


def mean_over(pi: np.ndarray, q: np.ndarray) -> np.ndarray:
    """What states are worth, (S,), if pi (S, A) chooses among actions worth q (S, A)."""
    v: np.ndarray = (pi * q).sum(axis=1)
    return v


def best_of(q: np.ndarray) -> np.ndarray:
    """What states are worth, (S,), if the best of the actions worth q (S, A) is taken."""
    v: np.ndarray = q.max(axis=1)
    return v
