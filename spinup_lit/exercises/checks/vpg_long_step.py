# spinup_lit/exercises/checks/vpg_long_step.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:8632dbe3ff54a635
"""Checks of the exercise `vpg-long-step`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Over after two epochs",
    chapter="onpolicy/vpg",
    kind="diagnose",
    difficulty=2,
    minutes=15,
    hints=(
        "Compare row by row: which column differs first?",
        "The gradient is as long as in the healthy run, and the policy moves much further.",
        "For RECOVERS: what is the score of an action that was certain?",
    ),
)


def claim(answer: Answer) -> Cases:
    """The cause, its first sign, and its consequence."""
    yield Case("CAUSE", answer.CAUSE, "b")
    yield Case("EPOCH", answer.EPOCH, 0)
    yield Case("RECOVERS", answer.RECOVERS, False)
