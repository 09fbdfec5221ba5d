# spinup_lit/ppo.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:19c49ede70b6459f
"""Proximal policy optimisation with a clipped objective.

From top to bottom: networks, rollout, advantages, losses, updates, training.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from torch import nn
from torch.distributions import Categorical, Distribution, Independent, Normal

from spinup_lit.machinery import mpi
from spinup_lit.machinery.arguments import (
    LIMIT,
    POSITIVE,
    at_least,
    between,
    checked,
    inside,
)
from spinup_lit.machinery.envs import EnvBatch, check_batch, check_reach
from spinup_lit.machinery.errors import require
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


class Normaliser(nn.Module):
    """Subtracts the mean and divides by the deviation of all data seen so far.

    Before anything was seen, it is the identity.
    """

    def __init__(self, *shape: int):
        super().__init__()
        self.mean: torch.Tensor = nn.Buffer(torch.zeros(shape, dtype=torch.float64))
        self.var: torch.Tensor = nn.Buffer(torch.ones(shape, dtype=torch.float64))
        self.count: torch.Tensor = nn.Buffer(torch.zeros((), dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The data as multiples of their deviation, counted from their mean."""
        return ((x - self.mean) / self.scale()).float()

    def undo(self, x: torch.Tensor) -> torch.Tensor:
        """The inverse of `forward`."""
        return (x * self.scale() + self.mean).float()

    def scale(self) -> torch.Tensor:
        """The deviation; what has never moved must not be divided by zero."""
        return self.var.sqrt().clamp(min=1e-4)

    def update(self, x: torch.Tensor) -> None:
        """Take in new rows (B, ...), those of all ranks."""
        x = torch.from_numpy(mpi.gather(x.numpy())).double()
        w = len(x) / (self.count + len(x))
        delta = x.mean(0) - self.mean
        self.mean += w * delta
        self.var += w * (x.var(0, correction=0) - self.var + (1 - w) * delta**2)
        self.count += len(x)


class Critic(nn.Module):
    """A network that estimates the value of an observation, in units of the returns."""

    def __init__(self, obs_dim: int, hidden_sizes: tuple[int, ...], unit: Normaliser):
        super().__init__()
        self.v = mlp([obs_dim, *hidden_sizes, 1])
        self.unit = unit

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        """One value per observation: (..., obs_dim) to (...)."""
        return self.unit.undo(torch.squeeze(self.v(obs), -1))


class ActorCritic(Agent):
    """The policy `pi` and its value function `v`, two networks behind a normaliser."""

    def __init__(
        self, obs_space: Box, act_space: Box | Discrete, hidden_sizes: tuple[int, ...]
    ):
        super().__init__()
        obs_dim = obs_space.shape[0]
        self.obs_norm, self.ret_norm = Normaliser(obs_dim), Normaliser()
        self.actor = make_actor(obs_dim, act_space, hidden_sizes)
        self.critic = Critic(obs_dim, hidden_sizes, self.ret_norm)
        self.pi = nn.Sequential(self.obs_norm, self.actor)
        self.v = nn.Sequential(self.obs_norm, self.critic)

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


def clipped_loss(
    log_ratio: torch.Tensor, adv: torch.Tensor, clip_ratio: float
) -> torch.Tensor:
    """Minus the clipped objective, Eq. (ppo-loss).

    Args:
        log_ratio: log-probability of each action now, minus that when it was taken.
        adv: estimates of their advantages, (B,), without gradient.
        clip_ratio: epsilon; good samples gain nothing above 1 + epsilon, bad ones
            nothing below 1 - epsilon.
    """
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
    return -torch.min(ratio * adv, clipped * adv).mean()


