# spinup_lit/exercises/checks/concepts_mean_return.py: generated from book/start/key-concepts.md; edit the chapter. sha256:9846aabe1983fec6
"""Checks of the exercise `concepts-mean-return`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="The mean of a discounted return",
    chapter="start/key-concepts",
    kind="derive",
    difficulty=2,
    minutes=20,
    hints=(
        "Do not average over lengths. With which probability is step t reached at all?",
        "The mean of a sum is the sum of the means: step t contributes gamma^t r, if it "
        "is reached. This is a geometric series.",
        "A cut ends the sum: 1 + q + ... + q^(T-1) = (1 - q^T) / (1 - q).",
    ),
)


def by_hand(answer: Answer) -> Cases:
    """Three numbers that a pencil finds."""
    yield Case("mean_length, c 0.9", answer.mean_length(0.9), 10.0)
    what = "mean_return, r 1, c 0.9, gamma 0.9"
    yield Case(what, answer.mean_return(1.0, 0.9, 0.9), 5.263158)
    what = "mean_return_cut, r 4, c 0.5, gamma 1, limit 2: 4 for sure, 4 by half"
    yield Case(what, answer.mean_return_cut(4.0, 0.5, 1.0, 2), 6.0)


def properties(answer: Answer) -> Cases:
    """Limits in which the answer is known."""
    yield Case("gamma 0: only the first", answer.mean_return(3.0, 0.8, 0.0), 3.0)
    yield Case("c 0: only the first", answer.mean_return(3.0, 0.0, 0.9), 3.0)
    length = answer.mean_length(0.7)
    yield Case("r 1, gamma 1: the length", answer.mean_return(1.0, 0.7, 1.0), length)
    whole = answer.mean_return(2.0, 0.7, 0.9)
    late = answer.mean_return_cut(2.0, 0.7, 0.9, 500)
    yield Case("a cut after 500 steps: as without", late, whole)


def oracle(answer: Answer) -> Cases:
    """The average over lengths, each with its probability."""
    for r, c, gamma, limit in (
        (1, 0.9, 0.9, 10),
        (-2, 0.5, 0.99, 3),
        (5, 0.97, 0.8, 7),
    ):
        length = np.arange(1, 3000)
        chance = (1 - c) * c ** (length - 1.0)
        returns = r * np.cumsum(gamma ** (length - 1.0))
        point = f"r {r}, c {c}, gamma {gamma}"
        yield Case(f"mean_length, c {c}", answer.mean_length(c), chance @ length)
        mean = answer.mean_return(r, c, gamma)
        yield Case(f"mean_return, {point}", mean, chance @ returns)
        cut = answer.mean_return_cut(r, c, gamma, limit)
        expected = chance @ returns[np.minimum(length, limit) - 1]
        yield Case(f"mean_return_cut, {point}, limit {limit}", cut, expected)
