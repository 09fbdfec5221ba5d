# tests/book/ranks.py: generated from book/depth/parallel.md; edit the chapter. sha256:2ef695c463a8e039
"""Ranks for tests: threads of one process that take turns."""

import copy
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch

from spinup_lit.machinery import mpi, training


class Turns:
    """Where so many ranks meet that are threads of one process; one runs at a time."""

    def __init__(self, ranks: int) -> None:
        self.brought: list[dict[int, Any]] = []  # for each meeting, by rank
        self.running, self.turn = list(range(ranks)), 0
        self.error: BaseException | None = None
        self.changed = threading.Condition()

    def wait(self, rank: int) -> None:
        """Wait until it is this rank's turn."""
        with self.changed:
            self.changed.wait_for(lambda: self.turn == rank or self.error)
        if self.error:
            raise RuntimeError("another rank has failed")

    def hand_over(self, rank: int, leave: bool = False) -> None:
        """Give the turn to the next rank that still runs."""
        with self.changed:
            later = [r for r in self.running if r > rank] + self.running
            self.turn = later[0]
            if leave:
                self.running.remove(rank)
            self.changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """End all ranks, because one of them has failed."""
        with self.changed:
            self.error = self.error or error
            self.changed.notify_all()


class Rank:
    """The communicator of one of them."""

    def __init__(self, turns: Turns, rank: int, ranks: int) -> None:
        self.turns, self.rank, self.ranks, self.meetings = turns, rank, ranks, 0

    def Get_rank(self) -> int:
        return self.rank

    def Get_size(self) -> int:
        return self.ranks

    def allgather(self, mine: Any) -> list[Any]:
        if self.meetings == len(self.turns.brought):
            self.turns.brought.append({})
        brought = self.turns.brought[self.meetings]
        self.meetings += 1
        brought[self.rank] = copy.deepcopy(mine)
        stream = torch.get_rng_state()
        self.turns.hand_over(self.rank)
        self.turns.wait(self.rank)
        torch.set_rng_state(stream)
        if len(brought) < self.ranks:
            raise RuntimeError(f"rank {self.rank} waits, and the others have left")
        return [copy.deepcopy(brought[rank]) for rank in range(self.ranks)]

    def Bcast(self, array: np.ndarray, root: int) -> None:
        array[...] = self.allgather(array)[root]

    def Allreduce(self, mine: np.ndarray, total: np.ndarray) -> None:
        total[...] = sum(self.allgather(mine))


def on_ranks(ranks: int, work: Callable[[], Any]) -> list[Any]:
    """What some work returns on each of so many ranks, which take turns."""
    turns, results = Turns(ranks), dict[int, Any]()

    def be(rank: int) -> None:
        try:
            turns.wait(rank)
            with mpi.use(Rank(turns, rank, ranks)):
                results[rank] = work()
            turns.hand_over(rank, leave=True)
        except BaseException as error:
            turns.fail(error)

    threads = [threading.Thread(target=be, args=(rank,)) for rank in range(ranks)]
    with torch.random.fork_rng(devices=()):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if turns.error:
        raise turns.error
    return [results[rank] for rank in range(ranks)]


def frozen_share(module: ModuleType) -> Any:
    """This rank's share of a batch of 32 steps in 8 environments, always the same."""
    rng = np.random.default_rng(0)
    T, N = 32, 8
    batch = module.Batch(
        obs=rng.normal(size=(T, N, 4)).astype(np.float32),
        act=rng.integers(3, size=(T, N)),
        rew=rng.normal(size=(T, N)),
        next_obs=rng.normal(size=(T, N, 4)).astype(np.float32),
        terminated=rng.random((T, N)) < 0.1,
        truncated=rng.random((T, N)) < 0.1,
    )
    n = N // mpi.num_procs()
    mine = slice(n * mpi.proc_id(), n * (mpi.proc_id() + 1))
    return module.Batch(*(column[:, mine] for column in batch))


def one_and_two(work: Callable[[], tuple[Any, Any]]) -> list[np.ndarray]:
    """What some work leaves on one rank, and on two: parameters, and what is logged.

    Args:
        work: returns all parameters as a vector, and the row that it would log.
    """

    def whole() -> np.ndarray:
        vector, row = work()
        return np.append(np.asarray(vector), [*training.over_ranks(row).values()])

    (one,), (first, second) = on_ranks(1, whole), on_ranks(2, whole)
    np.testing.assert_array_equal(first, second, "the ranks have drifted apart")
    return [one, first]
