# spinup_lit/machinery/logger.py: generated from book/machinery/logging.md; edit the chapter. sha256:00068758a6487846
"""What a run leaves behind to be read: config.json and progress.txt."""

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from spinup_lit import __version__
from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError, require

Row = dict[str, float]


def summary(name: str, x: np.ndarray) -> Row:
    """Four columns on some values: AverageX, StdX, MaxX and MinX.

    Not-a-number when there are no values.
    """
    if not x.size:
        return {s + name: np.nan for s in ("Average", "Std", "Max", "Min")}
    stats = {"Average": x.mean(), "Std": x.std(), "Max": x.max(), "Min": x.min()}
    return {s + name: float(value) for s, value in stats.items()}


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give an error of the system in writing a file a message with its path."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror or error}. What was there before is "
            "unharmed; once there is room, `resume` goes on from the last checkpoint"
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at every moment it is whole, the old one or the new.

    Raises:
        UserError: it cannot be written, for want of space perhaps.
    """
    part = path.with_name(path.name + ".part")
    try:
        with naming(path):
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
    except UserError:
        part.unlink(missing_ok=True)
        raise


def versions() -> dict[str, str]:
    """The versions of the software that the outcome of a run may depend on."""
    libraries = ("torch", "gymnasium", "mujoco", "numpy")
    ours = {"python": platform.python_version(), "spinup_lit": __version__}
    return {name: version(name) for name in libraries} | ours


NOT_IN_JSON = ("inf", "-inf", "nan")


def as_json(x: Any) -> Any:
    """Numbers of NumPy as those of Python, and what JSON does not know as strings."""
    if isinstance(x, dict):
        return {name: as_json(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [as_json(value) for value in x]
    x = x.item() if isinstance(x, np.generic) else x
    return str(x) if str(x) in NOT_IN_JSON else x


def from_json(x: Any) -> Any:
    """The same in the other direction."""
    if isinstance(x, dict):
        return {name: from_json(value) for name, value in x.items()}
    if isinstance(x, list):
        return [from_json(value) for value in x]
    return float(x) if x in NOT_IN_JSON else x


def save_config(output_dir: Path, config: Mapping[str, Any]) -> None:
    """Write config.json: the arguments of a run and the versions it began with."""
    whole = as_json({**config, "versions": config.get("versions") or versions()})
    text = json.dumps(whole, indent=4, allow_nan=False)
    write_atomically(output_dir / "config.json", text.encode() + b"\n")


def read_config(output_dir: Path) -> dict[str, Any]:
    """What `save_config` wrote into this folder.

    Raises:
        UserError: this is not the folder of a run.
    """
    path = output_dir / "config.json"
    require(path.is_file(), f"{output_dir} is not the folder of a run: no {path.name}")
    try:
        config = from_json(json.loads(path.read_text("utf-8")))
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}") from error
    known = isinstance(config, dict) and {"algorithm", "num_cpu"} <= config.keys()
    require(known, f"{path} does not describe a run of this program")
    return dict(config)


class Logger:
    """Writes down one training run. Rank 0 writes; the other ranks stay silent.

    Args:
        output_dir: the folder of the run, created if need be; None: write nothing.
        done: epochs that an interrupted run has completed already; their rows are
            kept, later ones are dropped.
    """

    def __init__(self, output_dir: Path | None, done: int = 0) -> None:
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

    def log(self, row: Row) -> None:
        """Append a row to progress.txt.

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

    def _append(self, fields: Iterable[str]) -> None:
        with naming(self._progress), self._progress.open("a") as file:
            file.write("\t".join(fields) + "\n")
