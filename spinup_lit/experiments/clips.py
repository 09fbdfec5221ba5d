# spinup_lit/experiments/clips.py: generated from book/practice/clips.md; edit the chapter. sha256:7494521380cfa27e
"""Short recordings of agents, and the moving pictures that the book makes of them.

`python -m spinup_lit.experiments.clips [NAME ...]` makes them again.
"""

import copy
import json
import math
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypedDict

import gymnasium as gym
import numpy as np

from spinup_lit.experiments.figures import number
from spinup_lit.experiments.play import run_episode
from spinup_lit.experiments.runs import Run, as_text, curve_of, train
from spinup_lit.experiments.settings import ROOT, SETTINGS, Setting
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.evaluation import EPISODES, Evaluation, measure
from spinup_lit.machinery.logger import versions, write_atomically
from spinup_lit.machinery.training import Agent

CAPSULE = 3  # MuJoCo's number for this kind of shape
Rod = tuple[float, float, float, float, float]  # x, z of an end; of the other; width


def rod(x: float, z: float, angle: float, length: float, width: float) -> Rod:
    """A rod from a point, leaning from upright to the right by an angle in radians."""
    end = x + length * math.sin(angle), z + length * math.cos(angle)
    return (x, z, *end, width)


def cart_and_pole(env: Any) -> list[Rod]:
    """CartPole: the cart, and on it the pole."""
    x, _, angle, _ = map(float, env.state)
    return [(x - 0.2, 0, x + 0.2, 0, 0.25), rod(x, 0.1, angle, 1, 0.09)]


def pendulum(env: Any) -> list[Rod]:
    """Pendulum: one rod; its angle grows to the left."""
    return [rod(0, 0, -float(env.state[0]), 1, 0.12)]


def acrobot(env: Any) -> list[Rod]:
    """Acrobot: two rods; the angle of the first is zero when it hangs."""
    first, second = map(float, env.state[:2])
    upper = rod(0, 0, math.pi - first, 1, 0.14)
    return [upper, rod(*upper[2:4], math.pi - first - second, 1, 0.14)]


def robot(env: Any) -> list[Rod]:
    """A planar robot of MuJoCo: its capsules, seen from the side."""
    model, data = env.model, env.data
    found = []
    for i in np.flatnonzero(model.geom_type == CAPSULE):
        along = data.geom_xmat[i].reshape(3, 3)[:, 2] * model.geom_size[i, 1]
        (x1, _, z1), (x2, _, z2) = data.geom_xpos[i] - along, data.geom_xpos[i] + along
        found.append((x1, z1, x2, z2, 2 * float(model.geom_size[i, 0])))
    return found


class World(NamedTuple):
    """How an environment is drawn."""

    rods: Callable[[Any], list[Rod]]
    dt: float  # seconds in a step
    window: tuple[float, float, float, float]  # left, right, bottom, top, in metres
    travels: bool = False  # the picture follows the middle of the first rod


WORLDS = {
    "CartPole-v1": World(cart_and_pole, 0.02, (-2.5, 2.5, -0.3, 1.5)),
    "Pendulum-v1": World(pendulum, 0.05, (-1.8, 1.8, -1.15, 1.15)),
    "Acrobot-v1": World(acrobot, 0.2, (-3.2, 3.2, -2.15, 2.15)),
    "HalfCheetah-v5": World(robot, 0.05, (-1.5, 1.5, -0.18, 1.35), travels=True),
    "Hopper-v5": World(robot, 0.008, (-1.9, 1.9, -0.2, 1.7), travels=True),
    "Walker2d-v5": World(robot, 0.008, (-1.9, 1.9, -0.2, 1.7), travels=True),
}


class Camera(gym.Wrapper[Any, Any, Any, Any]):
    """An environment that remembers how it looked.

    Attributes:
        poses: the rods after the reset and after each step of the present episode.
    """

    def __init__(
        self, env: gym.Env[Any, Any], rods: Callable[[Any], list[Rod]]
    ) -> None:
        super().__init__(env)
        self.poses: list[list[Rod]] = []
        self._rods = rods

    def reset(self, **options: Any) -> tuple[Any, dict[str, Any]]:
        """Begin an episode, and look."""
        answer = self.env.reset(**options)
        self.poses = [self._rods(self.unwrapped)]
        return answer

    def step(self, action: Any) -> Any:
        """Take a step, and look."""
        answer = self.env.step(action)
        self.poses.append(self._rods(self.unwrapped))
        return answer


FRAME = 0.05  # seconds between two pictures, about


class Take(TypedDict):
    """One episode: what it earned, and how its beginning looked."""

    ret: float
    steps: int
    widths: list[int]  # of the rods, in millimetres
    frames: list[list[int]]  # the ends of all rods, four numbers for each


