# spinup_lit/exercises/checks/td3_two.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:85e67fd1c36fda01
"""Checks of the exercise `td3-two`."""

from itertools import product

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Two actions",
    chapter="offpolicy/td3",
    kind="predict",
    difficulty=2,
    minutes=15,
    hints=(
        "How often do both coins of the first estimate say -1?",
        "The second coin knows nothing of the choice. What does it say on average?",
        "For SMALLER distinguish: the first estimate of the action taken is -1, one time "
        "in 4; or it is +1, and then the second coin decides.",
        "With four actions, how often is the first estimate of the best one -1?",
    ),
)


def counted(actions: int) -> np.ndarray:
    """The four averages, over all tosses of all coins."""
    found = []
    for coins in product((-1, 1), repeat=2 * actions):
        first, second = coins[:actions], coins[actions:]
        best = int(np.argmax(first))
        one, two = first[best], second[best]
        found.append((one, two, min(one, two), (one + two) / 2))
    mean: np.ndarray = np.mean(found, axis=0)
    return mean


def claim(answer: Answer) -> Cases:
    """What is said, beside what is counted."""
    names = ("MAXIMUM", "SECOND", "SMALLER", "MEAN")
    for name, right in zip(names, counted(2)):
        yield Case(name, getattr(answer, name), right)
    nearer = abs(counted(4)[2]) < abs(counted(2)[2])
    word = "nearer" if nearer else "farther"
    yield Case("MORE_ACTIONS", answer.MORE_ACTIONS, word)
