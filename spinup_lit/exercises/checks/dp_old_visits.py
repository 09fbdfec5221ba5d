# spinup_lit/exercises/checks/dp_old_visits.py: generated from book/depth/tabular.md; edit the chapter. sha256:4d3a4b67fd9b4481
"""Checks of the exercise `dp-old-visits`."""

import numpy as np

from spinup_lit.exact.tabular import evaluate, random_mdp
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Which advantages?",
    chapter="depth/tabular",
    kind="implement",
    difficulty=3,
    minutes=20,
    hints=(
        "The old policy, from A, is in A once. It never sees B.",
        "Solve for d: a matrix of the size of the world, `np.linalg.solve`. Mind the "
        "transpose: who is visited depends on where one comes *from*.",
        "In each state: the mean of the old advantages over what the new policy does.",
    ),
)


def claim(answer: Answer) -> Cases:
    """The two cells."""
    yield Case("TRUE_GAIN", answer.TRUE_GAIN, 1.9, atol=1e-3)
    yield Case("WITH_OLD_VISITS", answer.WITH_OLD_VISITS, 0.19, atol=1e-3)


def by_hand(answer: Answer) -> Cases:
    """Two cells: right leads from A to B and from B out."""
    step = np.array([[0.0, 1.0], [0.0, 0.0]])
    adv, right = np.array([[0.0, 0.19], [0.0, 1.9]]), np.eye(2)[[1, 1]]
    got = answer.gain(step, np.array([1.0, 0.0]), adv, right, 0.9)
    yield Case("the two cells, from A", got, 1.9)
    got = answer.gain(step, np.array([0.0, 1.0]), adv, right, 0.9)
    yield Case("the two cells, from B", got, 1.9)
    got = answer.gain(
        np.array([[0.5]]), np.ones(1), np.array([[2.0]]), np.ones((1, 1)), 1
    )
    yield Case("one cell, left half of the time, advantage 2, gamma 1", got, 4.0)


def given(seed: int, gamma: float) -> tuple[tuple[np.ndarray, ...], float]:
    """A random world: what is given of it, and how much more the new policy earns."""
    world = random_mdp(5, 3, ends=0.1, seed=seed)
    old, new = np.random.default_rng(seed).dirichlet(np.ones(3), size=(2, 5))
    step = np.einsum("sa,sak->sk", new, world.P[:, :, :-1])
    before, after = (evaluate(world, pi, gamma) for pi in (old, new))
    right = world.start @ (after.v - before.v)
    return (step, world.start, before.adv, new), float(right)


def properties(answer: Answer) -> Cases:
    """Advantages have the mean zero under their own policy."""
    world = random_mdp(4, 2, ends=0.2, seed=5)
    pi = np.random.default_rng(5).dirichlet(np.ones(2), size=4)
    step = np.einsum("sa,sak->sk", pi, world.P[:, :, :-1])
    got = answer.gain(step, world.start, evaluate(world, pi, 0.9).adv, pi, 0.9)
    yield Case("old and new are the same policy", got, 0.0)


def oracle(answer: Answer) -> Cases:
    """The values of both policies, in random worlds."""
    for seed, gamma in ((1, 0.5), (2, 0.9), (3, 1.0)):
        arguments, right = given(seed, gamma)
        got = answer.gain(*arguments, gamma)
        yield Case(f"random world {seed}, gamma {gamma}", got, right, rtol=1e-7)
