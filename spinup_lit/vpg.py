# spinup_lit/vpg.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:a7062687047a86a0
"""Vanilla policy gradient with generalised advantage estimation.

From top to bottom: networks, rollout, advantages, losses, updates, training.
"""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from torch import nn
from torch.distributions import Categorical, Distribution, Independent, Normal

from spinup_lit.machinery import mpi
from spinup_lit.machinery.arguments import POSITIVE, at_least, between, checked
from spinup_lit.machinery.envs import EnvBatch, check_batch, check_reach
from spinup_lit.machinery.training import Agent, Measured, Training


def mlp(sizes: list[int], curved: type[nn.Module] = nn.Tanh) -> nn.Sequential:
    """A multilayer perceptron: linear layers of these widths, curved in between."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), curved()]
    return nn.Sequential(*layers[:-1])


class CategoricalActor(nn.Module):
    """A policy over n numbered actions, Eq. (vpg-softmax)."""

    def __init__(self, obs_dim: int, n_actions: int, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.logits = mlp([obs_dim, *hidden_sizes, n_actions])

    def forward(self, obs: torch.Tensor) -> Distribution:
        """The distribution of the action at each observation, (B, obs_dim)."""
        return Categorical(logits=self.logits(obs), validate_args=False)


class GaussianActor(nn.Module):
    """A policy over vectors: a Gaussian for each component, Eq. (vpg-gaussian)."""

    def __init__(self, obs_dim: int, act_dim: int, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.mu = mlp([obs_dim, *hidden_sizes, act_dim])
        self.log_std = nn.Parameter(torch.full((act_dim,), -0.5))

    def forward(self, obs: torch.Tensor) -> Distribution:
        """The distribution of the action at each observation, (B, obs_dim)."""
        normal = Normal(self.mu(obs), self.log_std.exp(), validate_args=False)
        return Independent(normal, 1, validate_args=False)


def make_actor(
    obs_dim: int, act_space: Box | Discrete, hidden_sizes: tuple[int, ...]
) -> nn.Module:
    """A policy for this space of actions: observations to distributions."""
    if isinstance(act_space, Discrete):
        return CategoricalActor(obs_dim, int(act_space.n), hidden_sizes)
    return GaussianActor(obs_dim, act_space.shape[0], hidden_sizes)


class Critic(nn.Module):
    """A network that estimates the value of an observation."""

    def __init__(self, obs_dim: int, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.v = mlp([obs_dim, *hidden_sizes, 1])

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        """One value per observation: (..., obs_dim) to (...)."""
        return torch.squeeze(self.v(obs), -1)


class ActorCritic(Agent):
    """The policy `pi` and its value function `v`, two networks that share nothing."""

    def __init__(
        self, obs_space: Box, act_space: Box | Discrete, hidden_sizes: tuple[int, ...]
    ):
        super().__init__()
        obs_dim = obs_space.shape[0]
        self.pi = make_actor(obs_dim, act_space, hidden_sizes)
        self.v = Critic(obs_dim, hidden_sizes)

    @torch.inference_mode()
    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray:
        """Draw an action for each observation, (N, obs_dim), or take the likeliest."""
        dist: Distribution = self.pi(torch.from_numpy(obs))
        return (dist.mode if deterministic else dist.sample()).numpy()


class Batch(NamedTuple):
    """What T steps of N environments gave: arrays (T, N, ...)."""

    obs: np.ndarray
    act: np.ndarray
    next_obs: np.ndarray  # where an episode ended: its true last observation
    rew: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray


def rollout(agent: Agent, envs: EnvBatch, steps: int) -> Batch:
    """Let the agent act for this many steps, from where the environments stand."""
    rows = []
    for _ in range(steps):
        obs = envs.obs
        act = agent.act(obs)
        rows.append((obs, act, *envs.step(act)))
    return Batch(*(np.stack(column) for column in zip(*rows)))


def gae(
    rew: np.ndarray,
    val: np.ndarray,
    next_val: np.ndarray,
    terminated: np.ndarray,
    truncated: np.ndarray,
    gamma: float,
    lam: float,
) -> np.ndarray:
    """Generalised advantage estimates, Eq. (gae-recursion).

    All arrays are (T, N), time first.

    Args:
        rew: rewards.
        val: values of the observations acted on.
        next_val: values of the observations that followed, before any restart.
        terminated: the episode ended there, and nothing is worth anything after it.
        truncated: the episode was cut there; what followed had its value.
        gamma: discount factor, in [0, 1].
        lam: weight of longer returns, in [0, 1].
    """
    delta = rew + gamma * next_val * ~terminated - val
    carry = gamma * lam * ~(terminated | truncated)
    adv: np.ndarray = np.zeros_like(delta)
    later = np.zeros_like(delta[0])
    for t in reversed(range(len(delta))):
        later = delta[t] + carry[t] * later
        adv[t] = later
    return adv


def normalise(adv: np.ndarray) -> np.ndarray:
    """Shift and scale the advantages of all ranks to mean 0 and deviation 1."""
    mean, std = mpi.mean_and_std(adv)
    return np.asarray((adv - mean) / (std + 1e-8))


class Samples(NamedTuple):
    """A batch as the losses need it: one row per step, B = T N rows."""

    obs: torch.Tensor  # (B, obs_dim)
    act: torch.Tensor  # (B,) or (B, act_dim)
    adv: torch.Tensor  # (B,) normalised advantage estimates
    ret: torch.Tensor  # (B,) targets of the value function


def estimate(v: nn.Module, batch: Batch, gamma: float, lam: float) -> Samples:
    """Judge every step of a batch by the value function as it is now."""
    with torch.no_grad():
        val = v(torch.from_numpy(batch.obs)).numpy()
        next_val = v(torch.from_numpy(batch.next_obs)).numpy()
    adv = gae(batch.rew, val, next_val, batch.terminated, batch.truncated, gamma, lam)
    columns = (batch.obs, batch.act, normalise(adv), adv + val)
    return Samples(*(flat_tensor(column) for column in columns))


def flat_tensor(x: np.ndarray) -> torch.Tensor:
    """Merge time and environment, (T, N, ...) to (T N, ...); floats become float32."""
    flat = torch.from_numpy(x).flatten(0, 1)
    return flat.float() if flat.is_floating_point() else flat


def policy_loss(logp: torch.Tensor, adv: torch.Tensor) -> torch.Tensor:
    """The scalar whose gradient is minus the policy gradient, Eq. (vpg-policy-loss).

    Args:
        logp: log-probabilities of the actions taken, (B,).
        adv: estimates of their advantages, (B,), without gradient.
    """
    return -(logp * adv).mean()


def value_loss(val: torch.Tensor, ret: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the value function, Eq. (vpg-value-loss).

    Args:
        val: values predicted by the network, (B,).
        ret: returns to predict, (B,), without gradient.
    """
    return ((val - ret) ** 2).mean()


