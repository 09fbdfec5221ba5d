# spinup_lit/machinery/watchers.py: generated from book/practice/watching.md; edit the chapter. sha256:109933b0c4d4bcaa
"""What is kept of a run while it trains, besides its own files."""

import io
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from spinup_lit.machinery.errors import require
from spinup_lit.machinery.logger import write_atomically
from spinup_lit.machinery.training import Training, Watcher, watched


class Snapshots(Watcher):
    """Keeps the agent of every checkpoint of a run, in its folder `snapshots`.

    Args:
        run_dir: folder of the run.
    """

    def __init__(self, run_dir: Path) -> None:
        self._dir = run_dir / "snapshots"

    def look(self, run: Training) -> None:
        """Keep the agent, if the present epoch ends with a checkpoint."""
        if run.saves:
            self._dir.mkdir(exist_ok=True)
            file = io.BytesIO()
            torch.save(run.agent.state_dict(), file)
            write_atomically(self._dir / f"agent{run.epoch}.pt", file.getvalue())


def snapshots(run_dir: Path) -> dict[int, Path]:
    """The files of the agents that `Snapshots` has kept of a run, by epoch."""
    found = {}
    for path in (run_dir / "snapshots").glob("agent*.pt"):
        if match := re.fullmatch(r"agent(\d+)", path.stem):
            found[int(match[1])] = path
    return found


class TensorBoard(Watcher):
    """Writes the rows of a run for TensorBoard, into its folder `tensorboard`.

    Args:
        run_dir: folder of the run.
    """

    def __init__(self, run_dir: Path) -> None:
        self._dir = run_dir / "tensorboard"
        self._writer: Any = None

    def look(self, run: Training) -> None:
        """Write the columns of the present epoch that are numbers, by their names."""
        step = int(run.row["TotalEnvInteracts"])
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter  # an extra, slow to load

            self._writer = SummaryWriter(str(self._dir), purge_step=step)
        for name, x in run.row.items():
            if not math.isnan(x):
                self._writer.add_scalar(name, x, step)
        self._writer.flush()  # nothing is lost, whenever the run is killed


def check_tensorboard() -> None:
    """Raise a `UserError` if TensorBoard's files cannot be written."""
    get = 'pip install "spinup_lit[tensorboard]" brings it'
    there = find_spec("tensorboard") is not None
    require(there, f"--tensorboard needs the package tensorboard; {get}")


@contextmanager
def recorded(run_dir: Path, config: Mapping[str, Any]) -> Iterator[None]:
    """Let those watchers look in that config.json asks for."""
    with ExitStack() as stack:
        if config.get("snapshots"):
            stack.enter_context(watched(Snapshots(run_dir)))
        if config.get("tensorboard"):
            check_tensorboard()
            stack.enter_context(watched(TensorBoard(run_dir)))
        yield
