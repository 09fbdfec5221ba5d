"""Times PPO beside that of Stable-Baselines3: `make bench-ppo`, on Linux or macOS.

Each training is a process of its own, with one thread; all that are compared take
turns. An epoch is 2,048 steps and what is learned from them. The first is not timed.
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
from importlib.metadata import version
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

ENVS = ("CartPole-v1", "HalfCheetah-v5")
EPOCH, COPIES, ROUNDS = 2048, 16, 3
PACKAGES = ("torch", "numpy", "gymnasium", "mujoco", "stable_baselines3")
HEAD = """\
Environment steps per second: the median of {} trainings, the lowest and the highest; and
what part of the time they took to act, to step the environments, and to learn.
At equal work, both train two networks of 64 and 64 units on 16 environments x 128 steps
by 10 passes over minibatches of 256, each with a fused Adam and gradients of at most 0.5;
neither normalises observations or returns, nor stops a pass early.
"""


@dataclass
class Sample:
    """What one training was measured to do."""

    speed: float  # environment steps per second
    parts: list[float]  # of the time: acting, stepping, learning


@dataclass
class Clock:
    """Notes when functions begin and end."""

    spans: list[tuple[str, float, float]] = field(default_factory=list)

    def watch(self, owner: Any, function: str, label: str) -> None:
        """From now on, note the calls of this function of a module, class or object."""
        original = getattr(owner, function)

        def watched(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            result = original(*args, **kwargs)
            self.spans.append((label, begin, time.perf_counter()))
            return result

        setattr(owner, function, watched)

    def sample(self, epochs: int, steps: int = EPOCH) -> Sample:
        """What was measured since the second of these epochs began, until now."""
        begins = [begin for label, begin, _ in self.spans if label == "collect"]
        seconds = {"collect": 0.0, "step": 0.0}
        for label, begin, end in self.spans:
            seconds[label] += end - begin if begin >= begins[1] else 0
        total = time.perf_counter() - begins[1]
        collect, step = seconds["collect"] / total, seconds["step"] / total
        parts = [collect - step, step, 1 - collect]
        return Sample((epochs - 1) * steps / total, parts)


def train_ours(env: str, epochs: int, **options: Any) -> Sample:
    from spinup_lit import ppo
    from spinup_lit.machinery import envs

    clock = Clock()
    clock.watch(ppo, "rollout", "collect")
    clock.watch(envs.EnvBatch, "step", "step")
    ppo.ppo(env, epochs=epochs, **options)
    return clock.sample(epochs, options.get("steps_per_epoch", EPOCH))


def train_theirs(
    env: str, epochs: int, copies: int = 1, kind: str = "DummyVecEnv", **options: Any
) -> Sample:
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common import vec_env
    from stable_baselines3.common.env_util import make_vec_env

    torch.set_num_threads(1)
    start = {"start_method": "fork"} if kind == "SubprocVecEnv" else {}  # the soonest
    cls = getattr(vec_env, kind)
    envs = make_vec_env(env, copies, vec_env_cls=cls, vec_env_kwargs=start)
    model = PPO("MlpPolicy", envs, device="cpu", **options)
    clock = Clock()
    clock.watch(model, "collect_rollouts", "collect")
    clock.watch(envs, "step", "step")
    model.learn(epochs * EPOCH)
    return clock.sample(epochs)


def only_step(env: str, epochs: int) -> Sample:
    """Step as many environments of Gymnasium with random actions."""
    import gymnasium as gym
    from gymnasium.vector import AutoresetMode, SyncVectorEnv

    mode = AutoresetMode.SAME_STEP
    envs = SyncVectorEnv([lambda: gym.make(env)] * COPIES, autoreset_mode=mode)
    envs.reset(seed=0)
    actions = [envs.action_space.sample() for _ in range(epochs * EPOCH // COPIES)]
    begin = time.perf_counter()
    for action in actions:
        envs.step(action)
    return Sample(epochs * EPOCH / (time.perf_counter() - begin), [0, 1, 0])


@dataclass(frozen=True)
class Run:
    """A line of the table: how to train, for how long, on how many ranks."""

    train: Callable[[str, int], Sample]
    epochs: int
    ranks: int = 1


NETWORK = (64, 64)
OURS = partial(
    train_ours,
    hidden_sizes=NETWORK,
    num_envs=COPIES,
    steps_per_epoch=EPOCH,
    minibatch_size=256,
    train_passes=10,
    target_kl=inf,
    lr_decay=0.0,
    max_grad_norm=0.5,
    normalise_obs=False,
    normalise_ret=False,
)
THEIRS = partial(
    train_theirs,
    copies=COPIES,
    n_steps=EPOCH // COPIES,
    batch_size=256,
    n_epochs=10,
    target_kl=None,
    learning_rate=1e-3,
    policy_kwargs={
        "net_arch": list(NETWORK),
        "optimizer_kwargs": {"eps": 1e-8, "fused": True},
    },
)
TWICE = {"num_envs": 2 * COPIES, "steps_per_epoch": 2 * EPOCH, "minibatch_size": 512}
RUNS = {
    "environments alone": Run(only_step, 12),
    "spinup_lit": Run(OURS, 12),
    "SB3, DummyVecEnv": Run(THEIRS, 12),
    "SB3, SubprocVecEnv": Run(partial(THEIRS, kind="SubprocVecEnv"), 6),
    "two ranks": Run(OURS, 12, ranks=2),
    "two ranks, twice the batch": Run(partial(OURS, **TWICE), 6, ranks=2),
    "spinup_lit, defaults": Run(train_ours, 12),
    "SB3, defaults": Run(train_theirs, 4),
}
PEERS = ["SB3, DummyVecEnv", "SB3, SubprocVecEnv"]
RATIOS = {  # what is divided by the fastest of what
    "equal work, to SB3": ("spinup_lit", PEERS),
    "defaults, to SB3's": ("spinup_lit, defaults", ["SB3, defaults"]),
    "equal work, to SB3's defaults": ("spinup_lit", ["SB3, defaults"]),
    "two ranks, to one": ("two ranks", ["spinup_lit"]),
    "twice the batch, to one": ("two ranks, twice the batch", ["spinup_lit"]),
}
GOALS = {
    ("equal work, to SB3", "CartPole-v1"): 2.0,
    ("equal work, to SB3", "HalfCheetah-v5"): 1.2,
    ("equal work, to SB3's defaults", "CartPole-v1"): 10.0,
    ("two ranks, to one", "CartPole-v1"): 1.7,
    ("two ranks, to one", "HalfCheetah-v5"): 1.7,
}


def measure(name: str, env: str) -> Sample:
    """Let a process of its own train, and read what it measured."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "sample.json"
        command = [sys.executable, __file__, name, env, str(result)]
        one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=one_thread, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{done.stderr}this failed: {' '.join(command)}")
        return Sample(**json.loads(result.read_text()))


