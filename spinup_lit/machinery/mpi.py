# spinup_lit/machinery/mpi.py: generated from book/depth/parallel.md; edit the chapter. sha256:03cbb3823bf7d637
"""One training run on several processes, with or without MPI.

All functions that exchange data are collective: every rank calls them, in the same
order. A process that is alone never imports MPI, and they are then the identity.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from spinup_lit.machinery.errors import UserError, require

T = TypeVar("T")


@cache
def _world() -> Any:
    """The communicator of all ranks, or None when this process is alone."""
    names = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")  # set by MPICH, by Open MPI
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    told = ", ".join(f"{name}={size}" for name, size in given.items())
    require(
        all(size.isdecimal() for size in given.values()),
        f"the environment says {told}; that must be a number of ranks, or not be set",
    )
    started = max((int(size) for size in given.values()), default=1)
    if started <= 1:
        return None
    from mpi4py import MPI  # only a rank of several needs an MPI library

    found = MPI.COMM_WORLD.Get_size()
    require(
        found == started,
        f"the environment says {told}, as mpiexec tells each of {started} ranks, but "
        f"mpi4py sees {found}. Without mpiexec, unset it; with it, the two belong to "
        "different MPI libraries, and `pip install mpich mpi4py` brings matching ones",
    )
    return MPI.COMM_WORLD


_in_place: ContextVar[Any] = ContextVar("communicator")


@contextmanager
def use(comm: Any) -> Iterator[None]:
    """Let this thread meet others through a communicator, instead of MPI's own.

    Args:
        comm: has Get_rank, Get_size, Bcast, Allreduce and allgather, as those of mpi4py;
            None: be alone.
    """
    token = _in_place.set(comm)
    try:
        yield
    finally:
        _in_place.reset(token)


def _comm() -> Any:
    """The communicator in place here, by default that of all ranks; None when alone."""
    comm = _in_place.get(...)
    return _world() if comm is ... else comm


def proc_id() -> int:
    """The rank of this process: 0, ..., `num_procs()` - 1."""
    return _comm().Get_rank() if _comm() else 0


def num_procs() -> int:
    """The number of ranks that share this run."""
    return _comm().Get_size() if _comm() else 1


def sync_params(module: nn.Module) -> None:
    """Overwrite the parameters and buffers of every rank with those of rank 0."""
    if _comm():
        for tensor in module.state_dict().values():
            _comm().Bcast(tensor.numpy(), root=0)


def avg_vector(x: torch.Tensor) -> torch.Tensor:
    """The mean of a vector over the ranks, Eq. (mpi-average)."""
    if not _comm():
        return x
    total = torch.empty_like(x)
    _comm().Allreduce(x.numpy(), total.numpy())
    return total / num_procs()


def avg_grads(params: Iterable[nn.Parameter]) -> None:
    """Make gradients their mean over the ranks, in one flat vector."""
    if not _comm():
        return
    grads = [p.grad for p in params if p.grad is not None]
    flat = avg_vector(torch.cat([grad.flatten() for grad in grads]))
    for grad, part in zip(grads, flat.split([grad.numel() for grad in grads])):
        grad.copy_(part.view_as(grad))


def gather_objects(x: T) -> list[T]:
    """What each rank passed in, in the order of the ranks."""
    return _comm().allgather(x) if _comm() else [x]


def gather(x: np.ndarray) -> np.ndarray:
    """The arrays of all ranks, joined along the first axis in the order of ranks."""
    return np.concatenate(gather_objects(x))


def avg(x: float) -> float:
    """The mean of a number over the ranks."""
    return sum(gather_objects(x)) / num_procs()


def mean_and_std(x: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation over all ranks, Eq. (mpi-mean-and-std)."""
    x = x.astype(np.float64)
    count, total = map(sum, zip(*gather_objects((x.size, x.sum())), strict=True))
    mean = float(total / count)
    squares = sum(gather_objects(np.square(x - mean).sum()))
    return mean, float(squares / count) ** 0.5


def cores() -> int:
    """The number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """Let signals that would end this process raise SystemExit for a while."""

    def stop(number: int, _: object) -> None:
        sys.exit(128 + number)

    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    ours = [n for n in numbers if n and signal.getsignal(n) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def launch(ranks: int, args: Sequence[str]) -> int:
    """Run `python ARGS` as this many ranks; return the exit status of the run.

    The ranks end with it, at most a fraction of a second later, whether it returns or
    raises: on Ctrl-C KeyboardInterrupt, on SIGTERM or SIGHUP SystemExit.

    Raises:
        UserError: there is no `mpiexec` to start the ranks.
    """
    beside_python = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(beside_python) if beside_python.exists() else shutil.which("mpiexec")
    if mpiexec is None:
        raise UserError(
            f"{ranks} ranks need the program mpiexec; `pip install mpich` brings it"
        )
    # `-m mpi4py` ends all ranks when one of them fails; else the others wait forever.
    command = [mpiexec, "-n", str(ranks), sys.executable, "-m", "mpi4py", *args]
    with _signals_as_exceptions():
        # In a session of its own, it does not hear a Ctrl-C at the terminal.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            status = process.wait()
        finally:
            process.kill()  # if it still runs; the ranks, cut off from it, die at once
            process.wait()
    status = status if status >= 0 else 128 - status  # as a shell counts signals
    if status:
        print(f"error: a rank failed, status {status}; all were ended", file=sys.stderr)
    return status