def record(agent: Agent, env: str, seconds: float, seed: int = 0) -> Take:
    """Let an agent play one episode by its mode, and keep its first seconds.

    Args:
        agent: who plays.
        env: Gymnasium id of the environment, one of `WORLDS`.
        seconds: how much is kept, in the time of the environment.
        seed: of the episode.

    Raises:
        UserError: nobody has said how this environment looks.
    """
    require(env in WORLDS, f"no picture of {env}; there are {', '.join(WORLDS)}")
    world = WORLDS[env]
    with Camera(make(env), world.rods) as camera:
        ret, steps = run_episode(agent, camera, deterministic=True, seed=seed)
        some = camera.poses[: round(seconds / world.dt) + 1 : stride(world)]
    table = np.rint(1000 * np.array(some)).astype(int)
    widths, frames = table[0, :, 4].tolist(), table[:, :, :4].reshape(len(some), -1)
    return Take(ret=round(ret, 2), steps=steps, widths=widths, frames=frames.tolist())


def stride(world: World) -> int:
    """Steps from one picture to the next."""
    return max(1, round(FRAME / world.dt))


class Enough(Exception):
    """All that was wanted of a run is there."""


def agents_after(setting: Setting, moments: Collection[int]) -> dict[int, Agent]:
    """Copies of the agent of a run, with seed 0, after these numbers of steps.

    Args:
        setting: what to run.
        moments: steps after which the run is evaluated.
    """
    kept = dict[int, Agent]()

    def keep(rows: Sequence[Evaluation], agent: Agent) -> None:
        steps = rows[-1]["steps"]
        if steps in moments:
            kept[steps] = copy.deepcopy(agent)
        if steps >= max(moments):
            raise Enough

    with TemporaryDirectory() as folder, suppress(Enough):
        run = Run(setting, 0, Path(folder))
        run.folder().mkdir(parents=True)
        train(run, keep)
    return kept


TINY = 1e-30  # beside a parameter, in single precision, nothing
SHORT: dict[str, Any] = {"epochs": 1, "steps_per_epoch": 64}
REPLAYED = SHORT | {"update_after": 64, "num_test_episodes": 1}
ACTOR_CRITIC = REPLAYED | {"pi_lr": TINY, "q_lr": TINY}
UNLEARNED: dict[str, dict[str, Any]] = {
    "vpg": SHORT | {"pi_lr": TINY},
    "trpo": SHORT | {"delta": TINY**2},
    "ppo": SHORT | {"pi_lr": TINY, "minibatch_size": 64, "normalise_obs": False},
    "dqn": REPLAYED | {"lr": TINY},
    "ddpg": ACTOR_CRITIC,
    "td3": ACTOR_CRITIC,
    "sac": ACTOR_CRITIC | {"alpha_lr": 0.0},
}


def untrained(setting: Setting) -> Agent:
    """The agent with which the run of a setting begins, with seed 0."""
    options = {**setting.options, **UNLEARNED[setting.algorithm]}
    agent: Agent = setting.train(setting.env, seed=0, **options)
    return agent


class Shot(NamedTuple):
    """What a clip shows.

    Attributes:
        setting: the run, one of `SETTINGS`.
        steps: of training, after which the agent is shown.
        seconds: of an episode, in the time of its environment.
        speed: how much faster than the environment.
    """

    setting: str
    steps: int
    seconds: float
    speed: float = 1


SHOTS = {
    "vpg": Shot("vpg_CartPole-v1", 199_680, 5),
    "trpo": Shot("trpo_Acrobot-v1", 199_680, 14, speed=2),
    "ppo": Shot("ppo_HalfCheetah-v5", 516_096, 4),
    "dqn": Shot("dqn_CartPole-v1", 6000, 5),
    "ddpg": Shot("ddpg_Pendulum-v1", 6000, 6),
    "td3": Shot("td3_Pendulum-v1", 6000, 6),
    "sac": Shot("sac_Pendulum-v1", 6000, 6),
}


def make_clip(shot: Shot, before: Agent, after: Agent) -> dict[str, Any]:
    """Both takes of a shot, and what they were made with."""
    setting = SETTINGS[shot.setting]
    env, config = setting.env, setting.config(0)
    envs = [make(env) for _ in range(EPISODES)]
    epoch = shot.steps // config["steps_per_epoch"]
    evaluation = measure(after, envs, 0, epoch, shot.steps)
    return {
        "setting": shot.setting,
        "seed": 0,
        "evaluation": curve_of([evaluation])[0],
        "code": config["code"],
        "versions": versions(),
        "agent": evaluation["agent"],
        "every": stride(WORLDS[env]) * WORLDS[env].dt,
        "speed": shot.speed,
        "before": record(before, env, shot.seconds),
        "after": record(after, env, shot.seconds),
    }


