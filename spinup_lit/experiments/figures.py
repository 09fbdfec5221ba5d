# spinup_lit/experiments/figures.py: generated from book/practice/results.md; edit the chapter. sha256:37b28651d8f148c1
"""The book's results as learning curves and tables."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from spinup_lit.experiments.plot import draw_curves, mean_interval, spread
from spinup_lit.experiments.results import changes, curves, load, mean_return
from spinup_lit.experiments.settings import Setting
from spinup_lit.experiments.statistics import (
    Interval,
    level_of_each,
    paired,
    unpaired,
)

Found = Sequence[Mapping[str, Any]]  # the results of a setting, by seed
Loaded = tuple[Setting, Found]


def number(x: float, digits: int = 0, sign: str = "") -> str:
    """Such as −1,234; with `sign="+"` it always has one, unless it is zero."""
    x = round(float(x), digits) + 0.0  # -0.0 becomes 0.0
    return f"{x:{sign if x else ''},.{digits}f}".replace("-", "−")


def around(x: np.ndarray, digits: int = 0) -> str:
    """The mean of some returns and its interval, if they scatter."""
    mean = float(x.mean())
    if len(x) == 1 or np.ptp(x) == 0:
        whole = "all " if len(x) > 1 else ""
        return whole + number(mean, 0 if mean.is_integer() else digits)
    reach = float(mean_interval(x)[2]) - mean
    return plus_minus(number(mean, digits), number(reach, digits))


def plus_minus(mean: str, reach: str) -> str:
    """A number and its reach, which no line break parts."""
    return f"{mean}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{reach}"


def below(notes: Iterable[str]) -> str:
    """What stands under a table, in smaller letters."""
    return "\n\n".join(["", '<div class="table-notes">', *notes, "</div>"])


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
        at: Any = ("axes fraction", "data")
        below_right: Any = {"ha": "right", "va": "top"}
        ax.annotate("solved", (1, goal), xycoords=at, color="0.4", **below_right)
    ax.xaxis.set_major_formatter(lambda steps, _: thousands(steps))
    ax.set(xlabel="interactions with the environment", ylabel="mean return")
    if figure := ax.get_figure(root=True):
        figure.draw_without_rendering()
    spread(labels)


def describe(setting: Setting, found: Found) -> str:
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
| {} | steps | mean return | of each seed | solved after | minutes |
|:---|---:|---:|---:|---:|---:|
"""


def table(folders: Iterable[Path | str]) -> str:
    """The results of some settings, as a table in Markdown, and what they ran on."""
    loaded = [load(folder) for folder in folders]
    return lines(loaded) + below(origins(loaded))


def tables(folders: Iterable[Path | str]) -> str:
    """The same with a table for each environment."""
    loaded = [load(folder) for folder in folders]
    envs = dict.fromkeys(setting.env for setting, _ in loaded)
    parts = (lines([x for x in loaded if x[0].env == env]) for env in envs)
    return "\n\n".join(parts) + below(origins(loaded))


def lines(loaded: Sequence[Loaded]) -> str:
    """A table, named after what all its rows have in common."""
    envs = {setting.env for setting, _ in loaded}
    titles = {title(setting) for setting, _ in loaded}
    head, name = "setting", "{title} on {env}"
    if len(envs) == 1:
        head, name = *envs, "{title}"
    elif len(titles) == 1:
        head, name = *titles, "{env}"
    rows = (
        row(name.format(title=title(setting), env=setting.env), setting, found)
        for setting, found in loaded
    )
    return HEAD.format(head) + "\n".join(rows)


def title(setting: Setting) -> str:
    """What tables call a setting, beside its environment."""
    name = setting.label or setting.algorithm.upper()
    return f"{name}, {setting.tag}" if setting.tag else name


def row(name: str, setting: Setting, found: Found) -> str:
    """One row of the table."""
    if not found:
        return f"| {name} | | none yet | | | |"
    returns = np.array([mean_return(result) for result in found])
    stale = sorted({name for r in found for name in changes(setting, r)})
    remarks = [f"stale: {', '.join(stale)}"] if stale else []
    if len(found) < setting.seeds:
        remarks.append(f"{len(found)} of {setting.seeds} seeds")
    minutes = np.mean([sum(r["seconds"].values()) for r in found]) / 60
    return " | ".join(
        [
            f"| {name}" + (f" ({'; '.join(remarks)})" if remarks else ""),
            thousands(found[0]["evaluations"][-1][0]),
            around(returns, 0 if abs(returns.mean()) >= 1000 else 1),
            ", ".join(number(x) for x in returns),
            solved(setting, found),
            f"{minutes:.1f} |",
        ]
    )


