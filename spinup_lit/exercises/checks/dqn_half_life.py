# spinup_lit/exercises/checks/dqn_half_life.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:304048452e8e4255
"""Checks of the exercise `dqn-half-life`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="How old is the slow copy?",
    chapter="offpolicy/dqn",
    kind="derive",
    difficulty=2,
    minutes=15,
    hints=(
        "Follow one network: it enters with 1 - kappa. What happens to its share in each "
        "later update?",
        "The weights are a geometric distribution. Its mean is in every table; or "
        "differentiate the geometric series.",
        "Half of it is left when kappa^n = 1/2.",
    ),
)


def by_hand(answer: Answer) -> Cases:
    """kappa 1/2, where each update halves everything."""
    half = np.array([0.5])
    for age, right in ((0, 0.5), (1, 0.25), (3, 1 / 16)):
        got = answer.weight(half, np.array([age]))
        yield Case(f"the weight at kappa 0.5, age {age}", got, [right])
    yield Case("the mean age at kappa 0.5", answer.mean_age(half), [1.0])
    yield Case("the half-life at kappa 0.5", answer.half_life(half), [1.0])


def properties(answer: Answer) -> Cases:
    """Weights add up to one, and a copy of kappa 0 does not lag."""
    ages = np.arange(4000)
    total = answer.weight(np.full(4000, 0.98), ages).sum()
    yield Case("all weights together, kappa 0.98", total, 1.0)
    yield Case("the mean age at kappa 0", answer.mean_age(np.zeros(1)), [0.0])


def followed(kappa: float, updates: int) -> np.ndarray:
    """Follow a network that is 1 after one update and 0 after all others."""
    slow, shares = 0.0, []
    for update in range(updates):
        slow = kappa * slow + (1 - kappa) * (update == 0)
        shares.append(slow)
    return np.array(shares)


def oracle(answer: Answer) -> Cases:
    """A copy that follows, update by update."""
    for kappa in (0.7, 0.98, 0.995):
        shares = followed(kappa, 8000)
        many = np.full(50, kappa)
        got = answer.weight(many, np.arange(50))
        yield Case(f"weights of the ages 0 to 49, kappa {kappa}", got, shares[:50])
        age = shares @ np.arange(8000)
        yield Case(f"the mean age, kappa {kappa}", answer.mean_age(many[:1]), [age])
        below = np.flatnonzero(shares <= shares[0] / 2)[0]
        got = np.ceil(answer.half_life(many[:1]))
        yield Case(f"the half-life, rounded up, kappa {kappa}", got, [below])
