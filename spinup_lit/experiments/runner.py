# spinup_lit/experiments/runner.py: generated from book/practice/results.md; edit the chapter. sha256:1cd6fc8f827ff542
"""Carries out the runs of which the book shows results, several at a time."""

import fcntl
import hashlib
import json
import math
import multiprocessing
import os
import platform
import re
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tyro.conf import arg

from spinup_lit.experiments.plot import read_progress
from spinup_lit.experiments.results import (
    SETTINGS,
    Program,
    Setting,
    changes,
    read_result,
    score,
)
from spinup_lit.experiments.spectator import Spectator
from spinup_lit.machinery.errors import require
from spinup_lit.machinery.evaluation import EvaluatingCheckpoint
from spinup_lit.machinery.launch import resume
from spinup_lit.machinery.logger import (
    read_checkpoint,
    read_config,
    save_config,
    versions,
    write_atomically,
)
from spinup_lit.machinery.mpi import cores

ROOT = Path(__file__).resolve().parents[1]
TO_DO = ("missing", "stale")
SPAWN = multiprocessing.get_context("spawn")  # the package is imported anew


@dataclass(frozen=True)
class Run:
    """One seed of a setting, in the checkout of the book in folder `root`."""

    setting: Setting
    seed: int
    root: Path

    @property
    def title(self) -> str:
        """What messages call it."""
        return f"{self.setting.name} seed {self.seed}"

    @property
    def result(self) -> Path:
        """The file with its result."""
        folder = self.root / "book/results" / self.setting.name
        return folder / f"s{self.seed}.json"

    def folder(self) -> Path:
        """Where it trains: a folder for this code, options and versions alone."""
        identity = json.dumps([self.setting.config(self.seed), versions()])
        key = hashlib.sha256(identity.encode()).hexdigest()[:8]
        work = self.root / "data/results" / self.setting.name
        return work / f"s{self.seed}-{key}"

    def state(self) -> str:
        """Either `done`, `stale`, `missing`, or `running` in some process."""
        if locked(self.folder()):
            return "running"
        if not self.result.exists():
            return "missing"
        return "stale" if changes(self.setting, read_result(self.result)) else "done"


@contextmanager
def lock(folder: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold a folder, once no other process does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def locked(folder: Path) -> bool:
    """Whether a process holds the folder."""
    try:
        with lock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB):
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def carry_out(run: Run) -> None:
    """Train a run to its end and write its result, in a process made for this."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.nice(5)
    folder = run.folder()
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout = sys.stderr = log = (folder / "log.txt").open("a", buffering=1)
    for descriptor in (1, 2):
        os.dup2(log.fileno(), descriptor)  # there, libraries in C have their say
    with lock(folder):
        if run.result.exists() and not changes(run.setting, read_result(run.result)):
            return  # another process did it while we waited
        program = isinstance(run.setting, Program)
        result = train_program(run) if program else train_algorithm(run)
        run.result.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(run.result, as_text(result).encode())


def end_with_parent() -> None:
    """Wait until the process that started this one has ended, then end this one."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def train_algorithm(run: Run) -> dict[str, Any]:
    """Begin or continue a run of an algorithm; return its result at the end."""
    folder = run.folder()
    if not (folder / "config.json").exists():
        save_config(folder, run.setting.config(run.seed))
    run.setting.module.Checkpoint = EvaluatingCheckpoint
    resume(folder)
    return report(folder)


def train_program(run: Run) -> dict[str, Any]:
    """Train a short program from its beginning to its end; return its result."""
    setting, config = run.setting, run.setting.config(run.seed)
    every = config["evaluate_every"]
    spectator = Spectator(setting.module.play, setting.env, run.seed, every)
    setting.module.play = spectator
    begin = time.monotonic()
    policy, curve = setting.train(setting.env, seed=run.seed, **setting.options)
    spectator.evaluate(policy)
    training = time.monotonic() - begin - spectator.seconds
    return compose(
        config={**config, "versions": versions()},
        seconds={"training": training, "evaluation": spectator.seconds},
        evaluations=spectator.rows,
        training=curve,
    )


