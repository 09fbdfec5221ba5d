# spinup_lit/exercises/checks/vpg_losing_randomness.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:9d865fae2e385105
"""Checks of the exercise `vpg-losing-randomness`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="A policy that has made up its mind",
    chapter="onpolicy/vpg",
    kind="diagnose",
    difficulty=3,
    minutes=20,
    hints=(
        "Set Entropy beside EpRet, from epoch 19 on.",
        "GradNorm is three times the usual, although the returns hardly move. What else "
        "could a gradient be the gradient of?",
        "The entropy of a coin is -p log p - (1 - p) log(1 - p). Try p = 0.9, p = 0.95.",
    ),
)


def claim(answer: Answer) -> Cases:
    """The cause, and a probability."""
    yield Case("CAUSE", answer.CAUSE, "d")
    yield Case("LIKELIER", answer.LIKELIER, between(0.922, 0.962))
