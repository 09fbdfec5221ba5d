# spinup_lit/machinery/evaluation.py: generated from book/practice/results.md; edit the chapter. sha256:529e6c3c1e6e85d0
"""Measure an agent while it is trained, and leave the training as it is."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypedDict

import gymnasium as gym
import numpy as np
import torch

from spinup_lit.machinery.envs import make, within_bounds
from spinup_lit.machinery.training import Agent, Training, Watcher

EPISODES = 10  # in each evaluation


@torch.inference_mode()
def evaluate(
    agent: Agent, envs: Sequence[gym.Env[Any, Any]], seeds: Iterable[int]
) -> list[float]:
    """Play one episode in each environment by the agent's mode; return their returns.

    Args:
        agent: who plays.
        envs: the environments, as `envs.make` makes them.
        seeds: one for each environment.
    """
    space = envs[0].action_space
    obs = np.stack([env.reset(seed=seed)[0] for env, seed in zip(envs, seeds)])
    obs = obs.astype(np.float32)
    returns, playing = np.zeros(len(envs)), np.ones(len(envs), dtype=bool)
    while playing.any():
        act = within_bounds(space, agent.act(obs, deterministic=True))
        for i in np.flatnonzero(playing).tolist():
            obs[i], rew, terminated, truncated, _ = envs[i].step(act[i])
            returns[i] += float(rew)
            playing[i] = not (terminated or truncated)
    return [float(ret) for ret in returns]


class Evaluation(TypedDict):
    """What one evaluation found."""

    steps: int  # interactions of the training so far
    returns: list[float]  # of its episodes
    took: float  # seconds
    agent: str  # fingerprint


def measure(
    agent: Agent, envs: Sequence[gym.Env[Any, Any]], seed: int, number: int, steps: int
) -> Evaluation:
    """Evaluate the agent of a run.

    Args:
        agent: who plays.
        envs: the environments, one for each episode.
        seed: of the run.
        number: tells this evaluation of the run from its others.
        steps: interactions so far.
    """
    begin = time.monotonic()
    stream = np.random.SeedSequence(seed, spawn_key=(number,))
    returns = evaluate(agent, envs, stream.generate_state(len(envs)).tolist())
    took = time.monotonic() - begin
    return Evaluation(steps=steps, returns=returns, took=took, agent=fingerprint(agent))


def fingerprint(agent: Agent) -> str:
    """A short hash of an agent's parameters, whatever their names and order."""
    tensors = {x.detach().numpy().tobytes() for x in agent.state_dict().values()}
    return hashlib.sha256(b"".join(sorted(tensors))).hexdigest()[:12]


Then = Callable[[Sequence[Evaluation], Agent], None]  # gets to know each evaluation


class Evaluator(Watcher):
    """Evaluates the agent of a run whenever the run is saved.

    Args:
        env: Gymnasium id of the environment.
        seed: of the run.
        then: called after each evaluation with all of them so far, and the agent.

    Attributes:
        rows: the evaluations so far.
    """

    def __init__(self, env: str, seed: int, then: Then | None = None) -> None:
        self.rows: list[Evaluation] = []
        self._envs = [make(env) for _ in range(EPISODES)]
        self._seed, self._then = seed, then

    def look(self, run: Training) -> None:
        """Evaluate the agent, if this is the time."""
        if not run.saves:
            return
        number, steps = run.epoch + 1, int(run.row["TotalEnvInteracts"])
        self.rows.append(measure(run.agent, self._envs, self._seed, number, steps))
        if self._then:
            self._then(self.rows, run.agent)

    def state_dict(self) -> dict[str, Any]:
        """The evaluations so far, as part of the state of the run."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to the evaluations of a saved state."""
        self.rows = state["rows"]
