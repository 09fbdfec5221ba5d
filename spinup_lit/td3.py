# spinup_lit/td3.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:efa9d8587acd7912
"""Twin delayed DDPG: two critics, a slower policy, smoothed targets.

From top to bottom: networks, replay, targets, losses, updates, training.
"""

from copy import deepcopy
from itertools import pairwise
from math import nan
from pathlib import Path
from typing import Annotated, NamedTuple, cast

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from torch import nn

from spinup_lit.machinery import mpi
from spinup_lit.machinery.arguments import POSITIVE, at_least, between, checked
from spinup_lit.machinery.device import (
    Found,
    Mirror,
    adam,
    check_device,
    put,
    recorded,
    settle,
)
from spinup_lit.machinery.envs import (
    EnvBatch,
    check_batch,
    check_bounded,
    random_actions,
)
from spinup_lit.machinery.offpolicy import Examiner, check_bouts, check_replay
from spinup_lit.machinery.training import Agent, Measured, Training


def mlp(sizes: list[int], curved: type[nn.Module] = nn.Tanh) -> nn.Sequential:
    """A multilayer perceptron: linear layers of these widths, curved in between."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), curved()]
    return nn.Sequential(*layers[:-1])


class Bounds(nn.Module):
    """Numbers from -1 to 1, spread over the range of each part of an action."""

    def __init__(self, space: Box):
        super().__init__()
        low, high = torch.from_numpy(space.low), torch.from_numpy(space.high)
        self.centre: torch.Tensor = nn.Buffer((high / 2 + low / 2).float())
        self.reach: torch.Tensor = nn.Buffer((high / 2 - low / 2).float())

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        """From [-1, 1] to the bounds, Eq. (ddpg-bounds)."""
        return self.centre + self.reach * u

    def unit(self, act: torch.Tensor) -> torch.Tensor:
        """The inverse: from the bounds to [-1, 1]."""
        return (act - self.centre) / self.reach

    def noisy(self, act: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """An action and some noise, in multiples of half the range, kept in bounds."""
        u: torch.Tensor = self(torch.clamp(self.unit(act) + noise, -1, 1))
        return u


class Actor(nn.Module):
    """A policy without dice: each observation has its action, within the bounds."""

    def __init__(self, obs_dim: int, bounds: Bounds, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.u = mlp([obs_dim, *hidden_sizes, len(bounds.centre)], nn.ReLU)
        self.bounds = bounds

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        """The action at each observation: (B, obs_dim) to (B, act_dim)."""
        act: torch.Tensor = self.bounds(torch.tanh(self.u(obs)))
        return act


class Critic(nn.Module):
    """A network that estimates the value of an action at an observation."""

    def __init__(self, obs_dim: int, bounds: Bounds, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.q = mlp([obs_dim + len(bounds.centre), *hidden_sizes, 1], nn.ReLU)
        self.bounds = bounds

    def forward(self, obs: torch.Tensor, act: torch.Tensor) -> torch.Tensor:
        """One value per row: (B, obs_dim) and (B, act_dim) to (B,)."""
        both = torch.cat([obs, self.bounds.unit(act)], -1)
        return torch.squeeze(self.q(both), -1)


class Twins(nn.Module):
    """Two critics of the same form, which begin with other parameters."""

    def __init__(self, obs_dim: int, bounds: Bounds, hidden_sizes: tuple[int, ...]):
        super().__init__()
        self.q1 = Critic(obs_dim, bounds, hidden_sizes)
        self.q2 = Critic(obs_dim, bounds, hidden_sizes)

    def forward(self, obs: torch.Tensor, act: torch.Tensor) -> torch.Tensor:
        """The opinions of both: (B, obs_dim) and (B, act_dim) to (2, B)."""
        return torch.stack([self.q1(obs, act), self.q2(obs, act)])


class ActorCritic(Agent):
    """The policy `pi`, its critics `q`, and a slow copy of each."""

    def __init__(
        self,
        obs_space: Box,
        act_space: Box,
        hidden_sizes: tuple[int, ...],
        act_noise: float,
    ):
        super().__init__()
        obs_dim, self.bounds = obs_space.shape[0], Bounds(act_space)
        self.pi = Actor(obs_dim, self.bounds, hidden_sizes)
        self.q = Twins(obs_dim, self.bounds, hidden_sizes)
        self.pi_target = deepcopy(self.pi).requires_grad_(False)
        self.q_target = deepcopy(self.q).requires_grad_(False)
        self.act_noise = act_noise
        self.updates: torch.Tensor = nn.Buffer(torch.tensor(0))

    @torch.inference_mode()
    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray:
        """The policy's action for each observation, (N, obs_dim), mostly with noise."""
        act: torch.Tensor = self.pi(put(obs, self))
        if not deterministic:
            act = self.bounds.noisy(act, self.act_noise * torch.randn_like(act))
        return act.cpu().numpy()

    @torch.inference_mode()
    def value(self, obs: np.ndarray) -> np.ndarray:
        """What the agent expects to earn from each observation on, (N,)."""
        x = put(obs, self)
        val: torch.Tensor = self.q(x, self.pi(x))
        return val.amin(0).cpu().numpy()


