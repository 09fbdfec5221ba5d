# tests/book/learning.py: generated from book/machinery/training.md; edit the chapter. sha256:b82e0a805d427789
"""For tests that an algorithm learns: train until a goal is reached, and no longer."""

from collections.abc import Callable
from typing import Any

import pytest

from spinup_lit.machinery.logger import Row
from spinup_lit.machinery.training import Training, Watcher, watched

# Mean returns on CartPole: ten times that of chance, and the one that counts as solved.
goals = pytest.mark.parametrize(
    "goal", [200, pytest.param(475, marks=pytest.mark.long)]
)


class Learnt(Exception):
    """The goal has been reached."""


class UntilLearnt(Watcher):
    """Ends a run when the mean return of its last episodes reaches a goal."""

    def __init__(self, goal: float) -> None:
        self.goal = goal
        self.rows: list[Row] = []

    def look(self, run: Training) -> None:
        self.rows.append(run.row)
        if run.row["AverageEpRet"] >= self.goal:
            raise Learnt


def rows_until(goal: float, train: Callable[..., Any], **arguments: Any) -> list[Row]:
    """The rows of a run until its mean return has reached a goal, which it must."""
    watcher = UntilLearnt(goal)
    try:
        with watched(watcher):
            train(**arguments)
    except Learnt:
        return watcher.rows
    best = max(row["AverageEpRet"] for row in watcher.rows)
    raise AssertionError(f"the mean return was {best:.1f} at best, not {goal}")
