# spinup_lit/exercises/checks/results_first_ten.py: generated from book/practice/results.md; edit the chapter. sha256:fde215734a362ef6
"""Checks of the exercise `results-first-ten`."""

import heapq
from functools import cache

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="The first ten to finish",
    chapter="practice/results",
    kind="predict",
    difficulty=2,
    minutes=10,
    hints=(
        "Which episodes can have finished before step 9?",
        "About half of the copies begin with a short one, and after it with another.",
    ),
)


def first_ten(rng: np.random.Generator) -> float:
    """Play once: the mean return of the first ten episodes to finish."""
    clocks = [(int(length), int(length)) for length in rng.choice([1, 9], 10)]
    heapq.heapify(clocks)
    returns = []
    for _ in range(10):
        now, finished = clocks[0]
        returns.append(finished)
        length = int(rng.choice([1, 9]))
        heapq.heapreplace(clocks, (now + length, length))
    return float(np.mean(returns))


@cache
def played() -> float:
    """His average, over two thousand games that are played now."""
    rng = np.random.default_rng(1)
    return float(np.mean([first_ten(rng) for _ in range(2000)]))


def claim(answer: Answer) -> Cases:
    """The guess, beside what comes out."""
    right = between(played() - 0.4, played() + 0.4)
    yield Case("MEAN, the average of his averages", answer.MEAN, right)
