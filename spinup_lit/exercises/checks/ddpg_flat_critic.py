# spinup_lit/exercises/checks/ddpg_flat_critic.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:a322feb96df302f2
"""Checks of the exercise `ddpg-flat-critic`."""

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="A critic without an opinion",
    chapter="offpolicy/ddpg",
    kind="diagnose",
    difficulty=3,
    minutes=25,
    hints=(
        "Compare StdQVals: what does a critic say whose values hardly differ?",
        "LossQ stays near 14 although the critic is trained with every step. To which "
        "values could a number be pulled, so that something is always left?",
        "The mean over a table of all pairs (q_i - y_j)^2: differentiate it in q_i.",
    ),
)


def claim(answer: Answer) -> Cases:
    """The cause, and when it is harmless."""
    yield Case("CAUSE", answer.CAUSE, "c")
    yield Case("BATCH_SIZE with which the mistake does no harm", answer.BATCH_SIZE, 1)


def by_hand(answer: Answer) -> Cases:
    """Two values that are right, and are pulled away all the same."""
    slope = answer.slope(np.array([0.0, 4.0]), np.array([0.0, 4.0]))
    yield Case("q [0, 4], y [0, 4]: the slope in each value", slope, [-2.0, 2.0])


def properties(answer: Answer) -> Cases:
    """Which target belongs to which value does not matter; a constant critic is content."""
    rng = np.random.default_rng(1)
    q, y = rng.normal(size=(2, 8))
    slope = answer.slope(q, y)
    yield Case(
        "targets in another order: the same", answer.slope(q, y[::-1].copy()), slope
    )
    flat = np.full(8, y.mean())
    yield Case(
        "all values at the mean of the targets", answer.slope(flat, y), np.zeros(8)
    )


def oracle(answer: Answer) -> Cases:
    """PyTorch, with the mistake made."""
    rng = np.random.default_rng(2)
    for size in (1, 2, 64):
        q, y = torch.tensor(rng.normal(size=(2, size)))
        column = q[:, None].requires_grad_()
        ((column - y) ** 2).mean().backward()
        right = None if column.grad is None else column.grad[:, 0]
        what = f"{size} random values and targets"
        yield Case(what, answer.slope(q.numpy(), y.numpy()), right)
