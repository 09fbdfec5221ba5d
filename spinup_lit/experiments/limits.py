# spinup_lit/experiments/limits.py: generated from book/research/limits.md; edit the chapter. sha256:406d636506d9804b
"""Environments in which trained agents fail: too little to see, too few places to learn from."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Discrete

from spinup_lit.machinery import envs
from spinup_lit.machinery.evaluation import evaluate
from spinup_lit.machinery.training import Agent


class Positions(gym.ObservationWrapper[np.ndarray, int, np.ndarray]):
    """CartPole without velocities; with a memory, the change per second of what is seen."""

    def __init__(self, env: gym.Env[np.ndarray, int], memory: bool):
        super().__init__(env)
        self.memory, self.before = memory, np.zeros(2, np.float32)
        size = 4 if memory else 2
        self.observation_space = Box(-np.inf, np.inf, (size,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin without a change."""
        obs, info = self.env.reset(seed=seed, options=options)
        self.before = obs[[0, 2]]
        return self.observation(obs), info

    def observation(self, observation: np.ndarray) -> np.ndarray:
        """The positions of cart and pole, and perhaps their change in 0.02 seconds."""
        now = observation[[0, 2]]
        change, self.before = (now - self.before) / 0.02, now
        return np.concatenate([now, change]) if self.memory else now


class Coin(gym.Env[np.ndarray, Any]):
    """A walk to a coin, which lies in one of `places`, cells numbered from 0 to 24."""

    def __init__(self, places: Sequence[int], render_mode: str | None = None):
        self.places, self.render_mode = list(places), render_mode
        self.observation_space = Box(-1, 1, (4,), np.float32)
        self.action_space = Discrete(4)

    def see(self) -> np.ndarray:
        """Row and column of the agent, then of the coin, from -1 to 1."""
        places = (self.y, self.x, *divmod(self.coin, 5))
        return np.array(places, np.float32) / 2 - 1

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Put the coin into one of its places, and the agent anywhere else."""
        super().reset(seed=seed)
        self.coin = int(self.np_random.choice(self.places))
        start = (self.coin + 1 + int(self.np_random.integers(24))) % 25
        self.y, self.x = divmod(start, 5)
        return self.see(), {}

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Go up, right, down or left; a wall holds."""
        down, right = ((-1, 0), (0, 1), (1, 0), (0, -1))[action]
        self.y = min(max(self.y + down, 0), 4)
        self.x = min(max(self.x + right, 0), 4)
        got = 5 * self.y + self.x == self.coin
        return self.see(), float(got), got, False, {}


def positions(memory: bool, **options: Any) -> Positions:
    """CartPole, of which only positions are seen."""
    return Positions(gym.make("CartPole-v1", **options), memory)


gym.register("Positions-v0", partial(positions, False))
gym.register("Remembered-v0", partial(positions, True))

ORDER = np.random.default_rng(1).permutation(25).tolist()  # of the cells of Coin
for k in range(1, 20):
    gym.register(f"Coin{k}-v0", partial(Coin, ORDER[:k]), max_episode_steps=12)
gym.register("CoinElsewhere-v0", partial(Coin, ORDER[19:]), max_episode_steps=12)


def agent(algorithm: str, env: str, seed: int, **options: Any) -> Agent:
    """Train an agent with one of the book's algorithms."""
    train = getattr(import_module(f"spinup_lit.{algorithm}"), algorithm)
    trained: Agent = train(env, seed=seed, **options)
    return trained


def mean_return(agent: Agent, env: str, episodes: int = 20) -> float:
    """The mean return of the agent's mode, in episodes that training has not seen."""
    many = [envs.make(env) for _ in range(episodes)]
    return float(np.mean(evaluate(agent, many, range(1000, 1000 + episodes))))
