# spinup_lit/experiments/results.py: generated from book/practice/results.md; edit the chapter. sha256:0d2a8c7d85a7e637
"""The results of runs, as they lie in book/results: read them, and judge their age."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spinup_lit.experiments.plot import Curve, smoothed
from spinup_lit.experiments.settings import SETTINGS, Setting
from spinup_lit.machinery.errors import UserError, require


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
    """What is not as it was when this result was made: options, variants, code.

    An argument that came later, and is at its default, is no change.
    """
    then = {k: v for k, v in result["config"].items() if k != "versions"}
    now = setting.config(then["seed"])
    then = {**setting.defaults(), **then}
    return [k for k in (now | then) if now.get(k) != then.get(k)]


def mean_return(result: Mapping[str, Any]) -> float:
    """Of the last ten evaluations of a run, Eq. (results-mean-return)."""
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
