# spinup_lit/exact/tabular.py: generated from book/depth/tabular.md; edit the chapter. sha256:15af4eb2d35797e0
"""Exact answers in small worlds: values, gradients and all episodes of a finite MDP."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np

from spinup_lit.machinery.errors import require


@dataclass(frozen=True, eq=False)
class MDP:
    """A Markov decision process with S states and A actions; place S is the end."""

    P: np.ndarray  # (S, A, S + 1) probability of each next place
    R: np.ndarray  # (S, A, S + 1) reward of the step to it
    start: np.ndarray  # (S,) probability of each first state

    def __post_init__(self) -> None:
        S, A = self.P.shape[:2]
        fits = self.P.shape == self.R.shape == (S, A, S + 1)
        fits = fits and self.start.shape == (S,)
        require(fits, "P and R must have the shape (S, A, S + 1), and start (S,)")
        for name, p in (("P", self.P), ("start", self.start)):
            is_distribution = (p >= 0).all() and np.allclose(p.sum(axis=-1), 1)
            require(
                bool(is_distribution), f"the probabilities in {name} must sum to one"
            )


MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left
PAYS = {"G": 1.0, "X": -1.0, "~": -0.1}  # all other cells 0


def cells(drawing: str) -> dict[tuple[int, int], str]:
    """What is drawn at each row and column."""
    rows = drawing.split()
    return {(y, x): kind for y, row in enumerate(rows) for x, kind in enumerate(row)}


def places(drawing: str) -> list[tuple[int, int]]:
    """Row and column of each state of a grid world, in their order."""
    return [place for place, kind in cells(drawing).items() if kind in ".S~"]


def gridworld(drawing: str, slip: float = 0.0, pays: Mapping[str, float] = PAYS) -> MDP:
    """A world of cells, numbered line by line; actions 0 to 3: up, right, down, left.

    A step goes to each of its two sides, instead, with probability `slip` / 2. Against
    a wall or the edge it leads nowhere.

    Args:
        drawing: lines of cells: `.` free, `S` free and where episodes begin (anywhere,
            if there is none), `#` wall, `~` a toll; `G` goal and `X` pit, the end.
        slip: from 0 to 1.
        pays: what a step to a cell of each kind pays.
    """
    require(0 <= slip <= 1, f"slip is {slip}; it must be from 0 to 1")
    kinds = cells(drawing)
    states = places(drawing)
    number = {place: s for s, place in enumerate(states)}
    S = len(states)
    P = np.zeros((S, len(MOVES), S + 1))
    earned = np.zeros_like(P)
    for (s, (y, x)), a in product(enumerate(states), range(len(MOVES))):
        for turn, p in ((0, 1 - slip), (1, slip / 2), (-1, slip / 2)):
            down, right = MOVES[(a + turn) % len(MOVES)]
            to = y + down, x + right
            if kinds.get(to, "#") == "#":
                to = y, x
            P[s, a, number.get(to, S)] += p
            earned[s, a, number.get(to, S)] += p * pays.get(kinds[to], 0)
    R = np.divide(earned, P, out=np.zeros_like(P), where=P > 0)
    start = np.array([kinds[place] == "S" for place in states], dtype=float)
    start = start if start.any() else np.ones(S)
    return MDP(P, R, start / start.sum())


def corridor(length: int) -> MDP:
    """Start at the left; action 0 goes left, 1 right; each step costs 1 until the end."""
    P = np.zeros((length, 2, length + 1))
    for s in range(length):
        P[s, 0, max(s - 1, 0)] = 1
        P[s, 1, s + 1] = 1
    return MDP(P, -np.ones_like(P), np.eye(length)[0])


def random_mdp(states: int, actions: int, ends: float, seed: int) -> MDP:
    """A random world; each step ends the episode with probability `ends`."""
    rng = np.random.default_rng(seed)
    P = np.zeros((states, actions, states + 1))
    P[:, :, :-1] = (1 - ends) * rng.dirichlet(np.ones(states), size=(states, actions))
    P[:, :, -1] = ends
    return MDP(P, rng.normal(size=P.shape), rng.dirichlet(np.ones(states)))


def softmax(theta: np.ndarray) -> np.ndarray:
    """The policy with these parameters, Eq. (tabular-softmax): both (S, A)."""
    exp = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi: np.ndarray = exp / exp.sum(axis=1, keepdims=True)
    return pi


def bellman_matrix(mdp: MDP, pi: np.ndarray, gamma: float) -> np.ndarray:
    """The matrix of Eq. (tabular-values), (S, S), if it is certain to be invertible."""
    P = np.einsum("sa,sak->sk", pi, mdp.P[:, :, :-1])
    not_over = np.linalg.matrix_power(gamma * P, len(P)).sum(axis=1)
    require(
        not_over.max() < 1 - 1e-12,
        f"with gamma {gamma}, the end must be within reach of every state",
    )
    matrix: np.ndarray = np.eye(len(P)) - gamma * P
    return matrix


class Values(NamedTuple):
    """What states and actions are worth under a policy."""

    v: np.ndarray  # (S,)
    q: np.ndarray  # (S, A)
    adv: np.ndarray  # (S, A)


def evaluate(mdp: MDP, pi: np.ndarray, gamma: float = 1.0) -> Values:
    """The values of a policy (S, A), exactly: the solution of Eq. (tabular-values)."""
    r = (mdp.P * mdp.R).sum(axis=2)
    v = np.linalg.solve(bellman_matrix(mdp, pi, gamma), (pi * r).sum(axis=1))
    q = r + gamma * mdp.P[:, :, :-1] @ v
    return Values(v, q, q - v[:, None])


def q_from_v(mdp: MDP, v: np.ndarray, gamma: float) -> np.ndarray:
    """What actions are worth, (S, A), if states are worth `v` (S,), and the end nothing."""
    after = mdp.R + gamma * np.append(v, 0)  # (S, A, S + 1)
    q: np.ndarray = (mdp.P * after).sum(axis=2)
    return q


def expected_backup(
    mdp: MDP, pi: np.ndarray, v: np.ndarray, gamma: float
) -> np.ndarray:
    """One step of a policy (S, A), then `v`: (S,) to (S,), Eq. (dp-backups)."""
    after: np.ndarray = (pi * q_from_v(mdp, v, gamma)).sum(axis=1)
    return after


def best_backup(mdp: MDP, v: np.ndarray, gamma: float) -> np.ndarray:
    """The best step, then `v`: (S,) to (S,), Eq. (dp-backups)."""
    best: np.ndarray = q_from_v(mdp, v, gamma).max(axis=1)
    return best


def value_iteration(mdp: MDP, gamma: float, tol: float = 1e-10) -> np.ndarray:
    """The best values there are, (S,), Eq. (dp-value-iteration).

    By Eq. (dp-rate) none is off by more than `tol`, times the largest value if above 1.
    """
    require(0 <= gamma < 1, f"gamma is {gamma}; it must be at least 0 and below 1")
    v, off = np.zeros(len(mdp.P)), np.inf
    while off > tol * max(1, abs(v).max()):
        new = best_backup(mdp, v, gamma)
        off = gamma / (1 - gamma) * abs(new - v).max()
        v = new
    return v


def greedy(q: np.ndarray) -> np.ndarray:
    """The policy that takes the best action, the first of equals: both (S, A)."""
    best: np.ndarray = np.eye(q.shape[1])[q.argmax(axis=1)]
    return best


def policy_iteration(mdp: MDP, pi: np.ndarray, gamma: float) -> list[np.ndarray]:
    """From policy to better policy, (S, A) each; the last has the best values."""
    policies = [pi]
    while True:
        values = evaluate(mdp, policies[-1], gamma)
        if values.adv.max() <= 1e-12 * max(1, abs(values.v).max()):
            return policies
        policies.append(greedy(values.q))


def evaluate_horizon(
    mdp: MDP, pi: np.ndarray, horizon: int, gamma: float = 1.0
) -> Values:
    """The values at each time if episodes are cut: (T, S), (T, S, A), (T, S, A)."""
    v = np.zeros(len(pi))
    steps: list[Values] = []
    for _ in range(horizon):
        q = q_from_v(mdp, v, gamma)
        v = (pi * q).sum(axis=1)
        steps.insert(0, Values(v, q, q - v[:, None]))
    return Values(*(np.array(x) for x in zip(*steps)))


def visitation(mdp: MDP, pi: np.ndarray, gamma: float = 1.0) -> np.ndarray:
    """Discounted number of visits to each state, (S,), Eq. (tabular-visitation)."""
    return np.linalg.solve(bellman_matrix(mdp, pi, gamma).T, mdp.start)


def objective(mdp: MDP, pi: np.ndarray, gamma: float = 1.0) -> float:
    """The discounted return to expect from a policy, Eq. (tabular-objective)."""
    return float(mdp.start @ evaluate(mdp, pi, gamma).v)


def value_gap(mdp: MDP, pi: np.ndarray, v: np.ndarray, gamma: float) -> np.ndarray:
    """What a policy is worth more than `v` says, (S,), Eq. (dp-gap)."""
    surprise = expected_backup(mdp, pi, v, gamma) - v
    return np.linalg.solve(bellman_matrix(mdp, pi, gamma), surprise)


def performance_difference(
    mdp: MDP, old: np.ndarray, new: np.ndarray, gamma: float = 1.0
) -> float:
    """What `new` earns more than `old`, (S, A) both, Eq. (dp-difference)."""
    adv = evaluate(mdp, old, gamma).adv
    return float(visitation(mdp, new, gamma) @ (new * adv).sum(axis=1))


def simulation_gap(
    world: MDP, model: MDP, pi: np.ndarray, gamma: float
) -> tuple[np.ndarray, float]:
    """How much too good a policy looks in a model, (S,), and the bound on its size.

    The bound is Eq. (dp-simulation), for `gamma` < 1; the gap itself is Eq. (dp-gap) in
    the model.
    """
    require(0 <= gamma < 1, f"gamma is {gamma}; it must be at least 0 and below 1")
    v = evaluate(world, pi, gamma).v
    r, r_model = ((each.P * each.R).sum(axis=2) for each in (world, model))
    off_r = abs(r_model - r).max()
    off_P = abs(model.P - world.P).sum(axis=2).max() / 2
    bound = (off_r + gamma * off_P * np.ptp(np.append(v, 0))) / (1 - gamma)
    return value_gap(model, pi, v, gamma), float(bound)


def policy_gradient(mdp: MDP, theta: np.ndarray, gamma: float = 1.0) -> np.ndarray:
    """The gradient of the objective in theta, (S, A), Eq. (tabular-gradient)."""
    pi = softmax(theta)
    adv = evaluate(mdp, pi, gamma).adv
    gradient: np.ndarray = visitation(mdp, pi, gamma)[:, None] * pi * adv
    return gradient


class Episodes(NamedTuple):
    """M episodes of T steps; one that ended sooner waits at the end, place S."""

    state: np.ndarray  # (T + 1, M)
    act: np.ndarray  # (T, M); 0 after the end
    rew: np.ndarray  # (T, M); 0 after the end
    weight: np.ndarray  # (M,) probability of each, or 1 / M


def with_the_end(mdp: MDP, pi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability and reward of each action and next place, (S + 1, A, S + 1)."""
    step = np.concatenate([pi[:, :, None] * mdp.P, np.zeros_like(mdp.P[:1])])
    step[-1, 0, -1] = 1  # at the end, time passes and nothing happens
    return step, np.concatenate([mdp.R, np.zeros_like(mdp.R[:1])])


