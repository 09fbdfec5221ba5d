# spinup_lit/exercises/checks/vpg_log_of_a_limit.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:63db254d3725427c
"""Checks of the exercise `vpg-log-of-a-limit`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="It begins with the first good episode",
    chapter="onpolicy/vpg",
    kind="diagnose",
    difficulty=3,
    minutes=20,
    hints=(
        "What happens in epoch 34 that has never happened before?",
        "In that row EpRet is the same, and LossV, which is measured before any step, is "
        "not. So the targets differ. Which ones?",
        "With t steps to go, the wrong value is 1 + gamma + ... + gamma^(t-1). Average "
        "over t = 1, ..., 500.",
    ),
)


def claim(answer: Answer) -> Cases:
    """The mistake, and two values."""
    yield Case("CAUSE", answer.CAUSE, "d")
    yield Case("RIGHT", answer.RIGHT, 100.0)
    yield Case("WRONG", answer.WRONG, between(78.3, 82.3))
