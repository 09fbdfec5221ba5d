"""Checks and times updates on a GPU: `make bench-device`, where there is one.

First, whether a recorded update is the plain one: each algorithm learns from the same
draws, as it is written and as a recording, and the parameters are compared. Then SAC on
HalfCheetah-v5 with batches of 256 and two layers of 256: the update as it is written, as
we record it, and the bare replay of the recording; and the whole training, on the GPU,
on the processor, and that of Stable-Baselines3 on the same GPU.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from statistics import median
from typing import Any

import torch
from ppo import processor
from torch.nn.utils import parameters_to_vector

from spinup_lit.machinery import device
from spinup_lit.machinery.errors import UserError

ALGORITHMS = ("dqn", "ddpg", "td3", "sac")
ENV, START, WARM, UPDATES, ROUNDS = "HalfCheetah-v5", 1000, 100, 2000, 3
SHORT = {
    "hidden_sizes": (64, 64),
    "batch_size": 64,
    "steps_per_epoch": 200,
    "start_steps": 200,  # all are random: what is learnt does not choose what is seen
    "update_after": 100,
    "num_test_episodes": 1,
    "epochs": 1,
}
WORK = {
    "hidden_sizes": (256, 256),
    "batch_size": 256,
    "start_steps": START,
    "update_after": START,
    "steps_per_epoch": START + WARM + UPDATES,
    "num_test_episodes": 1,
    "epochs": 1,
}
PACKAGES = ("torch", "numpy", "gymnasium", "mujoco", "stable_baselines3")


class Written(device.Recording):
    """Carries out each update as it is written."""

    WARM_UP = sys.maxsize


class Timed(device.Recording):
    """Times each update until the GPU has done it, and replays alone at the end."""

    last: Timed

    def __init__(self, step: Callable[[], device.Found], where: torch.device) -> None:
        super().__init__(step, where)
        self.seconds: list[float] = []
        Timed.last = self

    def __call__(self) -> device.Found:
        torch.cuda.synchronize()
        begin = time.perf_counter()
        found = super().__call__()
        torch.cuda.synchronize()
        self.seconds.append(time.perf_counter() - begin)
        return found

    def replay_alone(self) -> float:
        """Seconds of the graph's replay and nothing else, the median of many."""
        seconds = []
        for _ in range(UPDATES):
            torch.cuda.synchronize()
            begin = time.perf_counter()
            self._graph.replay()
            torch.cuda.synchronize()
            seconds.append(time.perf_counter() - begin)
        return median(seconds)


class TimedAsWritten(Timed):
    """Times each update, carried out as it is written."""

    WARM_UP = sys.maxsize


@contextmanager
def recording(kind: type[device.Recording]) -> Iterator[None]:
    """Let updates be carried out in this way."""
    usual, device.Recording = device.Recording, kind  # type: ignore[misc]
    try:
        yield
    finally:
        device.Recording = usual  # type: ignore[misc]


def trained(algorithm: str, **options: Any) -> torch.nn.Module:
    agent: torch.nn.Module = getattr(
        import_module(f"spinup_lit.{algorithm}"), algorithm
    )(**options)
    return agent


def compare(algorithm: str) -> None:
    """Train as it is written and as a recording; print how far the two are apart."""
    vectors = []
    for kind in (Written, device.Recording, device.Recording):
        with recording(kind):
            agent = trained(algorithm, **SHORT, device="cuda")
        vectors.append(parameters_to_vector(agent.parameters()).detach().double().cpu())
    written, recorded, again = vectors
    size = written.abs().max().item()
    apart = (recorded - written).abs().max().item() / size
    repeat = (recorded - again).abs().max().item() / size
    verdict = "equal to rounding" if apart < 1e-3 else "DIFFERENT"
    print(
        f"{algorithm:8}largest difference {apart:.1e} of the largest parameter, "
        f"between two recordings {repeat:.1e}: {verdict}",
        flush=True,
    )


def time_updates() -> None:
    """The seconds of an update of SAC: as written, recorded, and the bare replay."""
    rows: dict[str, list[float]] = {"as written": [], "recorded": [], "bare replay": []}
    for _ in range(ROUNDS):
        for name, kind in (("as written", TimedAsWritten), ("recorded", Timed)):
            with recording(kind):
                trained("sac", env=ENV, **WORK, device="cuda")
            rows[name].append(median(Timed.last.seconds[WARM:]))
        rows["bare replay"].append(Timed.last.replay_alone())
    for name, seconds in rows.items():
        print(f"{name:16}{1e3 * median(seconds):8.3f} ms", flush=True)
    ratio = median(rows["recorded"]) / median(rows["bare replay"])
    print(f"recorded divided by the bare replay: {ratio:.2f}   aim 1.3")


def ours(where: str) -> float:
    """Steps per second of our training, acting and updates, without its test episodes."""
    module = import_module("spinup_lit.sac")
    begins, collect, over_updates = list[float](), module.collect, module.over_updates
    ends = list[float]()

    def watched(*args: Any) -> None:
        begins.append(time.perf_counter())
        collect(*args)

    def ended(rows: Any) -> Any:
        columns = over_updates(rows)  # reads numbers, so the GPU is done
        ends.append(time.perf_counter())
        return columns

    module.collect, module.over_updates = watched, ended
    try:
        trained("sac", env=ENV, **WORK, device=where)
    finally:
        module.collect, module.over_updates = collect, over_updates
    return UPDATES / (ends[-1] - begins[START + WARM])


def theirs() -> float:
    """Steps per second of the training of Stable-Baselines3 on the same GPU."""
    import gymnasium as gym
    from stable_baselines3 import SAC
    from stable_baselines3.common.callbacks import BaseCallback

    times = list[float]()

    class Notes(BaseCallback):
        def _on_step(self) -> bool:
            times.append(time.perf_counter())
            return True

    model = SAC(
        "MlpPolicy",
        gym.make(ENV),
        batch_size=256,
        learning_starts=START,
        train_freq=1,
        gradient_steps=1,
        policy_kwargs={"net_arch": [256, 256]},
        device="cuda",
    )
    model.learn(START + WARM + UPDATES, callback=Notes())
    torch.cuda.synchronize()
    return UPDATES / (time.perf_counter() - times[START + WARM])


def time_trainings() -> None:
    """Steps per second of whole trainings, which take turns."""
    kinds: dict[str, Callable[[], float]] = {
        "ours, GPU": lambda: ours("cuda"),
        "ours, CPU": lambda: ours("cpu"),
        "SB3, GPU": theirs,
    }
    speeds: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, work in kinds.items():
            speeds[name].append(work())
    for name, found in speeds.items():
        print(
            f"{name:16}{median(found):8.0f} steps/s   from {min(found):.0f} to {max(found):.0f}",
            flush=True,
        )
    for name in ("ours, CPU", "SB3, GPU"):
        ratio = median(speeds["ours, GPU"]) / median(speeds[name])
        print(f"ours on the GPU, times {name}: {ratio:.1f}   aim 5")


def main() -> None:
    try:
        device.check_device("cuda", ranks=1)
    except UserError as error:
        raise SystemExit(f"bench/device.py needs a GPU: {error}") from None
    print(f"{torch.cuda.get_device_name()}; one core of {processor()}")
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"Python {platform.python_version()}, {versions}\n", flush=True)
    for algorithm in ALGORITHMS:
        compare(algorithm)
    print(f"\nSAC on {ENV}, an update of a batch of 256:", flush=True)
    time_updates()
    print("\nThe whole training, one update for each step:", flush=True)
    time_trainings()


if __name__ == "__main__":
    main()
