# spinup_lit/first/by_hand.py: generated from book/start/key-concepts.md; edit the chapter. sha256:cd9b2b31f4012d0c
"""The loop of agent and environment, with policies written by hand: nothing learns."""

from collections.abc import Callable
from typing import NamedTuple

import gymnasium as gym
import numpy as np


class Step(NamedTuple):
    """What the agent saw, what it did, and what it got for it."""

    obs: np.ndarray
    act: int
    rew: float


def play(env: gym.Env, policy: Callable[[np.ndarray], int]) -> list[Step]:
    """Play one episode: see, act, be paid, until it is over."""
    obs, _ = env.reset()
    steps, over = [], False
    while not over:
        act = policy(obs)
        next_obs, rew, terminated, truncated, _ = env.step(act)
        steps.append(Step(obs, act, float(rew)))
        obs, over = next_obs, terminated or truncated
    return steps


def coin(seed: int) -> Callable[[np.ndarray], int]:
    """Look at nothing; left or right, each with probability one half."""
    rng = np.random.default_rng(seed)
    return lambda obs: int(rng.integers(2))


def where_it_leans(obs: np.ndarray) -> int:
    """Push to the side to which the pole leans."""
    return int(obs[2] > 0)


def where_it_will_lean(obs: np.ndarray) -> int:
    """Push to the side to which the pole would lean in half a second, turning as now."""
    return int(obs[2] + 0.5 * obs[3] > 0)


def returns(
    env: gym.Env, policy: Callable[[np.ndarray], int], episodes: int
) -> np.ndarray:
    """The undiscounted return of each of so many episodes."""
    played = (play(env, policy) for _ in range(episodes))
    return np.array([sum(step.rew for step in episode) for episode in played])


def main() -> None:
    """Show an episode of random actions, then what each policy earns on average."""
    env = gym.make("CartPole-v1")
    env.reset(seed=0)  # from here on, the same first states
    print("step  position   speed   angle  turning  action  reward")
    for t, (obs, act, rew) in enumerate(play(env, coin(seed=0))):
        numbers = "  ".join(f"{x:6.3f}" for x in obs)
        print(f"{t:4d}    {numbers}   {('left', 'right')[act]:6s} {rew:6.0f}")
    print("\nmean return of 100 episodes")
    for name, policy in (
        ("a coin", coin(seed=1)),
        ("push where it leans", where_it_leans),
        ("push where it will lean", where_it_will_lean),
    ):
        print(f"{name:24s}{returns(env, policy, episodes=100).mean():7.1f}")


if __name__ == "__main__":
    main()
