# spinup_lit/machinery/training.py: generated from book/machinery/training.md; edit the chapter. sha256:895d8f1a6aecdc8f
"""What every training run does besides learning, and who may look in on it."""

import fcntl
import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from spinup_lit.machinery import mpi
from spinup_lit.machinery.checkpoint import (
    Checkpoint,
    checkpoint_file,
    fitting,
    read_checkpoint,
)
from spinup_lit.machinery.envs import EnvBatch
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import Logger, Row, naming, summary
from spinup_lit.machinery.segments import Ring, Stateful


class Agent(nn.Module, ABC):
    """What a run trains. To watch it, nothing else need be known about it."""

    @abstractmethod
    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray:
        """Choose actions.

        Args:
            obs: observations, (N, obs_dim), float32.
            deterministic: take the likeliest action instead of a random one.

        Returns:
            An action for each observation: (N,) integers or (N, act_dim) floats.
        """


class Watcher:
    """Somebody who looks in on a run after each epoch.

    One of each class at a time: what they remember is kept by the name of the class.
    """

    def look(self, run: "Training") -> None:
        """See the run at the end of its present epoch, before it is saved."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """What this watcher needs to go on when the run is resumed."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""


_watchers: list[Watcher] = []


@contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Let somebody look in on the runs that are trained meanwhile in this process."""
    _watchers.append(by)
    try:
        yield
    finally:
        _watchers.remove(by)


class Watchers:
    """Those who are watching, as one part of a checkpoint."""

    def state_dict(self) -> dict[str, Any]:
        """The states of all of them, by class."""
        return {type(one).__name__: one.state_dict() for one in _watchers}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Give each who is here what it, or one of its class, had."""
        for one in _watchers:
            if type(one).__name__ in state:
                one.load_state_dict(state[type(one).__name__])


_loading = False


@contextmanager
def loading() -> Iterator[None]:
    """Let training functions only load the agent of a checkpoint, and write nothing."""
    global _loading
    _loading = True
    try:
        yield
    finally:
        _loading = False


SLOT = 16  # bytes in the lock file for each rank


def lock_slot(file: int, rank: int, run_dir: Path) -> None:
    """Lock the bytes of a rank in a file, until this process closes that file.

    Raises:
        UserError: another process holds them.
    """
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SLOT, SLOT * rank)
    except (BlockingIOError, PermissionError) as error:
        process = os.pread(file, SLOT, SLOT * rank).decode().strip()
        raise UserError(
            f"another process, number {process}, is training the run in {run_dir}; "
            "wait until it has ended, or end it"
        ) from error


@contextmanager
def writing(run_dir: Path | None) -> Iterator[None]:
    """Be the one process that trains a run, as the rank that this process is.

    Raises:
        UserError: another process trains it.
    """
    if run_dir is None:
        yield
        return
    path = run_dir / "lock"
    with naming(path):
        run_dir.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with naming(path):
            lock_slot(file, mpi.proc_id(), run_dir)
            number = f"{os.getpid():<{SLOT - 1}}\n".encode()
            os.pwrite(file, number, SLOT * mpi.proc_id())
        yield
    finally:
        os.close(file)


