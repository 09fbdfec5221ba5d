# spinup_lit/play.py: generated from book/machinery/running.md; edit the chapter. sha256:0d89902a0b0b4374
"""Watch a trained agent, and measure it."""

import sys
import warnings
from importlib import import_module
from pathlib import Path

import glfw
import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Box
from torch import nn

from spinup_lit import require
from spinup_lit.envs import make
from spinup_lit.logger import read_checkpoint, read_config, summary


def load_policy_and_env(
    run_dir: Path, render_mode: str | None = None
) -> tuple[nn.Module, gym.Env]:
    """The policy that a run has trained, and an environment for it.

    Raises:
        UserError: the folder holds no run, or a run without a checkpoint.
    """
    config = read_config(run_dir)
    checkpoint = run_dir / "checkpoint.pt"
    require(checkpoint.exists(), f"{run_dir} has no checkpoint.pt yet; let it train")
    env = make(config["env"], render_mode=render_mode)
    algorithm = import_module(f"spinup_lit.{config['algorithm']}")
    spaces = env.observation_space, env.action_space
    ac = algorithm.ActorCritic(*spaces, config["hidden_sizes"])
    ac.load_state_dict(read_checkpoint(checkpoint)["ac"])
    return ac.pi, env


@torch.inference_mode()
def run_episode(
    pi: nn.Module, env: gym.Env, deterministic: bool = False, seed: int | None = None
) -> tuple[float, int]:
    """Play one episode to its end; return the sum of its rewards and its length.

    Args:
        pi: maps observations (B, obs_dim) to a distribution over actions.
        env: the environment, as `envs.make` makes it.
        deterministic: act by the mode of that distribution instead of a sample.
        seed: seeds the environment first; None continues its random stream.
    """
    obs, _ = env.reset(seed=seed)
    ret, length, done = 0.0, 0, False
    while not done:
        dist = pi(torch.as_tensor(obs, dtype=torch.float32)[None])
        act = (dist.mode if deterministic else dist.sample())[0].numpy()
        if isinstance(env.action_space, Box):
            act = np.clip(act, env.action_space.low, env.action_space.high)
        obs, rew, terminated, truncated, _ = env.step(act)
        ret, length, done = ret + float(rew), length + 1, terminated or truncated
    return ret, length


def has_screen() -> bool:
    """Whether a window can be opened. Only Linux can be without a screen."""
    if sys.platform != "linux":
        return True
    with warnings.catch_warnings(action="ignore"):
        return bool(glfw.init())


def test_policy(
    run_dir: Path,
    /,
    *,
    episodes: int = 100,
    deterministic: bool = False,
    norender: bool = False,
    seed: int = 0,
) -> None:
    """Let the agent of a run play, in a window, and print what it earns.

    Args:
        run_dir: folder of the run.
        episodes: how many to play, >= 1.
        deterministic: always take the likeliest action instead of a random one.
        norender: open no window; much faster.
        seed: fixes all randomness.
    """
    require(episodes >= 1, f"episodes is {episodes}; it must be at least 1")
    require(norender or has_screen(), "no screen to open a window on; add --norender")
    torch.manual_seed(seed)
    results = []
    pi, env = load_policy_and_env(run_dir, None if norender else "human")
    with env:
        for i in range(episodes):
            ret, length = run_episode(pi, env, deterministic, None if i else seed)
            results.append((ret, length))
            print(f"episode {i + 1:3}  EpRet {ret:9.2f}  EpLen {length}")
    ep_ret, ep_len = np.array(results).T
    for name, number in (summary("EpRet", ep_ret) | {"EpLen": ep_len.mean()}).items():
        print(f"{name:>12} {number:9.2f}")