def compose(
    config: Mapping[str, Any],
    seconds: Mapping[str, float],
    evaluations: Iterable[tuple[int, float]],
    training: Iterable[tuple[int, float]],
) -> dict[str, Any]:
    """The result of a run, from what is known of it; curves are steps and returns."""
    return {
        "config": config,
        "machine": {"processor": processor(), "cores": cores()},
        "seconds": {name: short(x) for name, x in seconds.items()},
        "evaluations": [[steps, short(mean)] for steps, mean in evaluations],
        "training": [[steps, short(mean)] for steps, mean in training],
    }


def short(x: float) -> float:
    """Six digits of a number: enough for a figure."""
    return float(f"{x:.6g}")


def as_text(result: Mapping[str, Any]) -> str:
    """JSON with a line for each entry."""
    lines = (f"{json.dumps(key)}: {json.dumps(x)}" for key, x in result.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def processor() -> str:
    """What the processor calls itself."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def report(folder: Path) -> dict[str, Any]:
    """The result of the finished run in this folder."""
    config = read_config(folder)
    rows = read_checkpoint(folder / "checkpoint.pt")["evaluations"]["rows"]
    took = [row["took"] for row in rows]
    progress = read_progress(folder / "progress.txt")
    some = np.linspace(0, config["epochs"] - 1, min(config["epochs"], 100)).astype(int)
    steps, episodes = progress["TotalEnvInteracts"], progress["AverageEpRet"]
    return compose(
        config=config,
        seconds={
            "training": rows[-1]["seconds"] - sum(took[:-1]),
            "evaluation": sum(took),
        },
        evaluations=[
            (row["epochs"] * config["steps_per_epoch"], float(np.mean(row["returns"])))
            for row in rows
        ],
        training=[
            (int(steps[i]), episodes[i]) for i in some if not np.isnan(episodes[i])
        ],
    )


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
                print(outcome(run, process.exitcode, len(waiting)), flush=True)
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


def outcome(run: Run, exitcode: int | None, waiting: int) -> str:
    """What to say when the process of a run has ended."""
    if exitcode:
        return f"{run.title} failed: {run.folder() / 'log.txt'} says why"
    result = read_result(run.result)
    minutes = sum(result["seconds"].values()) / 60
    return f"{run.title}: {score(result):.1f}, {minutes:.1f} min; {waiting} to go"


def results(
    *,
    only: str = "*",
    show: Annotated[bool, arg(name="list")] = False,
    root: Path = ROOT,
) -> None:
    """Train what has no result yet, or a result of other code; go on where it stopped.

    Args:
        only: pattern of the settings to take, such as ppo_*.
        show: print what there is, and train nothing.
        root: checkout of the book.
    """
    book = root / "book"
    require(book.is_dir(), f"results belong beside the book: no folder {book}")
    chosen = [s for name, s in SETTINGS.items() if fnmatchcase(name, only)]
    names = ", ".join(SETTINGS)
    require(bool(chosen), f"no setting is called {only!r}; there are {names}")
    runs = [Run(s, seed, root) for s in chosen for seed in range(s.seeds)]
    if show:
        for setting in chosen:
            mine = [run for run in runs if run.setting is setting]
            print(f"{setting.name:<36} {counts(mine)}")
        return
    todo = [run for run in runs if run.state() in TO_DO]
    print(f"{len(runs)} runs: {counts(runs)}", flush=True)
    failed = [run.title for run in train_all(todo)]
    require(not failed, f"{len(failed)} runs failed: {', '.join(failed)}")


def counts(runs: Sequence[Run]) -> str:
    """How many of the runs are in which state."""
    states = Counter(run.state() for run in runs)
    return ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
