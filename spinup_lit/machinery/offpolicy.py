# spinup_lit/machinery/offpolicy.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:fe3f3292b773aaa2
"""What algorithms with a replay buffer need besides learning: checks, and test episodes."""

import os
from math import isclose
from typing import NamedTuple, Protocol

import numpy as np

from spinup_lit.machinery import mpi
from spinup_lit.machinery.envs import make, within_bounds
from spinup_lit.machinery.errors import require
from spinup_lit.machinery.training import Measured


def check_replay(
    env: str, num_envs: int, replay_size: int, batch_size: int, ranks: int
) -> None:
    """Raise a `UserError` unless the replay buffer can be shared, and fits into memory."""
    for name, size in (("replay_size", replay_size), ("batch_size", batch_size)):
        require(
            size % ranks == 0,
            f"{name} is {size}, which {ranks} ranks cannot share equally; "
            f"{-(-size // ranks) * ranks} would do",
        )
    require(
        replay_size >= num_envs,
        f"replay_size is {replay_size}; {num_envs} environments make {num_envs} "
        "transitions at a time, and the newest ones must find room",
    )
    with make(env) as made:
        shapes = made.observation_space.shape, made.action_space.shape
    obs_dim, act_dim = (shape[0] if shape else 2 for shape in shapes)
    # In bytes: floats have four; the number of an action takes twice that.
    row = 4 * (2 * obs_dim + act_dim + 1) + 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    require(
        replay_size * row <= memory,
        f"replay_size is {replay_size:,}; so many transitions of {env} need "
        f"{replay_size * row / 1e9:.1f} GB, and this machine has {memory / 1e9:.1f} GB; "
        f"{int(0.5 * memory / row):,} would take half of that",
    )


def check_bouts(
    num_envs: int,
    steps_per_epoch: int,
    update_after: int,
    update_every: int,
    update_ratio: float,
    num_test_episodes: int,
    ranks: int,
) -> None:
    """Raise a `UserError` unless steps and updates can take turns as they should."""
    require(
        update_every % num_envs == 0,
        f"update_every is {update_every}; {num_envs} environments take {num_envs} steps "
        f"at a time, so {-(-update_every // num_envs) * num_envs} would do",
    )
    require(
        steps_per_epoch % update_every == 0,
        f"steps_per_epoch is {steps_per_epoch}; it must be a multiple of update_every, "
        f"so {-(-steps_per_epoch // update_every) * update_every} would do",
    )
    require(
        update_after <= steps_per_epoch,
        f"update_after is {update_after}; updates must begin in the first epoch, which "
        f"has {steps_per_epoch} steps",
    )
    updates = update_every * update_ratio
    require(
        round(updates) >= 1 and isclose(updates, round(updates)),
        f"update_ratio is {update_ratio}; {update_every} steps at a time would make "
        f"{updates:g} updates, which must be a whole number, at least 1",
    )
    require(
        num_test_episodes >= ranks,
        f"num_test_episodes is {num_test_episodes}; each of {ranks} ranks plays one or "
        "more",
    )


class Played(NamedTuple):
    """Episodes that were played side by side, each to its end or until it was cut."""

    obs: np.ndarray  # (T, N, obs_dim) that were acted on
    rew: np.ndarray  # (T, N), 0 after the end
    length: np.ndarray  # (N,)
    last_obs: np.ndarray  # (N, obs_dim)
    terminated: np.ndarray  # (N,) bool


class Foreseeing(Protocol):
    """An agent with an opinion on what it will earn."""

    def act(self, obs: np.ndarray, deterministic: bool = False) -> np.ndarray: ...

    def value(self, obs: np.ndarray) -> np.ndarray: ...


def overestimate(agent: Foreseeing, played: Played, gamma: float) -> np.ndarray:
    """By how much an agent expected more than it then earned, (N,), Eq. (dqn-bias)."""
    discount = gamma ** np.arange(len(played.rew))[:, None]
    tail = gamma**played.length * agent.value(played.last_obs) * ~played.terminated
    ret: np.ndarray = (discount * played.rew).sum(0) + tail
    bias: np.ndarray = agent.value(played.obs[0]) - ret
    return bias


LONGEST = 10_000  # steps after which an episode that has not ended is cut


class Examiner:
    """Plays episodes beside training, in environments of its own.

    Args:
        env: Gymnasium id of the environment.
        episodes: how many at a time, on all ranks together.
        seed: of the run; those of the episodes follow from it.
    """

    def __init__(self, env: str, episodes: int, seed: int) -> None:
        self._mine = range(mpi.proc_id(), episodes, mpi.num_procs())
        self._envs = [make(env) for _ in self._mine]
        self._seed = seed

    def play(self, agent: Foreseeing, epoch: int, deterministic: bool = True) -> Played:
        """Play this rank's share of the episodes of an epoch."""
        stream = np.random.SeedSequence([self._seed, epoch], spawn_key=(1,))
        seeds = stream.generate_state(self._mine.stop)
        space = self._envs[0].action_space
        pairs = zip(self._envs, seeds[self._mine.start :: self._mine.step])
        obs = np.stack([env.reset(seed=int(seed))[0] for env, seed in pairs])
        obs = obs.astype(np.float32)
        playing, terminated = np.ones((2, len(obs)), dtype=bool)
        length = np.zeros(len(obs), dtype=int)
        seen: list[np.ndarray] = []
        earned: list[np.ndarray] = []
        while playing.any() and len(seen) < LONGEST:
            act = within_bounds(space, agent.act(obs, deterministic))
            seen.append(obs.copy())
            earned.append(np.zeros(len(obs)))
            for i in np.flatnonzero(playing).tolist():
                obs[i], earned[-1][i], terminated[i], truncated, _ = self._envs[i].step(
                    act[i]
                )
                length[i] += 1
                playing[i] = not (terminated[i] or truncated)
        return Played(np.stack(seen), np.stack(earned), length, obs, terminated)

    def test(self, agent: Foreseeing, epoch: int, gamma: float) -> Measured:
        """Play by the mode; compare what was earned with what the agent expected."""
        played = self.play(agent, epoch)
        return {
            "TestEpRet": played.rew.sum(0),
            "TestEpLen": float(mpi.gather(played.length).mean()),
            "QBias": overestimate(agent, played, gamma),
        }
