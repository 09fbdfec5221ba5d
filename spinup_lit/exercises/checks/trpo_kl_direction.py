# spinup_lit/exercises/checks/trpo_kl_direction.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:55923d4f6f52e40d
"""Checks of the exercise `trpo-kl-direction`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="The divergence of two Gaussians",
    chapter="onpolicy/trpo",
    kind="derive",
    difficulty=3,
    minutes=20,
    hints=(
        "Write the logarithm of the ratio of the two densities: three terms.",
        "The mean is over actions of the old policy: there (a - mu_old)^2 is std_old^2.",
        "And (a - mu_new)^2 is, on average, std_old^2 + (mu_old - mu_new)^2.",
    ),
)


def claim(answer: Answer) -> Cases:
    """Which of two is punished more."""
    yield Case("LARGER", answer.LARGER, "narrow")


def by_hand(answer: Answer) -> Cases:
    """No change, a shift, half the deviation and twice."""
    for new, expected in (
        ((0.0, 1.0), 0.0),
        ((1.0, 1.0), 0.5),
        ((0.0, 0.5), 0.806853),
        ((0.0, 2.0), 0.318147),
    ):
        found = answer.kl(0.0, 1.0, *new)
        yield Case(
            f"old: mean 0, deviation 1; new: {new[0]}, {new[1]}", found, expected
        )


def points(count: int) -> np.ndarray:
    """Pairs of random means and deviations, (count, 4)."""
    rng = np.random.default_rng(1)
    mean, log_std = rng.normal(size=(2, count, 2))
    columns = mean[:, 0], np.exp(0.5 * log_std[:, 0])
    return np.stack([*columns, mean[:, 1], np.exp(0.5 * log_std[:, 1])], axis=1)


def properties(answer: Answer) -> Cases:
    """Never negative; another unit of length changes nothing."""
    for point in points(3).tolist():
        found = answer.kl(*point)
        where = "old {:.2f}, {:.2f}; new {:.2f}, {:.2f}".format(*point)
        yield Case(f"{where}: at least 0", found, at_least(0))
        scaled = answer.kl(*(3 * x for x in point))
        yield Case(f"{where}: all times 3, the same", scaled, found)


def oracle(answer: Answer) -> Cases:
    """The integral, on a grid."""
    for mu_old, std_old, mu_new, std_new in points(6).tolist():
        a = mu_old + std_old * np.linspace(-12, 12, 200_001)
        old = -0.5 * ((a - mu_old) / std_old) ** 2 - np.log(std_old)
        new = -0.5 * ((a - mu_new) / std_new) ** 2 - np.log(std_new)
        chance = np.exp(old) / np.exp(old).sum()
        where = f"old {mu_old:.2f}, {std_old:.2f}; new {mu_new:.2f}, {std_new:.2f}"
        found = answer.kl(mu_old, std_old, mu_new, std_new)
        yield Case(where, found, chance @ (old - new))
