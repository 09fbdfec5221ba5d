# spinup_lit/exercises/checks/results_iqm.py: generated from book/practice/results.md; edit the chapter. sha256:5624d86518863e95
"""Checks of the exercise `results-iqm`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="The middle half",
    chapter="practice/results",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "`np.sort(scores, axis=None)` puts all scores in one row, in order.",
        "Score number i lies between i and i + 1. Which part of that lies between n / 4 "
        "and 3 n / 4?",
        "The weights sum to n / 2.",
    ),
)


def shapes(answer: Answer) -> Cases:
    """One number."""
    yield Case(
        "tasks by seeds, 3 by 4: the shape", np.shape(answer.iqm(np.ones((3, 4)))), ()
    )


def by_hand(answer: Answer) -> Cases:
    """Four scores, eight, five; and two tasks."""
    got = answer.iqm(np.array([9.0, 1, 100, 3]))
    yield Case("iqm of [9, 1, 100, 3]", got, 6.0)
    got = answer.iqm(np.array([8.0, 7, 6, 5, 0, 0, 0, 0]))
    yield Case("iqm of [8, 7, 6, 5, 0, 0, 0, 0]", got, 11 / 4)
    got = answer.iqm(np.array([0.0, 10, 20, 40, 1000]))
    yield Case("iqm of [0, 10, 20, 40, 1000]", got, (7.5 + 20 + 30) / 2.5)
    got = answer.iqm(np.array([[0.0, 1, 2, 3], [10, 20, 30, 40]]))
    yield Case("iqm of two tasks, [[0, 1, 2, 3], [10, 20, 30, 40]]", got, 35 / 4)


def properties(answer: Answer) -> Cases:
    """What is far out does not matter, how far."""
    x = np.random.default_rng(1).normal(size=16)
    got = answer.iqm(x)
    far = x.copy()
    far[far.argmax()] = 1e6
    yield Case("the best of 16 scores is a million: the same", answer.iqm(far), got)
    yield Case("other unit and zero: 3 x + 2", answer.iqm(3 * x + 2), 3 * got + 2)


def oracle(answer: Answer) -> Cases:
    """Each score four times: then a quarter of them is a whole number."""
    for n in (3, 6, 7, 10, 50):
        x = np.random.default_rng(n).normal(size=n)
        four = sorted([*x, *x, *x, *x])
        right = sum(four[n : 3 * n]) / (2 * n)
        yield Case(f"{n} random scores", answer.iqm(x), right, rtol=1e-9)
