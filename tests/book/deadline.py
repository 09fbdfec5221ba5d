# tests/book/deadline.py: generated from book/depth/boundaries.md; edit the chapter. sha256:1bd38acb017bb5b9
"""CartPole whose time limit is part of the task: deadline:CartPoleDeadline-v0."""

import gymnasium as gym
from gymnasium.wrappers import TimeAwareObservation


class Deadline(gym.Wrapper):
    """Makes the time limit an end of the task."""

    def step(self, action):
        obs, rew, terminated, truncated, info = self.env.step(action)
        return obs, rew, terminated or truncated, False, info


def cartpole(**kwargs):
    env = gym.make("CartPole-v1", **kwargs)
    return Deadline(TimeAwareObservation(env, normalize_time=True))


gym.register("CartPoleDeadline-v0", cartpole)
