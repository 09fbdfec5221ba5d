# spinup_lit/experiments/plot.py: generated from book/practice/running.md; edit the chapter. sha256:f8211a54a63beb06
"""Learning curves: single runs as thin lines, their mean and its interval on top."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.registry import BackendFilter, backend_registry
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from scipy.special import stdtrit

from spinup_lit.machinery.errors import UserError, require

Curve = tuple[np.ndarray, np.ndarray]  # positions, increasing, and the values there

STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "figure.figsize": (7.2, 4.0),
    "figure.constrained_layout.use": True,
    "savefig.dpi": 150,
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "svg.hashsalt": "spinup_lit",  # the same figure is the same file
}


def read_progress(path: Path) -> dict[str, np.ndarray]:
    """The columns of a progress.txt by name; empty fields become not-a-number."""
    try:
        complete = path.read_text().split("\n")[:-1]  # what follows the last \n is not
        names, *rows = [line.split("\t") for line in complete] or [[]]
        table = [[float(field or "nan") for field in row] for row in rows]
        columns = np.array(table).reshape(len(rows), len(names)).T
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from error
    return dict(zip(names, columns))


def smoothed(y: np.ndarray, window: int) -> np.ndarray:
    """Mean of the last `window` values at each position, Eq. (running-smoothed)."""
    return np.array([y[max(0, i + 1 - window) : i + 1].mean() for i in range(len(y))])


def find_curves(
    folders: Iterable[Path], value: str, xaxis: str, smooth: int
) -> dict[Path, list[Curve]]:
    """The curves of all runs in or below these folders, by folder of the experiment."""
    for folder in folders:
        require(folder.is_dir(), f"there is no folder {folder}")
    where = ", ".join(map(str, folders))
    found = {path.resolve() for f in folders for path in f.rglob("progress.txt")}
    require(bool(found), f"no progress.txt in or below {where}")
    experiments: dict[Path, list[Curve]] = defaultdict(list)
    rows = 0
    for path in sorted(found):
        columns = read_progress(path)
        if not columns:
            continue  # its first epoch is not over
        for name in (value, xaxis):
            has = ", ".join(columns)
            require(name in columns, f"{path} has no column {name}; it has {has}")
        x, y = columns[xaxis], columns[value]
        known = np.isfinite(x) & np.isfinite(y)
        rows += len(y)
        if known.any():
            curve = x[known], smoothed(y[known], smooth)
            experiments[path.parents[1]].append(curve)
    why = "no epoch is over" if not rows else f"no row has a number for {value}"
    if rows and value.endswith(("EpRet", "EpLen")):
        why = f"no episode has ended, so there is no {value}"
    require(bool(experiments), f"nothing to draw from {where} yet: {why}")
    return experiments


def mean_interval(
    values: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over the first axis and its confidence interval, Eq. (running-interval).

    Args:
        values: (runs, positions), from at least two runs.
        level: how often the interval covers the true mean, if runs are Gaussian.

    Returns:
        The mean, the lower end and the upper end of its interval: each (positions,).
    """
    n = len(values)
    mean = values.mean(axis=0)
    reach = stdtrit(n - 1, (1 + level) / 2) * values.std(axis=0, ddof=1) / np.sqrt(n)
    return mean, mean - reach, mean + reach


def draw_curves(
    ax: Axes, curves: Sequence[Curve], label: str, color: str
) -> Annotation:
    """Draw the runs of one experiment; on top, if there are several, their mean.

    The mean is drawn where all runs have values. The label stands at the end.
    """
    thin: Any = {"linewidth": 0.7, "alpha": 0.6} if len(curves) > 1 else {}
    for x, y in curves:
        ax.plot(x, y, color=color, **thin)
    x, y = curves[0]
    begin, end = max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves)
    if len(curves) > 1 and begin <= end:
        x = x[(begin <= x) & (x <= end)]
        y, low, high = mean_interval(np.stack([np.interp(x, *c) for c in curves]))
        ax.plot(x, y, color=color, linewidth=2)
        ax.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
    return ax.annotate(
        label,
        (x[-1], y[-1]),
        xytext=(4, 0),
        textcoords="offset points",
        color=color,
        va="center",
        annotation_clip=False,
    )


def spread(labels: Iterable[Annotation], gap: float = 13.0) -> None:
    """Move labels up where they are closer than this many points, and no more."""
    floor = -np.inf
    for label in sorted(labels, key=lambda label: label.xy[1]):
        axes: Any = label.axes
        height = axes.transData.transform(label.xy)[1] * 72 / axes.figure.dpi
        label.xyann = (4, max(0, floor - height))
        floor = max(height, floor) + gap


def plot(
    runs: tuple[Path, ...],
    /,
    *,
    value: str = "AverageEpRet",
    xaxis: str = "TotalEnvInteracts",
    smooth: int = 1,
    save: Path | None = None,
) -> None:
    """Draw the learning curves of some runs; runs of one experiment share a colour.

    Args:
        runs: folders of runs, or folders that contain such folders.
        value: column of progress.txt to draw.
        xaxis: column of progress.txt to draw it against.
        smooth: number of epochs to average over, >= 1.
        save: file for the figure, such as curve.svg. Without it a window opens; where
            none can, the figure goes into the first folder.
    """
    require(bool(runs), "plot which runs? name their folders, or one above them")
    require(smooth >= 1, f"smooth is {smooth}; it must be at least 1")
    with plt.rc_context(STYLE):
        figure = draw(find_curves(runs, value, xaxis, smooth))
        figure.axes[0].set(xlabel=xaxis, title=value)
        no_window = backend_registry.list_builtin(BackendFilter.NON_INTERACTIVE)
        if save is None and plt.get_backend().lower() not in no_window:
            plt.show()
        else:
            write(figure, save or runs[0] / "plot.png")
        plt.close(figure)


def draw(experiments: dict[Path, list[Curve]]) -> Figure:
    """A figure of several experiments, each in its own colour."""
    figure, ax = plt.subplots()
    names = Counter(folder.name for folder in experiments)
    labels = []
    for i, (folder, curves) in enumerate(experiments.items()):
        one = names[folder.name] == 1
        label = folder.name if one else f"{folder.parent.name}/{folder.name}"
        labels.append(draw_curves(ax, curves, label, f"C{i}"))
    spread(labels)
    return figure


def write(figure: Figure, path: Path) -> None:
    """Write a figure to a file; the ending of its name says in which format."""
    try:
        figure.savefig(path, format=path.suffix[1:] or "png")
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write the figure to {path}: {error}") from error
    print(f"the figure is in {path}")
