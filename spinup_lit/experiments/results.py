# spinup_lit/experiments/results.py: generated from book/practice/results.md; edit the chapter. sha256:c3d1c15670430a86
"""The book's results: which there should be, which code made them, and how to show them.

From top to bottom: settings, digests of code, reading, figures, tables.
"""

import ast
import hashlib
import io
import json
import math
import sys
import tokenize
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gymnasium as gym
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from scipy.special import stdtrit

from spinup_lit import ppo, trpo, vpg
from spinup_lit.experiments import spectator
from spinup_lit.experiments.plot import (
    Curve,
    draw_curves,
    mean_interval,
    smoothed,
    spread,
)
from spinup_lit.first import baseline, reward_to_go, simplest_pg
from spinup_lit.machinery import envs, evaluation
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.launch import configuration

EVALUATIONS = 40  # in a run, about
MEASURING = (Path(envs.__file__), Path(evaluation.__file__))


@dataclass(frozen=True)
class Setting:
    """What is run with several seeds, and makes one learning curve.

    Attributes:
        train: the training function.
        env: Gymnasium id of the environment.
        options: other arguments that differ from the function's defaults.
        seeds: how many: 0, ..., seeds - 1.
        variant: tells it from other settings of the same function and environment.
        label: what figures call it, if neither its variant nor its algorithm.
    """

    train: Callable[..., Any]
    env: str
    options: Mapping[str, Any]
    seeds: int = 5
    variant: str = ""
    label: str = ""

    @property
    def module(self) -> Any:
        """The module of the training function."""
        return sys.modules[self.train.__module__]

    @property
    def algorithm(self) -> str:
        """The name of this module, such as `ppo`."""
        return str(self.module.__name__).rpartition(".")[2]

    @property
    def name(self) -> str:
        """The name of its folder, such as `ppo_CartPole-v1`."""
        variant = f"_{self.variant}" if self.variant else ""
        return f"{self.algorithm}_{self.env}{variant}"

    def rhythm(self, config: Mapping[str, Any]) -> dict[str, int]:
        """How often a run is evaluated: whenever it saves, about forty times."""
        return {"save_freq": max(1, round(config["epochs"] / EVALUATIONS))}

    def code(self) -> list[Path]:
        """The files that decide how a run learns, and how it is measured."""
        return [Path(self.module.__file__), *MEASURING]

    def config(self, seed: int) -> dict[str, Any]:
        """All on which the outcome of a run depends, but for versions of libraries."""
        options = {**self.options, "env": self.env, "seed": seed}
        config = {"algorithm": self.algorithm, "num_cpu": 1}
        config |= configuration(self.train, options)
        config |= self.rhythm(config)
        for file in self.code():
            source = file.read_text(encoding="utf-8")
            config[file.name] = digest(source, self.train.__name__)
        return dict(json.loads(json.dumps(config)))  # as it will be read back


class Program(Setting):
    """A setting of a short program, which needs no folder and always starts anew."""

    def rhythm(self, config: Mapping[str, Any]) -> dict[str, int]:
        """How often a run is evaluated: after so many interactions."""
        return {"evaluate_every": max(1, round(config["steps"] / EVALUATIONS))}

    def code(self) -> list[Path]:
        """The files that decide how a run learns, and how it is measured."""
        return [*super().code(), Path(spectator.__file__)]


TASKS = ("CartPole-v1", "InvertedPendulum-v5", "Acrobot-v1")
MATRIX = (
    Program(simplest_pg.train, "CartPole-v1", {}, label="full return"),
    Program(reward_to_go.train, "CartPole-v1", {}, label="reward-to-go"),
    Program(baseline.train, "CartPole-v1", {}, label="with baseline"),
    *(Setting(vpg.vpg, env, {"epochs": 195}) for env in TASKS),
    *(Setting(trpo.trpo, env, {"epochs": 195}) for env in TASKS),
    *(Setting(ppo.ppo, env, {"epochs": 97}) for env in TASKS),
    Setting(ppo.ppo, "LunarLander-v3", {"epochs": 488}),
    Setting(ppo.ppo, "HalfCheetah-v5", {"epochs": 488}, seeds=3),
    Setting(trpo.trpo, "HalfCheetah-v5", {"epochs": 976}, seeds=3),
)

CUSTOMARY: dict[str, Any] = {
    "normalise_obs": True,
    "normalise_ret": True,
    "orthogonal": True,
    "max_grad_norm": 0.5,
    "target_kl": 0.03,
    "lr_decay": 1.0,
    "adam_eps": 1e-5,
}
DETAILS: dict[str, dict[str, Any]] = {
    "customary": {},
    "no-obs-norm": {"normalise_obs": False},
    "no-ret-norm": {"normalise_ret": False},
    "no-orthogonal": {"orthogonal": False},
    "no-grad-limit": {"max_grad_norm": math.inf},
    "no-kl-limit": {"target_kl": math.inf},
    "no-decay": {"lr_decay": 0.0},
    "small-adam-eps": {"adam_eps": 1e-8},
}
NONE = {name: x for change in DETAILS.values() for name, x in change.items()}
NORMS = {"normalise_obs": True, "normalise_ret": True}
DETAILS |= {"none-of-these": NONE, "norms-only": NONE | NORMS}
FALLING = {"epochs": 488, "lr_decay": 1.0}
ABLATIONS = (
    *(
        Setting(ppo.ppo, env, {"epochs": 97, **CUSTOMARY, **change}, variant=variant)
        for env in ("Pendulum-v1", "LunarLander-v3", "Hopper-v5", "HalfCheetah-v5")
        for variant, change in DETAILS.items()
    ),
    Setting(ppo.ppo, "LunarLander-v3", FALLING, variant="falling-rate"),
)
SETTINGS = {setting.name: setting for setting in MATRIX + ABLATIONS}


