# spinup_lit/experiments/plot.py: generated from book/practice/watching.md; edit the chapter. sha256:349491c022bfdd1b
"""Learning curves: single runs as thin lines, their mean and its interval on top."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from glob import escape
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.registry import BackendFilter, backend_registry
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import EngFormatter
from scipy.special import stdtrit
from scipy.stats import bootstrap
from tyro.conf import arg

from spinup_lit.machinery.errors import UserError, require

Curve = tuple[np.ndarray, np.ndarray]  # positions, increasing, and the values there

STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
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


class Run(NamedTuple):
    """A run whose learning curve is to be drawn."""

    folder: Path
    asked: int  # in which of the folders that were asked for it was found
    columns: dict[str, np.ndarray]  # of its progress.txt, by name


def beginning(folder: Path) -> list[Path]:
    """This folder; or, if there is none, those whose names begin like it."""
    if folder.is_dir():
        return [folder]
    found = folder.parent.glob(escape(folder.name) + "*")
    found_folders = sorted(path for path in found if path.is_dir())
    require(
        bool(found_folders), f"there is no folder {folder}, and none that begins so"
    )
    return found_folders


def find_runs(
    folders: Sequence[Path], select: Iterable[str] = (), exclude: Iterable[str] = ()
) -> list[Run]:
    """The runs in or below some folders, each once, that are not left out.

    Args:
        folders: of runs or above them; or what the names of such folders begin with.
        select: pieces of text, all of which the path of a run must contain.
        exclude: pieces of text, none of which it may contain.

    Raises:
        UserError: a folder does not exist, no run is left, or a file is damaged.
    """
    parents = [(i, x) for i, folder in enumerate(folders) for x in beginning(folder)]
    paths = [(i, path.parent) for i, x in parents for path in x.rglob("progress.txt")]
    where = ", ".join(map(str, folders))
    if not paths:
        inside = sorted({path.name for _, x in parents for path in x.iterdir()})
        holds = ", ".join(inside[:8]) + (", ..." if inside[8:] else "") or "nothing"
        require(False, f"no progress.txt in or below {where}; there is {holds}")
    runs: dict[Path, tuple[int, Path]] = {}
    for i, path in sorted(paths):
        name = str(path)
        if all(x in name for x in select) and not any(x in name for x in exclude):
            runs.setdefault(path.resolve(), (i, path))
    left_out = f"--select and --exclude leave none of {len(paths)} runs in {where}"
    require(bool(runs), left_out)
    return [
        Run(path, i, read_progress(path / "progress.txt")) for i, path in runs.values()
    ]


def short_names(folders: Collection[Path]) -> dict[Path, str]:
    """The last parts of each path, as few as tell it from the others."""

    def name(folder: Path) -> str:
        for depth in range(1, len(folder.parts)):
            tail = folder.parts[-depth:]
            if sum(other.parts[-depth:] == tail for other in folders) == 1:
                return "/".join(tail)
        return str(folder)

    return {folder: name(folder) for folder in folders}


def group(
    runs: Sequence[Run], legend: Sequence[str] = (), count: bool = False
) -> dict[str, list[Run]]:
    """The runs of each experiment, by its name.

    Args:
        runs: all that are to be drawn.
        legend: a name for each of the folders that were asked for; without it,
            experiments are the folders of the runs.
        count: take every run as an experiment of its own.
    """
    folders = [run.folder.resolve() for run in runs]
    if not count:
        folders = [folder.parent for folder in folders]
    names = short_names(set(folders))
    groups: dict[str, list[Run]] = defaultdict(list)
    for run, folder in zip(runs, folders):
        groups[legend[run.asked] if legend else names[folder]].append(run)
    return dict(groups)


def smoothed(y: np.ndarray, window: int) -> np.ndarray:
    """Mean of the last `window` values at each position, Eq. (watching-smoothed)."""
    return np.array([y[max(0, i + 1 - window) : i + 1].mean() for i in range(len(y))])


def check_columns(runs: Iterable[Run], names: Iterable[str], where: str) -> None:
    """Raise a `UserError` if no run has a column of such a name."""
    columns = list(dict.fromkeys(name for run in runs for name in run.columns))
    require(bool(columns), f"nothing to draw from {where} yet: no epoch is over")
    for name in names:
        lower = {column.lower(): column for column in columns}
        near = [lower[x] for x in get_close_matches(name.lower(), lower, 1)]
        hint = f"did you mean {near[0]}? " if near else ""
        there = ", ".join(columns)
        require(name in columns, f"no column {name}; {hint}there are {there}")


def curve(run: Run, value: str, xaxis: str, smooth: int) -> Curve | None:
    """A column of a run against another, smoothed; None where there is no number."""
    if not {value, xaxis} <= run.columns.keys():
        return None
    x, y = run.columns[xaxis], run.columns[value]
    known = np.isfinite(x) & np.isfinite(y)
    return (x[known], smoothed(y[known], smooth)) if known.any() else None


def curves(
    groups: Mapping[str, Sequence[Run]], value: str, xaxis: str, smooth: int
) -> dict[str, list[tuple[Run, Curve]]]:
    """The runs of each experiment that have numbers, with their curves.

    Raises:
        UserError: none has.
    """
    drawn = {}
    for name, runs in groups.items():
        pairs = ((run, curve(run, value, xaxis, smooth)) for run in runs)
        if some := [(run, found) for run, found in pairs if found]:
            drawn[name] = some
    rows = any(len(x) for runs in groups.values() for x in runs[0].columns.values())
    why = f"no row has a number for {value}" if rows else "no epoch is over"
    if rows and value.endswith(("EpRet", "EpLen")):
        why = f"no episode has ended, so there is no {value}"
    where = ", ".join(groups)
    require(bool(drawn), f"nothing to draw from {where} yet: {why}")
    return drawn


def mean_interval(
    values: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over the first axis and its confidence interval, Eq. (watching-interval).

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


def iqm(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Interquartile mean along an axis, Eq. (watching-iqm)."""
    n = values.shape[axis]
    middle = np.sort(values, axis).take(range(n // 4, n - n // 4), axis)
    return np.asarray(middle.mean(axis))


Estimate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


def resampled(
    statistic: Callable[..., np.ndarray], values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A statistic over the first axis and its 95 % interval by the bootstrap.

    Args:
        statistic: takes an array and the number of an `axis`.
        values: (runs, positions), from at least two runs.

    Returns:
        The statistic, the lower end and the upper end: each (positions,).
    """
    found = bootstrap(
        (values,),
        statistic,
        axis=0,
        n_resamples=1000,
        method="percentile",
        batch=max(1, 2**22 // values.size),  # numbers in memory at a time
        rng=0,
    ).confidence_interval
    return statistic(values, axis=0), found.low, found.high


def alone(
    statistic: Callable[..., np.ndarray], values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A statistic over the first axis, of which no interval is known."""
    found = statistic(values, axis=0)
    return found, found, found


ESTIMATES: dict[str, Estimate] = {
    "mean": mean_interval,
    "median": partial(resampled, np.median),
    "iqm": partial(resampled, iqm),
    "min": partial(alone, np.min),
    "max": partial(alone, np.max),
}


def draw_curves(
    ax: Axes,
    curves: Sequence[Curve],
    label: str,
    color: Any,
    estimate: Estimate = mean_interval,
) -> Annotation:
    """Draw the runs of one experiment; on top, if there are several, their mean.

    The mean, or another estimate, is drawn where all runs have values. The label
    stands at its end.
    """
    thin: Any = {"linewidth": 0.7, "alpha": 0.6} if len(curves) > 1 else {}
    for x, y in curves:
        ax.plot(x, y, color=color, **thin)
    x, y = curves[0]
    begin, end = max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves)
    if len(curves) > 1 and begin <= end:
        x = max((x[(begin <= x) & (x <= end)] for x, _ in curves), key=len)
        x = x[np.unique(np.linspace(0, len(x) - 1, 250).astype(int))]
        y, low, high = estimate(np.stack([np.interp(x, *c) for c in curves]))
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


Drawn = Mapping[str, Sequence[tuple[Run, Curve]]]  # curves by experiment


def palette(names: Sequence[str]) -> dict[str, Any]:
    """A colour for each experiment."""
    if not many(names):
        return {name: f"C{i}" for i, name in enumerate(names)}
    shades = colormaps["turbo"](np.linspace(0.05, 0.95, len(names)))
    return dict(zip(names, shades))


def many(names: Sequence[str]) -> bool:
    """Whether there are more experiments than colours that are easy to tell apart."""
    return len(names) > len(plt.rcParams["axes.prop_cycle"])


def draw_panel(
    ax: Axes, drawn: Drawn, colors: Mapping[str, Any], estimate: Estimate
) -> list[Annotation]:
    """Draw all experiments that have one value; return the names at their ends."""
    labels = []
    for name, pairs in drawn.items():
        text = "" if many(list(colors)) else name
        found = [curve for _, curve in pairs]
        labels.append(draw_curves(ax, found, text, colors[name], estimate))
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    return labels


def draw(
    panels: Mapping[str, Drawn], names: Sequence[str], xaxis: str, est: str
) -> Figure:
    """A figure with a panel for each value.

    Args:
        panels: by value, the curves of each experiment.
        names: of all experiments, in the order of their colours.
        xaxis: what stands below the panels.
        est: key of `ESTIMATES`.
    """
    across = min(len(panels), 3)
    down = -(-len(panels) // across)
    size = (7.2 if across == 1 else 5.4 * across), (6.0 if many(names) else 4.0) * down
    figure, axes = plt.subplots(down, across, figsize=size, squeeze=False)
    colors, labels = palette(names), []
    for ax, (value, drawn) in zip(axes.flat, panels.items()):
        labels.append(draw_panel(ax, drawn, colors, ESTIMATES[est]))
        several = any(len(pairs) > 1 for pairs in drawn.values())
        ax.set(xlabel=xaxis, title=f"{value}, {est} of runs" if several else value)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    if many(names):
        lines = [Line2D([], [], color=colors[name], label=name) for name in names]
        columns = -(-len(names) // (28 * down))
        figure.legend(handles=lines, loc="outside right upper", ncols=columns)
    figure.draw_without_rendering()  # only now are the panels as high as they will be
    for in_panel in labels:
        spread(in_panel)
    return figure


def write(figure: Figure, path: Path) -> None:
    """Write a figure to a file; the ending of its name says in which format."""
    try:
        figure.savefig(path, format=path.suffix[1:] or "png")
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write the figure to {path}: {error}") from error
    print(f"the figure is in {path}")


def shorter(drawn: Drawn, xaxis: str) -> list[str]:
    """A line for each experiment whose runs do not all go equally far."""
    lines = []
    for name, pairs in drawn.items():
        ends = {run.folder.name: x[-1] for run, (x, _) in pairs}
        far = max(ends.values())
        if short := [f"{run} at {x:,.0f}" for run, x in ends.items() if x < far]:
            more = f" and {len(short) - 3} more" if short[3:] else ""
            verb = "ends" if len(short) == 1 else "end"
            lines.append(
                f"{name}: {', '.join(short[:3])}{more} {verb} before {far:,.0f} {xaxis}, "
                "and the thick line with the first; --exclude leaves runs out"
            )
    return lines


def plot(
    runs: tuple[Path, ...],
    /,
    *,
    value: Annotated[tuple[str, ...], arg(aliases=["-y"])] = ("AverageEpRet",),
    xaxis: Annotated[str, arg(aliases=["-x"])] = "TotalEnvInteracts",
    smooth: Annotated[int, arg(aliases=["-s"])] = 1,
    est: Literal["mean", "median", "iqm", "min", "max"] = "mean",
    legend: Annotated[tuple[str, ...], arg(aliases=["-l"])] = (),
    select: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    count: bool = False,
    save: Path | None = None,
) -> None:
    """Draw the learning curves of some runs; runs of one experiment share a colour.

    Args:
        runs: folders of runs, or folders that contain such folders.
        value: columns of progress.txt to draw, a panel for each.
        xaxis: column of progress.txt to draw them against.
        smooth: number of epochs to average over, >= 1.
        est: what the thick line is: mean, median, interquartile mean, min or max of runs.
        legend: a name for each folder; all runs in or below it are one experiment.
        select: only runs whose path contains all of these pieces of text.
        exclude: no run whose path contains one of these.
        count: every run on its own, under its own name.
        save: file for the figure, such as curve.svg. Without it a window opens; where
            none can, the figure goes into the first folder.
    """
    require(bool(runs), "plot which runs? name their folders, or one above them")
    require(bool(value), "--value names no column; AverageEpRet is one")
    require(smooth >= 1, f"smooth is {smooth}; it must be at least 1")
    fits = len(legend) in (0, len(runs))
    require(
        fits, f"--legend has {len(legend)} names; it needs one for each of {len(runs)}"
    )
    require(not (legend and count), "--count names every run; leave --legend out")
    found = find_runs(runs, select, exclude)
    check_columns(found, (xaxis, *value), ", ".join(map(str, runs)))
    groups = group(found, legend, count)
    panels = {name: curves(groups, name, xaxis, smooth) for name in value}
    for line in dict.fromkeys(
        x for drawn in panels.values() for x in shorter(drawn, xaxis)
    ):
        print(line)
    with plt.rc_context(STYLE):
        show(draw(panels, list(groups), xaxis, est), save, beginning(runs[0])[0])


def show(figure: Figure, save: Path | None, folder: Path) -> None:
    """Open a window with a figure, or write it to a file, by default in this folder."""
    no_window = backend_registry.list_builtin(BackendFilter.NON_INTERACTIVE)
    if save is None and plt.get_backend().lower() not in no_window:
        plt.show()
    else:
        write(figure, save or folder / "plot.png")
    plt.close(figure)
