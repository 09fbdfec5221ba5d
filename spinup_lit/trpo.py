# spinup_lit/trpo.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:b9af940215f6965f
"""Trust region policy optimisation with generalised advantage estimation.

From top to bottom: networks, rollout, advantages, the step, updates, training.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from torch import nn
from torch.distributions import (
    Categorical,
    Distribution,
    Independent,
    Normal,
    kl_divergence,
)

from spinup_lit.machinery import mpi
from spinup_lit.machinery.arguments import POSITIVE, at_least, between, checked, inside
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


def surrogate(
    logp: torch.Tensor, logp_old: torch.Tensor, adv: torch.Tensor
) -> torch.Tensor:
    """How good the batch makes a policy look, Eq. (trpo-sample-surrogate): all (B,)."""
    return ((logp - logp_old).exp() * adv).mean()


def compare(
    old: Distribution, new: Distribution, data: Samples
) -> tuple[torch.Tensor, torch.Tensor]:
    """The surrogate of a new policy, and how far it is from the old, Eq. (trpo-mean-kl).

    Args:
        old: the distributions of actions, (B,), that the batch was drawn from.
        new: those of the other policy at the same observations.
        data: the batch.
    """
    logp, logp_old = new.log_prob(data.act), old.log_prob(data.act)
    return surrogate(logp, logp_old, data.adv), kl_divergence(old, new).mean()


def flatten(tensors: Iterable[torch.Tensor]) -> torch.Tensor:
    """All entries of these tensors, one after the other, in a new vector."""
    return torch.cat([x.reshape(-1) for x in tensors])


def flat_grad(
    y: torch.Tensor, params: list[nn.Parameter], create_graph: bool = False
) -> torch.Tensor:
    """The gradient of a number in all parameters, as a vector.

    With `create_graph`, it can be differentiated again.
    """
    grads = torch.autograd.grad(y, params, retain_graph=True, create_graph=create_graph)
    return flatten(grads)


@torch.no_grad()
def set_params(pi: nn.Module, theta: torch.Tensor) -> None:
    """Copy the entries of a vector into the parameters."""
    params = list(pi.parameters())
    for p, part in zip(params, theta.split([p.numel() for p in params])):
        p.copy_(part.view_as(p))


def fisher_product(
    pi: nn.Module, obs: torch.Tensor
) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function that multiplies vectors by the Fisher matrix, Eq. (trpo-product)."""
    params = list(pi.parameters())
    with torch.no_grad():
        old = pi(obs)
    kl = kl_divergence(old, pi(obs)).mean()
    slope = flat_grad(kl, params, create_graph=True)
    return lambda v: mpi.avg_vector(flat_grad(slope @ v, params))


def conjugate_gradient(
    product: Callable[[torch.Tensor], torch.Tensor], b: torch.Tensor, iters: int
) -> torch.Tensor:
    """Solve A x = b approximately, given how to multiply by A.

    The error after so many rounds: Eq. (trpo-cg-bound).
    """
    x, r, p = torch.zeros_like(b), b, b
    squared = r @ r
    rounding = torch.finfo(b.dtype).eps ** 2 * squared
    for _ in range(iters):
        if squared <= rounding:
            break
        Ap = product(p)
        alpha = squared / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        beta = (r @ r) / squared
        p = r + beta * p
        squared = r @ r
    return x


def policy_gradient(pi: nn.Module, data: Samples) -> torch.Tensor:
    """The gradient of the surrogate at the policy that drew the batch, over all ranks."""
    logp = pi(data.obs).log_prob(data.act)
    gain = surrogate(logp, logp.detach(), data.adv)
    return mpi.avg_vector(flat_grad(gain, list(pi.parameters())))


def natural_step(
    pi: nn.Module,
    obs: torch.Tensor,
    g: torch.Tensor,
    delta: float,
    damping: float,
    cg_iters: int,
) -> torch.Tensor:
    """The step that promises most within the trust region, Eq. (trpo-step).

    Args:
        pi: the policy that drew the batch.
        obs: the observations of the batch.
        g: the gradient of the surrogate.
        delta: limit of the mean divergence.
        damping: added to the diagonal of the Fisher matrix.
        cg_iters: rounds of conjugate gradients.
    """
    fisher = fisher_product(pi, obs)

    def damped(v: torch.Tensor) -> torch.Tensor:
        return fisher(v) + damping * v

    x = conjugate_gradient(damped, g, cg_iters)
    squared_length = (x @ damped(x)).clamp(min=torch.finfo(x.dtype).tiny)
    return (2 * delta / squared_length).sqrt() * x


