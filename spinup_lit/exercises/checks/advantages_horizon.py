# spinup_lit/exercises/checks/advantages_horizon.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:cb236f98cfe99c5a
"""Checks of the exercise `advantages-horizon`."""

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="How far does it look?",
    chapter="onpolicy/advantages",
    kind="derive",
    difficulty=1,
    minutes=10,
    hints=(
        "A geometric series: 1 + q + q^2 + ... = 1 / (1 - q).",
        "q^n = 1/2: take logarithms, and mind that log q is negative.",
    ),
)


def claim(answer: Answer) -> Cases:
    """Which of the two is in the way."""
    yield Case("LONGER", answer.LONGER, "lam")


def by_hand(answer: Answer) -> Cases:
    """A half each step, and the defaults of VPG."""
    yield Case("total, gamma 1, lam 0.5", answer.total(1.0, 0.5), 2.0)
    yield Case("half_life, gamma 1, lam 0.5", answer.half_life(1.0, 0.5), 1.0)
    yield Case("total, gamma 0.99, lam 0.97", answer.total(0.99, 0.97), 25.18892)
    half = answer.half_life(0.99, 0.97)
    yield Case("half_life, gamma 0.99, lam 0.97", half, 17.1105, rtol=1e-3)


def oracle(answer: Answer) -> Cases:
    """Thousands of factors, added up; and the factor after so many steps."""
    for gamma, lam in ((0.9, 0.9), (0.999, 0.95), (0.5, 0.1), (0.99, 1.0)):
        added = sum((gamma * lam) ** n for n in range(5000))
        where = f"gamma {gamma}, lam {lam}"
        yield Case(f"total, {where}", answer.total(gamma, lam), added)
        left = (gamma * lam) ** answer.half_life(gamma, lam)
        yield Case(f"the factor after half_life steps, {where}", left, 0.5)
