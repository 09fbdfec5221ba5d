# spinup_lit/exercises/checks/sac_thermostats.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:a3cb49861883dd0b
"""Checks of the exercise `sac-thermostats`."""

import numpy as np
import torch
from torch.distributions import Uniform

from spinup_lit.exact.soft import entropy
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Two broken thermostats",
    chapter="offpolicy/sac",
    kind="diagnose",
    difficulty=3,
    minutes=25,
    hints=(
        "There is more entropy than wanted in all three. Which way should Alpha go?",
        "Compute the entropy of equal chances on [-2, 2]. Which program claims more?",
        "Which density can have any entropy, however large: that of u, or that of a?",
        "Equal chances have the density 1 / (high - low); independent parts add up.",
    ),
)


def claim(answer: Answer) -> Cases:
    """What is wrong with the two."""
    yield Case("SECOND", answer.SECOND, "a")
    yield Case("THIRD", answer.THIRD, "b")


def by_hand(answer: Answer) -> Cases:
    """Pendulum, a part of length one, and two parts."""
    for low, high, right in (
        ([-2.0], [2.0], 1.386294),
        ([3.0], [4.0], 0.0),
        ([-1.0, -1], [1.0, 3], 2.079442),
    ):
        got = answer.most_entropy(np.array(low), np.array(high))
        yield Case(f"actions between {low} and {high}", got, right)


def properties(answer: Answer) -> Cases:
    """A larger unit, and bounds that are moved."""
    low, high = np.array([-1.0, 0, 5]), np.array([1.0, 3, 5.5])
    got = answer.most_entropy(low, high)
    moved = answer.most_entropy(low + 7, high + 7)
    yield Case("bounds moved by 7: the same", moved, got)
    unit = answer.most_entropy(100 * low, 100 * high)
    yield Case(
        "centimetres instead of metres, three parts", unit, got + 3 * np.log(100)
    )


def oracle(answer: Answer) -> Cases:
    """PyTorch's uniform distribution; and many equal cells."""
    rng = np.random.default_rng(1)
    low = rng.normal(size=4)
    high = low + rng.uniform(0.1, 9, 4)
    even = Uniform(torch.tensor(low), torch.tensor(high)).entropy().sum()
    yield Case("four random parts", answer.most_entropy(low, high), even)
    cells = entropy(np.full((1, 500), 1 / 500))[0] + np.log(6 / 500)
    got = answer.most_entropy(np.array([-1.0]), np.array([5.0]))
    yield Case("500 equal cells between -1 and 5", got, cells)
