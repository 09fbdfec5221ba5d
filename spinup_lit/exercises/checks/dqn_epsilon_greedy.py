# spinup_lit/exercises/checks/dqn_epsilon_greedy.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:9ca3b4b35ef86285
"""Checks of the exercise `dqn-epsilon-greedy`."""

import numpy as np
import torch
from gymnasium.spaces import Discrete

from spinup_lit import dqn
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.envs import EnvBatch

EXERCISE = Exercise(
    title="How often is the best action taken?",
    chapter="offpolicy/dqn",
    kind="implement",
    difficulty=1,
    minutes=10,
    hints=(
        "Two ways lead to the best action.",
        "Write down the policy of epsilon 0, and that of epsilon 1. Then mix them.",
    ),
)


def shapes(answer: Answer) -> Cases:
    """A row for each observation."""
    p = answer.probabilities(np.ones((3, 4)), 0.1)
    yield Case("three observations, four actions: the shape", p.shape, (3, 4))


def by_hand(answer: Answer) -> Cases:
    """Four actions."""
    q = np.array([[1.0, 5, 3, 2], [4, 0, 0, 0]])
    for epsilon, best, other in ((0, 1, 0), (0.2, 0.85, 0.05), (1, 0.25, 0.25)):
        right = np.full((2, 4), other)
        right[0, 1] = right[1, 0] = best
        p = answer.probabilities(q, epsilon)
        what = f"q [[1, 5, 3, 2], [4, 0, 0, 0]], epsilon {epsilon}"
        yield Case(what, p, right)
    p = answer.probabilities(np.array([[2.0, 2, 1, 0]]), 0.4)
    what = "two best actions, q [[2, 2, 1, 0]], epsilon 0.4: the first of them"
    yield Case(what, p, [[0.7, 0.1, 0.1, 0.1]])


def properties(answer: Answer) -> Cases:
    """Probabilities add up to one, and depend on the order of the values only."""
    q = np.random.default_rng(1).normal(size=(20, 3))
    p = answer.probabilities(q, 0.3)
    yield Case(
        "the sum over the actions, of 20 observations", p.sum(axis=1), np.ones(20)
    )
    same = answer.probabilities(5 * q + 2, 0.3)
    yield Case("values times five, plus two: the same policy", same, p)


def oracle(answer: Answer) -> Cases:
    """How often DQN's agent takes each action, of forty thousand times."""
    envs = EnvBatch(probes.SIGNAL, 1, 0)
    agent = dqn.DeepQ(envs.obs_space, Discrete(3), (8,))
    agent.epsilon = 0.6
    obs = np.full((40_000, 1), 0.5, np.float32)
    counted = np.bincount(agent.act(obs), minlength=3) / len(obs)
    with torch.no_grad():
        q = agent.q(torch.tensor(obs[:1])).numpy()
    p = answer.probabilities(q, 0.6)[0]
    what = "how often an agent acts so, epsilon 0.6, three actions"
    yield Case(what, p, counted, rtol=0, atol=0.02)
