# spinup_lit/machinery/display.py: generated from book/machinery/logging.md; edit the chapter. sha256:d32b015dbb93d32f
"""What is seen of a run while it trains."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from spinup_lit.machinery.logger import Row
from spinup_lit.machinery.training import Training, Watcher

MANY = 100_000  # steps without the end of an episode, after which we wonder
NO_EPISODE = (
    "no episode has ended in {:,.0f} steps, so there are no returns to average, and "
    "AverageEpRet is blank. If episodes never end, limit them: "
    "gymnasium.register(..., max_episode_steps=1000)"
)


BARS = "▁▂▃▄▅▆▇█"


def small_curve(values: Sequence[float], width: int) -> str:
    """A curve of at most so many bars: means of as many parts of these finite values."""
    parts = np.array_split(np.array(values), min(width, len(values)))
    means = np.array([part.mean() for part in parts])
    range_ = np.ptp(means) or 1.0
    heights = (means - means.min()) / range_ * (len(BARS) - 1)
    return "".join(BARS[i] for i in heights.round().astype(int))


class Display(Watcher):
    """Shows how a run is doing: a table on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._console = Console()
        live = self._console.is_interactive
        self._live = Live(console=self._console) if live else None
        columns = ("epoch", MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        speed = "left, {task.fields[speed]:,.0f} steps/s"
        self._bar = Progress(*columns, speed, speed_estimate_period=3600)
        self._task: TaskID | None = None
        self._next_line = 0.0
        self._warned = False
        self._returns: list[float] = []

    def __enter__(self) -> "Display":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live:
            self._live.stop()

    def look(self, run: Training) -> None:
        """Show the row of an epoch that has just ended."""
        done, row = run.epoch + 1, run.row
        endless = row["TotalEnvInteracts"] >= MANY or done == run.total
        if np.isnan(row["AverageEpRet"]) and endless and not self._warned:
            self._warned = True
            warnings.warn(NO_EPISODE.format(row["TotalEnvInteracts"]), stacklevel=2)
        self._returns.append(row["AverageEpRet"])
        if self._live:
            speed = row["TotalEnvInteracts"] / max(row["Time"], 1e-9)
            if self._task is None:
                self._task = self._bar.add_task(
                    "", total=run.total, completed=run.epoch, speed=speed
                )
            self._bar.update(self._task, completed=done, speed=speed)
            self._live.update(self._table(row))
        elif done == run.total or row["Time"] >= self._next_line:
            self._next_line = row["Time"] + max(1.0, 0.05 * row["Time"])
            print(
                f"epoch {done:4}/{run.total}  steps {row['TotalEnvInteracts']:9,.0f}"
                f"  AverageEpRet {row['AverageEpRet']:9.2f}  {row['Time']:6.1f} s",
                flush=True,
            )

    def state_dict(self) -> dict[str, Any]:
        """The returns so far, for the curve of a run that goes on."""
        return {"returns": self._returns}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with the curve of a run that was interrupted."""
        self._returns = list(state["returns"])

    def _table(self, row: Row) -> Group:
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="cyan")
        table.add_column(justify="right")
        for name, x in row.items():
            whole = float(x).is_integer()
            text = "" if np.isnan(x) else f"{x:,.0f}" if whole else f"{x:.4g}"
            table.add_row(name, text)
        return Group(table, "", self._curve(), "", self._bar)

    def _curve(self) -> Text:
        known = [x for x in self._returns if np.isfinite(x)]
        if len(known) < 2 or self._console.options.ascii_only:
            return Text()
        bars = small_curve(known, 40)
        return Text(f"{known[0]:.4g} {bars} {known[-1]:.4g}  AverageEpRet")
