# spinup_lit/machinery/checkpoint.py: generated from book/machinery/logging.md; edit the chapter. sha256:4f75faa6e729f1b9
"""The state of a run, from which it continues bit for bit: checkpoint.pt."""

import io
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import write_atomically
from spinup_lit.machinery.segments import Ring, Segments, Stateful


def checkpoint_file(run_dir: Path | None) -> Path:
    """The file with the checkpoint of a run.

    Raises:
        UserError: there is none.
    """
    if run_dir is None:
        raise UserError("no checkpoint to resume from: no output_dir")
    path = Path(run_dir) / "checkpoint.pt"
    require(path.exists(), f"no checkpoint to resume from: there is no file {path}")
    return path


def read_checkpoint(run_dir: Path | None) -> dict[str, Any]:
    """What a `Checkpoint` wrote into the folder of a run.

    Raises:
        UserError: there is none, or it is damaged.
    """
    path = checkpoint_file(run_dir)
    try:
        return dict(torch.load(path, weights_only=True))
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        reason = (str(error) or "it is empty").splitlines()[0]
        raise UserError(f"{path} is damaged or not ours: {reason}") from error


@contextmanager
def fitting(run_dir: Path | None, name: str) -> Iterator[None]:
    """Turn errors in loading a part of a checkpoint into a `UserError`."""
    try:
        yield
    except UserError:
        raise
    except (RuntimeError, ValueError, KeyError, TypeError, IndexError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"the checkpoint in {run_dir} does not fit: its part {name!r} is not of a run "
            "with these arguments. Has config.json been changed, or the code? "
            f"({type(error).__name__}: {reason:.160})"
        ) from error


class Checkpoint:
    """The state of a run in one file, from which it continues bit for bit.

    Args:
        output_dir: the folder of the run; None: nothing is saved.
        shared: what is the same on every rank, by name; rank 0 saves its copy.
        local: what differs between ranks, by name; each rank's copy is saved. The rows of
            a `Ring` among it go into files of their own.
    """

    def __init__(
        self,
        output_dir: Path | None,
        shared: Mapping[str, Stateful],
        local: Mapping[str, Stateful],
    ) -> None:
        self._dir = output_dir
        self._shared = shared
        self._local = local
        self._segments = [
            Segments(output_dir, name, part)
            for name, part in local.items()
            if output_dir and isinstance(part, Ring)
        ]

    def save(self, epochs: int, seconds: float) -> None:
        """Save the state after this many epochs and seconds of training. Collective."""
        if self._dir is None:
            return
        for segments in self._segments:
            segments.append()
        mine = {name: part.state_dict() for name, part in self._local.items()}
        ranks = mpi.gather_objects({**mine, "torch": torch.get_rng_state()})
        if mpi.proc_id() == 0:
            shared = {name: part.state_dict() for name, part in self._shared.items()}
            content = io.BytesIO()
            state = {"epochs": epochs, "seconds": seconds, **shared, "ranks": ranks}
            torch.save(state, content)
            write_atomically(self._dir / "checkpoint.pt", content.getvalue())
        if self._segments:
            mpi.gather_objects(None)  # from here on, rank 0 has written the file
        for segments in self._segments:
            segments.drop()

    def load(self) -> tuple[int, float]:
        """Restore the saved state; return the epochs and seconds it had taken.

        Raises:
            UserError: there is no checkpoint, it is damaged, another number of ranks wrote
                it, or it does not fit what it is loaded into.
        """
        state = read_checkpoint(self._dir)
        saved, ranks = len(state["ranks"]), mpi.num_procs()
        require(
            saved == ranks,
            f"the checkpoint in {self._dir} was written by {saved} ranks; resume it with "
            f"as many, not with {ranks}",
        )
        mine = state["ranks"][mpi.proc_id()]
        for parts, saved_parts in ((self._shared, state), (self._local, mine)):
            for name, part in parts.items():
                with fitting(self._dir, name):
                    part.load_state_dict(saved_parts[name])
        for segments in self._segments:
            segments.load()
        torch.set_rng_state(mine["torch"])
        return state["epochs"], state["seconds"]
