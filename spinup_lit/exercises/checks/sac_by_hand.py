# spinup_lit/exercises/checks/sac_by_hand.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:281e771acf7bce14
"""Checks of the exercise `sac-by-hand`."""

import numpy as np
from scipy.special import xlogy

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import below

EXERCISE = Exercise(
    title="Half the temperature",
    chapter="offpolicy/sac",
    kind="derive",
    difficulty=2,
    minutes=20,
    hints=(
        "At the best probabilities, moving a little from one road to another gains "
        "nothing: q - alpha log p is the same for all roads.",
        "So p is proportional to e^(q / alpha). What makes the sum 1?",
        "Put p into the sum that is to be large: what is left is alpha times the logarithm "
        "of what you divided by.",
        "With alpha 0.001, e^(3 / alpha) is infinite. A constant added to all q changes p "
        "not at all, and the value by that constant.",
    ),
)

ROADS = np.array([[3.0, 2, 2]])


def claim(answer: Answer) -> Cases:
    """Cold and hot."""
    yield Case("LIMIT, as alpha goes to 0", answer.LIMIT, 3.0, atol=0.01)
    yield Case("EXCESS, as alpha grows", answer.EXCESS, 7 / 3, atol=0.01)


def by_hand(answer: Answer) -> Cases:
    """Three roads, at the chapter's temperature and at half of it."""
    for alpha, p, value in (
        (1 / np.log(2), [1 / 2, 1 / 4, 1 / 4], 4.0),
        (1 / np.log(4), [2 / 3, 1 / 6, 1 / 6], np.log2(96) / 2),
    ):
        where = f"roads 3, 2 and 2, alpha {alpha:.4f}"
        yield Case(f"best_policy: {where}", answer.best_policy(ROADS, alpha), [p])
        yield Case(f"best_value: {where}", answer.best_value(ROADS, alpha), [value])


def earned(p: np.ndarray, q: np.ndarray, alpha: float) -> np.ndarray:
    """Reward and entropy of a policy, (S,)."""
    total: np.ndarray = (p * q - alpha * xlogy(p, p)).sum(axis=1)
    return total


def properties(answer: Answer) -> Cases:
    """Cold roads, and a constant for all."""
    cold = answer.best_value(ROADS, 1e-3)
    yield Case("best_value at alpha 0.001", cold, [3.0])
    yield Case(
        "best_policy at alpha 0.001", answer.best_policy(ROADS, 1e-3), [[1, 0, 0]]
    )
    rng = np.random.default_rng(1)
    q = rng.normal(size=(6, 4))
    total = answer.best_policy(q, 0.7).sum(axis=1)
    yield Case("the sum over the roads, of six crossings", total, np.ones(6))
    value = answer.best_value(q, 0.7)
    more = answer.best_value(q + 5, 0.7)
    yield Case("all roads worth 5 more: the value, too", more, value + 5)


def oracle(answer: Answer) -> Cases:
    """No other policy earns as much."""
    rng = np.random.default_rng(2)
    q = rng.normal(size=(5, 4))
    for alpha in (0.1, 0.7, 3.0):
        p, value = answer.best_policy(q, alpha), answer.best_value(q, alpha)
        what = f"five crossings of four roads, alpha {alpha}"
        yield Case(
            f"{what}: the value is what the policy earns", value, earned(p, q, alpha)
        )
        others = rng.dirichlet(np.full(4, 0.7), size=(4000, 5))
        near = 0.98 * p + 0.02 * others
        best = max(
            float((earned(each, q, alpha) - value).max())
            for each in (*others[:200], *near[:200])
        )
        yield Case(f"{what}: what another policy earns more", best, below(1e-9))
