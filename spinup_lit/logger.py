# spinup_lit/logger.py: generated from book/machinery/logging.md; edit the chapter. sha256:f6c3c175f0156216
"""What a run leaves behind: progress.txt, config.json, checkpoint.pt, and a display."""

import io
import json
import os
import pickle
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TimeRemainingColumn,
)
from rich.table import Table

from spinup_lit import UserError, __version__, mpi, require

Row = dict[str, float]


def summary(name: str, x: np.ndarray) -> Row:
    """Four columns on some values: AverageX, StdX, MaxX and MinX.

    Not-a-number when there are no values.
    """
    stats = {"Average": np.mean, "Std": np.std, "Max": np.max, "Min": np.min}
    return {s + name: float(f(x)) if x.size else np.nan for s, f in stats.items()}


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at every moment it is whole, the old one or the new."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def versions() -> dict[str, str]:
    """The versions of the software that the outcome of a run may depend on."""
    libraries = ("torch", "gymnasium", "mujoco", "numpy")
    ours = {"python": platform.python_version(), "spinup_lit": __version__}
    return {name: version(name) for name in libraries} | ours


def save_config(output_dir: Path, config: Mapping[str, Any]) -> None:
    """Write config.json: the arguments of a run and the versions it runs with."""
    text = json.dumps({**config, "versions": versions()}, indent=4)
    write_atomically(output_dir / "config.json", text.encode() + b"\n")


def read_config(output_dir: Path) -> dict[str, Any]:
    """What `save_config` wrote into this folder.

    Raises:
        UserError: this is not the folder of a run.
    """
    path = output_dir / "config.json"
    require(path.is_file(), f"{output_dir} is not the folder of a run: no {path.name}")
    try:
        config = json.loads(path.read_text())
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}") from error
    known = isinstance(config, dict) and {"algorithm", "num_cpu"} <= config.keys()
    require(known, f"{path} does not describe a run of this program")
    return config


class Display:
    """Shows how a run is doing: a table on a terminal, else a line now and then."""

    def __init__(self, epochs: int, done: int) -> None:
        console = Console()
        self._live = Live(console=console) if console.is_interactive else None
        columns = ("epoch", MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, "left", speed_estimate_period=3600)
        self._task = self._bar.add_task("", total=epochs, completed=done)
        self._epochs = epochs
        self._next_line = 0.0

    def start(self) -> None:
        """Take over the terminal."""
        if self._live:
            self._live.start()

    def stop(self) -> None:
        """Leave the terminal as it was, with the last table on it."""
        if self._live:
            self._live.stop()

    def show(self, row: Row) -> None:
        """Show the row of an epoch that has just ended."""
        done = int(row["Epoch"]) + 1
        if self._live:
            self._bar.update(self._task, completed=done)
            self._live.update(self._table(row))
        elif done == self._epochs or row["Time"] >= self._next_line:
            self._next_line = row["Time"] + max(1.0, 0.05 * row["Time"])
            print(
                f"epoch {done:4}/{self._epochs}  steps {row['TotalEnvInteracts']:9,.0f}"
                f"  AverageEpRet {row['AverageEpRet']:9.2f}  {row['Time']:6.1f} s",
                flush=True,
            )

    def _table(self, row: Row) -> Group:
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="cyan")
        table.add_column(justify="right")
        for name, x in row.items():
            whole = float(x).is_integer()
            text = "" if np.isnan(x) else f"{x:,.0f}" if whole else f"{x:.4g}"
            table.add_row(name, text)
        return Group(table, "", self._bar)