def measured(name: str, env: str, result: str) -> None:
    """Train in this process, or in ranks that it starts; rank 0 writes the sample."""
    from spinup_lit.machinery import mpi

    run = RUNS[name]
    if mpi.num_procs() < run.ranks:
        sys.exit(mpi.launch(run.ranks, sys.argv))
    sample = run.train(env, run.epochs)
    if mpi.proc_id() == 0:
        Path(result).write_text(json.dumps(asdict(sample)))


def report(env: str) -> None:
    """Measure everything in one environment and print it."""
    print(f"\n{env:26}{'steps/s':>9}{'':19}acting stepping learning", flush=True)
    rounds = [{name: measure(name, env) for name in RUNS} for _ in range(ROUNDS)]
    for name in RUNS:
        samples = [one[name] for one in rounds]
        speeds = [sample.speed for sample in samples]
        parts = (median(part) for part in zip(*(sample.parts for sample in samples)))
        print(f"{name:26}{median(speeds):9,.0f}", end="")
        print(f" {min(speeds):8,.0f}{max(speeds):8,.0f} ", end="")
        print("".join(f"{100 * part:7.0f} %" for part in parts))
    for title, (name, others) in RATIOS.items():
        ratios = [r[name].speed / max(r[o].speed for o in others) for r in rounds]
        low, high, goal = min(ratios), max(ratios), GOALS.get((title, env))
        print(f"{title:30}{median(ratios):5.2f} {low:8.2f}{high:8.2f}", end="")
        print(f"   goal {goal}" if goal else "")


def processor() -> str:
    """The name of the processor; only Linux tells it in a file."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    print(f"{platform.platform()}, {os.cpu_count()} cores, {processor()}")
    versions = [f"{name} {version(name)}" for name in PACKAGES]
    print(f"Python {platform.python_version()}, {', '.join(versions)}")
    print(f"Load before: {os.getloadavg()[0]:.1f}; an idle machine has less than 0.5\n")
    print(HEAD.format(ROUNDS), end="")
    for env in ENVS:
        report(env)


if __name__ == "__main__":
    measured(*sys.argv[1:]) if len(sys.argv) > 1 else main()
