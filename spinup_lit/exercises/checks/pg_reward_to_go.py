# spinup_lit/exercises/checks/pg_reward_to_go.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:f08d25acf00e1fe9
"""Checks of the exercise `pg-reward-to-go`."""

import contextlib
import io

import numpy as np
import torch

from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.first import reward_to_go
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="Rewards-to-go",
    chapter="start/policy-gradients",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "Go from the last step to the first, and carry the sum along.",
        "The sum of step t is its reward, plus gamma times the sum of step t + 1, if that "
        "belongs to the same episode.",
        "At which step must the sum be dropped: at the last of an episode, or at the "
        "first of the next? `over[t]` speaks of the step t itself.",
    ),
)


def shapes(answer: Answer) -> Cases:
    """One number for each step, and no integers."""
    to_go = answer.rewards_to_go(np.array([1, 2, 4]), np.zeros(3, dtype=bool), 0.5)
    yield Case("the shape for 3 steps", np.shape(to_go), (3,))
    what = "the kind of numbers (f: floats), for rewards that are integers"
    yield Case(what, to_go.dtype.kind, "f")


def by_hand(answer: Answer) -> Cases:
    """Rewards 1, 2, 4, with and without an end in between."""
    rew, never = np.array([1.0, 2.0, 4.0]), np.zeros(3, dtype=bool)
    to_go = answer.rewards_to_go(rew, never, 1.0)
    yield Case("rewards [1, 2, 4], gamma 1", to_go, [7.0, 6.0, 4.0])
    to_go = answer.rewards_to_go(rew, never, 0.5)
    yield Case("rewards [1, 2, 4], gamma 0.5", to_go, [3.0, 4.0, 4.0])
    over = np.array([False, True, False])
    to_go = answer.rewards_to_go(rew, over, 0.5)
    what = "the same, but step 1 (of 0, 1, 2) was the last of its episode"
    yield Case(what, to_go, [2.0, 2.0, 4.0])


def properties(answer: Answer) -> Cases:
    """No look back, no look ahead with gamma 0, and linear."""
    rng = np.random.default_rng(1)
    rew, over = rng.normal(size=12), rng.random(12) < 0.3
    yield Case("gamma 0: the rewards", answer.rewards_to_go(rew, over, 0.0), rew)
    to_go = answer.rewards_to_go(rew, over, 0.9)
    changed = np.r_[rew[:4] + 100, rew[4:]]
    later = answer.rewards_to_go(changed, over, 0.9)[4:]
    yield Case("other rewards before step 4: from there on the same", later, to_go[4:])
    tripled = answer.rewards_to_go(3 * rew, over, 0.9)
    yield Case("three times the rewards", tripled, 3 * to_go)


def oracle(answer: Answer) -> Cases:
    """The definition, term by term."""
    rng = np.random.default_rng(2)
    for gamma, ends in ((1.0, 0.0), (0.99, 0.2), (0.7, 0.5), (0.9, 1.0)):
        rew, over = rng.normal(size=20), rng.random(20) < ends
        expected = np.zeros(20)
        for t in range(20):
            for u in range(t, 20):
                if not over[t:u].any():
                    expected[t] += gamma ** (u - t) * rew[u]
        to_go = answer.rewards_to_go(rew, over, gamma)
        what = f"20 random rewards, {over.sum()} ends, gamma {gamma}"
        yield Case(what, to_go, expected)


def in_place(answer: Answer) -> Cases:
    """The second program learns with these weights."""

    def weights(episode: reward_to_go.Episode) -> np.ndarray:
        over = np.arange(len(episode.rew)) == len(episode.rew) - 1
        return np.asarray(answer.rewards_to_go(episode.rew, over, 1.0))

    quiet = contextlib.redirect_stdout(io.StringIO())
    with replaced(reward_to_go, step_weights=weights), quiet:
        policy, _ = reward_to_go.train(probes.SIGNAL, steps=2000, episodes=50, lr=0.05)
    with torch.no_grad():
        chance = torch.softmax(policy(torch.tensor([[-1.0], [1.0]])), -1)
    what = "after 2000 steps, the probability of the right action"
    yield Case(what, min(float(chance[0, 0]), float(chance[1, 1])), at_least(0.8))
