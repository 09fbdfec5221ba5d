# spinup_lit/exercises/checks/trpo_value_steps.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:d3098184f0ae6c85
"""Checks of the exercise `trpo-value-steps`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Which critic was trained how long?",
    chapter="onpolicy/trpo",
    kind="diagnose",
    difficulty=3,
    minutes=20,
    hints=(
        "A critic that is never trained says what it said in the beginning.",
        "A critic whose values have no deviation has learned one number for all states.",
        "For FIRST, go through the loop: the policy steps before the critic does. Which "
        "batch is the first that is judged by different critics? Which is the first that "
        "is drawn by different policies?",
    ),
)


def claim(answer: Answer) -> Cases:
    """The three runs, the order of events, and how much one seed says."""
    yield Case("A, B, C", (answer.A, answer.B, answer.C), (80, 0, 5))
    yield Case("FIRST", answer.FIRST, 2)
    yield Case("TELLS", answer.TELLS, False)