def write_clips(*names: str, root: Path = ROOT) -> None:
    """Train the runs of some clips, of all if none is named, and write the clips.

    Raises:
        UserError: there is no clip of this name.
    """
    for name in names:
        require(name in SHOTS, f"no clip {name!r}; there are {', '.join(SHOTS)}")
    folder = root / "book/results/clips"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or SHOTS:
        shot, setting = SHOTS[name], SETTINGS[SHOTS[name].setting]
        before, after = untrained(setting), agents_after(setting, {shot.steps})
        clip = make_clip(shot, before, after[shot.steps])
        write_atomically(folder / f"{name}.json", as_text(clip).encode())
        print(f"{folder / name}.json", flush=True)


def animate(attribute: str, values: Sequence[str], seconds: float) -> str:
    """Let an attribute pass through values, again and again; empty if all are equal."""
    if len(set(values)) == 1:
        return ""
    kind = "Transform" if attribute == "transform" else ""
    return (
        f'<animate{kind} attributeName="{attribute}" values="{";".join(values)}" '
        f'dur="{seconds:.2f}s" repeatCount="indefinite"/>'
    )


def moving_rods(ends: np.ndarray, widths: Sequence[int], seconds: float) -> str:
    """Lines that move.

    Args:
        ends: x and z of one end and of the other, for each moment and rod, (F, L, 4).
        widths: of the rods.
        seconds: from the first moment to the last.
    """
    lines = []
    for width, rod in zip(widths, ends.swapaxes(0, 1).tolist()):
        points = [f"{x1},{-z1} {x2},{-z2}" for x1, z1, x2, z2 in rod]
        moves = animate("points", points, seconds)
        lines.append(
            f'<polyline stroke-width="{width}" points="{points[-1]}">{moves}</polyline>'
        )
    return "".join(lines)


def moving_ground(middle: Sequence[int], seconds: float) -> str:
    """The ground, where `middle` is in the middle of the picture at each moment."""
    metres = range(min(middle) // 1000 - 2, max(middle) // 1000 + 3)
    marks = "".join(f"M{1000 * x} 0v70" for x in metres)
    numbers = "".join(
        f'<text x="{1000 * x}" y="150">{x} m</text>' for x in metres if x % 5 == 0
    )
    places = [f"{-x} 0" for x in middle]
    return (
        f'<g transform="translate({places[-1]})"><path d="M{1000 * metres[0]} 0'
        f'H{1000 * metres[-1]}{marks}"/>{numbers}{animate("transform", places, seconds)}</g>'
    )


SCENES = {  # what stands still
    "CartPole-v1": '<path d="M-2400 0H2400M-2400-120v240M2400-120v240"/>',
    "Pendulum-v1": '<path stroke-dasharray="30 60" d="M0-1100V0"/>',
    "Acrobot-v1": '<path stroke-dasharray="60 90" d="M-2900-1000H2900"/>',
}


def panel(env: str, take: Take, frames: int, seconds: float, words: str) -> str:
    """One take, and under it what the agent earned in the whole episode."""
    world = WORLDS[env]
    left, right, bottom, top = (round(1000 * x) for x in world.window)
    ends = np.array(take["frames"]).reshape(len(take["frames"]), -1, 4)
    ends = np.concatenate([ends, ends[-1:].repeat(frames - len(ends), axis=0)])
    scene = SCENES.get(env, "")
    if world.travels:
        middle = (ends[:, 0, 0] + ends[:, 0, 2]) // 2
        ends[:, :, ::2] -= middle[:, None, None]
        scene = moving_ground(middle.tolist(), seconds)
    label = f"{env.partition('-')[0]}, the agent {words}"
    return (
        f'<div><svg viewBox="{left} {-top} {right - left} {top - bottom}" role="img" '
        f'aria-label="{label}">{scene}{moving_rods(ends, take["widths"], seconds)}</svg>'
        f"<p>{words}: return&#160;{number(take['ret'])}</p></div>"
    )


def figure(path: Path | str, caption: str) -> str:
    """The moving picture of a clip, as HTML for a page of the book.

    Args:
        path: of the clip.
        caption: what there is to see, as HTML.
    """
    clip = json.loads(Path(path).read_text())
    env, before, after = SETTINGS[clip["setting"]].env, clip["before"], clip["after"]
    frames = max(len(before["frames"]), len(after["frames"]))
    seconds = (frames - 1) * clip["every"] / clip["speed"]
    steps = f"after {clip['evaluation'][0]:,} steps"
    return (
        '<figure class="moves clip"><div class="takes">'
        f"{panel(env, before, frames, seconds, 'before learning')}"
        f"{panel(env, after, frames, seconds, steps)}</div>"
        f"<figcaption>{caption}</figcaption></figure>"
    )


if __name__ == "__main__":
    try:
        write_clips(*sys.argv[1:])
    except UserError as error:
        sys.exit(f"error: {error}")
