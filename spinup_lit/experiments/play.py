# spinup_lit/experiments/play.py: generated from book/practice/running.md; edit the chapter. sha256:7a4fb0fc2665b2ad
"""Watch a trained agent, and measure it."""

import sys
import warnings
from pathlib import Path
from typing import Annotated

import glfw
import gymnasium as gym
import numpy as np
import torch
from gymnasium.wrappers import TimeLimit
from tyro.conf import arg

from spinup_lit.machinery import launch
from spinup_lit.machinery.envs import make, within_bounds
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import read_config, summary
from spinup_lit.machinery.training import Agent


def run_episode(
    agent: Agent, env: gym.Env, deterministic: bool = False, seed: int | None = None
) -> tuple[float, int]:
    """Play one episode to its end; return the sum of its rewards and its length.

    Args:
        agent: who plays.
        env: the environment, as `envs.make` makes it.
        deterministic: take the likeliest actions instead of random ones.
        seed: seeds the environment first; None continues its random stream.
    """
    obs, _ = env.reset(seed=seed)
    ret, length, done = 0.0, 0, False
    while not done:
        act = agent.act(np.asarray(obs, dtype=np.float32)[None], deterministic)
        act = within_bounds(env.action_space, act)[0]
        obs, rew, terminated, truncated, _ = env.step(act)
        ret, length, done = ret + float(rew), length + 1, terminated or truncated
    return ret, length


def has_screen() -> bool:
    """Whether a window can be opened. Only Linux can be without a screen."""
    if sys.platform != "linux":
        return True
    with warnings.catch_warnings(action="ignore"):
        return bool(glfw.init())


def make_to_play(name: str, norender: bool) -> gym.Env:
    """An environment, with a window unless nothing is to be rendered."""
    if norender:
        return make(name)
    require(has_screen(), "no screen to open a window on; add --norender")
    try:
        return make(name, render_mode="human")
    except UserError as error:
        raise UserError(f"{error}; --norender plays without a window") from error


def test_policy(
    run_dir: Path,
    /,
    *,
    episodes: int = 100,
    limit: Annotated[int, arg(name="len")] = 10_000,
    deterministic: bool = False,
    norender: bool = False,
    seed: int = 0,
) -> None:
    """Let the agent of a run play, in a window, and print what it earns.

    Args:
        run_dir: folder of the run.
        episodes: how many to play, >= 1.
        limit: steps after which an episode is cut, >= 1.
        deterministic: always take the likeliest action instead of a random one.
        norender: open no window; much faster.
        seed: fixes all randomness.
    """
    require(episodes >= 1, f"episodes is {episodes}; it must be at least 1")
    require(limit >= 1, f"len is {limit}; it must be at least 1")
    results = []
    agent, name = launch.load_agent(run_dir), read_config(run_dir)["env"]
    torch.manual_seed(seed)  # only now: to load an agent seeds PyTorch, too
    with TimeLimit(make_to_play(name, norender), limit) as env:
        for i in range(episodes):
            ret, length = run_episode(agent, env, deterministic, None if i else seed)
            results.append((ret, length))
            print(f"episode {i + 1:3}  EpRet {ret:9.2f}  EpLen {length}")
    ep_ret, ep_len = np.array(results).T
    for name, number in (summary("EpRet", ep_ret) | {"EpLen": ep_len.mean()}).items():
        print(f"{name:>12} {number:9.2f}")
    if cut := int((ep_len >= limit).sum()):
        print(
            f"{cut} of {episodes} episodes reached the limit of {limit:,} steps (--len)"
        )
