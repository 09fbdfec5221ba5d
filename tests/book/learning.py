# tests/book/learning.py: generated from book/machinery/training.md; edit the chapter. sha256:4196bcb91db9523f
"""For tests that an algorithm learns: train until a goal is reached, and no longer."""

from collections.abc import Callable
from typing import Any

from spinup_lit.machinery.logger import Row
from spinup_lit.machinery.training import Training, Watcher, watched


class Learnt(Exception):
    """The goal has been reached."""


class UntilLearnt(Watcher):
    """Ends a run when a column of its table, a mean return, reaches a goal."""

    def __init__(self, goal: float, column: str) -> None:
        self.goal, self.column = goal, column
        self.rows: list[Row] = []

    def look(self, run: Training) -> None:
        self.rows.append(run.row)
        if run.row[self.column] >= self.goal:
            raise Learnt


def rows_until(
    goal: float,
    train: Callable[..., Any],
    column: str = "AverageEpRet",
    **arguments: Any,
) -> list[Row]:
    """The rows of a run until its mean return has reached a goal, which it must.

    Args:
        goal: where the run ends.
        train: a training function.
        column: the mean return that counts, of training or of evaluations.
        **arguments: what `train` is called with.

    Raises:
        AssertionError: the run came to its end, and not to the goal.
    """
    watcher = UntilLearnt(goal, column)
    try:
        with watched(watcher):
            train(**arguments)
    except Learnt:
        return watcher.rows
    best = max(row[column] for row in watcher.rows)
    raise AssertionError(f"the mean return was {best:.1f} at best, not {goal}")