def solved(setting: Setting, found: Found) -> str:
    """When the first evaluation reached the threshold: the earliest and latest seed."""
    goal = threshold(setting)
    if goal is None:
        return "–"
    first = [
        next((steps for steps, mean in result["evaluations"] if mean >= goal), math.inf)
        for result in found
    ]
    names = ["never" if math.isinf(x) else thousands(x) for x in sorted(first)]
    return names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"


def origins(loaded: Sequence[Loaded]) -> list[str]:
    """On what machines and with what software these results were made."""
    texts = set[str]()
    for result in (result for _, found in loaded for result in found):
        machine, versions = result["machine"], result["config"]["versions"]
        software = ", ".join(f"{name} {number}" for name, number in versions.items())
        on = f"{machine['processor']}, {machine['cores']} cores"
        texts.add(f"Made on: {on}; {software}.")
    return sorted(texts)


class Compared(NamedTuple):
    """A setting beside the one of the first row, in the same environment."""

    setting: Setting
    found: Found
    first: Found

    def pairs(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The results of both on the seeds that they share."""
        theirs = {result["config"]["seed"]: result for result in self.first}
        seeds = ((result, result["config"]["seed"]) for result in self.found)
        return [(mine, theirs[seed]) for mine, seed in seeds if seed in theirs]

    def returns(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean returns of both: those of the pairs, or of all if there are none."""
        mine, theirs = zip(*self.pairs()) if self.pairs() else (self.found, self.first)
        x, y = (np.array([mean_return(r) for r in some]) for some in (mine, theirs))
        return x, y

    def interval(self, level: float = 0.95) -> Interval | None:
        """The mean difference and its interval; None if there are too few results."""
        x, y = self.returns()
        if min(len(x), len(y)) < 2:
            return None
        return paired(x, y, level) if self.pairs() else unpaired(x, y, level)

    def compares(self) -> bool:
        """Whether the differences scatter, so that there is something to judge by."""
        found = self.interval()
        return found is not None and found[2] - found[1] > 1e-9

    def low(self, level: float = 0.95) -> float:
        """The lower end of the interval; minus infinity if there is none."""
        return (self.interval(level) or (0, -math.inf, math.inf))[1]

    def differs(self, level: float = 0.95) -> bool:
        """Whether the interval at this level leaves out zero."""
        found = self.interval(level)
        return self.compares() and found is not None and not found[1] <= 0 <= found[2]

    def same(self) -> int:
        """On how many seeds both are the same run: all that both results keep is equal."""
        kept = ("evaluations", "training", "parameters")
        return sum(
            all(mine[k] == theirs[k] for k in kept if k in mine and k in theirs)
            for mine, theirs in self.pairs()
        )


def differences(grid: Sequence[Sequence[Path | str]]) -> str:
    """Changes of the mean return against the first row, as a table in Markdown.

    Args:
        grid: folders of results, a row for each change, a column for each environment.
            The first row shows its mean returns. A star marks a difference whose 95 %
            interval leaves out zero; bold is one that still does when all comparisons
            are counted.
    """
    loaded = [[load(folder) for folder in line] for line in grid]
    cells = [
        [Compared(*mine, first) for mine, (_, first) in zip(line, loaded[0])]
        for line in loaded
    ]
    others = [x for line in cells[1:] for x in line]
    level = level_of_each(max(1, sum(x.compares() for x in others)))
    text = [["setting", *(setting.env for setting, _ in loaded[0])]]
    text.append([":---"] + ["---:"] * len(loaded[0]))
    text.append([title_of(loaded[0]), *(effect(x) + remark(x) for x in cells[0])])
    for line in cells[1:]:
        parts = (marked(difference(x), x, level) + remark(x) for x in line)
        text.append([line[0].setting.tag, *parts])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in text)
    all_loaded = [x for line in loaded for x in line]
    return rows + below([*notes(others, level), *origins(all_loaded)])


def title_of(line: Sequence[Loaded]) -> str:
    """What to call the first row."""
    return line[0][0].tag or title(line[0][0])


