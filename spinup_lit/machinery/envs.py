# spinup_lit/machinery/envs.py: generated from book/machinery/environments.md; edit the chapter. sha256:84eb52f5a840882d
"""Batches of environments whose episodes end and restart in plain sight."""

import warnings
from collections import deque
from dataclasses import dataclass, field
from inspect import signature
from traceback import walk_tb
from typing import Any, NamedTuple, cast

import gymnasium as gym
import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import UserError, require


def make(env: str, **kwargs: Any) -> gym.Env:
    """Create one environment and check that our algorithms can learn in it.

    Args:
        env: a Gymnasium id such as `CartPole-v1`, or `module:id` to import it first.
        kwargs: passed on to `gymnasium.make`.

    Raises:
        UserError: there is no such environment, or its spaces are not supported.
    """
    try:
        made = gym.make(env, **kwargs)
    except Exception as error:
        origin = (error.__cause__ or error) if foreign(error) else error
        if foreign(origin):
            raise UserError(f"cannot make the environment {env!r}: {error}") from error
        raise origin from origin.__cause__
    obs, act = made.observation_space, made.action_space
    require(
        isinstance(obs, Box) and len(obs.shape) == 1,
        f"{env} observes {obs}; observations must be vectors, spaces like Box(n,). "
        "Gymnasium's wrapper FlattenObservation makes vectors of many others",
    )
    one_of_n = isinstance(act, Discrete) and act.start == 0
    vector = isinstance(act, Box) and len(act.shape) == 1 and act.dtype.kind == "f"
    require(
        one_of_n or vector,
        f"{env} acts in {act}; actions must be one of n counted from 0, Discrete(n), "
        "or vectors of floats, Box(n,)",
    )
    return made


