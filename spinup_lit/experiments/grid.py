# spinup_lit/experiments/grid.py: generated from book/practice/grids.md; edit the chapter. sha256:3a7c9ab4f121de64
"""Runs for all combinations of some values of some arguments."""

import csv
import re
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from glob import escape
from inspect import getfile, signature, unwrap
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
)

from spinup_lit.machinery import launch
from spinup_lit.machinery.checkpoint import read_checkpoint
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import as_json, read_config
from spinup_lit.machinery.mpi import cores

NONE = object()


class GridRun(NamedTuple):
    """One run of a grid.

    Attributes:
        plan: what is to be trained.
        place: where.
        run_dir: its folder, if it has one.
        done: epochs that have been trained.
    """

    plan: launch.Plan
    place: launch.Place
    run_dir: Path | None
    done: int

    @property
    def state(self) -> str:
        """Whether it is `new`, `begun` or `complete`."""
        if self.run_dir is None:
            return "new"
        return "complete" if self.done == self.plan.config["epochs"] else "begun"


def asks(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a configuration asks for, without what it only tells."""
    return {k: as_json(x) for k, x in config.items() if k not in launch.ABOUT}


def find(plan: launch.Plan, place: launch.Place) -> GridRun:
    """The run of a plan, with its folder if there is one; of several, the longest."""
    name, data_dir = escape(place.exp_name), place.data_dir
    pattern = f"????-??-??_{name}" if place.datestamp else name
    found = [GridRun(plan, place, None, -1)]
    for file in data_dir.glob(f"{pattern}/*/config.json"):
        try:
            config = read_config(file.parent)
        except UserError:
            continue  # of something else
        if asks(config) == asks(plan.config):
            found.append(GridRun(plan, place, file.parent, epochs_done(file.parent)))
    return max(found, key=lambda run: run.done)


def epochs_done(run_dir: Path) -> int:
    """How many epochs a checkpoint has behind it; 0 without one."""
    begun = (run_dir / "checkpoint.pt").exists()
    return int(read_checkpoint(run_dir)["epochs"]) if begun else 0


def as_name(short: str, x: Any) -> str:
    """An argument and its value, as part of the name of a folder."""
    if isinstance(x, bool):
        return short if x else f"no_{short}"
    if isinstance(x, Mapping):
        return "_".join(as_name(str(key), value) for key, value in x.items())
    if isinstance(x, list | tuple):
        text = "-".join(map(str, x))
    else:
        text = launch.id_of(x) if callable(x) else str(x)
    return short + re.sub(r"[^\w.-]", "-", text)


def value_in(variant: Mapping[str, Any], key: str) -> Any:
    """The value of an argument, or of one of the environment's arguments."""
    group, _, name = key.partition(":")
    return variant[group][name] if name else variant[group]


def described(found: Sequence[GridRun]) -> str:
    """A line for each run of a grid: its state, its experiment, and its seed."""
    counts = Counter(run.state for run in found)
    lines = [", ".join(f"{n} {state}" for state, n in counts.items())]
    for run in found:
        where = run.run_dir or run.place.data_dir / run.place.exp_name
        seed = "" if run.run_dir else f", seed {run.plan.config['seed']}"
        lines.append(f"{run.state:<9} {where}{seed}")
    return "\n".join(lines)


def command_of(train: Callable[..., Any]) -> str:
    """What a training function is called on the command line."""
    package, _, name = train.__module__.rpartition(".")
    return name if package == "spinup_lit" else getfile(unwrap(train))


def outcome(run_dir: Path, status: int) -> str:
    """How a run has ended, in a few words."""
    if status:
        log = run_dir / "log.txt"
        lines = log.read_text("utf-8", "replace").splitlines()
        said = [line for line in lines if line and not line.startswith("(left out")]
        return f"{' '.join(said[-1:]) or f'status {status}'} (see {log})"
    row = last_row(run_dir)
    if not row:
        return "it has logged no epoch"
    ret = row["AverageEpRet"] or "unknown"
    return f"AverageEpRet {ret:.6}, {float(row['Time']):.0f} s"


def last_row(run_dir: Path) -> dict[str, str]:
    """The latest row of a progress.txt; empty if there is none yet."""
    try:
        with (run_dir / "progress.txt").open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except FileNotFoundError:
        return {}
    return rows[-1] if rows else {}


class Job(NamedTuple):
    """A run that trains in a process of its own."""

    number: int  # of the run in the grid
    run_dir: Path
    process: subprocess.Popen[bytes]
    bar: TaskID


class Sweep:
    """Carries out runs in processes of their own, some at a time.

    All processes end with its `with` block.

    Args:
        runs: what to train; what is complete is left as it is.
        workers: how many at a time.
        quiet: whether to show nothing but errors.
    """

    def __init__(self, runs: Sequence[GridRun], workers: int, quiet: bool) -> None:
        self._runs, self._workers = runs, workers
        self._folders = [run.run_dir for run in runs]
        self._waiting = deque(
            i for i, run in enumerate(runs) if run.state != "complete"
        )
        self._total, self._ended = len(self._waiting), 0
        self._jobs: list[Job] = []
        self._failed: list[str] = []
        columns = (
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            "epochs,",
            TimeRemainingColumn(),
            "left  {task.fields[ret]}",
        )
        console = Console(quiet=quiet)
        live = console.is_interactive and not quiet
        self._bars = Progress(*columns, console=console, disable=not live)

    def __enter__(self) -> "Sweep":
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        for job in self._jobs:
            job.process.terminate()
        for job in self._jobs:
            job.process.wait()
        self._bars.stop()

    def carry_out(self) -> list[Path]:
        """Train everything; return the folders.

        Raises:
            UserError: some runs have failed. All others are complete.
        """
        if skipped := len(self._runs) - self._total:
            self._say(f"{skipped} of {len(self._runs)} runs are complete already")
        while self._waiting or self._jobs:
            while self._waiting and len(self._jobs) < self._workers:
                self._start(self._waiting.popleft())
            time.sleep(0.2)
            for job in self._jobs.copy():
                self._look(job)
        require(
            not self._failed,
            f"{len(self._failed)} of {self._total} runs failed; the same command tries "
            "them again, and leaves alone what is complete:\n"
            + "\n".join(self._failed),
        )
        return [run_dir for run_dir in self._folders if run_dir]

    def _say(self, line: str) -> None:
        """Print a line, above the bars if there are any."""
        self._bars.console.print(line, soft_wrap=True, highlight=False, markup=False)

    def _start(self, number: int) -> None:
        """Start the process of a run, in a folder that is made now if it has none."""
        run = self._runs[number]
        run_dir = self._folders[number] = run.run_dir or run.plan.make(run.place)
        command = [sys.executable, "-m", "spinup_lit.run", "resume", str(run_dir)]
        with (run_dir / "log.txt").open("ab") as log:
            # In a session of its own it does not hear a Ctrl-C; we pass it on.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        epochs = run.plan.config["epochs"]
        bar = self._bars.add_task(run_dir.name, total=epochs, ret="")
        self._jobs.append(Job(number, run_dir, process, bar))
        self._say(f"begins  {run_dir}")

    def _look(self, job: Job) -> None:
        """Show how far a run has come, or how it has ended."""
        status = job.process.poll()
        if status is None:
            if row := last_row(job.run_dir):
                epochs, ret = int(row["Epoch"]) + 1, row["AverageEpRet"]
                self._bars.update(
                    job.bar, completed=epochs, ret=f"AverageEpRet {ret:.6}"
                )
            return
        self._jobs.remove(job)
        self._bars.remove_task(job.bar)
        self._ended += 1
        words, word = outcome(job.run_dir, status), "FAILED" if status else "ended"
        if status:
            self._failed.append(f"  {job.run_dir}: {words}")
        self._say(f"{word:<7} {job.run_dir}: {words}  [{self._ended}/{self._total}]")


class Axis(NamedTuple):
    """An argument of a grid, and the values that it takes."""

    key: str
    values: list[Any]
    short: str  # what stands for it in names
    in_name: bool  # whether its value is part of the names of experiments


class ExperimentGrid:
    """Runs for all combinations of some values of some arguments.

    Args:
        name: of the experiments, before what tells them apart; if empty, those of the
            algorithm and the environment.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._axes: dict[str, Axis] = {}

    def add(
        self, key: str, vals: Any, shorthand: str | None = None, in_name: bool = False
    ) -> None:
        """Let an argument take some values.

        Args:
            key: name of an argument; `env_kwargs:name` is one of the environment.
            vals: a list of values, a range, an array; anything else is one value.
            shorthand: what stands for the argument in names; by default its own name.
            in_name: whether the value stands there even if it is the only one.

        Raises:
            UserError: there is no value, or one twice, or the argument has its values.
        """
        several = isinstance(vals, list | range | np.ndarray)
        values = list(vals) if several else [vals]
        require(key not in self._axes, f"{key} has its values already")
        require(bool(values), f"{key} needs a value")
        twice = next((x for i, x in enumerate(values) if x in values[:i]), NONE)
        require(twice is NONE, f"{key} is {twice!r} twice")
        short = key.rpartition(":")[2] if shorthand is None else shorthand
        shown = key != "seed" and (in_name or len(values) > 1)
        self._axes[key] = Axis(key, values, short, shown)

    def variants(self) -> list[dict[str, Any]]:
        """The arguments of every run, `env_kwargs` as a dictionary."""
        found = []
        for values in product(*(axis.values for axis in self._axes.values())):
            variant: dict[str, Any] = {}
            for key, x in zip(self._axes, values):
                group, colon, name = key.partition(":")
                if colon:
                    variant.setdefault(group, {})[name] = x
                else:
                    variant[key] = x
            found.append(variant)
        return found

    def name_of(self, algorithm: str, variant: Mapping[str, Any]) -> str:
        """The name of the experiment to which one of the runs belongs."""
        train = launch.training_function(algorithm)
        env = variant.get("env", signature(train).parameters["env"].default)
        name = self.name or launch.default_name(algorithm, launch.id_of(env))
        parts = [
            as_name(axis.short, value_in(variant, axis.key))
            for axis in self._axes.values()
            if axis.in_name and (axis.key != "env" or self.name)
        ]
        return "_".join([name, *parts])

    def runs(
        self,
        algorithm: str,
        *,
        data_dir: Path | str = "data",
        datestamp: bool = False,
        **launching: Any,
    ) -> list[GridRun]:
        """All runs of the grid, each checked, and found if it has a folder already.

        Args:
            algorithm: the name of an algorithm, or the path of a file.
            data_dir: folder that holds all experiments.
            datestamp: whether the names of new folders begin with date and time.
            launching: what else `launch.plan` takes, such as `num_cpu`.

        Raises:
            UserError: one of them is impossible, or two experiments have one name.
        """
        found, same = list[GridRun](), dict[str, Any]()
        for variant in self.variants():
            plan = launch.plan(algorithm, **launching, **variant)
            name = self.name_of(algorithm, variant)
            setting = asks(plan.config) | {"seed": None}
            clash = same.setdefault(name, setting) != setting
            require(
                not clash, f"two settings would both be called {name}; shorthands help"
            )
            place = launch.Place(Path(data_dir), name, datestamp)
            found.append(find(plan, place))
        return found

    def run(
        self,
        algorithm: str | Callable[..., Any],
        *,
        workers: int = 0,
        num_cpu: int | Literal["auto"] = 1,
        data_dir: Path | str = "data",
        datestamp: bool = False,
        dry_run: bool = False,
        quiet: bool = False,
        **watching: bool,
    ) -> list[Path]:
        """Train what is not complete yet, several runs at a time.

        Args:
            algorithm: a training function, the name of its module, or the path of a file.
            workers: how many runs at a time; 0: as many as there are cores for.
            num_cpu: MPI ranks that share the work of each run; "auto": one for each core.
            data_dir: folder that holds all experiments.
            datestamp: whether the names of new folders begin with date and time.
            dry_run: only say what would be trained.
            quiet: show nothing but errors.
            watching: `snapshots` and `tensorboard`, as in `launch.start`.

        Returns:
            The folders of the runs, in the order of `variants`; of a dry run, those there are.

        Raises:
            UserError: something cannot work, and nothing has been trained; or some runs have
                failed, and all others are complete.
        """
        command = algorithm if isinstance(algorithm, str) else command_of(algorithm)
        ranks = cores() if num_cpu == "auto" else num_cpu
        most = max(1, cores() // max(1, ranks))
        require(
            0 <= workers <= most,
            f"workers is {workers}; this machine has {cores()} cores, enough for 1 to {most} "
            f"runs at a time with num_cpu {ranks}",
        )
        launching: dict[str, Any] = {"num_cpu": num_cpu, **watching}
        found = self.runs(command, data_dir=data_dir, datestamp=datestamp, **launching)
        if dry_run:
            print(described(found))
            return [run.run_dir for run in found if run.run_dir]
        with Sweep(found, workers or most, quiet) as sweep:
            return sweep.carry_out()