def marked(text: str, x: Compared, level: float) -> str:
    """Bold for what differs at the strict level, a star for what does at 95 % only."""
    if x.differs(level):
        return f"**{text}**"
    return text + ("\\*" if x.differs() else "")


def remark(x: Compared) -> str:
    """What is to be known about these results."""
    missing = len(x.found) < x.setting.seeds
    remarks = [f"{len(x.found)} of {x.setting.seeds} seeds"] if missing else []
    if any(changes(x.setting, result) for result in x.found):
        remarks.append("stale")
    if x.found is not x.first and x.same():
        remarks.append(f"{x.same()} same")
    if x.interval() and not x.pairs():
        remarks.append("other seeds")
    return f" ({', '.join(remarks)})" if remarks else ""


def effect(x: Compared) -> str:
    """The mean return."""
    returns = np.array([mean_return(result) for result in x.found])
    return around(returns) if len(returns) > 1 else "none yet"


def difference(x: Compared) -> str:
    """The mean change of the return from the first row to this one."""
    found = x.interval()
    if found is None:
        return "none yet"
    mean, _, high = found
    text = number(mean, sign="+")
    return plus_minus(text, number(high - mean)) if x.compares() else f"all {text}"


def notes(cells: Sequence[Compared], level: float) -> list[str]:
    """How many comparisons these are, what the marks mean, what is not excluded."""
    cells = [x for x in cells if x.compares()]
    m = len(cells)
    if not m:
        return ["No comparisons yet."]
    bold = sum(x.differs(level) for x in cells)
    stars = sum(x.differs() for x in cells) - bold
    texts = [
        f"{m} comparisons with the first row, of runs that share a seed, each with its "
        f"95 % interval. \\*: this interval leaves out zero, a hint ({stars} here; luck "
        f"alone makes about {0.05 * m:.1f}). **Bold**: the interval at 1 − 0.05/{m} = "
        f"{100 * level:.2f} % leaves it out, too, a finding ({bold} here). The rows of a "
        "column are all compared with the same runs, and are not independent."
    ]
    if rest := not_excluded(cells):
        texts.append(
            f"Where there is no mark, losses are not excluded of up to {rest}."
        )
    if any(x.same() for x in cells):
        texts.append(
            "*n* same: on *n* seeds both settings made the same run, to the last bit; "
            "what was changed never came into play."
        )
    return texts


def not_excluded(cells: Sequence[Compared]) -> str:
    """The largest losses, one for each environment, within intervals around zero."""
    texts = []
    for env in dict.fromkeys(x.setting.env for x in cells):
        rest = [x for x in cells if x.setting.env == env and not x.differs()]
        loss = max((-x.low() for x in rest), default=0.0)
        if loss > 0:
            base = rest[0].returns()[1].mean()
            share = f" ({100 * loss / base:.0f} % of the first row)" if base > 0 else ""
            texts.append(f"{number(loss)} on {env}{share}")
    return ", ".join(texts)


def forest(folders: Sequence[Path | str], ax: Axes | None = None) -> None:
    """Draw how settings differ from the first one: pairs, their mean and its interval.

    Args:
        folders: of the results of these settings, in one environment.
        ax: where to draw; without it, in matplotlib's current axes.
    """
    ax = ax or plt.gca()
    (setting, first), *others = [load(folder) for folder in folders]
    rows = [Compared(*other, first) for other in others]
    for height, x in enumerate(rows):
        color = "C1" if x.differs() else "C0"
        for mine, theirs in x.pairs():
            same = Compared(x.setting, [mine], [theirs]).same()
            change = mean_return(mine) - mean_return(theirs)
            style: Any = {"mfc": "none"} if same else {"alpha": 0.6}
            ax.plot(change, height, "o", color=color, markersize=5, **style)
        if found := x.interval():
            mean, *ends = found
            ax.plot(ends, [height, height], color=color, linewidth=1.8)
            ax.plot(mean, height, "|", color=color, markersize=13, mew=2)
    ax.axvline(0, color="0.5", linewidth=0.8, linestyle=":")
    ax.set_yticks(range(len(rows)), [x.setting.tag + remark_of(x) for x in rows])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel=f"mean return minus that of “{title_of([(setting, first)])}”")


def remark_of(x: Compared) -> str:
    """The remarks that are not visible in the picture."""
    return ", stale" if any(changes(x.setting, r) for r in x.found) else ""
