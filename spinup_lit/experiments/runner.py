# spinup_lit/experiments/runner.py: generated from book/practice/results.md; edit the chapter. sha256:604cb2449e508095
"""Carries out the runs of which the book shows results, several at a time."""

import math
import multiprocessing
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Sequence
from fnmatch import fnmatchcase
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import arg

from spinup_lit.experiments.confirm import confirmations
from spinup_lit.experiments.results import changes, read_result
from spinup_lit.experiments.runs import Run, carry_out
from spinup_lit.experiments.settings import ROOT, SETTINGS, Setting
from spinup_lit.machinery.errors import require
from spinup_lit.machinery.mpi import cores

TO_DO = ("missing", "stale")
SPAWN = multiprocessing.get_context("spawn")  # the package is imported anew


class Others:
    """Estimates how many cores are kept busy by processes that are not ours."""

    def __init__(self) -> None:
        self._ours, self._time = 0.0, time.monotonic()

    def cores(self, ours: int) -> int:
        """The estimate, if that many processes were ours since the last call."""
        now = time.monotonic()
        fade = math.exp((self._time - now) / 60)
        self._ours, self._time = ours + (self._ours - ours) * fade, now
        return max(0, round(os.getloadavg()[0] - self._ours))


def train_all(runs: Sequence[Run]) -> list[Run]:
    """Carry out runs in processes of their own; return those that failed.

    All processes end with this function, whether it returns or raises.
    """
    waiting, failed, others = deque(runs), list[Run](), Others()
    active: dict[Any, tuple[SpawnProcess, Run]] = {}
    try:
        while waiting or active:
            free = cores() - others.cores(len(active))
            while waiting and len(active) < max(1, free):
                run = waiting.popleft()
                if run.state() in TO_DO:
                    process = start(run)
                    active[process.sentinel] = process, run
            for sentinel in wait(list(active), timeout=10 if active else 0):
                process, run = active.pop(sentinel)
                process.join()
                failed += [run] if process.exitcode else []
                words = run.outcome(bool(process.exitcode))
                print(f"{run.title}: {words}; {len(waiting)} to go", flush=True)
    finally:
        for process, _ in active.values():
            process.terminate()
            process.join()
    return failed


def start(run: Run) -> SpawnProcess:
    """Start the process of a run. It leaves a Ctrl-C at the terminal to us."""
    process = SPAWN.Process(target=carry_out, args=(run,))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def results(
    *,
    only: str = "*",
    show: Annotated[bool, arg(name="list")] = False,
    confirm: bool = False,
    root: Path = ROOT,
) -> None:
    """Train what has no result yet, or a result of other code; go on where it stopped.

    Args:
        only: pattern of the settings to take, such as ppo_*.
        show: print what there is, and train nothing.
        confirm: only find out whether results of other code still hold.
        root: checkout of the book.
    """
    book = root / "book"
    require(book.is_dir(), f"results belong beside the book: no folder {book}")
    chosen = [s for name, s in SETTINGS.items() if fnmatchcase(name, only)]
    names = ", ".join(SETTINGS)
    require(bool(chosen), f"no setting is called {only!r}; there are {names}")
    if show:
        for setting in chosen:
            print(f"{setting.name:<46} {counts(runs_of(setting, root))}")
    elif confirm:
        confirm_all(chosen, root)
    else:
        runs = [run for setting in chosen for run in runs_of(setting, root)]
        todo = [run for run in runs if run.state() in TO_DO]
        print(f"{len(runs)} runs: {counts(runs)}", flush=True)
        failed = [run.title for run in train_all(todo)]
        require(not failed, f"{len(failed)} runs failed: {', '.join(failed)}")


def confirm_all(chosen: Sequence[Setting], root: Path) -> None:
    """Confirm what differs only in code; raise a `UserError` if anything stays stale."""
    again = [run for setting in chosen for run in confirmations(setting, root)]
    print(f"settings that differ only in code: {len(again)}", flush=True)
    train_all(again)
    stale = list[str]()
    for setting in chosen:
        found = [run for run in runs_of(setting, root) if run.state() == "stale"]
        names = {k for run in found for k in changes(setting, read_result(run.result))}
        if names - {"code"}:
            print(f"{setting.name}: stale: {', '.join(sorted(names))}")
        stale += [setting.name] if names else []
    require(not stale, f"to be trained again: {', '.join(stale)}")


def runs_of(setting: Setting, root: Path) -> list[Run]:
    """The runs of a setting, one for each seed."""
    return [Run(setting, seed, root) for seed in range(setting.seeds)]


def counts(runs: Sequence[Run]) -> str:
    """How many of the runs are in which state."""
    states = Counter(run.state() for run in runs)
    return ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