class Transitions(NamedTuple):
    """Steps of the past, in no order: columns of B rows."""

    obs: torch.Tensor  # (B, obs_dim)
    act: torch.Tensor  # (B,) or (B, act_dim)
    next_obs: torch.Tensor  # (B, obs_dim); where an episode ended: its true last one
    rew: torch.Tensor  # (B,)
    terminated: torch.Tensor  # (B,) bool; what was only truncated is not


class Replay:
    """The latest transitions; a new one takes the place of the oldest.

    Args:
        size: how many it holds.
        obs_space, act_space: the spaces of what it holds.
    """

    def __init__(self, size: int, obs_space: Box, act_space: Box | Discrete):
        obs, act = obs_space.shape, act_space.shape or ()
        kind = torch.float32 if act else torch.int64
        self.size, self.total = size, 0  # places, and rows ever added
        self.rows = Transitions(
            obs=torch.zeros(size, *obs),
            act=torch.zeros(size, *act, dtype=kind),
            next_obs=torch.zeros(size, *obs),
            rew=torch.zeros(size),
            terminated=torch.zeros(size, dtype=torch.bool),
        )
        self.near = Mirror(self)  # on a CPU these rows, on a GPU a copy

    def add(self, *columns: np.ndarray) -> None:
        """Add a row for each environment; row i goes to place i modulo `size`."""
        new = self.total + torch.arange(len(columns[0]))
        for column, x in zip(self.rows, columns):
            column[new % self.size] = torch.from_numpy(x).to(column.dtype)
        self.total += len(new)

    def sample(self, n: int) -> Transitions:
        """Draw n of the rows, each time any of them."""
        which = self.near.draw(n)
        return Transitions(*(x.index_select(0, which) for x in self.near.rows))

    def state_dict(self) -> dict[str, int]:
        """How many rows there were; a checkpoint keeps the rows themselves apart."""
        return {"total": self.total}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Count as many rows; `Segments.load` fills them in."""
        self.total = state["total"]


def collect(
    agent: Agent, envs: EnvBatch, replay: Replay, steps: int, start_steps: int
) -> None:
    """Take so many steps in every environment; the first of a run are random ones."""
    for _ in range(steps):
        obs = envs.obs
        if envs.steps < start_steps:
            act = random_actions(envs.act_space, envs.num_envs)
        else:
            act = agent.act(obs)
        next_obs, rew, terminated, _ = envs.step(act)
        replay.add(obs, act, next_obs, rew, terminated)
    replay.near.send()


def bellman(
    rew: torch.Tensor, terminated: torch.Tensor, next_val: torch.Tensor, gamma: float
) -> torch.Tensor:
    """One reward, and the value of what follows unless nothing does, Eq. (dqn-target)."""
    return rew + gamma * next_val * ~terminated


def smooth(
    ac: ActorCritic, act: torch.Tensor, target_noise: float, noise_clip: float
) -> torch.Tensor:
    """Actions (B, act_dim) near these, kept in bounds, Eq. (td3-smoothing)."""
    noise = target_noise * torch.randn_like(act)
    return ac.bounds.noisy(act, noise.clamp(-noise_clip, noise_clip))


@torch.no_grad()
def target(
    ac: ActorCritic,
    data: Transitions,
    gamma: float,
    target_noise: float,
    noise_clip: float,
) -> torch.Tensor:
    """What the value of each action taken should have been, Eq. (td3-target)."""
    next_act = smooth(ac, ac.pi_target(data.next_obs), target_noise, noise_clip)
    next_val = ac.q_target(data.next_obs, next_act).amin(0)
    return bellman(data.rew, data.terminated, next_val, gamma)


def critic_loss(q: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean squared errors of both critics (2, B), added up, Eq. (td3-critic-loss)."""
    return ((q - y) ** 2).mean(-1).sum()


