# spinup_lit/first/simplest_pg.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:621b33ab1c328ab6
"""The simplest policy gradient: each score times the return of its episode."""

from typing import NamedTuple

import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Discrete
from torch import nn
from torch.distributions import Categorical


class Episode(NamedTuple):
    """What happened from the start to the end, T steps."""

    obs: np.ndarray  # (T, obs_dim) what the agent saw
    act: np.ndarray  # (T,) what it did then
    rew: np.ndarray  # (T,) what it got for it


def play(policy: nn.Module, env: gym.Env) -> Episode:
    """Play one episode, drawing the actions from the policy."""
    obs, _ = env.reset()
    steps, over = [], False
    while not over:
        with torch.inference_mode():
            logits = policy(torch.as_tensor(obs, dtype=torch.float32))
            act = Categorical(logits=logits).sample().item()
        next_obs, rew, terminated, truncated, _ = env.step(act)
        steps.append((obs, act, rew))
        obs, over = next_obs, terminated or truncated
    return Episode(*(np.array(column) for column in zip(*steps)))


def step_weights(episode: Episode) -> np.ndarray:
    """The weight of each step, (T,): the return of the whole episode."""
    return np.full(len(episode.rew), episode.rew.sum())


def policy_loss(
    policy: nn.Module, batch: list[Episode], weights: list[np.ndarray]
) -> torch.Tensor:
    """The number whose gradient is minus the estimate, Eq. (pg-loss)."""
    obs = np.concatenate([episode.obs for episode in batch])
    act = np.concatenate([episode.act for episode in batch])
    weight = torch.as_tensor(np.concatenate(weights), dtype=torch.float32)
    logits = policy(torch.as_tensor(obs, dtype=torch.float32))
    logp: torch.Tensor = Categorical(logits=logits).log_prob(torch.as_tensor(act))
    return -(logp * weight).sum() / len(batch)


def train(
    env: str = "CartPole-v1",
    *,
    hidden: int = 32,
    seed: int = 0,
    steps: int = 150_000,
    episodes: int = 16,
    lr: float = 1e-2,
) -> tuple[nn.Module, list[tuple[int, float]]]:
    """Train a policy, and print how it gets on.

    Args:
        env: Gymnasium id; observations must be vectors and actions numbered.
        hidden: units in the hidden layer of the policy, >= 1.
        seed: fixes all randomness; the same seed gives the same run.
        steps: stop after the batch in which so many interactions are reached.
        episodes: N, the number of episodes in a batch, >= 1.
        lr: step size of the optimiser, Adam, > 0.

    Returns:
        The policy, and its learning curve: for each batch, the number of
        interactions so far and the mean return of its episodes.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # a small network: more threads would only wait
    made = gym.make(env)
    if not isinstance(made.action_space, Discrete):
        raise TypeError(f"{env} acts in {made.action_space}, which is not Discrete")
    first_obs, _ = made.reset(seed=seed)
    obs_dim, n_actions = len(first_obs), int(made.action_space.n)
    policy = nn.Sequential(
        nn.Linear(obs_dim, hidden), nn.Tanh(), nn.Linear(hidden, n_actions)
    )
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr)
    done, curve = 0, []
    while done < steps:
        batch = [play(policy, made) for _ in range(episodes)]
        loss = policy_loss(policy, batch, [step_weights(e) for e in batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        done += sum(len(e.rew) for e in batch)
        curve.append((done, float(np.mean([e.rew.sum() for e in batch]))))
        print(f"{done:8d} interactions, mean return {curve[-1][1]:6.1f}")
    return policy, curve


if __name__ == "__main__":
    train()