@torch.no_grad()
def line_search(
    pi: nn.Module,
    data: Samples,
    step: torch.Tensor,
    delta: float,
    coeff: float,
    iters: int,
) -> Measured:
    """Take the longest of the steps coeff**j * step that passes, Eq. (trpo-line-search).

    If none of them passes, the parameters are what they were.

    Returns:
        Minus the surrogate before the step, and its change; the entropy of the policy
        before the step; the divergence from the old policy to the new one; and j, or
        `iters` if no step was taken.
    """
    theta, old = flatten(pi.parameters()), pi(data.obs)
    before = mpi.avg(compare(old, old, data)[0].item())
    for tries in range(iters):
        set_params(pi, theta + coeff**tries * step)
        after, kl = (mpi.avg(x.item()) for x in compare(old, pi(data.obs), data))
        if after > before and kl <= delta:
            break
    else:
        set_params(pi, theta)
        tries, after, kl = iters, before, 0.0
    return {
        "LossPi": -before,
        "DeltaLossPi": before - after,
        "Entropy": old.entropy().mean().item(),
        "KL": kl,
        "BacktrackIters": tries,
    }


def value_loss(val: torch.Tensor, ret: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the value function, Eq. (vpg-value-loss).

    Args:
        val: values predicted by the network, (B,).
        ret: returns to predict, (B,), without gradient.
    """
    return ((val - ret) ** 2).mean()


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
def trpo(
    env: str = "CartPole-v1",
    *,
    hidden_sizes: Annotated[tuple[int, ...], at_least(1)] = (64, 64),
    seed: Annotated[int, at_least(0)] = 0,
    num_envs: Annotated[int, at_least(1)] = 8,
    steps_per_epoch: Annotated[int, at_least(1)] = 1024,
    epochs: Annotated[int, at_least(1)] = 200,
    gamma: Annotated[float, between(0, 1)] = 0.99,
    lam: Annotated[float, between(0, 1)] = 0.97,
    delta: Annotated[float, POSITIVE] = 0.005,
    damping: Annotated[float, at_least(0)] = 0.1,
    cg_iters: Annotated[int, at_least(1)] = 10,
    backtrack_coeff: Annotated[float, inside(0, 1)] = 0.8,
    backtrack_iters: Annotated[int, at_least(1)] = 10,
    vf_lr: Annotated[float, POSITIVE] = 3e-3,
    train_v_iters: Annotated[int, at_least(0)] = 20,
    save_freq: Annotated[int, at_least(1)] = 10,
    output_dir: Path | None = None,
    resume: bool = False,
) -> ActorCritic:
    """Train an agent with trust region policy optimisation.

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
        delta: limit of the divergence of an update, in nats, > 0.
        damping: added to the diagonal of the Fisher matrix, >= 0.
        cg_iters: rounds of conjugate gradients, >= 1.
        backtrack_coeff: factor by which the line search shortens a step, in (0, 1).
        backtrack_iters: lengths that it tries before it gives up, >= 1.
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
    v_optimizer = torch.optim.Adam(ac.v.parameters(), lr=vf_lr, fused=True)

    for _ in run.epochs(ac, envs, v_optimizer=v_optimizer):
        batch = rollout(ac, envs, steps_per_epoch // num_envs)
        data = estimate(ac.v, batch, gamma, lam)
        g = policy_gradient(ac.pi, data)
        step = natural_step(ac.pi, data.obs, g, delta, damping, cg_iters)
        policy = line_search(ac.pi, data, step, delta, backtrack_coeff, backtrack_iters)
        values = update_value(ac.v, v_optimizer, data, train_v_iters)
        run.log({**policy, "GradNorm": g.norm().item(), **values})
    return ac