def update_policy(
    pi: nn.Module, optimizer: torch.optim.Optimizer, data: Samples
) -> Measured:
    """Give the optimiser one estimate of the policy gradient, Eq. (vpg-estimate).

    Returns:
        The loss before the step and its change, the entropy of the policy before the
        step, the divergence from the old policy to the new one, Eq. (vpg-kl), and the
        length of the gradient.
    """
    dist = pi(data.obs)
    logp_old = dist.log_prob(data.act)
    loss = policy_loss(logp_old, data.adv)
    optimizer.zero_grad()
    loss.backward()
    mpi.avg_grads(pi.parameters())
    norm = nn.utils.get_total_norm(
        [p.grad for p in pi.parameters() if p.grad is not None]
    )
    optimizer.step()
    with torch.no_grad():
        logp = pi(data.obs).log_prob(data.act)
        log_ratio = logp - logp_old
        change = policy_loss(logp, data.adv) - loss
    return {
        "LossPi": loss.item(),
        "DeltaLossPi": change.item(),
        "Entropy": dist.entropy().mean().item(),
        "KL": (log_ratio.exp() - 1 - log_ratio).mean().item(),
        "GradNorm": norm.item(),
    }


def explained_variance(val: torch.Tensor, ret: torch.Tensor) -> float:
    """The part of the returns' variance that the values explain, Eq. (vpg-explained)."""
    error, spread = (mpi.mean_and_std(x.numpy())[1] for x in (ret - val, ret))
    return 1 - (error / spread) ** 2 if spread else float("nan")


