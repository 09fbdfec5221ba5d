# spinup_lit/exercises/checks/pg_subtract.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:586fcdcb285726f9
"""Checks of the exercise `pg-subtract`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="What may be subtracted?",
    chapter="start/policy-gradients",
    kind="predict",
    difficulty=2,
    minutes=10,
    hints=(
        "Ask of each: is it settled before the action of step t is drawn?",
        "Other episodes know nothing of this one. What does the mean of all contain?",
        "With N episodes, 1/N of the mean is the episode's own return.",
    ),
)


def claim(answer: Answer) -> Cases:
    """Six times yes or no, and a factor."""
    for name, right in zip("ABCDEF", (True, False, False, True, True, False)):
        yield Case(name, getattr(answer, name), right)
    yield Case("FACTOR, with 4 episodes", answer.FACTOR, 0.75)