def all_episodes(mdp: MDP, pi: np.ndarray, horizon: int) -> Episodes:
    """Every possible episode of so many steps, with its probability."""
    step, rew = with_the_end(mdp, pi)
    (state,) = np.nonzero(mdp.start)
    weight, states = mdp.start[state], [state]
    acts: list[np.ndarray] = []
    rews: list[np.ndarray] = []
    for _ in range(horizon):
        parent, act, following = np.nonzero(step[states[-1]])
        branch = states[-1][parent], act, following
        weight = weight[parent] * step[branch]
        states = [x[parent] for x in states] + [following]
        acts = [x[parent] for x in acts] + [act]
        rews = [x[parent] for x in rews] + [rew[branch]]
    return Episodes(np.array(states), np.array(acts), np.array(rews), weight)


def sample_episodes(
    mdp: MDP, pi: np.ndarray, horizon: int, n: int, rng: np.random.Generator
) -> Episodes:
    """Draw so many independent episodes and cut them after `horizon` steps."""
    step, rew = with_the_end(mdp, pi)
    edges = step.reshape(len(step), -1).cumsum(axis=1)
    edges /= edges[:, -1:]  # the last must be 1 in spite of rounding
    state = rng.choice(len(mdp.start), size=n, p=mdp.start)
    states, acts, rews = [state], [], []
    for _ in range(horizon):
        number = (edges[state] <= rng.random((n, 1))).sum(axis=1)
        act, following = np.divmod(number, len(step))
        acts.append(act)
        rews.append(rew[state, act, following])
        state = following
        states.append(state)
    weight = np.full(n, 1 / n)
    return Episodes(np.array(states), np.array(acts), np.array(rews), weight)


