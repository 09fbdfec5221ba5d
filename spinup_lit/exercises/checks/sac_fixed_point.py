# spinup_lit/exercises/checks/sac_fixed_point.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:284c5705ad81642a
"""Checks of the exercise `sac-fixed-point`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Where the thermostat comes to rest",
    chapter="offpolicy/sac",
    kind="derive",
    difficulty=3,
    minutes=25,
    hints=(
        "e^(-k a^2 / (2 alpha)): which well-known density is that, and with which "
        "variance?",
        "The entropy of a Gaussian with the deviation s is log(s) + log(2 pi e) / 2.",
        "alpha = e^(log alpha), whose derivative in log alpha is alpha. The mean of "
        "log pi is minus the entropy.",
        "At rest the slope is zero: the entropy is what is wanted. Solve for alpha.",
    ),
)


def by_hand(answer: Answer) -> Cases:
    """A variance of 1, then of 4."""
    one = np.ones(1)
    unit = 1.4189385  # log(2 pi e) / 2
    yield Case("entropy at k 1, alpha 1", answer.entropy(one, one), [unit])
    got = answer.entropy(one / 2, 2 * one)
    yield Case("entropy at k 0.5, alpha 2", got, [unit + np.log(2)])
    got = answer.slope(one, one, one * 0.4189385)
    yield Case("slope at k 1, alpha 1, one nat more than wanted", got, [1.0])
    got = answer.slope(one, 2 * one, unit + np.log(2) / 2 + one)
    yield Case("slope at k 1, alpha 2, one nat less than wanted", got, [-2.0])
    got = answer.at_rest(3 * one, (unit + np.log(2)) * one)
    yield Case("at_rest at k 3, wanted 2.1121", got, [12.0])


def random(seed: int) -> tuple[np.ndarray, ...]:
    """Curvatures, temperatures and wanted entropies."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.2, 5, 20), rng.uniform(0.1, 3, 20), rng.normal(size=20)


def properties(answer: Answer) -> Cases:
    """Nothing moves at rest, and rewards have a unit."""
    k, _, wanted = random(1)
    rest = answer.at_rest(k, wanted)
    yield Case("entropy at rest: the wanted one", answer.entropy(k, rest), wanted)
    yield Case("slope at rest", answer.slope(k, rest, wanted), np.zeros(20))
    ten = answer.at_rest(10 * k, wanted)
    yield Case("rewards times ten: at_rest, too", ten, 10 * rest)


def oracle(answer: Answer) -> Cases:
    """Densities on a fine grid, and a difference quotient."""
    k, alpha, wanted = random(2)
    a = np.linspace(-80, 80, 40_001)[:, None]
    density = np.exp(-k * a**2 / (2 * alpha))
    density /= density.sum(axis=0) * (a[1] - a[0])
    logp = np.log(np.maximum(density, 1e-300))
    mean = (density * logp).sum(axis=0) * (a[1, 0] - a[0, 0])
    got = answer.entropy(k, alpha)
    yield Case("entropy at 20 random points, by integration", got, -mean)
    up, down = (-alpha * np.exp(h) * (mean + wanted) for h in (1e-5, -1e-5))
    got = answer.slope(k, alpha, wanted)
    yield Case("slope at 20 random points, by differences", got, (up - down) / 2e-5)
