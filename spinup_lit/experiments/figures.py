# spinup_lit/experiments/figures.py: generated from book/practice/results.md; edit the chapter. sha256:87ff23bfc32a833e
"""The book's results as learning curves and tables."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from spinup_lit.experiments.plot import draw_curves, mean_interval, spread
from spinup_lit.experiments.results import changes, curves, load, score
from spinup_lit.experiments.settings import Setting
from spinup_lit.experiments.statistics import differ, paired


def learning_curves(
    folders: Sequence[Path | str],
    ax: Axes | None = None,
    of: str = "evaluations",
    smooth: int = 1,
) -> None:
    """Draw the returns of some settings in one environment against the steps.

    Args:
        folders: of the results of these settings.
        ax: where to draw; without it, in matplotlib's current axes.
        of: which returns, those of the `evaluations` or in `training`.
        smooth: over how many of them to average, the last ones at each point.
    """
    ax = ax or plt.gca()
    labels = []
    for i, folder in enumerate(folders):
        setting, found = load(folder)
        label, color, before = describe(setting, found), f"C{i}", len(ax.lines)
        if found:
            labels.append(draw_curves(ax, curves(folder, of, smooth), label, color))
        else:
            ax.text(0.5, 0.9 - 0.1 * i, label, transform=ax.transAxes, color=color)
        if "stale" in label:
            for line in ax.lines[before:]:
                line.set_linestyle("--")
    goal = threshold(setting)
    if goal is not None:
        ax.axhline(goal, color="0.5", linewidth=0.8, linestyle=":")
        ax.annotate("solved", (0, goal), color="0.4", va="bottom")
    ax.xaxis.set_major_formatter(lambda steps, _: thousands(steps))
    ax.set(xlabel="interactions with the environment", ylabel="mean return")
    if figure := ax.get_figure(root=True):
        figure.draw_without_rendering()
    spread(labels)


def describe(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """What to call a curve, and what is wrong with it."""
    name = setting.label or setting.tag or setting.algorithm.upper()
    if len(found) < setting.seeds:
        name += f": {len(found)} of {setting.seeds} seeds"
    return name + (", stale" if any(changes(setting, r) for r in found) else "")


def threshold(setting: Setting) -> float | None:
    """The mean return at which Gymnasium counts the environment as solved."""
    return gym.spec(setting.env).reward_threshold


def thousands(steps: float) -> str:
    """Such as 60k."""
    return f"{steps / 1000:.0f}k"


HEAD = """\
| setting | steps | score | of each seed | solved after | minutes |
|---|---|---|---|---|---|
"""


def table(folders: Iterable[Path | str]) -> str:
    """The scores of some settings, as a table in Markdown, and what they ran on."""
    loaded = [load(folder) for folder in folders]
    rows = "\n".join(row(setting, found) for setting, found in loaded)
    return HEAD + rows + origins(result for _, found in loaded for result in found)


def origins(found: Iterable[Mapping[str, Any]]) -> str:
    """On what machines and with what software these results were made."""
    lines = set[str]()
    for result in found:
        machine, versions = result["machine"], result["config"]["versions"]
        software = ", ".join(f"{name} {number}" for name, number in versions.items())
        on = f"{machine['processor']}, {machine['cores']} cores"
        lines.add(f"\n\nMade on: {on}; {software}.")
    return "".join(sorted(lines))


def row(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """One row of the table."""
    if not found:
        return f"| {setting.name} | | none yet | | | |"
    scores = np.array([score(result) for result in found])
    mean, _, high = mean_interval(scores) if len(scores) > 1 else scores[[0, 0, 0]]
    stale = sorted({name for r in found for name in changes(setting, r)})
    remarks = [f"stale: {', '.join(stale)}"] if stale else []
    if len(found) < setting.seeds:
        remarks.append(f"{len(found)} of {setting.seeds} seeds")
    return " | ".join(
        [
            f"| {setting.name}" + (f" ({'; '.join(remarks)})" if remarks else ""),
            f"{found[0]['evaluations'][-1][0]:,}",
            f"{mean:.1f} ± {high - mean:.1f}" if len(scores) > 1 else f"{mean:.1f}",
            ", ".join(f"{score:.0f}" for score in scores),
            solved(setting, found),
            f"{np.mean([sum(r['seconds'].values()) for r in found]) / 60:.1f} |",
        ]
    )


def solved(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """When the first evaluation reached the threshold: the earliest and latest seed."""
    goal = threshold(setting)
    if goal is None:
        return ""
    first = [
        next((steps for steps, mean in result["evaluations"] if mean >= goal), math.inf)
        for result in found
    ]
    names = ["never" if math.isinf(x) else thousands(x) for x in sorted(first)]
    return names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"


Found = Sequence[Mapping[str, Any]]  # the results of a setting, by seed


def effects(grid: Sequence[Sequence[Path | str]]) -> str:
    """The scores of settings in several environments, as a table in Markdown.

    Args:
        grid: folders of results, a row for each change, a column for each environment.
            Scores that `differ` from those of the first row are bold.
    """
    return grid_table(grid, effect)


def differences(grid: Sequence[Sequence[Path | str]]) -> str:
    """The changes of scores against the first row, seed by seed, as a table in Markdown.

    Args:
        grid: as for `effects`. A mean is bold if its interval leaves out zero. The first
            row shows its scores.
    """
    return grid_table(grid, difference)


def grid_table(
    grid: Sequence[Sequence[Path | str]], cell: Callable[[Found, Found], str]
) -> str:
    """A table of settings by environments; rows are compared with the first."""
    loaded = [[load(folder) for folder in line] for line in grid]
    lines = [["setting", *(setting.env for setting, _ in loaded[0])]]
    lines.append(["---"] * len(lines[0]))
    number = 0
    for line in loaded:
        compared, cells = line is not loaded[0], []
        for (setting, found), (_, first) in zip(line, loaded[0]):
            text = (cell if compared else effect)(found, first)
            cells.append(text + remark(setting, found))
            number += compared and len(found) > 1 and len(first) > 1
        lines.append([line[0][0].tag, *cells])
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    text += f"\n\n{number} comparisons with the first row, each at the level of 95 %."
    return text + origins(
        result for line in loaded for _, some in line for result in some
    )


def remark(setting: Setting, found: Found) -> str:
    """What is wrong with these results."""
    missing = len(found) < setting.seeds
    stale = any(changes(setting, result) for result in found)
    remarks = [f"{len(found)} of {setting.seeds} seeds"] if missing else []
    remarks += ["stale"] if stale else []
    return f" ({', '.join(remarks)})" if remarks else ""


def effect(found: Found, first: Found) -> str:
    """The mean score, bold if it differs from that of the first row."""
    x, y = (np.array([score(result) for result in some]) for some in (found, first))
    if len(x) < 2:
        return "none yet"
    mean, _, high = mean_interval(x)
    text = f"{mean:.0f} ± {high - mean:.0f}"
    return f"**{text}**" if len(y) > 1 and differ(x, y) else text


def difference(found: Found, first: Found) -> str:
    """The mean change of the score from the run of the first row with the same seed."""
    mine, theirs = (
        {result["config"]["seed"]: score(result) for result in some}
        for some in (found, first)
    )
    both = sorted(mine.keys() & theirs.keys())
    if len(both) < 2:
        return "none yet"
    x, y = (np.array([some[seed] for seed in both]) for some in (mine, theirs))
    mean, low, high = paired(x, y)
    text = f"{mean:+.0f} ± {high - mean:.0f}"
    return f"**{text}**" if low > 0 or high < 0 else text
