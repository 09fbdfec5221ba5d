# spinup_lit/exercises/checks/vpg_doubled_rewards.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:aa10b0704bd1e5aa
"""Checks of the exercise `vpg-doubled-rewards`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Rewards twice as large",
    chapter="onpolicy/vpg",
    kind="predict",
    difficulty=2,
    minutes=10,
    hints=(
        "What happens to the deviation of the advantages, when they all double?",
        "Adam divides the mean of the gradients by the root of the mean of their squares. "
        "In the first step there is one gradient to average.",
        "A square, and its derivative.",
    ),
)


def claim(answer: Answer) -> Cases:
    """Five factors."""
    yield Case("GRADIENT, advantages normalised", answer.GRADIENT, 1.0)
    yield Case("GRADIENT_PLAIN, not normalised", answer.GRADIENT_PLAIN, 2.0)
    yield Case("ADAM_PLAIN, its first step", answer.ADAM_PLAIN, 1.0)
    yield Case("CRITIC_LOSS", answer.CRITIC_LOSS, 4.0)
    yield Case("CRITIC_GRADIENT", answer.CRITIC_GRADIENT, 2.0)