def value_loss(val: torch.Tensor, ret: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the value function, Eq. (vpg-value-loss).

    Args:
        val: values predicted by the network, (B,).
        ret: returns to predict, (B,), without gradient.
    """
    return ((val - ret) ** 2).mean()


def divergence(log_ratio: torch.Tensor) -> float:
    """How far the policy has moved, over all ranks, Eq. (ppo-kl)."""
    k3 = log_ratio.detach().expm1() - log_ratio.detach()
    return mpi.avg(k3.mean().item())


def minibatches(
    columns: tuple[torch.Tensor, ...], size: int, passes: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """The rows of these columns in random order, `size` at a time, pass after pass."""
    for _ in range(passes):
        order = torch.randperm(len(columns[0]))
        yield from zip(*(column[order].split(size) for column in columns))


def take_step(
    optimizer: torch.optim.Optimizer, loss: torch.Tensor, max_grad_norm: float
) -> float:
    """One step down the gradient, averaged over ranks, then clipped in length.

    Returns:
        The length of the gradient before it was clipped.
    """
    params = [p for group in optimizer.param_groups for p in group["params"]]
    optimizer.zero_grad()
    loss.backward()
    mpi.avg_grads(params)
    norm = nn.utils.clip_grad_norm_(params, max_grad_norm)
    optimizer.step()
    return norm.item()


def describe_policy(
    old: Distribution, log_ratio: torch.Tensor, adv: torch.Tensor, clip_ratio: float
) -> Measured:
    """What an update did to the loss of the policy, and how far it moved the policy."""
    before = clipped_loss(torch.zeros_like(log_ratio), adv, clip_ratio)
    after = clipped_loss(log_ratio, adv, clip_ratio)
    outside = (log_ratio.exp() - 1).abs() > clip_ratio
    return {
        "LossPi": before.item(),
        "DeltaLossPi": (after - before).item(),
        "Entropy": old.entropy().mean().item(),
        "KL": divergence(log_ratio),
        "ClipFrac": outside.float().mean().item(),
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


def update(
    ac: ActorCritic,
    optimizer: torch.optim.Optimizer,
    data: Samples,
    size: int,
    passes: int,
    clip_ratio: float,
    target_kl: float,
    max_grad_norm: float,
) -> Measured:
    """Improve policy and values by minibatch steps, until the policy has moved far.

    Returns:
        The columns of `describe_policy` and `describe_values`, the number of steps, and
        the mean length of their gradients.
    """
    data = data._replace(obs=ac.obs_norm(data.obs))
    with torch.no_grad():
        old, old_val = ac.actor(data.obs), ac.critic(data.obs)
        old_logp = old.log_prob(data.act)
    unit, norms = ac.ret_norm.scale(), []
    for obs, act, adv, ret, logp in minibatches((*data, old_logp), size, passes):
        log_ratio = ac.actor(obs).log_prob(act) - logp
        if divergence(log_ratio) > target_kl:
            break
        loss = clipped_loss(log_ratio, adv, clip_ratio)
        loss += value_loss(ac.critic(obs), ret) / unit**2
        norms.append(take_step(optimizer, loss, max_grad_norm))
    with torch.no_grad():
        log_ratio = ac.actor(data.obs).log_prob(data.act) - old_logp
        values = describe_values(old_val, ac.critic(data.obs), data.ret)
    policy = describe_policy(old, log_ratio, data.adv, clip_ratio)
    steps = {"StopIter": len(norms), "GradNorm": sum(norms) / len(norms)}
    return {**policy, **values, **steps}


def check_minibatches(steps_per_epoch: int, minibatch_size: int, ranks: int) -> None:
    """Raise a `UserError` unless the batch splits into minibatches that ranks share."""
    sizes = range(ranks, steps_per_epoch + 1, ranks)
    fitting = [n for n in sizes if steps_per_epoch % n == 0]
    near = min(fitting, key=lambda n: abs(n - minibatch_size))
    require(
        minibatch_size in fitting,
        f"minibatch_size is {minibatch_size}; {steps_per_epoch} steps on {ranks} ranks "
        f"need a divisor that the ranks can share, such as {near}",
    )


@checked(check_batch, check_reach, check_minibatches)
def ppo(
    env: str = "CartPole-v1",
    *,
    hidden_sizes: Annotated[tuple[int, ...], at_least(1)] = (64, 64),
    seed: Annotated[int, at_least(0)] = 0,
    num_envs: Annotated[int, at_least(1)] = 8,
    steps_per_epoch: Annotated[int, at_least(1)] = 2048,
    epochs: Annotated[int, at_least(1)] = 100,
    gamma: Annotated[float, between(0, 1)] = 0.99,
    lam: Annotated[float, between(0, 1)] = 0.95,
    clip_ratio: Annotated[float, inside(0, 1)] = 0.2,
    target_kl: Annotated[float, LIMIT] = float("inf"),
    minibatch_size: Annotated[int, at_least(1)] = 256,
    train_passes: Annotated[int, at_least(1)] = 10,
    pi_lr: Annotated[float, POSITIVE] = 1e-3,
    vf_lr: Annotated[float, POSITIVE] = 1e-3,
    lr_decay: Annotated[float, between(0, 1)] = 0.0,
    max_grad_norm: Annotated[float, LIMIT] = float("inf"),
    normalise_obs: bool = True,
    normalise_ret: bool = True,
    save_freq: Annotated[int, at_least(1)] = 10,
    output_dir: Path | None = None,
    resume: bool = False,
) -> ActorCritic:
    """Train an agent with proximal policy optimisation.

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
        clip_ratio: epsilon of the clipped objective, in (0, 1).
        target_kl: divergence from the old policy at which an update ends, > 0; inf:
            never.
        minibatch_size: samples per step, on all ranks together; a divisor of
            steps_per_epoch.
        train_passes: how often each sample is used, by either network.
        pi_lr: learning rate of the policy, > 0.
        vf_lr: learning rate of the value function, > 0.
        lr_decay: part of both learning rates that is lost by the end, in [0, 1].
        max_grad_norm: longer gradients are shortened to this length, > 0; inf: never.
        normalise_obs: divide observations by their deviation, after subtracting the mean.
        normalise_ret: let the value function predict returns normalised likewise.
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
    groups = [{"params": net.parameters()} for net in (ac.pi, ac.v)]
    adam = torch.optim.Adam(groups, fused=True)
    size = minibatch_size // mpi.num_procs()

    for epoch in run.epochs(ac, envs, optimizer=adam):
        for group, lr in zip(adam.param_groups, (pi_lr, vf_lr)):
            group["lr"] = lr * (1 - lr_decay * epoch / epochs)
        batch = rollout(ac, envs, steps_per_epoch // num_envs)
        data = estimate(ac.v, batch, gamma, lam)
        if normalise_ret:
            ac.ret_norm.update(data.ret)
        row = update(
            ac, adam, data, size, train_passes, clip_ratio, target_kl, max_grad_norm
        )
        if normalise_obs:
            ac.obs_norm.update(data.obs)
        run.log(row)
    return ac
