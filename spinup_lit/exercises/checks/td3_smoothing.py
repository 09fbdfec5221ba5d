# spinup_lit/exercises/checks/td3_smoothing.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:ea4d11ab958b41ef
"""Checks of the exercise `td3-smoothing`."""

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import below

EXERCISE = Exercise(
    title="Noise in its bounds",
    chapter="offpolicy/td3",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "Two clips. The first is about the noise alone, in half ranges.",
        "Half the range of each part is (high - low) / 2, a vector (act_dim,).",
        "`x.clamp(low, high)` takes tensors as bounds, and they broadcast over the batch.",
    ),
)

LOW, HIGH = torch.tensor([0.0, -1]), torch.tensor([2000.0, 3])


def shapes(answer: Answer) -> Cases:
    """As many actions as before."""
    act = torch.ones(5, 2)
    got = answer.smoothed(act, 0 * act, LOW, HIGH, 0.5)
    yield Case("five actions of two parts: the shape", tuple(got.shape), (5, 2))


def by_hand(answer: Answer) -> Cases:
    """A valve in [0, 2000] and an angle in [-1, 3]."""
    where = "bounds [0, 2000] and [-1, 3], noise_clip 0.5"
    for act, noise, right in (
        ([1000.0, 1.0], [0.1, -0.1], [1100.0, 0.8]),
        ([1000.0, 1.0], [0.9, -0.9], [1500.0, 0.0]),
        ([1900.0, -0.5], [0.3, -0.4], [2000.0, -1.0]),
        ([1900.0, 2.5], [-0.2, 0.7], [1700.0, 3.0]),
    ):
        given = torch.tensor([act]), torch.tensor([noise])
        got = answer.smoothed(*given, LOW, HIGH, 0.5)
        yield Case(f"action {act}, noise {noise}, {where}", got, [right])


def given(seed: int) -> tuple[torch.Tensor, ...]:
    """Actions, noise and bounds of three parts."""
    rng = np.random.default_rng(seed)
    low = torch.tensor(rng.uniform(-5, 0, 3))
    high = torch.tensor(rng.uniform(1, 50, 3))
    act = low + (high - low) * torch.tensor(rng.random((60, 3)))
    return act, torch.tensor(rng.normal(0, 0.4, (60, 3))), low, high


def properties(answer: Answer) -> Cases:
    """Another unit changes nothing, and nothing leaves the bounds."""
    act, noise, low, high = given(1)
    got = answer.smoothed(act, noise, low, high, 0.5)
    outside = torch.maximum(low - got, got - high).max()
    yield Case("how far an action is outside", float(outside), below(1e-9))
    unit = torch.tensor([1.0, 100, 0.01], dtype=torch.float64)
    other = answer.smoothed(act * unit, noise, low * unit, high * unit, 0.5)
    yield Case("every part in another unit: the same actions", other, got * unit)
    still = answer.smoothed(act, noise, low, high, 0.0)
    yield Case("noise_clip 0: the actions as they were", still, act)


def oracle(answer: Answer) -> Cases:
    """Part by part, in plain Python."""
    for seed in (2, 3):
        act, noise, low, high = given(seed)
        right = [
            [
                min(max(a + min(max(x, -0.3), 0.3) * (up - down) / 2, down), up)
                for a, x, down, up in zip(row, dice, low.tolist(), high.tolist())
            ]
            for row, dice in zip(act.tolist(), noise.tolist())
        ]
        got = answer.smoothed(act, noise, low, high, 0.3)
        yield Case(f"60 random actions, noise_clip 0.3, number {seed}", got, right)
