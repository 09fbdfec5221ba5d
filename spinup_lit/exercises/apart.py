# spinup_lit/exercises/apart.py: generated from book/practice/exercises.md; edit the chapter. sha256:b01814d55424e80b
"""Judges an answer in a process of its own, which may loop, print, exit or break."""

import io
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from spinup_lit.exercises.catalogue import Entry, load_file
from spinup_lit.exercises.form import RUNGS, Answer
from spinup_lit.exercises.ladder import (
    Failure,
    check_names,
    climb,
    diagnose,
    overheard,
    told,
    wanted,
)

PRINTED = 1000  # characters of what an answer prints that are kept
MEMORY = 4 << 30  # bytes that an answer may take


@dataclass(frozen=True)
class Verdict:
    """What became of an answer."""

    reached: tuple[str, ...]  # the rungs that were tried
    failure: Failure | None
    printed: str = ""  # the beginning of what it printed

    @property
    def right(self) -> bool:
        """Whether it has passed all checks."""
        return self.failure is None


Say = Callable[[str, Any], None]


def judge(entry: Entry, path: Path, say: Say) -> Failure | None:
    """Climb the ladder with the answer in a file, and say which rung is tried."""
    try:
        module = load_file(path, "answer")
    except SyntaxError as error:
        what = f"line {error.lineno} of {path.name} is no Python: {error.msg}"
        return Failure("", what, got=(error.text or "").strip())
    except Exception as error:
        return Failure("", f"{path.name} cannot be imported", got=told(error))
    answer = Answer({k: v for k, v in vars(module).items() if k[0] != "_"})
    failure = check_names(entry.stub, answer)
    for rung in (x for x in RUNGS if hasattr(entry.checks, x)):
        if failure is None:
            say("rung", rung)
            failure = try_rung(entry, answer, rung)
    if failure is None or not failure.rung:
        return failure
    return diagnose(entry, answer, failure)


def try_rung(entry: Entry, answer: Answer, rung: str) -> Failure | None:
    """Check one rung. To call the function that was to be written is no answer."""
    if rung == "in_place":
        return climb(entry.checks, answer, [rung])
    with overheard([*wanted(entry.stub)]) as heard:
        failure = climb(entry.checks, answer, [rung])
    if heard:
        book = " and ".join(sorted(heard))
        return Failure("", f"your answer calls {book}, which it is to be itself")
    return failure


class Shortened(io.TextIOBase):
    """Passes on the first characters that are written to it, and drops the rest."""

    def __init__(self, say: Say):
        self._say, self._left = say, PRINTED

    def write(self, text: str) -> int:
        """Take in a text."""
        if part := text[: self._left]:
            self._left -= len(part)
            self._say("printed", part)
        return len(text)


def child(entry: Entry, path: Path, seconds: float, pipe: Connection) -> None:
    """What the process does: judge, and tell its parent."""
    os.setsid()  # so that what it starts can be ended with it
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5,) * 2)
    if (memory := Path("/proc/self/statm")).exists():
        held = int(memory.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY,) * 2)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)

    def say(kind: str, value: Any) -> None:
        pipe.send((kind, value))

    sys.stdout = sys.stderr = Shortened(say)
    try:
        failure = judge(entry, path, say)
    except SystemExit:
        failure = Failure("", "your answer ends the program, by exit or sys.exit")
    except MemoryError:
        failure = Failure(
            "", f"your answer took more than {MEMORY >> 30} GiB of memory"
        )
    say("end", failure)


def check(entry: Entry, path: Path) -> Verdict:
    """Judge the answer in a file, in a fork of this process."""
    torch.set_num_threads(1)  # a fork inherits no threads
    _ = entry.known  # imported once, before the fork
    ours, theirs = get_context("fork").Pipe(duplex=False)
    seconds = entry.exercise.seconds
    process = get_context("fork").Process(
        target=child, args=(entry, path, seconds, theirs)
    )
    process.start()
    theirs.close()
    try:
        return listen(ours, seconds)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.kill()
        process.join()


def listen(pipe: Connection, seconds: float) -> Verdict:
    """Wait for the end of a judgement, for so long."""
    reached: list[str] = []
    printed = ""
    end = time.monotonic() + seconds
    while pipe.poll(max(0.0, end - time.monotonic())):
        try:
            kind, value = pipe.recv()
        except EOFError:
            what = "your answer ended the process, without an error"
            return Verdict((*reached,), Failure("", what), printed)
        if kind == "rung":
            reached.append(value)
        elif kind == "printed":
            printed += value
        else:
            return Verdict((*reached,), value, printed)
    what = f"not finished after {seconds:.0f} seconds: is there a loop without an end?"
    return Verdict((*reached,), Failure(reached[-1] if reached else "", what), printed)
