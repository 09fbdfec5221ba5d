# spinup_lit/dqn.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:16546401d67797c9
"""Deep Q-learning: the value of every action, and the best of them.

From top to bottom: network, replay, targets, updates, training.
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
    set_rate,
    settle,
)
from spinup_lit.machinery.envs import (
    EnvBatch,
    check_batch,
    check_discrete,
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


class DeepQ(Agent):
    """A network that estimates the value of every action; the best one is taken."""

    epsilon = 0.0  # the probability of a random action instead

    def __init__(
        self, obs_space: Box, act_space: Discrete, hidden_sizes: tuple[int, ...]
    ):
        super().__init__()
        sizes = [obs_space.shape[0], *hidden_sizes, int(act_space.n)]
        self.q = mlp(sizes, nn.ReLU)
        self.q_target = deepcopy(self.q).requires_grad_(False)

    @torch.inference_mode()
    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray:
        """Take the best action for each observation, (N, obs_dim), or now and then any."""
        val: torch.Tensor = self.q(put(obs, self))
        act = val.argmax(-1)
        if not deterministic:
            anything = torch.rand(len(obs), device=val.device) < self.epsilon
            act = torch.where(anything, torch.randint_like(act, val.shape[1]), act)
        return act.cpu().numpy()

    @torch.inference_mode()
    def value(self, obs: np.ndarray) -> np.ndarray:
        """What the agent expects to earn from each observation on, (N,)."""
        val: torch.Tensor = self.q(put(obs, self))
        return val.amax(-1).cpu().numpy()


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


def epsilon(steps: int, start_steps: int, decay_steps: int, end: float) -> float:
    """The probability of a random action, a line from 1 to `end`, Eq. (dqn-epsilon)."""
    passed = min(max(steps - start_steps, 0) / decay_steps, 1)
    return 1 - (1 - end) * passed


def bellman(
    rew: torch.Tensor, terminated: torch.Tensor, next_val: torch.Tensor, gamma: float
) -> torch.Tensor:
    """One reward, and the value of what follows unless nothing does, Eq. (dqn-target)."""
    return rew + gamma * next_val * ~terminated


@torch.no_grad()
def target(agent: DeepQ, data: Transitions, gamma: float) -> torch.Tensor:
    """What the value of each action taken should have been, Eq. (dqn-target)."""
    next_val = agent.q_target(data.next_obs).amax(-1)
    return bellman(data.rew, data.terminated, next_val, gamma)


def q_loss(q: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean squared error of the values (B,) against targets (B,), Eq. (dqn-loss)."""
    return ((q - y) ** 2).mean()


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
    agent: DeepQ,
    optimizer: torch.optim.Optimizer,
    data: Transitions,
    gamma: float,
    polyak: float,
) -> Found:
    """One step towards the targets."""
    y = target(agent, data, gamma)
    q = agent.q(data.obs).gather(-1, data.act[:, None]).squeeze(-1)
    loss = q_loss(q, y)
    norm = descend(optimizer, loss)
    track(agent.q_target, agent.q, polyak)
    return {"QVals": q.detach(), "LossQ": loss.detach(), "GradNormQ": norm}


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


@checked(check_device, check_batch, check_discrete, check_replay, check_bouts)
def dqn(
    env: str = "CartPole-v1",
    *,
    hidden_sizes: Annotated[tuple[int, ...], at_least(1)] = (128, 128),
    seed: Annotated[int, at_least(0)] = 0,
    num_envs: Annotated[int, at_least(1)] = 1,
    steps_per_epoch: Annotated[int, at_least(1)] = 1000,
    epochs: Annotated[int, at_least(1)] = 50,
    gamma: Annotated[float, between(0, 1)] = 0.99,
    polyak: Annotated[float, between(0, 1)] = 0.98,
    lr: Annotated[float, POSITIVE] = 1e-3,
    lr_decay: Annotated[float, between(0, 1)] = 1.0,
    replay_size: Annotated[int, at_least(1)] = 100_000,
    batch_size: Annotated[int, at_least(1)] = 128,
    start_steps: Annotated[int, at_least(0)] = 1000,
    decay_steps: Annotated[int, at_least(1)] = 10_000,
    epsilon_end: Annotated[float, between(0, 1)] = 0.05,
    update_after: Annotated[int, at_least(0)] = 1000,
    update_every: Annotated[int, at_least(1)] = 4,
    update_ratio: Annotated[float, POSITIVE] = 1.0,
    num_test_episodes: Annotated[int, at_least(1)] = 10,
    save_freq: Annotated[int, at_least(1)] = 10,
    device: str = "cpu",
    output_dir: Path | None = None,
    resume: bool = False,
) -> DeepQ:
    """Train an agent with deep Q-learning.

    Args:
        env: Gymnasium id of the environment; its observations must be vectors, its
            actions numbered.
        hidden_sizes: widths of the hidden layers.
        seed: fixes all randomness; the same seed gives the same run.
        num_envs: environments that run side by side, on all ranks together.
        steps_per_epoch: interactions between two rows of the log, in all environments
            together.
        epochs: the run takes epochs * steps_per_epoch steps.
        gamma: discount factor, in [0, 1].
        polyak: part of the target network that stays in each update, in [0, 1].
        lr: learning rate, > 0.
        lr_decay: part of the learning rate that is lost by the end, in [0, 1].
        replay_size: transitions that are remembered, on all ranks together.
        batch_size: transitions in an update, on all ranks together.
        start_steps: first actions of the run that are random.
        decay_steps: steps after these in which the part of random actions falls.
        epsilon_end: the part of random actions that remains, in [0, 1].
        update_after: steps before the first update.
        update_every: steps between two bouts of updates.
        update_ratio: updates for each step; in a bout, a whole number of them.
        num_test_episodes: episodes without random actions at the end of each epoch.
        save_freq: epochs between two checkpoints; the last epoch always has one.
        device: where the agent learns: cpu, cuda or cuda:N, one rank only; untested on a
            GPU. Only on a CPU does a resumed run go on bit for bit.
        output_dir: folder for progress.txt, checkpoint.pt and the rows of the replay
            buffer; without one, nothing is written. (`launch.start` adds a config.json.)
        resume: continue the run in output_dir from its checkpoint.

    Returns:
        The trained network.

    Raises:
        UserError: an argument is out of range, the environment is not supported, or
            something in mid-run is infinite or not a number.
    """
    run = Training(output_dir, seed, epochs, save_freq, resume)
    envs = EnvBatch(env, num_envs, seed)
    agent = DeepQ(envs.obs_space, cast(Discrete, envs.act_space), hidden_sizes)
    replay = Replay(replay_size // mpi.num_procs(), envs.obs_space, envs.act_space)
    settle(agent, replay.near, device)
    optimizer = adam(agent.q.parameters(), lr)
    examiner = Examiner(env, num_test_episodes, seed)
    size, number = batch_size // mpi.num_procs(), round(update_every * update_ratio)

    @recorded(device)
    def learn() -> Found:
        return update(agent, optimizer, replay.sample(size), gamma, polyak)

    for epoch in run.epochs(agent, envs, replay, optimizer=optimizer):
        set_rate(optimizer, lr * (1 - lr_decay * epoch / epochs))
        rows = []
        for _ in range(steps_per_epoch // update_every):
            agent.epsilon = epsilon(envs.steps, start_steps, decay_steps, epsilon_end)
            collect(agent, envs, replay, update_every // num_envs, start_steps)
            if envs.steps >= update_after:
                rows += [learn() for _ in range(number)]
        run.log({**over_updates(rows), **examiner.test(agent, epoch, gamma)})
    return agent