def actor_loss(q: torch.Tensor) -> torch.Tensor:
    """Minus what the critic thinks of the policy's actions, (B,), Eq. (ddpg-actor-loss)."""
    return -q.mean()


def descend(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> torch.Tensor:
    """One step down the gradient, averaged over ranks; return the gradient's length.

    Nothing but the parameters of this optimiser gets a gradient.
    """
    params = optimizer.param_groups[0]["params"]
    optimizer.zero_grad()
    loss.backward(inputs=params)
    mpi.avg_grads(params)
    norm = nn.utils.get_total_norm([p.grad for p in params])
    optimizer.step()
    return norm


@torch.no_grad()
def track(target: nn.Module, source: nn.Module, polyak: float) -> None:
    """Let the parameters of one network follow those of another, Eq. (dqn-polyak)."""
    for slow, fast in zip(target.parameters(), source.parameters()):
        slow.lerp_(fast, 1 - polyak)


def update(
    ac: ActorCritic,
    pi_optimizer: torch.optim.Optimizer,
    q_optimizer: torch.optim.Optimizer,
    data: Transitions,
    gamma: float,
    polyak: float,
    target_noise: float,
    noise_clip: float,
    policy_turn: bool,
) -> Found:
    """One step of the critics towards their targets; now and then one of the policy."""
    y = target(ac, data, gamma, target_noise, noise_clip)
    q = ac.q(data.obs, data.act)
    loss_q = critic_loss(q, y)
    norm_q = descend(q_optimizer, loss_q)
    row = {
        "QVals": q.detach().flatten(),
        "LossQ": loss_q.detach(),
        "GradNormQ": norm_q,
    }
    ac.updates += 1
    if not policy_turn:
        unknown = torch.full_like(norm_q, nan)
        return {**row, "LossPi": unknown, "GradNormPi": unknown}
    loss_pi = actor_loss(ac.q.q1(data.obs, ac.pi(data.obs)))
    norm_pi = descend(pi_optimizer, loss_pi)
    track(ac.q_target, ac.q, polyak)
    track(ac.pi_target, ac.pi, polyak)
    return {**row, "LossPi": loss_pi.detach(), "GradNormPi": norm_pi}


def over_updates(rows: list[Found]) -> Measured:
    """Join the vectors that several updates returned, and average the numbers.

    A number that an update did not measure, a NaN, does not count.
    """
    columns: Measured = {"Updates": len(rows)}
    for name, first in rows[0].items():
        values = torch.stack([row[name] for row in rows]).cpu().numpy()
        known = values[~np.isnan(values)].astype(np.float64)
        mean = float(known.mean()) if known.size else nan
        columns[name] = values.ravel() if first.ndim else mean
    return columns


@checked(check_device, check_batch, check_bounded, check_replay, check_bouts)
def td3(
    env: str = "Pendulum-v1",
    *,
    hidden_sizes: Annotated[tuple[int, ...], at_least(1)] = (256, 256),
    seed: Annotated[int, at_least(0)] = 0,
    num_envs: Annotated[int, at_least(1)] = 1,
    steps_per_epoch: Annotated[int, at_least(1)] = 1000,
    epochs: Annotated[int, at_least(1)] = 20,
    gamma: Annotated[float, between(0, 1)] = 0.99,
    polyak: Annotated[float, between(0, 1)] = 0.995,
    pi_lr: Annotated[float, POSITIVE] = 1e-3,
    q_lr: Annotated[float, POSITIVE] = 1e-3,
    replay_size: Annotated[int, at_least(1)] = 1_000_000,
    batch_size: Annotated[int, at_least(1)] = 64,
    start_steps: Annotated[int, at_least(0)] = 1000,
    act_noise: Annotated[float, at_least(0)] = 0.1,
    target_noise: Annotated[float, at_least(0)] = 0.2,
    noise_clip: Annotated[float, at_least(0)] = 0.5,
    policy_delay: Annotated[int, at_least(1)] = 2,
    update_after: Annotated[int, at_least(0)] = 1000,
    update_every: Annotated[int, at_least(1)] = 1,
    update_ratio: Annotated[float, POSITIVE] = 1.0,
    num_test_episodes: Annotated[int, at_least(1)] = 10,
    save_freq: Annotated[int, at_least(1)] = 10,
    device: str = "cpu",
    output_dir: Path | None = None,
    resume: bool = False,
) -> ActorCritic:
    """Train an agent with twin delayed DDPG.

    Args:
        env: Gymnasium id of the environment; its observations must be vectors, its
            actions vectors with finite bounds.
        hidden_sizes: widths of the hidden layers of all networks.
        seed: fixes all randomness; the same seed gives the same run.
        num_envs: environments that run side by side, on all ranks together.
        steps_per_epoch: interactions between two rows of the log, in all environments
            together.
        epochs: the run takes epochs * steps_per_epoch steps.
        gamma: discount factor, in [0, 1].
        polyak: part of a target network that stays in each update, in [0, 1].
        pi_lr: learning rate of the policy, > 0.
        q_lr: learning rate of the critic, > 0.
        replay_size: transitions that are remembered, on all ranks together.
        batch_size: transitions in an update, on all ranks together.
        start_steps: first actions of the run, which are random.
        act_noise: standard deviation of the noise of exploration, >= 0, as part of half
            the range of an action.
        target_noise: standard deviation of the noise in targets, >= 0, likewise.
        noise_clip: largest noise in targets, >= 0, likewise.
        policy_delay: updates of the critics for one of the policy and the targets.
        update_after: steps before the first update.
        update_every: steps between two bouts of updates.
        update_ratio: updates for each step; in a bout, a whole number of them.
        num_test_episodes: episodes at the end of each epoch, played by the mode.
        save_freq: epochs between two checkpoints; the last epoch always has one.
        device: where the agent learns: cpu, cuda or cuda:N, one rank only; untested on a
            GPU. Only on a CPU does a resumed run go on bit for bit.
        output_dir: folder for progress.txt, checkpoint.pt and the rows of the replay
            buffer; without one, nothing is written. (`launch.start` adds a config.json.)
        resume: continue the run in output_dir from its checkpoint.

    Returns:
        The trained networks.

    Raises:
        UserError: an argument is out of range, the environment is not supported, or
            something in mid-run is infinite or not a number.
    """
    run = Training(output_dir, seed, epochs, save_freq, resume)
    envs = EnvBatch(env, num_envs, seed)
    act_space = cast(Box, envs.act_space)
    ac = ActorCritic(envs.obs_space, act_space, hidden_sizes, act_noise)
    replay = Replay(replay_size // mpi.num_procs(), envs.obs_space, act_space)
    settle(ac, replay.near, device)
    pi_optimizer = adam(ac.pi.parameters(), pi_lr)
    q_optimizer = adam(ac.q.parameters(), q_lr)
    examiner = Examiner(env, num_test_episodes, seed)
    size, number = batch_size // mpi.num_procs(), round(update_every * update_ratio)
    optimizers = {"pi_optimizer": pi_optimizer, "q_optimizer": q_optimizer}

    @recorded(device)
    def learn(policy_turn: bool) -> Found:
        return update(
            ac,
            pi_optimizer,
            q_optimizer,
            replay.sample(size),
            gamma,
            polyak,
            target_noise,
            noise_clip,
            policy_turn,
        )

    for epoch in run.epochs(ac, envs, replay, **optimizers):
        rows = []
        for _ in range(steps_per_epoch // update_every):
            collect(ac, envs, replay, update_every // num_envs, start_steps)
            if envs.steps >= update_after:
                first = int(ac.updates) + 1
                for i in range(first, first + number):
                    rows.append(learn(i % policy_delay == 0))
        run.log({**over_updates(rows), **examiner.test(ac, epoch, gamma)})
    return ac
