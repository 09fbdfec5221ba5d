# spinup_lit/exercises/answers.py: generated from book/practice/exercises.md; edit the chapter. sha256:b74d87e34872aa97
"""The folder of a reader's answers, and the record of what has been solved."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spinup_lit.exercises.catalogue import PROGRAM, Entry
from spinup_lit.experiments.runs import lock
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import write_atomically

RECORD = "progress.json"


def make(folder: Path) -> None:
    """Make the folder of the answers, unless it is there.

    Raises:
        UserError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}") from None


def begin(folder: Path, entry: Entry) -> Path:
    """Write the file in which a reader begins.

    Raises:
        UserError: there is an answer already.
    """
    path = folder / entry.file
    make(folder)
    intro = f"# {entry.exercise.chapter}.md · check: {PROGRAM} check {entry.name}\n"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(intro + entry.task())
    except FileExistsError:
        raise UserError(
            f"{path} exists; `{PROGRAM} reset {entry.name}` puts it aside"
        ) from None
    return path


def put_aside(folder: Path, entry: Entry) -> Path | None:
    """Give an answer another name, so that a new one can be begun."""
    path = folder / entry.file
    if not path.exists():
        return None
    with lock(folder):
        number = 1
        while (aside := path.with_suffix(f".{number}.py")).exists():
            number += 1
        path.rename(aside)
    return aside


def answer_of(folder: Path, entry: Entry) -> Path:
    """The file of an answer.

    Raises:
        UserError: it has not been begun.
    """
    path = folder / entry.file
    require(path.is_file(), f"{path} is not there; `{PROGRAM} start {entry.name}`")
    return path


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """What is known of each exercise that was tried.

    Raises:
        UserError: the record is damaged.
    """
    path = folder / RECORD
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UserError(f"{path} is damaged ({error}); move it away") from None
    require(isinstance(found, dict), f"{path} is damaged; move it away")
    return dict(found)


@contextmanager
def noting(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Change what is noted of an exercise; other processes wait, a crash changes nothing."""
    make(folder)
    with lock(folder):
        record = read(folder)
        yield record.setdefault(name, {})
        text = json.dumps(record, indent=1, sort_keys=True)
        write_atomically(folder / RECORD, text.encode())
