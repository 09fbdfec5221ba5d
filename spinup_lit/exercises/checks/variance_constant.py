# spinup_lit/exercises/checks/variance_constant.py: generated from book/depth/variance.md; edit the chapter. sha256:42e4745d1501aa66
"""Checks of the exercise `variance-constant`."""

import numpy as np
from scipy.optimize import minimize_scalar

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="The best constant",
    chapter="depth/variance",
    kind="derive",
    difficulty=2,
    minutes=20,
    hints=(
        "Var x = E x^2 - (E x)^2, and the second term does not depend on b. Why?",
        "What is left is a parabola in b. Where is its derivative zero?",
        "A mean of the returns, in which each counts with the squared length of its "
        "score, over all parameters.",
    ),
)


def by_hand(answer: Answer) -> Cases:
    """Two actions, of which the rare one has the longer score."""
    score, weight = np.array([[1.0], [-3.0]]), np.array([0.75, 0.25])
    ret = np.array([4.0, 8.0])
    what = "scores 1 and -3 with probabilities 3/4 and 1/4, returns 4 and 8"
    yield Case(f"best_constant: {what}", answer.best_constant(score, ret, weight), 7.0)
    yield Case(f"noise at b = 7: {what}", answer.noise(score, ret, weight, 7.0), 0.0)
    yield Case(f"noise at b = 5: {what}", answer.noise(score, ret, weight, 5.0), 12.0)


def given(seed: int) -> tuple[np.ndarray, ...]:
    """Random episodes: scores of the mean zero, returns, probabilities."""
    rng = np.random.default_rng(seed)
    weight = rng.dirichlet(np.ones(30))
    score = rng.normal(size=(30, 3)) * rng.uniform(0.2, 3, (30, 1))
    score -= weight @ score
    return score, (score**2).sum(axis=1) + rng.normal(5, 2, 30), weight


def properties(answer: Answer) -> Cases:
    """What is added to all returns is subtracted again; a wrong b is never quieter."""
    score, ret, weight = given(1)
    b = answer.best_constant(score, ret, weight)
    got = answer.best_constant(score, ret + 10, weight)
    yield Case("best_constant, all returns 10 higher: 10 higher", got, b + 10)
    least = answer.noise(score, ret, weight, b)
    for off in (-1.0, 1.0):
        more = float(answer.noise(score, ret, weight, b + off) - least)
        yield Case(f"what noise gains at best_constant {off:+.0f}", more, at_least(0))


def oracle(answer: Answer) -> Cases:
    """The covariance matrix, and a search for its smallest trace."""
    for seed in (2, 3):
        score, ret, weight = given(seed)

        def trace(
            b: float, z: np.ndarray = score, r: np.ndarray = ret, p: np.ndarray = weight
        ) -> float:
            estimate = z * (r - b)[:, None]
            covariance = np.cov(estimate.T, aweights=p, bias=True)
            return float(np.trace(covariance))

        got = answer.noise(score, ret, weight, 2.5)
        yield Case(f"noise at b = 2.5, random episodes {seed}", got, trace(2.5))
        found = minimize_scalar(trace, bracket=(0.0, 10.0), tol=1e-12).x
        got = answer.best_constant(score, ret, weight)
        yield Case(f"best_constant of random episodes {seed}", got, found)
