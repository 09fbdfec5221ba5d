# spinup_lit/experiments/spectator.py: generated from book/practice/results.md; edit the chapter. sha256:c5666939bab9344c
"""Measure the policy of a short program while it trains, and leave it as it is."""

import time
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from torch import nn
from torch.distributions import Categorical

from spinup_lit.machinery.envs import make
from spinup_lit.machinery.evaluation import EPISODES, evaluate


class Spectator:
    """Stands in for the `play` of a short program, and evaluates its policy on the way.

    Attributes:
        rows: the evaluations so far: after how many interactions, and the mean return.
        seconds: what they took, all together.
    """

    def __init__(
        self, play: Callable[..., Any], env: str, seed: int, every: int
    ) -> None:
        self.rows: list[tuple[int, float]] = []
        self.seconds = 0.0
        self._play, self._seed, self._every, self._steps = play, seed, every, 0
        self._envs = [make(env) for _ in range(EPISODES)]

    def __call__(self, policy: nn.Module, env: gym.Env) -> Any:
        """Play an episode; before it, evaluate the policy if `every` steps are over."""
        if self._steps // self._every > len(self.rows):
            self.evaluate(policy)
        episode = self._play(policy, env)
        self._steps += len(episode.rew)
        return episode

    def evaluate(self, policy: nn.Module) -> None:
        """Play ten episodes by the mode of a policy that puts out logits."""
        begin = time.monotonic()
        stream = np.random.SeedSequence(self._seed, spawn_key=(len(self.rows),))
        seeds = stream.generate_state(EPISODES).tolist()
        returns = evaluate(
            lambda obs: Categorical(logits=policy(obs)), self._envs, seeds
        )
        self.rows.append((self._steps, float(np.mean(returns))))
        self.seconds += time.monotonic() - begin
