# spinup_lit/results.py: generated from book/practice/results.md; edit the chapter. sha256:7b96a8319227c33a
"""The runs from which the book's learning curves are drawn.

From top to bottom: settings, digests of code, one run, all runs, figures.
"""

import ast
import fcntl
import hashlib
import io
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
import tokenize
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import inf
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tokenize import generate_tokens
from typing import Annotated, Any

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from tyro.conf import arg

from spinup_lit import UserError, envs, evaluation, ppo, require, trpo, vpg
from spinup_lit.evaluation import EvaluatingCheckpoint
from spinup_lit.launch import configuration, resume
from spinup_lit.logger import (
    read_checkpoint,
    read_config,
    save_config,
    versions,
    write_atomically,
)
from spinup_lit.mpi import cores
from spinup_lit.plot import Curve, draw_curves, mean_interval, read_progress, spread

ROOT = Path(__file__).resolve().parents[1]
EVALUATIONS = 40  # in a run, about
MEASURING = (envs.__file__, evaluation.__file__)  # what matters besides the algorithm
SPAWN = multiprocessing.get_context("spawn")  # the package is imported anew


@dataclass(frozen=True)
class Setting:
    """What is run with several seeds, and makes one learning curve.

    Attributes:
        train: the training function.
        env: Gymnasium id of the environment.
        options: other arguments that differ from the function's defaults.
        seeds: how many: 0, ..., seeds - 1.
        variant: tells it from other settings of the same function and environment.
    """

    train: Callable[..., Any]
    env: str
    options: Mapping[str, Any]
    seeds: int = 5
    variant: str = ""

    @property
    def name(self) -> str:
        """The name of its folder, such as `ppo_CartPole-v1`."""
        variant = f"_{self.variant}" if self.variant else ""
        return f"{self.train.__name__}_{self.env}{variant}"

    def config(self, seed: int) -> dict[str, Any]:
        """All on which the outcome of a run depends, but for versions of libraries."""
        algorithm = self.train.__name__
        options = {**self.options, "env": self.env, "seed": seed}
        config = configuration(algorithm, options)
        config["save_freq"] = max(1, round(config["epochs"] / EVALUATIONS))
        files = [sys.modules[self.train.__module__].__file__, *MEASURING]
        code = {Path(str(file)).name: digest(Path(str(file))) for file in files}
        config = {"algorithm": algorithm, "num_cpu": 1, **config, **code}
        return dict(json.loads(json.dumps(config)))  # as it will be read back


TASKS = ("CartPole-v1", "InvertedPendulum-v5", "Acrobot-v1")
MATRIX = (
    *(Setting(vpg.vpg, env, {"epochs": 195}) for env in TASKS),
    *(Setting(trpo.trpo, env, {"epochs": 195}) for env in TASKS),
    *(Setting(ppo.ppo, env, {"epochs": 97}) for env in TASKS),
    Setting(ppo.ppo, "LunarLander-v3", {"epochs": 488}),
    Setting(ppo.ppo, "HalfCheetah-v5", {"epochs": 488}, seeds=3),
    Setting(trpo.trpo, "HalfCheetah-v5", {"epochs": 976}, seeds=3),
)

CHANGES: dict[str, dict[str, Any]] = {
    "none": {},
    "no-obs-norm": {"normalise_obs": False},
    "no-ret-norm": {"normalise_ret": False},
    "no-orthogonal": {"orthogonal": False},
    "no-grad-limit": {"max_grad_norm": inf},
    "no-kl-limit": {"target_kl": inf},
    "no-decay": {"lr_decay": 0.0},
}
ABLATIONS = tuple(
    Setting(ppo.ppo, "HalfCheetah-v5", {"epochs": 97, **change}, 3, variant)
    for variant, change in CHANGES.items()
)
SETTINGS = {setting.name: setting for setting in MATRIX + ABLATIONS}


