# spinup_lit/exercises/checks/trpo_conjugate_gradient.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:9e9a7c63e1dd1333
"""Checks of the exercise `trpo-conjugate-gradient`."""

from collections.abc import Callable

import numpy as np
import torch

from spinup_lit import trpo
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="Conjugate gradients",
    chapter="onpolicy/trpo",
    kind="implement",
    difficulty=3,
    minutes=30,
    hints=(
        "Keep x, the residual r = b - A x, and a direction p, which begins as r.",
        "How far? alpha = r.r / p.Ap. Multiply once per round, and update r by alpha A p.",
        "The next direction is r + beta p, beta = (new r.r) / (old r.r). If r is zero, "
        "this is 0/0: stop before.",
    ),
    seconds=60,
)
Product = Callable[[torch.Tensor], torch.Tensor]


def system(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """A random positive definite matrix with a spread spectrum, and a right-hand side."""
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return q @ np.diag(np.linspace(1, 8, n)) @ q.T, rng.normal(size=n)


def times(a: np.ndarray) -> Product:
    """The function that multiplies by a matrix."""
    matrix = torch.tensor(a, dtype=torch.float64)
    return lambda v: matrix @ v


def solved(answer: Answer, a: np.ndarray, b: np.ndarray, iters: int) -> torch.Tensor:
    """What the answer says."""
    x: torch.Tensor = answer.conjugate_gradient(times(a), torch.tensor(b), iters)
    return x


def shapes(answer: Answer) -> Cases:
    """A vector like the right-hand side."""
    x = answer.conjugate_gradient(lambda v: 2 * v, torch.ones(3), 2)
    yield Case("the shape for 3 rows", tuple(x.shape), (3,))
    yield Case("the type for float32", x.dtype, torch.float32)


def by_hand(answer: Answer) -> Cases:
    """Two rows, after one round and after two."""
    a, b = np.diag([1.0, 3.0]), np.array([1.0, 1.0])
    yield Case("A diag(1, 3), b [1, 1], one round", solved(answer, a, b, 1), [0.5, 0.5])
    x = solved(answer, a, b, 2)
    yield Case("the same, two rounds: the solution", x, [1, 1 / 3])


def properties(answer: Answer) -> Cases:
    """Linear, exact after n rounds, and calm when there is nothing to do."""
    a, b = system(1, 5)
    x = solved(answer, a, b, 3)
    yield Case("three times b: three times x", solved(answer, a, 3 * b, 3), 3 * x)
    yield Case("b 0: x 0", solved(answer, a, 0 * b, 3), np.zeros(5))
    yield Case("5 rows, 5 rounds: A x is b", a @ solved(answer, a, b, 5).numpy(), b)
    more = solved(answer, np.eye(5), b, 60)
    yield Case("A the identity, 60 rounds: b", more, b)
    count = 0

    def counted(v: torch.Tensor) -> torch.Tensor:
        nonlocal count
        count += 1
        return times(a)(v)

    answer.conjugate_gradient(counted, torch.tensor(b), 3)
    yield Case("products in 3 rounds: at most 4", count <= 4, True)


def oracle(answer: Answer) -> Cases:
    """The minimum over the space of b, A b, A A b, ..."""
    for seed, (n, rounds) in enumerate(((4, 1), (6, 2), (8, 3), (8, 5))):
        a, b = system(seed + 2, n)
        space = np.linalg.qr(
            np.stack([np.linalg.matrix_power(a, k) @ b for k in range(rounds)], 1)
        )[0]
        expected = space @ np.linalg.solve(space.T @ a @ space, space.T @ b)
        x = solved(answer, a, b, rounds)
        yield Case(f"{n} random rows, {rounds} rounds", x, expected)


def in_place(answer: Answer) -> Cases:
    """TRPO finds its steps with it."""
    with replaced(trpo, conjugate_gradient=answer.conjugate_gradient):
        agent = trpo.trpo(
            probes.SIGNAL, hidden_sizes=(8,), steps_per_epoch=128, epochs=20, delta=0.05
        )
    what = "after 20 epochs of TRPO, the probability of the right action"
    yield Case(what, probes.chances(agent), at_least(0.8))