def check_unused(run_dir: Path) -> None:
    """Raise a `UserError` if a process, any rank, is training the run in this folder."""
    if not (run_dir / "lock").exists():
        return
    file = os.open(run_dir / "lock", os.O_RDWR)
    try:
        for rank in range(os.fstat(file).st_size // SLOT):
            lock_slot(file, rank, run_dir)
    finally:
        os.close(file)


def check_finite(agent: Agent, steps: int) -> None:
    """Raise a `UserError` if learning has made a parameter infinite or not a number.

    Args:
        agent: the agent, the same on all ranks.
        steps: how many steps the run has taken, for the message.
    """
    for name, x in agent.state_dict().items():
        require(
            bool(x.isfinite().all()),
            f"the parameters {name} are not finite any more after {steps:,} steps; "
            "training stops, and the last checkpoint stays as it is. Learning has "
            "diverged: try smaller learning rates, or rewards of a smaller size",
        )


Measured = dict[str, float | np.ndarray]  # what one rank has found in an epoch


def over_ranks(measured: Measured) -> Row:
    """Means of numbers over ranks, and four columns for each array of all ranks."""
    rows = mpi.gather_objects(measured)
    columns: Row = {}
    for name, mine in measured.items():
        values = [row[name] for row in rows]
        if isinstance(mine, np.ndarray):
            columns |= summary(name, np.concatenate(values))
        else:
            columns[name] = float(sum(values) / len(values))
    return columns


class Training:
    """What a run does besides learning: seeds, rows, checkpoints, and who looks in.

    Args:
        output_dir: folder of the run; None: write nothing.
        seed: fixes all randomness.
        epochs: how many the whole run has.
        save_freq: epochs between two checkpoints; the last epoch always has one.
        resume: go on from the checkpoint in `output_dir`.

    Attributes:
        total: epochs of the whole run.
        epoch: number of the present epoch, from 0.
        agent: what is trained.
        row: the columns of the latest epoch, the same on all ranks but for `Time`.
    """

    agent: Agent
    row: Row

    def __init__(
        self,
        output_dir: Path | None,
        seed: int,
        epochs: int,
        save_freq: int,
        resume: bool,
    ) -> None:
        torch.set_num_threads(1)  # in small networks more would wait for each other
        stream = np.random.SeedSequence([seed, 1 + mpi.proc_id()])
        torch.manual_seed(int(stream.generate_state(1, np.uint64)[0]))
        self.total, self.epoch = epochs, 0
        self._dir = Path(output_dir) if output_dir else None
        self._save_freq, self._resume = save_freq, resume
        if resume:
            checkpoint_file(self._dir)  # missed before anything is made or written

    def epochs(
        self, agent: Agent, envs: EnvBatch, replay: Ring | None = None, **kept: Stateful
    ) -> Iterator[int]:
        """Number the epochs that are to be trained, and look after the run between them.

        Args:
            agent: what is trained; all ranks get the parameters of rank 0.
            envs: where it acts; what differs between ranks.
            replay: what it remembers, if it does; what differs between ranks.
            kept: what else a checkpoint must hold, the same on all ranks.

        Raises:
            UserError: there is nothing to resume, something in the way, or another writer.
        """
        mpi.sync_params(agent)
        self.agent, self._envs = agent, envs
        if _loading:
            with fitting(self._dir, "agent"):
                agent.load_state_dict(read_checkpoint(self._dir)["agent"])
            return
        shared = {"agent": agent, **kept, "watchers": Watchers()}
        local = {"envs": envs} if replay is None else {"envs": envs, "replay": replay}
        checkpoint = Checkpoint(self._dir, shared, local)
        with writing(self._dir):
            done, seconds = checkpoint.load() if self._resume else (0, 0.0)
            self._logger = Logger(self._dir, done)
            self._start = time.monotonic() - seconds
            for epoch in range(done, self.total):
                self.epoch = epoch
                yield epoch
                self._show()
                if self.saves:
                    checkpoint.save(self.epoch + 1, time.monotonic() - self._start)

    @property
    def saves(self) -> bool:
        """Whether there is a checkpoint at the end of the present epoch."""
        done = self.epoch + 1
        return done % self._save_freq == 0 or done == self.total

    def log(self, measured: Measured) -> None:
        """End an epoch: check the agent, write a row. Collective.

        Args:
            measured: what this rank has found, by name: numbers, of which the mean over ranks
                is logged, and arrays, which become four columns over all ranks.

        Raises:
            UserError: a parameter of the agent is infinite or not a number.
        """
        check_finite(self.agent, self._envs.steps)
        ep_ret, ep_len = self._envs.recent_episodes()
        self.row = {
            "Epoch": self.epoch,
            **summary("EpRet", ep_ret),
            "EpLen": float(ep_len.mean()) if ep_len.size else math.nan,
            "TotalEnvInteracts": self._envs.steps,
            **over_ranks(measured),
            "Time": time.monotonic() - self._start,
        }
        self._logger.log(self.row)

    def _show(self) -> None:
        """Let everybody who watches look, and go on as if nobody had."""
        begin = time.monotonic()
        with torch.random.fork_rng(devices=()):
            for one in _watchers:
                one.look(self)
        self._start += time.monotonic() - begin