class Logger:
    """Writes down one training run. Rank 0 writes; the other ranks stay silent.

    Args:
        output_dir: the folder of the run, created if need be; None: write nothing.
        epochs: how many rows to expect, for the display.
        done: epochs that an interrupted run has completed already; their rows are
            kept, later ones are dropped.
    """

    def __init__(self, output_dir: Path | None, epochs: int, done: int = 0) -> None:
        self._dir = Path(output_dir) if output_dir and mpi.proc_id() == 0 else None
        if self._dir is None:
            return
        require(
            done > 0 or not (self._dir / "checkpoint.pt").exists(),
            f"{self._dir} holds a run already; resume it, or choose another folder",
        )
        self._dir.mkdir(parents=True, exist_ok=True)
        self._progress = self._dir / "progress.txt"
        old = done > 0 and self._progress.exists()
        rows = self._progress.read_text().splitlines(keepends=True) if old else []
        rows = [row for row in rows if row.endswith("\n")]
        write_atomically(self._progress, "".join(rows[: done + 1]).encode())
        self._columns = rows[0].strip("\n").split("\t") if rows else []
        self._display = Display(epochs, done)

    def __enter__(self) -> "Logger":
        if self._dir:
            self._display.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._dir:
            self._display.stop()

    def log(self, row: Row) -> None:
        """Append a row to progress.txt and show it.

        The first row fixes the columns. Not-a-number is written as an empty field.
        """
        if self._dir is None:
            return
        if not self._columns:
            self._columns = list(row)
            self._append(self._columns)
        if list(row) != self._columns:
            raise ValueError(f"columns {list(row)} after rows with {self._columns}")
        fields = ("" if np.isnan(x) else f"{x:.10g}" for x in row.values())
        self._append(fields)
        self._display.show(row)

    def _append(self, fields: Iterable[str]) -> None:
        with self._progress.open("a") as file:
            file.write("\t".join(fields) + "\n")


class Stateful(Protocol):
    """What a checkpoint can hold: a module, an optimiser, an `EnvBatch`."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any], /) -> Any: ...


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What a `Checkpoint` wrote into this file.

    Raises:
        UserError: there is no such file, or it is damaged.
    """
    require(path.exists(), f"no checkpoint to resume from: there is no file {path}")
    try:
        return torch.load(path, weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        reason = (str(error) or "it is empty").splitlines()[0]
        raise UserError(f"{path} is damaged or not ours: {reason}") from error


class Checkpoint:
    """The state of a run in one file, from which it continues bit for bit.

    Args:
        output_dir: the folder of the run; None: nothing is saved.
        shared: what is the same on every rank, by name; rank 0 saves its copy.
        local: what differs between ranks, by name; each rank's copy is saved.
    """

    def __init__(
        self,
        output_dir: Path | None,
        shared: Mapping[str, Stateful],
        local: Mapping[str, Stateful],
    ) -> None:
        self._path = Path(output_dir) / "checkpoint.pt" if output_dir else None
        self._shared = shared
        self._local = local

    def save(self, epochs: int, seconds: float) -> None:
        """Save the state after this many epochs and seconds of training. Collective."""
        if self._path is None:
            return
        mine = {name: part.state_dict() for name, part in self._local.items()}
        ranks = mpi.gather_objects({**mine, "torch": torch.get_rng_state()})
        if mpi.proc_id() == 0:
            shared = {name: part.state_dict() for name, part in self._shared.items()}
            content = io.BytesIO()
            state = {"epochs": epochs, "seconds": seconds, **shared, "ranks": ranks}
            torch.save(state, content)
            write_atomically(self._path, content.getvalue())

    def load(self) -> tuple[int, float]:
        """Restore the saved state; return the epochs and seconds it had taken.

        Raises:
            UserError: there is no checkpoint, it is damaged, or another number of ranks
                wrote it.
        """
        require(self._path is not None, "no checkpoint to resume from: no output_dir")
        state = read_checkpoint(self._path)
        saved, ranks = len(state["ranks"]), mpi.num_procs()
        require(
            saved == ranks,
            f"{self._path} was written by {saved} ranks; resume it with as many, "
            f"not with {ranks}",
        )
        for name, part in self._shared.items():
            part.load_state_dict(state[name])
        mine = state["ranks"][mpi.proc_id()]
        for name, part in self._local.items():
            part.load_state_dict(mine[name])
        torch.set_rng_state(mine["torch"])
        return state["epochs"], state["seconds"]
