# spinup_lit/machinery/evaluation.py: generated from book/practice/results.md; edit the chapter. sha256:e88a4a2e1247f8f2
"""Measure a policy while it is trained, and leave the training as it is."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Box
from torch import nn

from spinup_lit.machinery.envs import make
from spinup_lit.machinery.logger import Checkpoint, Stateful, read_config

EPISODES = 10  # in each evaluation


@torch.inference_mode()
def evaluate(
    pi: nn.Module, envs: Sequence[gym.Env], seeds: Iterable[int]
) -> list[float]:
    """Play one episode in each environment by the policy's mode; return their returns.

    Args:
        pi: maps observations (B, obs_dim) to a distribution over actions.
        envs: the environments, as `envs.make` makes them.
        seeds: one for each environment.
    """
    space = envs[0].action_space
    obs = np.stack([env.reset(seed=seed)[0] for env, seed in zip(envs, seeds)])
    obs = obs.astype(np.float32)
    returns, playing = np.zeros(len(envs)), np.ones(len(envs), dtype=bool)
    while playing.any():
        act = pi(torch.from_numpy(obs)).mode.numpy()
        if isinstance(space, Box):
            act = np.clip(act, space.low, space.high)
        for i in np.flatnonzero(playing).tolist():
            obs[i], rew, terminated, truncated, _ = envs[i].step(act[i])
            returns[i] += float(rew)
            playing[i] = not (terminated or truncated)
    return [float(ret) for ret in returns]


class EvaluatingCheckpoint(Checkpoint):
    """A checkpoint that evaluates the policy before it is saved.

    Attributes:
        rows: the evaluations so far: after how many epochs; the seconds that training
            had taken by then, earlier evaluations included; the seconds that this
            one took; and the returns of its episodes.
    """

    def __init__(
        self,
        output_dir: Path,
        shared: Mapping[str, Any],
        local: Mapping[str, Stateful],
    ) -> None:
        self.rows: list[dict[str, Any]] = []
        super().__init__(output_dir, {**shared, "evaluations": self}, local)
        config = read_config(output_dir)
        self._pi, self._seed = shared["ac"].pi, config["seed"]
        self._envs = [make(config["env"]) for _ in range(EPISODES)]

    def save(self, epochs: int, seconds: float) -> None:
        """Evaluate the policy, then save the state."""
        begin = time.monotonic()
        stream = np.random.SeedSequence(self._seed, spawn_key=(epochs,))
        seeds = stream.generate_state(EPISODES).tolist()
        returns = evaluate(self._pi, self._envs, seeds)
        took = time.monotonic() - begin
        self.rows.append(
            {"epochs": epochs, "seconds": seconds, "took": took, "returns": returns}
        )
        super().save(epochs, seconds + took)

    def state_dict(self) -> dict[str, Any]:
        """The evaluations so far, as part of the state of the run."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to the evaluations of a saved state."""
        self.rows = state["rows"]
