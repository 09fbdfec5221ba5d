# spinup_lit/machinery/device.py: generated from book/machinery/gpu.md; edit the chapter. sha256:9984fc136885fb1e
"""Where an agent learns: on the processor, or on a GPU that repeats what it has recorded.

Untested on a GPU.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, TypeVarTuple

import numpy as np
import torch
from torch import nn

from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.segments import Ring

T = TypeVarTuple("T")

Found = dict[str, torch.Tensor]  # what an update has measured, by name


def records(where: torch.device) -> bool:
    """Whether updates are recorded there."""
    return where.type == "cuda"


def check_device(device: str, ranks: int) -> None:
    """Raise a `UserError` unless this is a device where a run can learn."""
    named = re.fullmatch(r"cpu|cuda(?::(\d+))?", device)
    if named is None:
        raise UserError(
            f"device is {device!r}; it must be cpu, cuda, or cuda:N with the number of a GPU"
        )
    if device == "cpu":
        return
    require(
        ranks == 1,
        f"device is {device}, and the run has {ranks} ranks; they average gradients "
        "between processors, which a GPU cannot record. Take one rank, or the cpu",
    )
    require(
        torch.backends.cuda.is_built(),
        f"device is {device}, and this PyTorch, {torch.__version__}, was built without "
        "CUDA; install one that was built with it, or take the cpu",
    )
    require(
        torch.cuda.is_available(),
        f"device is {device}, and PyTorch finds no GPU here that it can use; take the cpu",
    )
    number, count = int(named[1] or 0), torch.cuda.device_count()
    require(
        number < count,
        f"device is {device}; there are {count} GPUs here, numbered from 0",
    )


def in_main_memory(state: Any) -> Any:
    """The same dictionaries and lists, with their tensors in main memory."""
    match state:
        case torch.Tensor():
            return state.cpu()
        case dict():
            return {name: in_main_memory(x) for name, x in state.items()}
        case list():
            return [in_main_memory(x) for x in state]
    return state


def save_in_main_memory(_: nn.Module, state: dict[str, Any], *__: Any) -> None:
    """Bring what a module is about to save into main memory."""
    state.update(in_main_memory(dict(state)))


def settle(agent: nn.Module, near: "Mirror", device: str) -> None:
    """Move an agent to where it learns, and there the rows that it learns from.

    What is saved of it is in main memory.
    """
    agent.to(device)
    near.move(device)
    if records(torch.device(device)):
        agent.register_state_dict_post_hook(save_in_main_memory)


def put(x: np.ndarray, module: nn.Module) -> torch.Tensor:
    """An array, as a tensor where the parameters of a module are."""
    return torch.from_numpy(x).to(next(module.parameters()).device)


def adam(params: Iterable[nn.Parameter], lr: float) -> torch.optim.Adam:
    """Adam, fused into one operation; on a GPU in a form that can be recorded."""
    params = list(params)
    recording = records(params[0].device)
    optimizer = torch.optim.Adam(params, lr=lr, fused=True, capturable=recording)
    if recording:
        set_rate(optimizer, lr)
        optimizer.register_state_dict_post_hook(lambda _, state: in_main_memory(state))
    return optimizer


def set_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Change the learning rate; on a GPU in its place, where a recording reads it."""
    for group in optimizer.param_groups:
        where = group["params"][0].device
        if records(where):
            group["lr"] = torch.as_tensor(group["lr"], device=where).fill_(lr)
        else:
            group["lr"] = lr


class Mirror:
    """The rows of a ring, at the device where they are drawn: on a CPU the rows themselves.

    Args:
        ring: holds the rows, in main memory.

    Attributes:
        rows: what `draw` tells the places of.
    """

    def __init__(self, ring: Ring) -> None:
        self._ring, self._sent = ring, 0
        self.move("cpu")

    def move(self, device: str) -> None:
        """Be somewhere else."""
        self._records = records(torch.device(device))
        self.rows = [column.to(device) for column in self._ring.rows]
        self._filled = torch.zeros((), dtype=torch.int64, device=device)

    def send(self) -> None:
        """Copy the rows that are new since the last time. Not part of a recording."""
        if not self._records:
            return
        size, total = len(self.rows[0]), self._ring.total
        begin = max(self._sent, total - size)
        while begin < total:
            end = min(total, begin - begin % size + size)  # or where the ring is closed
            place = slice(begin % size, begin % size + end - begin)
            for there, here in zip(self.rows, self._ring.rows):
                there[place].copy_(here[place])
            begin = end
        self._sent = total
        self._filled.fill_(min(total, size))

    def draw(self, n: int) -> torch.Tensor:
        """The places of n rows, each time any of those that are there."""
        if not self._records:
            filled = min(self._ring.total, len(self.rows[0]))
            return torch.randint(filled, (n,))
        return torch.randint(1 << 62, (n,), device=self._filled.device) % self._filled


class Recording:
    """An update on a GPU: first as it is written, then recorded and repeated.

    Args:
        step: the update. It reads and writes tensors that stay where they are.
        where: the GPU.
    """

    WARM_UP = 3  # calls before the one that is recorded

    def __init__(self, step: Callable[[], Found], where: torch.device) -> None:
        self._step, self._calls = step, 0
        torch.cuda.set_device(where.index or 0)
        self._stream, self._graph = torch.cuda.Stream(), torch.cuda.CUDAGraph()
        # Not those with which the run began: this may be the rest of one that was resumed.
        torch.cuda.manual_seed(int(torch.randint(1 << 62, ())))

    def __call__(self) -> Found:
        """Carry out one update."""
        self._calls += 1
        if self._calls <= self.WARM_UP:
            return self._aside()
        if self._calls == self.WARM_UP + 1:
            with torch.cuda.graph(self._graph):
                self._found = self._step()
        self._graph.replay()
        return {
            name: x.clone() for name, x in self._found.items()
        }  # the next overwrites

    def _aside(self) -> Found:
        """Carry out the update on a stream of its own, as what is recorded will be."""
        here = torch.cuda.current_stream()
        self._stream.wait_stream(here)
        with torch.cuda.stream(self._stream):
            found = self._step()
        here.wait_stream(self._stream)
        return found


def recorded(
    device: str,
) -> Callable[[Callable[[*T], Found]], Callable[[*T], Found]]:
    """Let a GPU record an update, and repeat it; on a CPU the update stays what it is.

    The update takes no tensors. For each value of its arguments there is a recording.
    """
    where = torch.device(device)

    def decorate(step: Callable[[*T], Found]) -> Callable[[*T], Found]:
        if not records(where):
            return step
        recording = cache(lambda *args: Recording(partial(step, *args), where))
        return lambda *args: recording(*args)()

    return decorate
