# spinup_lit/experiments/runs.py: generated from book/practice/results.md; edit the chapter. sha256:e469145cfb85f651
"""One run of which the book shows the result: its folder, its process, its result."""

import fcntl
import hashlib
import json
import multiprocessing
import os
import platform
import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spinup_lit.experiments.plot import read_progress
from spinup_lit.experiments.results import changes, mean_return, read_result
from spinup_lit.experiments.settings import Program, Setting, variant_source
from spinup_lit.experiments.spectator import Spectator
from spinup_lit.machinery.checkpoint import read_checkpoint
from spinup_lit.machinery.evaluation import Evaluation, Evaluator, Then
from spinup_lit.machinery.launch import resume
from spinup_lit.machinery.logger import (
    read_config,
    save_config,
    versions,
    write_atomically,
)
from spinup_lit.machinery.mpi import cores
from spinup_lit.machinery.training import watched

OF_RESULTS = ("variants", "code")  # in the configuration of a result, not of its run


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

    def key(self) -> str:
        """Stands for this code, these options and versions, and no others."""
        identity = json.dumps([self.setting.config(self.seed), versions()])
        return hashlib.sha256(identity.encode()).hexdigest()[:8]

    def folder(self) -> Path:
        """Where it trains."""
        work = self.root / "data/results" / self.setting.name
        return work / f"s{self.seed}-{self.key()}"

    def state(self) -> str:
        """Either `done`, `stale`, `missing`, or `running` in some process."""
        return "running" if locked(self.folder()) else self.state_of_result()

    def state_of_result(self) -> str:
        """The same, if nobody is at work."""
        if not self.result.exists():
            return "missing"
        return "stale" if changes(self.setting, read_result(self.result)) else "done"

    def work(self) -> None:
        """Train to the end and write the result, while holding the folder."""
        if self.state_of_result() == "done":
            return  # another process did it while we waited
        result = train(self)
        self.result.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.result, as_text(result).encode())

    def outcome(self, failed: bool) -> str:
        """What to say when the process of this run has ended."""
        if failed:
            return f"failed: {self.folder() / 'log.txt'} says why"
        result = read_result(self.result)
        minutes = sum(result["seconds"].values()) / 60
        return f"{mean_return(result):.1f}, {minutes:.1f} min"


def carry_out(run: Run) -> None:
    """Do the work of a run, in a process made for this."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.nice(5)
    folder = run.folder()
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout = sys.stderr = log = (folder / "log.txt").open("a", buffering=1)
    for descriptor in (1, 2):
        os.dup2(log.fileno(), descriptor)  # there, libraries in C have their say
    with lock(folder):
        run.work()


def end_with_parent() -> None:
    """Wait until the process that started this one has ended, then end this one."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def train(run: Run, then: Then | None = None) -> dict[str, Any]:
    """Begin or continue a run; return its result at the end.

    Args:
        run: what to train.
        then: called after each evaluation with all of them so far, and the agent.
    """
    program = isinstance(run.setting, Program)
    return train_program(run, then) if program else train_algorithm(run, then)


def train_algorithm(run: Run, then: Then | None) -> dict[str, Any]:
    """Begin or continue a run of an algorithm; return its result at the end."""
    folder, setting = run.folder(), run.setting
    algorithm = setting.algorithm
    if setting.variants:
        source = variant_source(setting.train.__module__, setting.variants)
        file = folder.resolve() / f"{algorithm}.py"
        write_atomically(file, source.encode())
        algorithm = str(file)
    config = {**setting.config(run.seed), "algorithm": algorithm}
    save_config(folder, {k: v for k, v in config.items() if k not in OF_RESULTS})
    with watched(Evaluator(setting.env, run.seed, then)):
        resume(folder)
    return report(folder, setting)


def train_program(run: Run, then: Then | None) -> dict[str, Any]:
    """Train a short program from its beginning to its end; return its result."""
    setting, config = run.setting, run.setting.config(run.seed)
    every, play = config["evaluate_every"], setting.module.play
    spectator = Spectator(play, setting.env, run.seed, every, then)
    setting.module.play = spectator
    begin = time.monotonic()
    try:
        policy, curve = setting.train(setting.env, seed=run.seed, **setting.options)
    finally:
        setting.module.play = play
    spectator.evaluate(policy)
    seconds = time.monotonic() - begin - sum(row["took"] for row in spectator.rows)
    config = {**config, "versions": versions()}
    return compose(config, seconds, spectator.rows, curve)


def compose(
    config: Mapping[str, Any],
    seconds: float,
    rows: Sequence[Evaluation],
    training: Iterable[tuple[int, float]],
) -> dict[str, Any]:
    """The result of a run, from what is known of it.

    Args:
        config: its configuration, and the versions of libraries.
        seconds: what the training took.
        rows: the evaluations.
        training: steps and returns in training.
    """
    took = sum(row["took"] for row in rows)
    return {
        "config": config,
        "machine": {"processor": processor(), "cores": cores()},
        "seconds": {"training": short(seconds), "evaluation": short(took)},
        "evaluations": curve_of(rows),
        "parameters": [row["agent"] for row in rows],
        "training": [[steps, short(mean)] for steps, mean in training],
    }


def curve_of(rows: Iterable[Evaluation]) -> list[list[float]]:
    """Steps and mean returns of evaluations."""
    return [[row["steps"], short(float(np.mean(row["returns"])))] for row in rows]


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


def report(folder: Path, setting: Setting) -> dict[str, Any]:
    """The result of the finished run of a setting in this folder."""
    ran = read_config(folder)
    config = {**setting.config(ran["seed"]), "versions": ran["versions"]}
    checkpoint = read_checkpoint(folder)
    progress = read_progress(folder / "progress.txt")
    some = np.linspace(0, config["epochs"] - 1, min(config["epochs"], 100)).astype(int)
    steps, episodes = progress["TotalEnvInteracts"], progress["AverageEpRet"]
    training = [(int(steps[i]), episodes[i]) for i in some if not np.isnan(episodes[i])]
    rows = checkpoint["watchers"][Evaluator.__name__]["rows"]
    return compose(config, checkpoint["seconds"], rows, training)
