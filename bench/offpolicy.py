"""Times SAC and TD3 beside their peers: `make bench-offpolicy`, on Linux or macOS.

All do the same work: HalfCheetah-v5, one environment, one update of a batch of 256 for
each step, networks of two layers of 256, one thread. Each training is a process of its
own; all that are compared take turns. The first 1,000 steps are not timed: they are
random, and what is compiled is compiled in the updates right after them.

`make bench-offpolicy GOAL=yes` counts the seconds of training, at each one's defaults,
until ten episodes of Pendulum-v1 return at least -200 in the mean, three times in a row;
it is asked every 1,000 steps.
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
from dataclasses import astuple, dataclass, field
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from ppo import Clock, processor

ENV, START, WARM, UPDATES, ROUNDS = "HalfCheetah-v5", 1000, 100, 600, 3
BATCH, WIDTHS = 256, (256, 256)
PENDULUM, THRESHOLD, EPISODES, SEEDS = "Pendulum-v1", -200, 10, 5
XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
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


def sample(clock: Clock) -> Sample:
    """What a clock has measured of updates, but for the first ones."""
    spans = [(begin, end) for _, begin, end in clock.spans[WARM:]]
    learning = sum(end - begin for begin, end in spans)
    passed = spans[-1][1] - spans[0][0]
    return Sample(len(spans) / learning, len(spans) / passed)


def train_ours(algorithm: str) -> Sample:
    module, clock = import_module(f"spinup_lit.{algorithm}"), Clock()
    clock.watch(module, "update", "learn")
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
    return sample(clock)


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
    clock.watch(model, "train", "learn")
    model.learn(START + WARM + UPDATES)
    return sample(clock)


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

    for number in range(WARM + UPDATES):
        begin = time.perf_counter()
        update(number)
        clock.spans.append(("learn", begin, time.perf_counter()))
    return sample(clock)


class Reached(Exception):
    """The goal is reached."""


@dataclass
class Goal:
    """Counts seconds until three evaluations in a row are good, not those they take."""

    begin: float = field(default_factory=time.perf_counter)
    good: int = 0
    asked: int = 0

    def ask(self, episodes: Callable[[int], list[float]]) -> None:
        """Evaluate; raise `Reached` if that is enough.

        Args:
            episodes: the returns of ten, the first of which has this seed.
        """
        paused, self.asked = time.perf_counter(), self.asked + 1
        mean = sum(episodes(10_000 * self.asked)) / EPISODES
        self.good = self.good + 1 if mean >= THRESHOLD else 0
        self.begin += time.perf_counter() - paused
        if self.good == 3:
            raise Reached


def reach_ours(algorithm: str, seed: int) -> tuple[float, int]:
    from spinup_lit.machinery.envs import make
    from spinup_lit.machinery.evaluation import evaluate
    from spinup_lit.machinery.training import Training, Watcher, watched

    goal, worlds = Goal(), [make(PENDULUM) for _ in range(EPISODES)]

    class Asks(Watcher):
        def look(self, run: Training) -> None:
            goal.ask(lambda n: evaluate(run.agent, worlds, range(n, n + EPISODES)))

    try:
        with watched(Asks()):
            train = getattr(import_module(f"spinup_lit.{algorithm}"), algorithm)
            train(PENDULUM, seed=seed)
    except Reached:
        return time.perf_counter() - goal.begin, 1000 * goal.asked
    return float("inf"), 1000 * goal.asked


def reach_theirs(algorithm: str, seed: int) -> tuple[float, int]:
    import gymnasium as gym
    import stable_baselines3
    import torch
    from stable_baselines3.common.callbacks import BaseCallback

    torch.set_num_threads(1)
    learner = getattr(stable_baselines3, algorithm.upper())
    model = learner("MlpPolicy", gym.make(PENDULUM), device="cpu", seed=seed)
    world = gym.make(PENDULUM)

    def episodes(first: int) -> list[float]:
        returns = []
        for i in range(first, first + EPISODES):
            (obs, _), ret, done = world.reset(seed=i), 0.0, False
            while not done:
                act, _ = model.predict(obs, deterministic=True)
                obs, rew, terminated, truncated, _ = world.step(act)
                ret, done = ret + float(rew), terminated or truncated
            returns.append(ret)
        return returns

    goal = Goal()

    class Asks(BaseCallback):
        def _on_step(self) -> bool:
            if self.num_timesteps % 1000 == 0:
                goal.ask(episodes)
            return True

    try:
        model.learn(20_000, callback=Asks())
    except Reached:
        return time.perf_counter() - goal.begin, 1000 * goal.asked
    return float("inf"), 1000 * goal.asked


REACH = {"spinup_lit": reach_ours, "SB3": reach_theirs}


def race(algorithm: str) -> None:
    """Let both learn Pendulum at their defaults, one seed after the other."""
    print(
        f"\n{algorithm.upper():24}seconds (steps) until the goal, by seed", flush=True
    )
    took: dict[str, list[float]] = {name: [] for name in REACH}
    for seed in range(SEEDS):
        for name in REACH:
            seconds, steps = run_apart(["reach", name, algorithm, str(seed)])
            took[name].append(seconds)
            print(f"{name:24}{seconds:8.1f} ({steps:,.0f})", flush=True)
    ratios = [ours / theirs for ours, theirs in zip(*took.values())]
    print(f"{'ours divided by theirs':24}{median(ratios):8.2f}   aim 0.5")


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


def run_apart(arguments: list[str]) -> list[float]:
    """Let a process of its own measure something; return the numbers it found."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, __file__, str(result), *arguments]
        one_thread = os.environ | {"OMP_NUM_THREADS": "1", "XLA_FLAGS": XLA}
        done = subprocess.run(command, env=one_thread, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{done.stderr}this failed: {' '.join(command)}")
        return list(json.loads(result.read_text()))


def measured(result: str, what: str, name: str, algorithm: str, seed: str = "") -> None:
    """Train in this process, or in ranks that it starts; rank 0 writes what it found."""
    from spinup_lit.machinery import mpi

    if what == "reach":
        found: Any = REACH[name](algorithm, int(seed))
    else:
        run = RUNS[name]
        if mpi.num_procs() < run.ranks:
            sys.exit(mpi.launch(run.ranks, sys.argv))
        found = astuple(run.train(algorithm))
    if mpi.proc_id() == 0:
        Path(result).write_text(json.dumps(found))


def measure(name: str, algorithm: str) -> Sample:
    """What a training of this line of the table is measured to do."""
    return Sample(*run_apart(["speed", name, algorithm]))


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
    if os.environ.get("GOAL"):
        for algorithm in ("sac", "td3", "ddpg"):
            race(algorithm)
        return
    print(
        f"Updates per second: the median of {ROUNDS} trainings, the lowest and the highest"
    )
    for algorithm in ("sac", "td3"):
        report(algorithm)


if __name__ == "__main__":
    measured(*sys.argv[1:]) if len(sys.argv) > 1 else main()
