# spinup_lit/experiments/notebook.py: generated from book/practice/grids.md; edit the chapter. sha256:edeeaa1fcc030df2
"""To see in a notebook how a run that trains there gets on. Needs IPython."""

import time
from typing import Any

from IPython.display import display
from matplotlib.figure import Figure

from spinup_lit.machinery.training import Training, Watcher


class LiveCurve(Watcher):
    """Draws the learning curve of a run in the notebook in which it trains.

    Args:
        value: the column of progress.txt to draw.
        pause: seconds from one picture to the next, at least.
    """

    def __init__(self, value: str = "AverageEpRet", pause: float = 1.0) -> None:
        self._value, self._pause, self._next = value, pause, 0.0
        self._points: list[tuple[float, float]] = []
        self._picture: Any = None

    def look(self, run: Training) -> None:
        """Add a point, and draw if it is time."""
        self._points.append((run.row["TotalEnvInteracts"], run.row[self._value]))
        if time.monotonic() < self._next and run.epoch + 1 < run.total:
            return
        self._next = time.monotonic() + self._pause
        if self._picture is None:
            self._picture = display(self._figure(), display_id=True)
        else:
            self._picture.update(self._figure())

    def _figure(self) -> Figure:
        figure = Figure(figsize=(5, 2.5), layout="constrained")
        axes = figure.subplots()
        axes.plot(*zip(*self._points))
        axes.set(xlabel="TotalEnvInteracts", title=self._value)
        return figure

    def state_dict(self) -> dict[str, Any]:
        """The points so far."""
        return {"points": self._points}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with the curve of a run that was interrupted."""
        self._points = [tuple(point) for point in state["points"]]
