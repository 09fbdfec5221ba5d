# spinup_lit/exercises/checks/ppo_divergence.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:2db4ec610586af7f
"""Checks of the exercise `ppo-divergence`."""

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="How far has the policy moved?",
    chapter="onpolicy/ppo",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "Under the old policy, the mean of the ratio is the sum of the new probabilities.",
        "So ratio - 1 has the mean zero. And log x <= x - 1.",
        "Mind the sign of the logarithm: the divergence is the mean of log(old / new).",
    ),
)


def shapes(answer: Answer) -> Cases:
    """A number."""
    found = answer.divergence(torch.tensor([0.1, -0.2, 0.0]))
    yield Case("the shape for three samples", tuple(torch.as_tensor(found).shape), ())


def by_hand(answer: Answer) -> Cases:
    """One sample, twice as likely as before, and half as likely."""
    found = answer.divergence(torch.tensor([2.0, 2.0]).log())
    yield Case("all ratios 2: 2 - 1 - log 2", found, 0.306853)
    found = answer.divergence(torch.tensor([0.5, 2.0]).log())
    yield Case("ratios 1/2 and 2: the mean of 0.193 and 0.307", found, 0.25)


def properties(answer: Answer) -> Cases:
    """Zero for no step, and never negative."""
    yield Case("nothing has moved", answer.divergence(torch.zeros(5)), 0.0)
    for x in (-3.0, -0.1, 0.1, 1.0):
        found = answer.divergence(torch.full((4,), x))
        yield Case(f"log_ratio {x} everywhere: at least 0", found, at_least(0))


def oracle(answer: Answer) -> Cases:
    """Batches that hold each action as often as the old policy takes it."""
    rng = np.random.default_rng(1)
    for counts in ((1, 3, 4), (5, 5), (1, 1, 1, 9)):
        old = np.array(counts) / sum(counts)
        new = rng.dirichlet(np.ones(len(counts)))
        log_ratio = np.repeat(np.log(new / old), counts)
        found = answer.divergence(torch.tensor(log_ratio))
        chances = np.array2string(new, precision=3)
        what = f"old {old}, new {chances}, each action as often as it is expected"
        yield Case(what, found, old @ np.log(old / new))


def gradients(answer: Answer) -> Cases:
    """There is none."""
    log_ratio = torch.tensor([0.1, -0.3], requires_grad=True)
    found = answer.divergence(log_ratio)
    flows = isinstance(found, torch.Tensor) and found.requires_grad
    yield Case("the estimate has a gradient", flows, False)
