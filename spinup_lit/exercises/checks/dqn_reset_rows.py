# spinup_lit/exercises/checks/dqn_reset_rows.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:be4743ed0b43acdf
"""Checks of the exercise `dqn-reset-rows`."""

import gymnasium as gym
import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="A row too many",
    chapter="offpolicy/dqn",
    kind="diagnose",
    difficulty=3,
    minutes=25,
    hints=(
        "Go through the rows with the speed: what does a push to the right do to it?",
        "Where does the row after a strange one begin? Who begins there?",
        "How long were the episodes? And what does a target look up after a step that "
        "terminated?",
        "`np.where` takes a mask; it must have an axis for the numbers of an observation.",
    ),
)


def claim(answer: Answer) -> Cases:
    """Which rows, and why."""
    yield Case("ROWS", set(answer.ROWS), {4, 9})
    yield Case("CAUSE", answer.CAUSE, "b")
    yield Case("TERMINAL", answer.TERMINAL, False)


def shapes(answer: Answer) -> Cases:
    """As many observations as there are environments."""
    stepped = np.zeros((2, 2), np.float32)
    got = answer.true_next(stepped, stepped, np.array([True, False]))
    yield Case("two environments, two numbers: the shape", got.shape, (2, 2))
    yield Case("observations of float32: the type", got.dtype, np.float32)


def by_hand(answer: Answer) -> Cases:
    """Two environments with two numbers: a square, in which a mask fits both ways."""
    stepped, final = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])
    for ended, right in (
        ([True, False], [[5, 6], [3, 4]]),
        ([False, False], [[1, 2], [3, 4]]),
        ([True, True], [[5, 6], [7, 8]]),
    ):
        got = answer.true_next(stepped, final, np.array(ended))
        what = f"stepped [[1, 2], [3, 4]], final [[5, 6], [7, 8]], ended {ended}"
        yield Case(what, got, right)


def oracle(answer: Answer) -> Cases:
    """CartPole, which is played again without a reset in between."""
    same_step = gym.vector.AutoresetMode.SAME_STEP
    envs = gym.vector.SyncVectorEnv(
        [lambda: gym.make("CartPole-v1", max_episode_steps=5)] * 3,
        autoreset_mode=same_step,
    )
    alone = [gym.make("CartPole-v1") for _ in range(3)]
    envs.reset(seed=[1, 2, 3])
    for seed, env in enumerate(alone, 1):
        env.reset(seed=seed)
    for t in range(5):
        act = np.full(3, t % 2)
        stepped, _, terminated, truncated, info = envs.step(act)
        right = np.array([env.step(a)[0] for env, a in zip(alone, act)])
        ended = terminated | truncated
        final = np.full_like(stepped, np.nan)
        for i in np.flatnonzero(ended):
            final[i] = info["final_obs"][i]
        got = answer.true_next(stepped, final, ended)
        yield Case(f"three CartPoles with a limit of 5, step {t}", got, right)