def digest(file: Path) -> str:
    """A fingerprint of the code of a Python file; comments and docstrings may change."""
    source = file.read_text(encoding="utf-8")
    lines, dropped = source.split("\n"), set[int]()
    for token in generate_tokens(io.StringIO(source).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT:
            lines[row - 1] = lines[row - 1][:column].rstrip()
        if token.type == tokenize.NL and not lines[row - 1].strip():
            dropped.add(row)  # empty, and not within a string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str()), end_lineno=int(end)):
                dropped.update(range(node.lineno, end + 1))
    kept = [line for row, line in enumerate(lines, start=1) if row not in dropped]
    return hashlib.sha256("\n".join(kept).strip().encode()).hexdigest()[:12]


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
        work = self.root / "_build/results" / self.setting.name
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.nice(10)
    folder = run.folder()
    folder.mkdir(parents=True, exist_ok=True)
    with lock(folder), (folder / "log.txt").open("a", buffering=1) as log:
        sys.stdout = sys.stderr = log
        if run.result.exists() and not changes(run.setting, read_result(run.result)):
            return  # another process did it while we waited
        if not (folder / "config.json").exists():
            save_config(folder, run.setting.config(run.seed))
        module = sys.modules[run.setting.train.__module__]
        module.Checkpoint = EvaluatingCheckpoint  # type: ignore[attr-defined]
        try:
            resume(folder)
            run.result.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(run.result, as_text(report(folder)).encode())
        except Exception:
            traceback.print_exc()
            sys.exit(1)


def end_with_parent() -> None:
    """Wait until the process that started this one has ended, then end this one."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def report(folder: Path) -> dict[str, Any]:
    """The result of the finished run in this folder."""
    config = read_config(folder)
    rows = read_checkpoint(folder / "checkpoint.pt")["evaluations"]["rows"]
    took = [row["took"] for row in rows]
    progress = read_progress(folder / "progress.txt")
    some = np.linspace(0, config["epochs"] - 1, min(config["epochs"], 100)).astype(int)
    steps, episodes = progress["TotalEnvInteracts"], progress["AverageEpRet"]
    return {
        "config": config,
        "machine": {"processor": processor(), "cores": cores()},
        "seconds": {
            "training": short(rows[-1]["seconds"] - sum(took[:-1])),
            "evaluation": short(sum(took)),
        },
        "evaluations": [
            [row["epochs"] * config["steps_per_epoch"], short(np.mean(row["returns"]))]
            for row in rows
        ],
        "training": [
            [int(steps[i]), short(episodes[i])]
            for i in some
            if not np.isnan(episodes[i])
        ],
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


def read_result(path: Path) -> dict[str, Any]:
    """What `carry_out` wrote into this file."""
    try:
        return dict(json.loads(path.read_text()))
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}; delete it") from error


def changes(setting: Setting, result: Mapping[str, Any]) -> list[str]:
    """Files and options that are not what they were when this result was made."""
    then = {k: v for k, v in result["config"].items() if k != "versions"}
    now = setting.config(then["seed"])
    return [k for k in (now | then) if now.get(k) != then.get(k)]


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
                if run.state() in ("missing", "stale"):
                    process = SPAWN.Process(target=carry_out, args=(run,))
                    process.start()
                    active[process.sentinel] = process, run
            for sentinel in wait(list(active), timeout=10):
                process, run = active.pop(sentinel)
                process.join()
                failed += [run] if process.exitcode else []
                print(outcome(run, process.exitcode, len(waiting)), flush=True)
    finally:
        for process, _ in active.values():
            process.terminate()
            process.join()
    return failed


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
    folder = root / "book/results"
    require(folder.is_dir(), f"{root} is no checkout of the book: there is no {folder}")
    chosen = [s for name, s in SETTINGS.items() if fnmatchcase(name, only)]
    names = ", ".join(SETTINGS)
    require(bool(chosen), f"no setting is called {only!r}; there are {names}")
    runs = [Run(s, seed, root) for s in chosen for seed in range(s.seeds)]
    if show:
        for setting in chosen:
            states = Counter(run.state() for run in runs if run.setting is setting)
            counts = ", ".join(f"{n} {state}" for state, n in states.items())
            print(f"{setting.name:<40} {counts}")
        return
    todo = [run for run in runs if run.state() in ("missing", "stale")]
    failed = [run.title for run in train_all(todo)]
    require(not failed, f"{len(failed)} runs failed: {', '.join(failed)}")


def load(folder: Path | str) -> tuple[Setting, list[dict[str, Any]]]:
    """The setting to which a folder of results belongs, and its results by seed."""
    folder = Path(folder)
    require(
        folder.name in SETTINGS,
        f"no setting is called {folder.name!r}; there are {', '.join(SETTINGS)}",
    )
    setting = SETTINGS[folder.name]
    files = (folder / f"s{seed}.json" for seed in range(setting.seeds))
    return setting, [read_result(file) for file in files if file.exists()]


def curves(folder: Path | str) -> list[Curve]:
    """Steps and mean returns of the evaluations, for each seed."""
    _, found = load(folder)
    return [tuple(np.array(result["evaluations"]).T) for result in found]


def score(result: Mapping[str, Any]) -> float:
    """Mean of the last ten evaluations, Eq. (results-score)."""
    return float(np.mean([mean for _, mean in result["evaluations"][-10:]]))


def learning_curves(folders: Sequence[Path | str], ax: Axes | None = None) -> None:
    """Draw the evaluations of some settings in one environment against the steps.

    Args:
        folders: of the results of these settings.
        ax: where to draw; without it, in matplotlib's current axes.
    """
    ax = ax or plt.gca()
    labels = []
    for i, folder in enumerate(folders):
        setting, found = load(folder)
        require(bool(found), f"nothing in {folder}: make results ONLY={setting.name}")
        before = len(ax.lines)
        labels.append(draw_curves(ax, curves(folder), label(setting, found), f"C{i}"))
        if any(changes(setting, result) for result in found):
            for line in ax.lines[before:]:
                line.set_linestyle("--")
    goal = threshold(setting)
    if goal is not None:
        ax.axhline(goal, color="0.5", linewidth=0.8, linestyle=":")
        ax.annotate("solved", (0, goal), color="0.4", va="bottom")
    ax.xaxis.set_major_formatter(lambda steps, _: thousands(steps))
    ax.set(xlabel="interactions with the environment", ylabel="mean return")
    spread(labels)


def label(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """What to call a curve, and what is wrong with it."""
    name = setting.variant or setting.train.__name__.upper()
    missing = setting.seeds - len(found)
    part = f", {len(found)} of {setting.seeds} seeds" if missing else ""
    stale = ", stale" if any(changes(setting, result) for result in found) else ""
    return name + part + stale


def threshold(setting: Setting) -> float | None:
    """The mean return at which Gymnasium counts the environment as solved."""
    return gym.spec(setting.env).reward_threshold


def thousands(steps: float) -> str:
    """Such as 60k."""
    return f"{steps / 1000:.0f}k"


HEAD = """\
| setting | steps | score | of each seed | solved after | minutes |
|---|---|---|---|---|---|
"""


def table(folders: Iterable[Path | str]) -> str:
    """The scores of some settings, as a table in Markdown."""
    return HEAD + "\n".join(row(*load(folder)) for folder in folders)


def row(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """One row of the table."""
    if not found:
        return f"| {setting.name} | | no results yet | | | |"
    scores = np.array([score(result) for result in found])
    mean, _, high = mean_interval(scores) if len(scores) > 1 else scores[[0, 0, 0]]
    stale = sorted({name for r in found for name in changes(setting, r)})
    return " | ".join(
        [
            f"| {setting.name}" + (f" (stale: {', '.join(stale)})" if stale else ""),
            f"{found[0]['evaluations'][-1][0]:,}",
            f"{mean:.1f} ± {high - mean:.1f}" if len(scores) > 1 else f"{mean:.1f}",
            ", ".join(f"{score:.0f}" for score in scores),
            solved(setting, found),
            f"{np.mean([sum(r['seconds'].values()) for r in found]) / 60:.1f} |",
        ]
    )


def solved(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """When the first evaluation reached the threshold: the earliest and latest seed."""
    goal = threshold(setting)
    if goal is None:
        return ""
    first = [
        next((steps for steps, mean in result["evaluations"] if mean >= goal), math.inf)
        for result in found
    ]
    names = ["never" if math.isinf(x) else thousands(x) for x in sorted(first)]
    return names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"
