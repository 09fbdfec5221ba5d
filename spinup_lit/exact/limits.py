# spinup_lit/exact/limits.py: generated from book/research/limits.md; edit the chapter. sha256:fb1f51a1dacafb99
"""Small worlds in which learning fails, for reasons that no debugging removes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from spinup_lit.exact import td
from spinup_lit.exact.tabular import (
    MDP,
    gridworld,
    objective,
    policy_gradient,
    softmax,
)

RING = "......\n.####.\n.####.\n.....G"


def for_coming_nearer(world: MDP, bonus: float) -> MDP:
    """The same world, with a further reward for each step that comes nearer to the end."""
    before, after = distances(world)
    return replace(world, R=world.R + bonus * (after < before))


def by_potential(world: MDP, bonus: float, gamma: float) -> MDP:
    """With the shaping of Eq. (limits-potential); the potential is minus the distance."""
    before, after = distances(world)
    return replace(world, R=world.R + bonus * (gamma * -after + before))


def distances(world: MDP) -> tuple[np.ndarray, np.ndarray]:
    """The fewest steps to the end before and after a step, (S, 1, 1) and (S + 1,)."""
    leads = world.P.max(axis=1) > 0
    far = np.append(np.full(len(leads), np.inf), 0)
    for _ in leads:
        far[:-1] = 1 + np.where(leads, far, np.inf).min(axis=1)
    return far[:-1, None, None], far


def climb(world: MDP, gamma: float, rate: float = 1.0) -> Iterator[np.ndarray]:
    """The policies on the way up the exact policy gradient, from the uniform one on."""
    theta = np.zeros(world.P.shape[:2])
    while True:
        yield softmax(theta)
        theta = theta + rate * policy_gradient(world, theta, gamma)


MAZE = "....#..G\n.##.#.#.\n..#...#.\n#...#...\n..#...#."


def slippery(world: MDP, slip: float) -> MDP:
    """The same world; with a probability of `slip` any action is taken instead."""
    P = (1 - slip) * world.P + slip * world.P.mean(axis=1, keepdims=True)
    return replace(world, P=P)


def wander(
    world: MDP, steps: int, rng: np.random.Generator
) -> Iterator[tuple[int, int, float, int]]:
    """State, action, reward and next state of an agent that acts at random."""
    S, A = world.P.shape[:2]
    edges = world.P.cumsum(axis=2)
    edges /= edges[:, :, -1:]  # the last must be 1 in spite of rounding
    s = int(rng.choice(S, p=world.start))
    for _ in range(steps):
        a = int(rng.integers(A))
        next_s = int(np.searchsorted(edges[s, a], rng.random(), side="right"))
        yield s, a, float(world.R[s, a, next_s]), next_s
        s = next_s if next_s < S else int(rng.choice(S, p=world.start))


def counted(counts: np.ndarray, world: MDP) -> MDP:
    """The world as these counts (S, A, S + 1) show it; what was never tried stays where it is."""
    S = len(counts)
    seen = counts + np.eye(S, S + 1)[:, None] * (counts.sum(axis=2, keepdims=True) == 0)
    return replace(world, P=seen / seen.sum(axis=2, keepdims=True))


def three_learners(
    world: MDP, gamma: float, times: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """How good three learners are after so many steps, (3, times); 1 is the best.

    They are Q-learning, the same with replay, and counting; all watch one agent.
    """
    S, A = world.P.shape[:2]

    def worth(q: np.ndarray) -> float:
        return objective(world, np.eye(A)[q.argmax(axis=1)], gamma)

    once, replay = np.zeros((2, S + 1, A))
    counts, found = np.zeros((S, A, S + 1)), []
    memory: list[tuple[int, int, float, int]] = []
    for t, step in enumerate(wander(world, max(times), rng), start=1):
        s, a, rew, next_s = step
        counts[s, a, next_s] += 1
        td.learn(once, s, a, rew, next_s, counts[s, a].sum() ** -0.6, gamma)
        memory.append(step)
        for i in rng.integers(t, size=10):
            td.learn(replay, *memory[int(i)], 0.1, gamma)
        if t in times:
            planned = td.optimal(counted(counts, world), gamma)
            found.append([worth(q) for q in (once[:-1], replay[:-1], planned)])
    return np.array(found).T / worth(td.optimal(world, gamma))


def umbrella(
    events: int, episodes: int, agents: int, rng: np.random.Generator
) -> np.ndarray:
    """The probability with which each agent takes it, before every episode: (episodes, agents)."""
    theta, baseline = np.zeros(agents), np.zeros(agents)
    seen = []
    for _ in range(episodes):
        p = 1 / (1 + np.exp(-theta))
        seen.append(p)
        takes = rng.random(agents) < p
        noise = np.sqrt(events) * rng.standard_normal(agents)  # the sum of all events
        ret = np.where(takes, 1.0, -1.0) + noise
        theta = theta + 0.1 * (takes - p) * (ret - baseline)
        baseline += 0.05 * (ret - baseline)
    return np.array(seen)


def lock(dials: int) -> MDP:
    """A wrong action leads back to the beginning; only all right ones in a row pay."""
    right = np.random.default_rng(0).integers(2, size=dials)
    P = np.zeros((dials, 2, dials + 1))
    for s, a in enumerate(right):
        P[s, a, s + 1] = P[s, 1 - a, 0] = 1
    R = np.zeros_like(P)
    R[-1, right[-1], -1] = 1
    return MDP(P, R, np.eye(dials)[0])


def steps_to_open(dials: int, cost: float, rng: np.random.Generator) -> int:
    """After how many steps Q-learning opens the lock for the first time."""
    world = lock(dials)
    last = (
        dials - 1,
        int(world.R[-1, :, -1].argmax()),
    )  # what no other step makes positive
    paid = replace(world, R=world.R - cost)
    learning = enumerate(td.q_learning(paid, 0.95, lambda n: 0.5, 0.1, rng), start=1)
    return next(n for n, q in learning if q[last] > 0)


def cliff(penalty: float) -> tuple[MDP, np.ndarray]:
    """A way along a cliff to a goal that pays 1, and which actions fall, (S, A)."""
    drawing = "........ ........ SXXXXXXG"
    world = gridworld(drawing, pays={"G": 1, "X": -penalty})
    return world, world.R[:, :, -1] < 0


def practise(
    world: MDP,
    fell: np.ndarray,
    allowed: np.ndarray,
    episodes: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Q-learning with a tenth of random actions: its table (S + 1, A), and falls (episodes,).

    Args:
        world: where every action leads to one place.
        fell: which actions fall, (S, A).
        allowed: which actions may be taken, (S, A).
        episodes: how many, of a hundred steps at most.
        rng: draws the actions.
    """
    S, A = fell.shape
    q, falls = np.zeros((S + 1, A)), np.zeros(episodes, dtype=int)
    for episode in range(episodes):
        s = int(world.start.argmax())
        for _ in range(100):
            may = np.flatnonzero(allowed[s])
            best = may[q[s, may] == q[s, may].max()]
            a = int(rng.choice(may if rng.random() < 0.1 else best))
            next_s = int(world.P[s, a].argmax())
            td.learn(q, s, a, world.R[s, a, next_s], next_s, eta=0.5, gamma=0.95)
            falls[episode] += fell[s, a]
            if next_s == S:
                break
            s = next_s
    return q, falls
