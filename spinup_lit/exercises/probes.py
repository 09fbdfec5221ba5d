# spinup_lit/exercises/probes.py: generated from book/practice/exercises.md; edit the chapter. sha256:fbddbf915dc219d3
"""Environments that a right algorithm solves in seconds, and a wrong one does not."""

from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Box, Discrete

SIGNAL = "spinup_lit/Signal-v0"
TARGET = "spinup_lit/Target-v0"


class Signal(gym.Env[np.ndarray, Any]):
    """One step: the observation is -1 or 1, and action 1 is right if it is 1."""

    observation_space = Box(-1, 1, (1,))
    action_space: gym.Space[Any] = Discrete(2)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Draw a signal."""
        super().reset(seed=seed)
        self.obs = np.full(1, self.np_random.choice([-1, 1]), np.float32)
        return self.obs, {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Reward what fits the signal, and end."""
        return self.obs, self.reward(action), True, False, {}

    def reward(self, action: Any) -> float:
        """1 if the action fits the signal, else 0."""
        return float((self.obs[0] > 0) == bool(action))


class Target(Signal):
    """One step: the action should be half of the observation; its square error is lost."""

    action_space = Box(-9, 9, (1,))  # so wide that no action is clipped

    def reward(self, action: Any) -> float:
        """Minus the squared distance from the target."""
        return -float((action[0] - self.obs[0] / 2) ** 2)


gym.register(SIGNAL, f"{__name__}:Signal")
gym.register(TARGET, f"{__name__}:Target")


@torch.no_grad()
def chances(agent: Any) -> float:
    """The smaller probability of the right action, over both signals."""
    pi = agent.pi(torch.tensor([[-1.0], [1.0]]))
    return float(pi.log_prob(torch.tensor([0, 1])).exp().min())


@torch.no_grad()
def error(agent: Any) -> float:
    """How far the mean action is from the target, on average over both observations."""
    mean = agent.pi(torch.tensor([[-1.0], [1.0]])).mean
    return float((mean - torch.tensor([[-0.5], [0.5]])).abs().mean())
