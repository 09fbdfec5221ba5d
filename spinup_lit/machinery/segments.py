# spinup_lit/machinery/segments.py: generated from book/machinery/logging.md; edit the chapter. sha256:bf5d1cf2140c688b
"""Files with the rows of a replay buffer, to which a checkpoint only appends."""

import io
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from zipfile import BadZipFile

import numpy as np
import torch

from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import write_atomically


class Stateful(Protocol):
    """What a checkpoint can hold: a module, an optimiser, an `EnvBatch`."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any], /) -> Any: ...


@runtime_checkable
class Ring(Stateful, Protocol):
    """Rows that are added one after the other, of which the latest are kept.

    Its `state_dict` is small: it says how many rows there were, and not what was in them.
    """

    @property
    def rows(self) -> Sequence[torch.Tensor]:
        """Columns of equal length. Row i stands at place i modulo this length."""

    @property
    def total(self) -> int:
        """How many rows were ever added."""


class Segments:
    """The files of a ring, each with some of its rows.

    Rank 0 writes `replay-0-12000.npz`, which begins with its row 12,000 and ends where the
    next one begins.

    Args:
        run_dir: the folder of the run.
        name: what the files are called.
        ring: holds the rows.
    """

    def __init__(self, run_dir: Path, name: str, ring: Ring) -> None:
        self._dir, self._ring = run_dir, ring
        self._stem = f"{name}-{mpi.proc_id()}-"
        self._saved = 0  # rows that are in files

    def append(self) -> None:
        """Write the rows that are new since the last time."""
        size = len(self._ring.rows[0])
        first = max(self._saved, self._ring.total - size)
        where = torch.arange(first, self._ring.total) % size
        content = io.BytesIO()
        np.savez(content, *(column[where].numpy() for column in self._ring.rows))
        write_atomically(self._file(first), content.getvalue())
        self._saved = self._ring.total

    def load(self) -> None:
        """Read the rows of a ring that knows how many there were.

        Raises:
            UserError: a file is missing or damaged.
        """
        size, total = len(self._ring.rows[0]), self._ring.total
        have = need = max(0, total - size)  # the first row that the ring still holds
        for first in self._firsts():
            if first <= have < total:
                columns = self._read(first)
                have = first + len(columns[0])
                where = torch.arange(first, have) % size
                for column, new in zip(self._ring.rows, columns):
                    column[where] = torch.from_numpy(new)
        require(
            have == total,
            f"the rows {need:,} to {total:,} of the replay buffer should be in "
            f"{self._dir / self._stem}*.npz, and some are not; the run cannot go on",
        )
        self._saved = total

    def drop(self) -> None:
        """Remove the files of which the ring holds no row any more."""
        oldest = self._ring.total - len(self._ring.rows[0])
        for first, after in pairwise(self._firsts()):
            if after <= oldest:
                self._file(first).unlink()

    def _file(self, first: int) -> Path:
        return self._dir / f"{self._stem}{first}.npz"

    def _firsts(self) -> list[int]:
        """The first rows of all files there are, in order."""
        names = (path.stem for path in self._dir.glob(f"{self._stem}*.npz"))
        return sorted(int(name.removeprefix(self._stem)) for name in names)

    def _read(self, first: int) -> list[Any]:
        """The columns in a file."""
        try:
            with np.load(self._file(first), allow_pickle=False) as columns:
                return list(columns.values())
        except (BadZipFile, EOFError, OSError, ValueError) as error:
            raise UserError(f"{self._file(first)} is damaged: {error}") from error
