# spinup_lit/trpo.py: generated from book/algorithms/trpo.md; edit the chapter. sha256:b1277439e489189b
"""Trust region policy optimisation with generalised advantage estimation.

From top to bottom: networks, rollout, advantages, the step, updates, training.
"""

import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

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

from spinup_lit import mpi, require
from spinup_lit.envs import EnvBatch, make
from spinup_lit.logger import Checkpoint, Logger, Row, summary


def mlp(sizes: list[int]) -> nn.Sequential:
    """A multilayer perceptron: linear layers of these widths with tanh in between."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.Tanh()]
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


class Critic(nn.Module):
    """A network that estimates the value of an observation."""

    def __init__(self, obs_dim: int, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.v = mlp([obs_dim, *hidden_sizes, 1])

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        """One value per observation: (..., obs_dim) to (...)."""
        return self.v(obs).squeeze(-1)


class ActorCritic(nn.Module):
    """The policy `pi` and its value function `v`, two networks that share nothing."""

    def __init__(
        self, obs_space: Box, act_space: Box | Discrete, hidden_sizes: tuple[int, ...]
    ):
        super().__init__()
        obs_dim = obs_space.shape[0]
        self.pi: nn.Module
        if isinstance(act_space, Discrete):
            self.pi = CategoricalActor(obs_dim, int(act_space.n), hidden_sizes)
        else:
            self.pi = GaussianActor(obs_dim, act_space.shape[0], hidden_sizes)
        self.v = Critic(obs_dim, hidden_sizes)


class Batch(NamedTuple):
    """What T steps of N environments gave: arrays (T, N, ...)."""

    obs: np.ndarray
    act: np.ndarray
    rew: np.ndarray
    next_obs: np.ndarray  # where an episode ended: its true last observation
    terminated: np.ndarray
    truncated: np.ndarray


@torch.inference_mode()
def rollout(pi: nn.Module, envs: EnvBatch, steps: int) -> Batch:
    """Let the policy act for this many steps, from where the environments stand."""
    rows = []
    for _ in range(steps):
        obs = envs.obs
        act = pi(torch.from_numpy(obs)).sample().numpy()
        next_obs, rew, terminated, truncated = envs.step(act)
        rows.append((obs, act, rew, next_obs, terminated, truncated))
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
    adv = np.zeros_like(delta)
    later = np.zeros_like(delta[0])
    for t in reversed(range(len(delta))):
        later = delta[t] + carry[t] * later
        adv[t] = later
    return adv


def normalise(adv: np.ndarray) -> np.ndarray:
    """Shift and scale the advantages of all ranks to mean 0 and deviation 1."""
    mean, std = mpi.mean_and_std(adv)
    return (adv - mean) / (std + 1e-8)


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
) -> Row:
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
        "Entropy": mpi.avg(old.entropy().mean().item()),
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


def update_value(
    v: nn.Module, optimizer: torch.optim.Optimizer, data: Samples, iters: int
) -> Row:
    """Fit the value function to the returns with this many steps of regression.

    Returns:
        The loss before the first step, its change, which part of the returns was
        foreseen before it, and statistics of the new values.
    """
    with torch.no_grad():
        val = v(data.obs)
    before, foreseen = value_loss(val, data.ret), explained_variance(val, data.ret)
    for _ in range(iters):
        loss = value_loss(v(data.obs), data.ret)
        optimizer.zero_grad()
        loss.backward()
        mpi.avg_grads(v.parameters())
        optimizer.step()
    with torch.no_grad():
        val = v(data.obs)
    change = value_loss(val, data.ret) - before
    return {
        "LossV": mpi.avg(before.item()),
        "DeltaLossV": mpi.avg(change.item()),
        "ExplainedVariance": foreseen,
        **summary("VVals", mpi.gather(val.numpy())),
    }


def check_networks(ac: nn.Module, steps: int) -> None:
    """Raise a `UserError` if learning has made a parameter infinite or not a number.

    Args:
        ac: the networks, the same on all ranks.
        steps: how many steps the run has taken, for the message.
    """
    for name, x in ac.state_dict().items():
        require(
            bool(x.isfinite().all()),
            f"the parameters {name} are not finite any more after {steps:,} steps; "
            "training stops, and the last checkpoint stays as it is. Learning has "
            "diverged: try smaller learning rates, or rewards of a smaller size",
        )


def check_config(config: dict[str, Any], ranks: int) -> None:
    """Raise a `UserError` unless `trpo` can train with these arguments on these ranks.

    Args:
        config: the arguments of `trpo` by name.
        ranks: number of MPI ranks that will share the run.
    """
    for name in ("gamma", "lam"):
        x = config[name]
        require(0 <= x <= 1, f"{name} is {x}; it must lie between 0 and 1")
    for name in ("delta", "vf_lr"):
        x = config[name]
        require(0 < x < float("inf"), f"{name} is {x}; it must be a positive number")
    x = config["damping"]
    require(0 <= x < float("inf"), f"damping is {x}; it must be a number, at least 0")
    x = config["backtrack_coeff"]
    require(0 < x < 1, f"backtrack_coeff is {x}; it must be above 0 and below 1")
    counts = ("num_envs", "steps_per_epoch", "epochs", "save_freq")
    for name in (*counts, "cg_iters", "backtrack_iters"):
        x = config[name]
        require(x >= 1, f"{name} is {x}; it must be at least 1")
    for name in ("seed", "train_v_iters"):
        x = config[name]
        require(x >= 0, f"{name} is {x}; it must not be negative")
    hidden_sizes = config["hidden_sizes"]
    require(
        all(width >= 1 for width in hidden_sizes),
        f"hidden_sizes is {hidden_sizes}; every layer needs at least one unit",
    )
    num_envs, steps = config["num_envs"], config["steps_per_epoch"]
    require(
        num_envs % ranks == 0,
        f"num_envs is {num_envs}, which {ranks} ranks cannot share equally; "
        f"{-(-num_envs // ranks) * ranks} would do",
    )
    require(
        steps % num_envs == 0,
        f"steps_per_epoch is {steps}, which {num_envs} environments cannot share "
        f"equally; {-(-steps // num_envs) * num_envs} would do",
    )
    make(config["env"]).close()


def trpo(
    env: str = "CartPole-v1",
    *,
    hidden_sizes: tuple[int, ...] = (64, 64),
    seed: int = 0,
    num_envs: int = 8,
    steps_per_epoch: int = 1024,
    epochs: int = 200,
    gamma: float = 0.99,
    lam: float = 0.97,
    delta: float = 0.005,
    damping: float = 0.1,
    cg_iters: int = 10,
    backtrack_coeff: float = 0.8,
    backtrack_iters: int = 10,
    vf_lr: float = 3e-3,
    train_v_iters: int = 20,
    save_freq: int = 10,
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
            written or printed. (`launch.start` adds a config.json.)
        resume: continue the run in output_dir from its checkpoint.

    Returns:
        The trained networks.

    Raises:
        UserError: an argument is out of range, the environment is not supported, or
            something in mid-run is infinite or not a number.
    """
    check_config(dict(locals()), mpi.num_procs())  # first: the arguments, no more
    torch.set_num_threads(1)  # small networks: more threads only wait for each other
    stream = np.random.SeedSequence([seed, 1 + mpi.proc_id()])
    torch.manual_seed(int(stream.generate_state(1, np.uint64)[0]))
    envs = EnvBatch(env, num_envs, seed)
    ac = ActorCritic(envs.obs_space, envs.act_space, hidden_sizes)
    mpi.sync_params(ac)
    v_optimizer = torch.optim.Adam(ac.v.parameters(), lr=vf_lr, fused=True)
    shared = {"ac": ac, "v_optimizer": v_optimizer}
    checkpoint = Checkpoint(output_dir, shared, local={"envs": envs})
    done, seconds = checkpoint.load() if resume else (0, 0.0)
    start = time.monotonic() - seconds

    with Logger(output_dir, epochs, done) as logger:
        for epoch in range(done, epochs):
            batch = rollout(ac.pi, envs, steps_per_epoch // num_envs)
            data = estimate(ac.v, batch, gamma, lam)
            g = policy_gradient(ac.pi, data)
            step = natural_step(ac.pi, data.obs, g, delta, damping, cg_iters)
            policy_row = line_search(
                ac.pi, data, step, delta, backtrack_coeff, backtrack_iters
            )
            policy_row["GradNorm"] = g.norm().item()
            value_row = update_value(ac.v, v_optimizer, data, train_v_iters)
            check_networks(ac, envs.steps)

            ep_ret, ep_len = envs.recent_episodes()
            seconds = time.monotonic() - start
            logger.log(
                {
                    "Epoch": epoch,
                    **summary("EpRet", ep_ret),
                    "EpLen": float(ep_len.mean()) if ep_len.size else float("nan"),
                    "TotalEnvInteracts": envs.steps,
                    **policy_row,
                    **value_row,
                    "Time": seconds,
                }
            )
            if (epoch + 1) % save_freq == 0 or epoch + 1 == epochs:
                checkpoint.save(epoch + 1, seconds)
    return ac