@cache
def digest(source: str, train: str = "") -> str:
    """A fingerprint of Python code, whatever its comments, docstrings and blank lines.

    Args:
        source: the code of a module.
        train: a function in it whose defaults do not matter, either.
    """
    lines, dropped = source.split("\n"), set[int]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT:
            lines[row - 1] = lines[row - 1][:column].rstrip()
        if token.type == tokenize.NL and not lines[row - 1].strip():
            dropped.add(row)  # empty, and not within a string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str()), end_lineno=int(end)):
                dropped.update(range(node.lineno, end + 1))
            case ast.FunctionDef(args=args) if node.name == train:
                given = [x for x in (*args.defaults, *args.kw_defaults) if x]
                for default in reversed(given):  # else the columns would shift
                    line, end = lines[default.lineno - 1], default.end_col_offset
                    lines[default.lineno - 1] = line[: default.col_offset] + line[end:]
    kept = [line for row, line in enumerate(lines, start=1) if row not in dropped]
    return hashlib.sha256("\n".join(kept).strip().encode()).hexdigest()[:12]


def read_result(path: Path) -> dict[str, Any]:
    """The result of a run.

    Raises:
        UserError: the file is damaged.
    """
    try:
        return dict(json.loads(path.read_text()))
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}; delete it") from error


def changes(setting: Setting, result: Mapping[str, Any]) -> list[str]:
    """Files and options that are not what they were when this result was made."""
    then = {k: v for k, v in result["config"].items() if k != "versions"}
    now = setting.config(then["seed"])
    return [k for k in (now | then) if now.get(k) != then.get(k)]


def score(result: Mapping[str, Any]) -> float:
    """Mean of the last ten evaluations, Eq. (results-score)."""
    return float(np.mean([mean for _, mean in result["evaluations"][-10:]]))


def load(folder: Path | str) -> tuple[Setting, list[dict[str, Any]]]:
    """The setting to which a folder of results belongs, and its results by seed."""
    folder = Path(folder)
    require(
        folder.name in SETTINGS,
        f"no setting is called {folder.name!r}; there are {', '.join(SETTINGS)}",
    )
    setting = SETTINGS[folder.name]
    files = (folder / f"s{seed}.json" for seed in range(setting.seeds))
    return setting, [read_result(file) for file in files if file.exists()]


def curves(folder: Path | str, of: str = "evaluations", smooth: int = 1) -> list[Curve]:
    """Steps and mean returns for each seed.

    Args:
        folder: of the results of the setting.
        of: which returns, those of its `evaluations` or in `training`.
        smooth: over how many of them to average, the last ones at each point.
    """
    _, found = load(folder)
    pairs = [np.array(result[of]).T for result in found]
    return [(steps, smoothed(returns, smooth)) for steps, returns in pairs]


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
    ax.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    spread(labels)


def describe(setting: Setting, found: Sequence[Mapping[str, Any]]) -> str:
    """What to call a curve, and what is wrong with it."""
    name = setting.label or setting.variant or setting.algorithm.upper()
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


def differ(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether the 95 % interval of Eq. (results-welch) leaves out zero."""
    a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    if a + b == 0:
        return bool(x[0] != y[0])
    nu = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
    return bool(abs(x.mean() - y.mean()) > stdtrit(nu, 0.975) * np.sqrt(a + b))


def effects(grid: Sequence[Sequence[Path | str]]) -> str:
    """The scores of variants in several environments, as a table in Markdown.

    Args:
        grid: folders of results, a row for each variant, a column for each environment.
            Scores that `differ` from those of the first row are bold.
    """
    loaded = [[load(folder) for folder in line] for line in grid]
    lines = [["variant", *(setting.env for setting, _ in loaded[0])]]
    lines.append(["---"] * len(lines[0]))
    for line in loaded:
        cells = [effect(*one, first) for one, (_, first) in zip(line, loaded[0])]
        lines.append([line[0][0].variant, *cells])
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    found = (result for line in loaded for _, some in line for result in some)
    return text + origins(found)


def effect(
    setting: Setting,
    found: Sequence[Mapping[str, Any]],
    first: Sequence[Mapping[str, Any]],
) -> str:
    """One cell of the table."""
    if len(found) < setting.seeds:
        return f"{len(found)} of {setting.seeds} seeds"
    x, y = (np.array([score(result) for result in some]) for some in (found, first))
    mean, _, high = mean_interval(x)
    text = f"{mean:.0f} ± {high - mean:.0f}"
    if any(changes(setting, result) for result in found):
        return f"{text} (stale)"
    return f"**{text}**" if len(y) > 1 and differ(x, y) else text