def scores(pi: np.ndarray, episodes: Episodes) -> np.ndarray:
    """The gradient of log pi(a_t | s_t) in theta, (T, M, S, A); 0 after the end.

    Row s of the last two axes is Eq. (tabular-score) if s is the state, else zero.
    """
    S, A = pi.shape
    here = np.eye(S + 1)[episodes.state[:-1], :S]
    score: np.ndarray = here[..., None] * (np.eye(A)[episodes.act][:, :, None] - pi)
    return score


def gae_bias(
    mdp: MDP, pi: np.ndarray, error: np.ndarray, gamma: float, lam: float
) -> np.ndarray:
    """The bias b(s, a) of GAE if the critic has this error (S,), Eq. (gae-bias)."""
    onward = np.linalg.solve(bellman_matrix(mdp, pi, gamma * lam), error)
    return gamma * (1 - lam) * mdp.P[:, :, :-1] @ onward


def gae_moments(
    mdp: MDP, pi: np.ndarray, v: np.ndarray, gamma: float, lam: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of GAE with the critic v (S,), each (S, A)."""
    decay = gamma * lam
    delta = mdp.R + gamma * np.append(v, 0) - v[:, None, None]
    mean = evaluate(replace(mdp, R=delta), pi, decay)
    squares = delta**2 + 2 * decay * delta * np.append(mean.v, 0)
    square = evaluate(replace(mdp, R=squares), pi, decay**2).q
    return mean.q, np.sqrt(np.maximum(square - mean.q**2, 0))
