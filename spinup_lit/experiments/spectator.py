# spinup_lit/experiments/spectator.py: generated from book/practice/results.md; edit the chapter. sha256:82be8081cf8b9ec1
"""Measure the policy of a short program while it trains, and leave it as it is."""

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical, Distribution

from spinup_lit.machinery.envs import make
from spinup_lit.machinery.evaluation import EPISODES, Evaluation, Then, measure
from spinup_lit.machinery.training import Agent


class Spectator:
    """Stands in for the `play` of a short program, and evaluates its policy on the way.

    Args:
        play: what it stands in for.
        env: Gymnasium id of the environment.
        seed: of the run.
        every: interactions between two evaluations.
        then: called after each evaluation with all of them so far, and the agent.

    Attributes:
        rows: the evaluations so far.
    """

    def __init__(
        self,
        play: Callable[..., Any],
        env: str,
        seed: int,
        every: int,
        then: Then | None = None,
    ) -> None:
        self.rows: list[Evaluation] = []
        self._play, self._seed, self._every, self._then = play, seed, every, then
        self._steps = 0
        self._envs = [make(env) for _ in range(EPISODES)]

    def __call__(self, policy: nn.Module, env: gym.Env[Any, Any]) -> Any:
        """Play an episode; before it, evaluate the policy if `every` steps are over."""
        if self._steps // self._every > len(self.rows):
            self.evaluate(policy)
        episode = self._play(policy, env)
        self._steps += len(episode.rew)
        return episode

    def evaluate(self, policy: nn.Module) -> None:
        """Play ten episodes by the mode of a policy that puts out logits."""
        agent, number = OfLogits(policy), len(self.rows)
        self.rows.append(measure(agent, self._envs, self._seed, number, self._steps))
        if self._then:
            self._then(self.rows, agent)


class OfLogits(Agent):
    """A policy that puts out logits, as an agent."""

    def __init__(self, policy: nn.Module) -> None:
        super().__init__()
        self.policy = policy

    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray:
        """Draw an action for each observation, (N, obs_dim), or take the likeliest."""
        dist: Distribution = Categorical(logits=self.policy(torch.from_numpy(obs)))
        return (dist.mode if deterministic else dist.sample()).numpy()
