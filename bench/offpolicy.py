"""Times SAC and TD3 beside their peers: `make bench-offpolicy`, on Linux or macOS.

All do the same work: HalfCheetah-v5, one environment, one update of a batch of 256 for
each step, networks of two layers of 256, one thread. Each training is a process of its
own; all that are compared take turns. The first 1,000 steps are not timed: they are
random, and what is compiled is compiled in the updates right after them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from ppo import processor

ENV, START, WARM, UPDATES, ROUNDS = "HalfCheetah-v5", 1000, 100, 600, 3
BATCH, WIDTHS = 256, (256, 256)
PACKAGES = (
    "torch",
    "numpy",
    "gymnasium",
    "mujoco",
    "stable_baselines3",
    "sbx-rl",
    "jax",
)


@dataclass
class Sample:
    """What one training was measured to do."""

    updates: float  # per second of learning
    steps: float  # per second of everything


@dataclass
class Clock:
    """Notes when a function begins and ends."""

    spans: list[tuple[float, float]] = field(default_factory=list)

    def watch(self, owner: Any, function: str) -> None:
        """From now on, note the calls of this function of a module or object."""
        original = getattr(owner, function)

        def watched(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            result = original(*args, **kwargs)
            self.spans.append((begin, time.perf_counter()))
            return result

        setattr(owner, function, watched)

    def sample(self) -> Sample:
        """What was measured, but for the first calls."""
        spans = self.spans[WARM:]
        learning = sum(end - begin for begin, end in spans)
        passed = spans[-1][1] - spans[0][0]
        return Sample(len(spans) / learning, len(spans) / passed)


def train_ours(algorithm: str) -> Sample:
    module, clock = import_module(f"spinup_lit.{algorithm}"), Clock()
    clock.watch(module, "update")
    steps = START + WARM + UPDATES
    getattr(module, algorithm)(
        ENV,
        hidden_sizes=WIDTHS,
        batch_size=BATCH,
        start_steps=START,
        update_after=START,
        steps_per_epoch=steps,
        epochs=1,
        num_test_episodes=2,
    )
    return clock.sample()


def train_theirs(algorithm: str, package: str) -> Sample:
    import gymnasium as gym
    import torch

    torch.set_num_threads(1)
    learner = getattr(import_module(package), algorithm.upper())
    model = learner(
        "MlpPolicy",
        gym.make(ENV),
        batch_size=BATCH,
        learning_starts=START,
        train_freq=1,
        gradient_steps=1,
        policy_kwargs={"net_arch": list(WIDTHS)},
        **({"device": "cpu"} if package == "stable_baselines3" else {}),
    )
    clock = Clock()
    clock.watch(model, "train")
    model.learn(START + WARM + UPDATES)
    return clock.sample()


def products_alone(algorithm: str) -> Sample:
    """The matrix products that an update needs, and nothing else."""
    import torch

    torch.set_num_threads(1)
    obs, act, wide = 17, 6, WIDTHS[0]
    outputs = 2 * act if algorithm == "sac" else act
    actor = [(obs, wide), (wide, wide), (wide, outputs)]
    critic = [(obs + act, wide), (wide, wide), (wide, 1)]
    size = {n: torch.randn(BATCH, n) for n in {obs, act, outputs, obs + act, wide, 1}}
    weights = {shape: torch.randn(*shape) for shape in {*actor, *critic}}

    def forward(net: list[tuple[int, int]]) -> None:
        for n_in, n_out in net:
            torch.mm(size[n_in], weights[n_in, n_out])

    def to_inputs(net: list[tuple[int, int]], all_of_it: bool) -> None:
        for n_in, n_out in net if all_of_it else net[1:]:
            torch.mm(size[n_out], weights[n_in, n_out].T)

    def to_weights(net: list[tuple[int, int]]) -> None:
        for n_in, n_out in net:
            torch.mm(size[n_in].T, size[n_out])

    def critics() -> None:
        forward(actor)  # the next actions
        for _ in range(2):
            forward(critic)  # their values
            forward(critic)
            to_inputs(critic, all_of_it=False)
            to_weights(critic)

    def policy() -> None:
        forward(actor)
        for _ in range(2 if algorithm == "sac" else 1):
            forward(critic)
            to_inputs(critic, all_of_it=True)
        to_inputs(actor, all_of_it=False)
        to_weights(actor)

    delay, clock = (1 if algorithm == "sac" else 2), Clock()

    def update(number: int) -> None:
        critics()
        if number % delay == 0:
            policy()

    work = {"update": update}
    for number in range(WARM + UPDATES):
        begin = time.perf_counter()
        work["update"](number)
        clock.spans.append((begin, time.perf_counter()))
    return clock.sample()


@dataclass(frozen=True)
class Run:
    """A line of the table: how to train, on how many ranks."""

    train: Callable[[str], Sample]
    ranks: int = 1


RUNS = {
    "matrix products alone": Run(products_alone),
    "spinup_lit": Run(train_ours),
    "SB3": Run(partial(train_theirs, package="stable_baselines3")),
    "SBX": Run(partial(train_theirs, package="sbx")),
    "spinup_lit, two ranks": Run(train_ours, ranks=2),
}
RATIOS = {  # updates per second: what is divided by what, and the aim
    "to SB3": ("spinup_lit", "SB3", 1.4),
    "to SBX": ("spinup_lit", "SBX", 1.0),
    "to the products alone": ("spinup_lit", "matrix products alone", None),
    "two ranks to one": ("spinup_lit, two ranks", "spinup_lit", 1.5),
}


def measure(name: str, algorithm: str) -> Sample:
    """Let a process of its own train, and read what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "sample.json"
        command = [sys.executable, __file__, name, algorithm, str(result)]
        one_thread = os.environ | {
            "OMP_NUM_THREADS": "1",
            "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        }
        done = subprocess.run(command, env=one_thread, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{done.stderr}this failed: {' '.join(command)}")
        return Sample(**json.loads(result.read_text()))


def measured(name: str, algorithm: str, result: str) -> None:
    """Train in this process, or in ranks that it starts; rank 0 writes the sample."""
    from spinup_lit.machinery import mpi

    run = RUNS[name]
    if mpi.num_procs() < run.ranks:
        sys.exit(mpi.launch(run.ranks, sys.argv))
    sample = run.train(algorithm)
    if mpi.proc_id() == 0:
        Path(result).write_text(json.dumps(asdict(sample)))


def report(algorithm: str) -> None:
    """Measure everything for one algorithm and print it."""
    print(f"\n{algorithm.upper():24}{'updates/s':>10}{'':18}steps/s", flush=True)
    rounds = [{name: measure(name, algorithm) for name in RUNS} for _ in range(ROUNDS)]
    for name in RUNS:
        speeds = [one[name].updates for one in rounds]
        print(
            f"{name:24}{median(speeds):10.1f} {min(speeds):8.1f}{max(speeds):8.1f}",
            end="",
        )
        steps = (
            ""
            if "alone" in name
            else f"{median(one[name].steps for one in rounds):8.1f}"
        )
        print(steps)
    for title, (name, other, aim) in RATIOS.items():
        ratios = [one[name].updates / one[other].updates for one in rounds]
        print(
            f"{title:24}{median(ratios):10.2f} {min(ratios):8.2f}{max(ratios):8.2f}",
            end="",
        )
        print(f"   aim {aim}" if aim else "")


def main() -> None:
    print(f"{platform.platform()}, {os.cpu_count()} cores, {processor()}")
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    print(f"Python {platform.python_version()}, {', '.join(found)}")
    print(f"Load before: {os.getloadavg()[0]:.1f}; an idle machine has less than 0.5")
    print(
        f"Updates per second: the median of {ROUNDS} trainings, the lowest and the highest."
    )
    for algorithm in ("sac", "td3"):
        report(algorithm)


if __name__ == "__main__":
    measured(*sys.argv[1:]) if len(sys.argv) > 1 else main()
