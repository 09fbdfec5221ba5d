# spinup_lit/exact/td.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:62d7e72c001cdd1f
"""Learning by temporal differences in small worlds: what converges, and what need not."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from spinup_lit.exact.tabular import MDP, q_from_v
from spinup_lit.machinery.errors import require


def backup(mdp: MDP, q: np.ndarray, gamma: float) -> np.ndarray:
    """One step, then the best of a table: (S, A) to (S, A), Eq. (dqn-optimal).

    A state is worth its best action; `q_from_v` looks one step ahead (Key concepts).
    """
    return q_from_v(mdp, q.max(axis=1), gamma)


def optimal(mdp: MDP, gamma: float) -> np.ndarray:
    """The best action values there are, (S, A), by value iteration."""
    require(gamma < 1, f"gamma is {gamma}; value iteration needs one below 1")
    q, change = np.zeros(mdp.P.shape[:2]), np.inf
    while change > 1e-13:
        after = backup(mdp, q, gamma)
        change = abs(after - q).max()
        q = after
    return q


def learn(
    q: np.ndarray, s: int, a: int, rew: float, next_s: int, eta: float, gamma: float
) -> None:
    """Move one entry of a table towards its target, Eq. (dqn-q-learning)."""
    y = rew + gamma * q[next_s].max()
    q[s, a] += eta * (y - q[s, a])


def q_learning(
    mdp: MDP,
    gamma: float,
    eta: Callable[[int], float],
    epsilon: float,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Learn action values (S + 1, A); row S is the end, and stays zero.

    Args:
        mdp: the world; the agent sees nothing of it but the steps that it takes.
        gamma: discount factor.
        eta: the size of a step, by how often the entry has been updated.
        epsilon: probability of any action instead of the best.
        rng: draws all that is random.

    Yields:
        The table after each step, always the same array.
    """
    S, A = mdp.P.shape[:2]
    q, count = np.zeros((S + 1, A)), np.zeros((S, A), dtype=int)
    s = int(rng.choice(S, p=mdp.start))
    while True:
        best = np.flatnonzero(q[s] == q[s].max())
        a = int(rng.integers(A) if rng.random() < epsilon else rng.choice(best))
        next_s = int(rng.choice(S + 1, p=mdp.P[s, a]))
        count[s, a] += 1
        learn(q, s, a, mdp.R[s, a, next_s], next_s, eta(count[s, a]), gamma)
        yield q
        s = next_s if next_s < S else int(rng.choice(S, p=mdp.start))


def frozen(
    mdp: MDP,
    q: np.ndarray,
    gamma: float,
    fit: Callable[[np.ndarray], np.ndarray],
) -> Iterator[np.ndarray]:
    """Fit the backup of a table that stands still; yield the table of each round."""
    while True:
        q = fit(backup(mdp, q, gamma))
        yield q


class Chain(NamedTuple):
    """States that follow one another, linear values, and where these are learned."""

    x: np.ndarray  # (S, k) features of each state
    P: np.ndarray  # (S, S) probability of each move, the end left out
    r: np.ndarray  # (S,) reward of a step from each state
    share: np.ndarray  # (S,) part of the updates that each state gets


def two_states(second: float = 0.0) -> Chain:
    """Seen as 1 and 2; the second gets this part of the updates, and leads to itself."""
    share = np.array([1 - second, second])
    P = np.array([[0.0, 1.0], [0.0, 1.0]])
    return Chain(np.array([[1.0], [2.0]]), P, np.zeros(2), share)


def baird() -> tuple[Chain, np.ndarray]:
    """The star of Baird: all seven states lead to the last; and first parameters, (8,)."""
    x = np.zeros((7, 8))
    x[:6, :6], x[:6, 7] = 2 * np.eye(6), 1
    x[6, 6:] = 1, 2
    P = np.zeros((7, 7))
    P[:, 6] = 1
    first = np.array([1.0, 1, 1, 1, 1, 1, 10, 1])
    return Chain(x, P, np.zeros(7), np.full(7, 1 / 7)), first


def visits(chain: Chain, stop: float) -> np.ndarray:
    """Where an agent is that begins anywhere, and again after a part `stop` of its steps."""
    S = len(chain.P)
    visits = np.linalg.solve(np.eye(S) - (1 - stop) * chain.P.T, np.full(S, 1 / S))
    share: np.ndarray = visits / visits.sum()
    return share


def mean_step(chain: Chain, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """A and b: the mean of an update is b - A w, Eq. (dqn-mean-step)."""
    weighted = chain.x.T * chain.share
    A: np.ndarray = weighted @ (chain.x - gamma * chain.P @ chain.x)
    return A, weighted @ chain.r


def sampled_td(
    chain: Chain,
    w: np.ndarray,
    gamma: float,
    eta: float,
    steps: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Learn from one step after another, drawn from the chain; yield w after each."""
    S = len(chain.P)
    moves = np.hstack([chain.P, 1 - chain.P.sum(axis=1, keepdims=True)])
    x = np.vstack([chain.x, np.zeros(chain.x.shape[1])])  # the end is worth nothing
    for s in rng.choice(S, size=steps, p=chain.share):
        next_s = rng.choice(S + 1, p=moves[s])
        delta = chain.r[s] + gamma * x[next_s] @ w - x[s] @ w
        w = w + eta * delta * x[s]
        yield w


def residual_fit(chain: Chain, gamma: float) -> np.ndarray:
    """The w with the least mean of the squared residual, Eq. (dqn-residual).

    The mean over what may follow is taken of the square, as single samples do.
    """
    k = chain.x.shape[1]
    left, right = np.zeros((k, k)), np.zeros(k)
    moves = np.hstack([chain.P, 1 - chain.P.sum(axis=1, keepdims=True)])
    x = np.vstack([chain.x, np.zeros(k)])
    for s, next_s in np.argwhere(moves > 0):
        slope = x[s] - gamma * x[next_s]
        part = chain.share[s] * moves[s, next_s]
        left += part * np.outer(slope, slope)
        right += part * chain.r[s] * slope
    return np.linalg.solve(left, right)