def foreign(error: BaseException) -> bool:
    """Whether Gymnasium raised an error, or an import, and not an environment."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    return frame.f_globals["__name__"].partition(".")[0] in ("gymnasium", "importlib")


def check_answers(env: str) -> None:
    """Raise a `UserError` unless an environment answers a reset and a step as it should.

    An error that the environment raises itself passes through.
    """
    with make(env) as made:
        own = made
        while type(own).__module__.startswith("gymnasium.wrappers."):
            own = own.env  # type: ignore[attr-defined]
        check_reset_takes(env, own)
        answer: Any = own.reset(seed=0, options=None)
        pair = isinstance(answer, tuple) and len(answer) == 2
        demand(
            pair and isinstance(answer[1], dict),
            f"{env}: reset must return a pair, an observation and a dictionary",
            answer,
        )
        check_observation(f"{env}: reset", own.observation_space, answer[0])
        own.action_space.seed(0)
        answer = own.step(own.action_space.sample())
        five = isinstance(answer, tuple) and len(answer) == 5
        demand(
            five and isinstance(answer[4], dict),
            f"{env}: step must return five things: an observation, the reward, "
            "terminated, truncated, and a dictionary",
            answer,
        )
        check_observation(f"{env}: step", own.observation_space, answer[0])
        for name, x in zip(("reward", "terminated", "truncated"), answer[1:4]):
            kind = "one number" if name == "reward" else "True or False"
            single = np.ndim(x) == 0 and np.asarray(x).dtype.kind in "biuf"
            demand(single, f"{env}: step must return {kind} as {name}", x)


def demand(good: bool, what: str, returned: Any) -> None:
    """Raise a `UserError` that says what must be returned, and what was."""
    shown = " ".join(repr(returned).split())
    require(good, f"{what}; it returned {shown:.120}")


def check_reset_takes(env: str, made: gym.Env) -> None:
    """Raise a `UserError` unless `reset` takes a seed and options, in every layer."""
    layer = made
    while True:
        try:
            signature(layer.reset).bind(seed=0, options=None)
        except TypeError as error:
            raise UserError(
                f"{env}: reset of {type(layer).__name__} must take two arguments by "
                "name: def reset(self, *, seed=None, options=None)"
            ) from error
        if not isinstance(layer, gym.Wrapper):
            return
        layer = layer.env


def check_observation(call: str, space: gym.Space[Any], obs: Any) -> None:
    """Raise a `UserError` unless an observation is what its space declares."""
    if isinstance(space, Box):
        try:
            array = np.asarray(obs)
        except ValueError:  # rows of different lengths
            array = np.array(None)
        demand(
            array.shape == space.shape
            and np.can_cast(array.dtype, space.dtype, "same_kind"),
            f"{call} must return an observation of shape {space.shape} and type "
            f"{space.dtype}, as observation_space declares",
            obs,
        )


def check_batch(env: str, num_envs: int, steps_per_epoch: int, ranks: int) -> None:
    """Raise a `UserError` unless an environment works and the steps can be shared out.

    Args:
        env: a Gymnasium id, see `make`.
        num_envs: copies on all ranks together.
        steps_per_epoch: steps of an epoch in all copies together.
        ranks: number of MPI ranks.
    """
    require(
        num_envs % ranks == 0,
        f"num_envs is {num_envs}, which {ranks} ranks cannot share equally; "
        f"{-(-num_envs // ranks) * ranks} would do",
    )
    require(
        steps_per_epoch % num_envs == 0,
        f"steps_per_epoch is {steps_per_epoch}, which {num_envs} environments cannot "
        f"share equally; {-(-steps_per_epoch // num_envs) * num_envs} would do",
    )
    check_answers(env)


def check_discrete(env: str) -> None:
    """Raise a `UserError` unless the actions of an environment are numbered."""
    with make(env) as made:
        require(
            isinstance(made.action_space, Discrete),
            f"{env} acts in {made.action_space}; this algorithm compares numbered "
            "actions, Discrete(n). Vectors are for ddpg, td3, sac, vpg, trpo and ppo",
        )


def check_bounded(env: str) -> None:
    """Raise a `UserError` unless actions are vectors with a finite range in each part."""
    with make(env) as made:
        space = made.action_space
    if not isinstance(space, Box):
        raise UserError(
            f"{env} acts in {space}; this algorithm needs vectors, Box(n,). Numbered "
            "actions are for dqn, vpg, trpo and ppo"
        )
    finite = np.isfinite(space.low) & np.isfinite(space.high)
    require(
        bool((finite & (space.low < space.high)).all()),
        f"{env} acts in {space}; this algorithm needs finite bounds, each lower one "
        "below its upper one. Gymnasium's wrapper RescaleAction sets bounds",
    )


def within_bounds(space: gym.Space[Any], act: np.ndarray) -> np.ndarray:
    """Actions as an environment takes them: floats beyond a bound count as the bound.

    Args:
        space: the space of one action.
        act: actions (N,) or (N, act_dim), which are left as they are.

    Raises:
        UserError: some of them are NaN.
    """
    if not isinstance(space, Box):
        return act
    require(
        not np.isnan(act).any(),
        "the agent chose nan as an action: learning has diverged. Training stops, and "
        "the last checkpoint stays as it is; try smaller learning rates, or rewards of "
        "a smaller size",
    )
    clipped: np.ndarray = np.clip(act, space.low, space.high).astype(space.dtype)
    return clipped


def check_reach(env: str) -> None:
    """Warn if a Gaussian policy as it begins can hardly reach the actions there are."""
    with make(env) as made:
        space = made.action_space
    if not isinstance(space, Box) or mpi.num_procs() > 1:
        return  # the launcher of several ranks has warned already
    bounded = np.isfinite(space.low) & np.isfinite(space.high)
    low, high = (x[bounded].astype(np.float64) for x in (space.low, space.high))
    half, middle = (high - low) / 2, (high + low) / 2
    if ((half > 10) | (half < 0.1) | (np.abs(middle) > half + 2)).any():
        warnings.warn(
            f"{env} acts in {space}; a Gaussian policy begins near 0 with deviations "
            "near 1, and will hardly learn there. Gymnasium's wrapper RescaleAction "
            "makes the bounds -1 and 1",
            stacklevel=2,
        )


def random_actions(space: Box | Discrete, n: int) -> np.ndarray:
    """So many actions from a space, all equally likely: (n,) or (n, act_dim)."""
    if isinstance(space, Discrete):
        return torch.randint(int(space.n), (n,)).numpy()
    part = torch.rand(n, *space.shape, dtype=torch.float64).numpy()
    act: np.ndarray = space.low + part * (space.high.astype(np.float64) - space.low)
    return act.astype(np.float32)


class Transition(NamedTuple):
    """What one step of N environments returned, before any of them restarts."""

    next_obs: np.ndarray  # (N, obs_dim) float32; where an episode ended, its last one
    rew: np.ndarray  # (N,) float64
    terminated: np.ndarray  # (N,) bool: the task is over, no reward can follow
    truncated: np.ndarray  # (N,) bool: cut off, though rewards could have followed


@dataclass
class Episode:
    """An episode that is under way."""

    stream: dict[str, Any]  # state of the environment's random stream at its reset
    actions: list[np.ndarray] = field(default_factory=list)
    ret: float = 0.0  # sum of its rewards so far


class EnvBatch:
    """N copies of an environment that step together and restart one by one.

    Attributes:
        obs: what the policy sees now, (N, obs_dim) float32. Where an episode has
            just ended, this is the first observation of the next one.
        steps: how often an environment was stepped so far, on all ranks together.
        num_envs: N, the number of copies on this rank.
        obs_space, act_space: the spaces of one copy.
    """

    def __init__(self, env: str, num_envs: int, seed: int) -> None:
        """Create this rank's share of `num_envs` environments.

        Args:
            env: a Gymnasium id, see `make`.
            num_envs: copies on all ranks together, a multiple of the number of ranks.
            seed: fixes all randomness of every copy, each different from the others.
        """
        self._env = env
        self.num_envs = num_envs // mpi.num_procs()
        self._batch = SyncVectorEnv(
            [lambda: make(env)] * self.num_envs,
            autoreset_mode=AutoresetMode.DISABLED,
            copy=False,  # `astype` below copies already
        )
        spaces = self._batch.single_observation_space, self._batch.single_action_space
        self.obs_space, self.act_space = cast(tuple[Box, Box | Discrete], spaces)
        seeds = np.random.SeedSequence(seed).generate_state(num_envs).tolist()
        first = self.num_envs * mpi.proc_id()
        self._batch.reset(seed=seeds[first : first + self.num_envs])
        self.steps = 0
        self._episodes = [Episode({}) for _ in range(self.num_envs)]
        self._finished: list[list[tuple[float, int]]] = []  # by step, not yet reported
        self._recent: deque[tuple[float, int]] = deque(maxlen=100)
        self.obs = self._restart(np.ones(self.num_envs, dtype=bool))

    def step(self, act: np.ndarray) -> Transition:
        """Act in every environment, then restart those whose episode has ended.

        Args:
            act: an action per environment, (N,) integers or (N, act_dim) floats.
                Floats beyond the bounds of the action space count as the bound.

        Raises:
            UserError: an observation or a reward is infinite or not a number.
        """
        act = within_bounds(self.act_space, act)
        obs, rew, terminated, truncated, _ = self._batch.step(act.copy())
        self.steps += self.num_envs * mpi.num_procs()
        next_obs = obs.astype(np.float32)
        self._check_finite("observation", next_obs)
        self._check_finite("reward", rew)
        done = terminated | truncated
        for episode, a, r in zip(self._episodes, act, rew):
            episode.actions.append(a)
            episode.ret += float(r)
        ended = [self._episodes[i] for i in np.flatnonzero(done)]
        self._finished.append([(e.ret, len(e.actions)) for e in ended])
        self.obs = self._restart(done) if done.any() else next_obs
        return Transition(next_obs, rew, terminated, truncated)

    def _restart(self, where: np.ndarray) -> np.ndarray:
        """Begin a new episode where this (N,) mask says; return all observations."""
        for i in np.flatnonzero(where):
            stream = self._batch.envs[i].unwrapped.np_random.bit_generator.state
            self._episodes[i] = Episode(dict(stream))
        first, _ = self._batch.reset(options={"reset_mask": where})
        obs: np.ndarray = first.astype(np.float32)
        self._check_finite("observation", obs)
        return obs

    def _check_finite(self, name: str, x: np.ndarray) -> None:
        """Raise a `UserError` unless all of these numbers, (N, ...), are finite."""
        finite = np.isfinite(x)
        if not finite.all():
            copy = int(np.argwhere(~finite)[0, 0])
            raise UserError(
                f"the environment {self._env} returned {x[~finite][0]} in its {name}, in "
                f"copy {copy} of rank {mpi.proc_id()} at step {self.steps:,} of the run; "
                "training stops, and the last checkpoint stays as it is"
            )

    def recent_episodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns and lengths of the last 100 finished episodes of all ranks.

        Collective: every rank calls it, and every rank gets the same answer.
        """
        for step in zip(*mpi.gather_objects(self._finished), strict=True):
            for ended in step:
                self._recent.extend(ended)
        self._finished = []
        table = np.array(self._recent, dtype=np.float64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs to continue as if nothing had happened."""
        return {
            "steps": self.steps,
            "obs": self.obs.tolist(),
            "streams": [episode.stream for episode in self._episodes],
            "actions": [np.array(e.actions).tolist() for e in self._episodes],
            "finished": list(self._finished),
            "recent": list(self._recent),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a saved state by playing every unfinished episode again."""
        self.steps = state["steps"]
        self._finished = list(state["finished"])
        self._recent = deque(state["recent"], maxlen=100)
        copies = range(self.num_envs)
        saved = zip(copies, state["streams"], state["actions"], strict=True)
        obs = [self._replay(*episode) for episode in saved]
        self.obs = np.array(obs, dtype=np.float32)
        if not np.array_equal(self.obs, np.array(state["obs"], dtype=np.float32)):
            warnings.warn(
                "the environments did not return to where they were saved: they depend "
                "on more than a random stream and the actions since the last reset. "
                "The run goes on, but not exactly as if it had never stopped.",
                stacklevel=2,
            )

    def _replay(self, i: int, stream: dict[str, Any], actions: list[Any]) -> np.ndarray:
        """Play an episode of copy i again so far; return its latest observation."""
        env = self._batch.envs[i]
        env.unwrapped.np_random.bit_generator.state = stream
        episode = self._episodes[i] = Episode(stream)
        obs: np.ndarray
        obs, _ = env.reset()
        for action in np.array(actions, dtype=self.act_space.dtype):
            obs, rew, *_ = env.step(action.copy())
            episode.actions.append(action)
            episode.ret += float(rew)
        return obs
