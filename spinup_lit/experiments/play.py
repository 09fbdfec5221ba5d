# spinup_lit/experiments/play.py: generated from book/practice/watching.md; edit the chapter. sha256:427825598a98f982
"""Watch a trained agent, film it, and measure it."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import glfw
import gymnasium as gym
import numpy as np
import torch
from gymnasium.wrappers import TimeLimit
from PIL import Image
from rich.console import Console
from rich.table import Table
from tyro.conf import arg

from spinup_lit.machinery import launch
from spinup_lit.machinery.checkpoint import fitting, read_checkpoint
from spinup_lit.machinery.envs import make, within_bounds
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.logger import read_config, summary
from spinup_lit.machinery.training import Agent
from spinup_lit.machinery.watchers import snapshots


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
    require(
        has_screen(),
        "no screen to open a window on; add --norender, or --video FILE to film it",
    )
    try:
        return make(name, render_mode="human")
    except UserError as error:
        raise UserError(f"{error}; --norender plays without a window") from error


class Filmed(gym.Wrapper[Any, Any, Any, Any]):
    """An environment that hands on a picture of itself after each reset and step.

    Args:
        env: with the render mode `rgb_array`.
        take: is given each picture, (height, width, 3) bytes.
    """

    def __init__(self, env: gym.Env, take: Callable[[np.ndarray], None]) -> None:
        super().__init__(env)
        self._take = take

    def _picture(self) -> None:
        self._take(np.asarray(self.env.render()))

    def reset(self, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Begin an episode, and take a picture."""
        first = self.env.reset(**options)
        self._picture()
        return first

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take a step, and a picture."""
        answer = self.env.step(action)
        self._picture()
        return answer


Take = Callable[[np.ndarray], None]


@contextmanager
def mp4(path: Path, fps: int) -> Iterator[Take]:
    """Write the pictures that are handed over to an .mp4 file."""
    import av  # an extra, and slow to load

    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.pix_fmt = "yuv420p"  # what every player can show

        def take(picture: np.ndarray) -> None:
            height, width = (n - n % 2 for n in picture.shape[:2])
            if not stream.codec_context.is_open:
                stream.width, stream.height = width, height
            even = np.ascontiguousarray(picture[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, "rgb24")))

        yield take
        container.mux(stream.encode())  # what the encoder still holds


@contextmanager
def gif(path: Path, fps: int) -> Iterator[Take]:
    """Write the pictures that are handed over to a .gif file, which plays for ever."""
    pictures: list[Image.Image] = []
    yield lambda picture: pictures.append(Image.fromarray(picture).quantize())
    first, *others = pictures
    first.save(path, save_all=True, append_images=others, duration=1000 / fps, loop=0)


FILMS = {".mp4": mp4, ".gif": gif}


def check_film(path: Path) -> None:
    """Raise a `UserError` if no film can be written there."""
    endings = " or ".join(FILMS)
    require(path.suffix in FILMS, f"--video {path}: the name must end in {endings}")
    require(path.parent.is_dir(), f"--video {path}: there is no folder {path.parent}")
    there = path.suffix != ".mp4" or find_spec("av") is not None
    get = 'pip install "spinup_lit[video]" brings it, and a .gif works without'
    require(there, f"--video {path}: to write .mp4 needs the package av; {get}")


NO_OPENGL = (
    "MuJoCo cannot draw {}: no OpenGL by MUJOCO_GL={}. On Debian or Ubuntu, "
    "`apt-get install libegl1 libgl1-mesa-dri` brings it for MUJOCO_GL=egl, and "
    "`libosmesa6` for MUJOCO_GL=osmesa ({})"
)


def make_to_film(name: str) -> gym.Env:
    """An environment that draws itself, also where there is no screen.

    Raises:
        UserError: it has no picture, or nothing to draw it with.
    """
    if not has_screen():
        os.environ.setdefault("MUJOCO_GL", "egl")
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # what pygame draws with
    try:
        env = make(name, render_mode="rgb_array")
        env.reset()
        picture = env.render()
    except UserError:
        raise
    except Exception as error:
        stack = traceback.extract_tb(error.__traceback__)
        if not any("mujoco" in frame.filename for frame in stack):
            raise
        library, why = os.environ.get("MUJOCO_GL", "glfw"), str(error).split("\n")[0]
        raise UserError(NO_OPENGL.format(name, library, why)) from error
    drawn = isinstance(picture, np.ndarray) and picture.ndim == 3
    require(drawn, f"{name} draws no picture, so there is nothing to film")
    return env


def load_epoch(run_dir: Path, itr: int) -> Agent:
    """The agent of a run as it was after an epoch; -1: the last that was saved.

    Raises:
        UserError: the run has kept no such agent.
    """
    agent = launch.load_agent(run_dir)
    last = read_checkpoint(run_dir)["epochs"] - 1
    if itr in (-1, last):
        return agent
    kept = sorted(snapshots(run_dir).keys() - {last})
    others = f", and those of {', '.join(map(str, kept))}" if kept else ""
    require(
        itr in kept,
        f"{run_dir} has no agent of epoch {itr}: it has that of {last}, its last{others}; "
        "a run that is trained with --snapshots keeps one of every checkpoint",
    )
    with fitting(run_dir, "agent"):
        agent.load_state_dict(torch.load(snapshots(run_dir)[itr], weights_only=True))
    return agent


def test_policy(
    run_dir: Path,
    /,
    *,
    episodes: Annotated[int, arg(aliases=["-n"])] = 100,
    limit: Annotated[int, arg(name="len", aliases=["-l"])] = 10_000,
    deterministic: Annotated[bool, arg(aliases=["-d"])] = False,
    norender: Annotated[bool, arg(aliases=["-nr"])] = False,
    itr: Annotated[int, arg(aliases=["-i"])] = -1,
    video: Path | None = None,
    seed: int = 0,
) -> None:
    """Let the agent of a run play, in a window, and print what it earns.

    Args:
        run_dir: folder of the run.
        episodes: how many to play, >= 1.
        limit: steps after which an episode is cut, >= 1.
        deterministic: always take the likeliest action instead of a random one.
        norender: open no window; much faster.
        itr: play the agent as it was after this epoch; -1: the last.
        video: film the first episode into this file, .mp4 or .gif; opens no window.
        seed: fixes all randomness.
    """
    require(episodes >= 1, f"episodes is {episodes}; it must be at least 1")
    require(limit >= 1, f"len is {limit}; it must be at least 1")
    if video:
        check_film(video)
    config = read_config(run_dir)
    with launch.environment(config):
        to_film = make_to_film(config["env"]) if video else None
    agent = load_epoch(run_dir, itr)
    if video and to_film:
        torch.manual_seed(seed)
        film(agent, TimeLimit(to_film, limit), deterministic, seed, video)
    torch.manual_seed(seed)  # only now: to load an agent seeds PyTorch, too
    results = []
    with launch.environment(config):
        to_play = make_to_play(config["env"], norender or bool(video))
    with TimeLimit(to_play, limit) as env:
        for i in range(episodes):
            ret, length = run_episode(agent, env, deterministic, None if i else seed)
            results.append((ret, length))
            print(f"episode {i + 1:3}  EpRet {ret:9.2f}  EpLen {length}")
    ep_ret, ep_len = np.array(results).T
    Console().print(table(EpRet=ep_ret, EpLen=ep_len))
    if cut := int((ep_len >= limit).sum()):
        print(
            f"{cut} of {episodes} episodes reached the limit of {limit:,} steps (--len)"
        )


def film(
    agent: Agent, env: gym.Env, deterministic: bool, seed: int, path: Path
) -> None:
    """Play one episode in an environment that draws itself, and film it into a file.

    Raises:
        UserError: the file cannot be written.
    """
    fps = int(env.metadata.get("render_fps", 30))
    try:
        with FILMS[path.suffix](path, fps) as take, Filmed(env, take) as filmed:
            _, length = run_episode(agent, filmed, deterministic, seed)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error
    print(f"the film is in {path}: {length + 1} pictures, {fps} a second")


def table(**values: np.ndarray) -> Table:
    """A table with the mean, spread, least and greatest of some values."""
    found = Table(box=None, header_style="bold")
    for head in ("", "Average", "Std", "Max", "Min"):
        found.add_column(head, justify="right")
    for name, x in values.items():
        numbers = summary(name, x).values()
        found.add_row(name, *(f"{number:,.2f}" for number in numbers))
    return found
