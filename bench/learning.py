"""What SAC and TD3 of Stable-Baselines3 learn: `make bench-learning`, about an hour.

They train on HalfCheetah-v5 with the settings and the seeds of this book's own runs, and
are evaluated as these are, with this book's code. The table that comes out stands in
`book/results/sb3_HalfCheetah-v5.csv`; a training whose rows are there is not repeated.
"""

from __future__ import annotations

import csv
import platform
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import SAC, TD3
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.noise import NormalActionNoise

from spinup_lit.experiments.settings import SETTINGS, Setting
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.evaluation import EPISODES, evaluate

ENV = "HalfCheetah-v5"
TABLE = Path(__file__).parents[1] / "book" / "results" / f"sb3_{ENV}.csv"
COLUMNS = ("algorithm", "seed", "steps", "return", "versions")


class Player:
    """A model of theirs, asked as an agent of ours."""

    def __init__(self, model: Any):
        self.model = model

    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray:
        return np.asarray(self.model.predict(obs, deterministic=deterministic)[0])


class Evaluates(BaseCallback):
    """Evaluates every so many steps, by the episodes that our run of this seed plays."""

    def __init__(self, seed: int, every: int):
        super().__init__()
        self.run_seed, self.every, self.found = seed, every, list[tuple[int, float]]()
        self.worlds = [make(ENV) for _ in range(EPISODES)]

    def _on_step(self) -> bool:
        if self.num_timesteps % self.every == 0:
            number = len(self.found) + 1
            stream = np.random.SeedSequence(self.run_seed, spawn_key=(number,))
            seeds = stream.generate_state(EPISODES).tolist()
            returns = evaluate(Player(self.model), self.worlds, seeds)  # type: ignore[arg-type]
            self.found.append((self.num_timesteps, float(np.mean(returns))))
            print(self.found[-1], flush=True)
        return True


def options(setting: Setting) -> dict[str, Any]:
    """What our training function is called with, defaults included."""
    parameters = signature(setting.train).parameters
    return {name: p.default for name, p in parameters.items()} | dict(setting.options)


def model_of(setting: Setting, seed: int) -> Any:
    """Their learner with our settings."""
    ours = options(setting)
    assert ours["pi_lr"] == ours["q_lr"] and ours["start_steps"] == ours["update_after"]
    env = gym.make(ENV)
    shared: dict[str, Any] = {
        "learning_rate": ours["pi_lr"],
        "buffer_size": ours["replay_size"],
        "learning_starts": ours["start_steps"],
        "batch_size": ours["batch_size"],
        "tau": 1 - ours["polyak"],
        "gamma": ours["gamma"],
        "train_freq": ours["update_every"],
        "gradient_steps": round(ours["update_every"] * ours["update_ratio"]),
        "policy_kwargs": {"net_arch": list(ours["hidden_sizes"])},
        "seed": seed,
        "device": "cpu",
    }
    if setting.algorithm == "sac":
        return SAC("MlpPolicy", env, ent_coef=f"auto_{ours['alpha']}", **shared)
    spread = ours["act_noise"] * np.ones(env.action_space.shape or ())
    return TD3(
        "MlpPolicy",
        env,
        action_noise=NormalActionNoise(np.zeros_like(spread), spread),
        policy_delay=ours["policy_delay"],
        target_policy_noise=ours["target_noise"],
        target_noise_clip=ours["noise_clip"],
        **shared,
    )


def train(setting: Setting, seed: int) -> list[tuple[int, float]]:
    """Train their learner as our run; return steps and mean returns of evaluations."""
    ours = options(setting)
    evaluates = Evaluates(seed, ours["steps_per_epoch"])
    model = model_of(setting, seed)
    model.learn(ours["epochs"] * ours["steps_per_epoch"], callback=evaluates)
    return evaluates.found


def main() -> None:
    torch.set_num_threads(1)
    names = ("stable_baselines3", "torch", "gymnasium", "mujoco")
    versions = "; ".join([f"{name} {version(name)}" for name in names])
    rows = list(csv.reader(TABLE.open())) if TABLE.exists() else [list(COLUMNS)]
    done = {(algorithm, seed) for algorithm, seed, *_ in rows[1:]}
    print(f"Python {platform.python_version()}, {versions}")
    for algorithm in ("sac", "td3"):
        setting = SETTINGS[f"{algorithm}_{ENV}"]
        for seed in range(setting.seeds):
            if (algorithm, str(seed)) in done:
                continue
            print(f"{algorithm}, seed {seed}", flush=True)
            for steps, ret in train(setting, seed):
                rows.append([algorithm, str(seed), str(steps), f"{ret:.6g}", versions])
            with TABLE.open("w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