def describe_values(
    old: torch.Tensor, new: torch.Tensor, ret: torch.Tensor
) -> Measured:
    """What an update did to the values, and which part of the returns they foresaw."""
    before, after = value_loss(old, ret), value_loss(new, ret)
    return {
        "LossV": before.item(),
        "DeltaLossV": (after - before).item(),
        "ExplainedVariance": explained_variance(old, ret),
        "VVals": new.numpy(),
    }


def update_value(
    v: nn.Module, optimizer: torch.optim.Optimizer, data: Samples, iters: int
) -> Measured:
    """Fit the value function to the returns with this many steps of regression."""
    with torch.no_grad():
        old = v(data.obs)
    for _ in range(iters):
        loss = value_loss(v(data.obs), data.ret)
        optimizer.zero_grad()
        loss.backward()
        mpi.avg_grads(v.parameters())
        optimizer.step()
    with torch.no_grad():
        return describe_values(old, v(data.obs), data.ret)


@checked(check_batch, check_reach)
def vpg(
    env: str = "CartPole-v1",
    *,
    hidden_sizes: Annotated[tuple[int, ...], at_least(1)] = (64, 64),
    seed: Annotated[int, at_least(0)] = 0,
    num_envs: Annotated[int, at_least(1)] = 8,
    steps_per_epoch: Annotated[int, at_least(1)] = 1024,
    epochs: Annotated[int, at_least(1)] = 200,
    gamma: Annotated[float, between(0, 1)] = 0.99,
    lam: Annotated[float, between(0, 1)] = 0.97,
    pi_lr: Annotated[float, POSITIVE] = 3e-3,
    vf_lr: Annotated[float, POSITIVE] = 3e-3,
    train_v_iters: Annotated[int, at_least(0)] = 20,
    save_freq: Annotated[int, at_least(1)] = 10,
    output_dir: Path | None = None,
    resume: bool = False,
) -> ActorCritic:
    """Train an agent with the vanilla policy gradient.

    Args:
        env: Gymnasium id of the environment; its observations must be vectors, its
            actions numbered or vectors.
        hidden_sizes: widths of the hidden layers of both networks.
        seed: fixes all randomness; the same seed gives the same run.
        num_envs: environments that run side by side, on all ranks together.
        steps_per_epoch: interactions between two updates, in all environments together.
        epochs: number of updates; the run takes epochs * steps_per_epoch steps.
        gamma: discount factor, in [0, 1].
        lam: lambda of the advantage estimator, in [0, 1].
        pi_lr: learning rate of the policy, > 0.
        vf_lr: learning rate of the value function, > 0.
        train_v_iters: steps of regression on the value function per epoch.
        save_freq: epochs between two checkpoints; the last epoch always has one.
        output_dir: folder for progress.txt and checkpoint.pt; without one, nothing is
            written. (`launch.start` adds a config.json.)
        resume: continue the run in output_dir from its checkpoint.

    Returns:
        The trained networks.

    Raises:
        UserError: an argument is out of range, the environment is not supported, or
            something in mid-run is infinite or not a number.
    """
    run = Training(output_dir, seed, epochs, save_freq, resume)
    envs = EnvBatch(env, num_envs, seed)
    ac = ActorCritic(envs.obs_space, envs.act_space, hidden_sizes)
    pi_optimizer = torch.optim.Adam(ac.pi.parameters(), lr=pi_lr, fused=True)
    v_optimizer = torch.optim.Adam(ac.v.parameters(), lr=vf_lr, fused=True)

    for _ in run.epochs(ac, envs, pi_optimizer=pi_optimizer, v_optimizer=v_optimizer):
        batch = rollout(ac, envs, steps_per_epoch // num_envs)
        data = estimate(ac.v, batch, gamma, lam)
        policy = update_policy(ac.pi, pi_optimizer, data)
        values = update_value(ac.v, v_optimizer, data, train_v_iters)
        run.log({**policy, **values})
    return ac
