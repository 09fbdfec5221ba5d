# spinup_lit/exercises/checks/td3_pairs.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:4a1d79b82ea17227
"""Checks of the exercise `td3-pairs`."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import ttest_1samp

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.experiments.plot import read_progress
from spinup_lit.machinery.arguments import at_least
from spinup_lit.machinery.logger import read_config

EXERCISE = Exercise(
    title="Does the delay matter?",
    chapter="offpolicy/td3",
    kind="experiment",
    difficulty=3,
    minutes=90,
    hints=(
        "Two loops over the same seeds, which differ in one option only. `config.json` in "
        "the folder of a run says what it was trained with.",
        "Five differences d: mean(d) plus and minus 2.776 std(d, ddof=1) / sqrt(5).",
        "If the interval holds 0, no difference was detected, whatever the mean says.",
    ),
)
MAY_DIFFER = {"policy_delay", "seed"}


def runs(folder: str) -> dict[int, tuple[dict[str, Any], np.ndarray]]:
    """Options and test returns of each run in a folder, by seed."""
    found = {}
    for path in sorted(Path(folder).glob("*/config.json")):
        config = read_config(path.parent)
        columns = read_progress(path.parent / "progress.txt")
        found[config["seed"]] = config, columns["AverageTestEpRet"]
    return found


def claim(answer: Answer) -> Cases:
    """Seeds, budget, one difference, all of it finished; then the interval."""
    delayed, at_once = runs(answer.DELAYED), runs(answer.AT_ONCE)
    yield Case("how many seeds DELAYED has", len(delayed), at_least(5))
    same = sorted(delayed) == sorted(at_once)
    yield Case("whether AT_ONCE has the same seeds", same, True)
    both = [*delayed.values(), *at_once.values()]
    algorithms = {config["algorithm"] for config, _ in both}
    yield Case("the algorithm of all runs", algorithms, {"td3"})
    delays = [
        {config["policy_delay"] for config, _ in x.values()} for x in (delayed, at_once)
    ]
    yield Case("the delays of DELAYED and of AT_ONCE", delays, [{2}, {1}])
    fixed = {
        repr(sorted((k, repr(v)) for k, v in config.items() if k not in MAY_DIFFER))
        for config, _ in both
    }
    yield Case("how many different settings there are, but for these", len(fixed), 1)
    budget = min(config["epochs"] * config["steps_per_epoch"] for config, _ in both)
    yield Case("the steps of a run", budget, at_least(10_000))
    finished = all(config["epochs"] == len(returns) for config, returns in both)
    yield Case("whether every run is finished", finished, True)
    yield from interval(answer, delayed, at_once)


def interval(
    answer: Answer,
    delayed: dict[int, tuple[dict[str, Any], np.ndarray]],
    at_once: dict[int, tuple[dict[str, Any], np.ndarray]],
) -> Cases:
    """What was computed from the runs, and what was said of it."""
    score = [
        np.array([x[seed][1][-5:].mean() for seed in sorted(x)])
        for x in (delayed, at_once)
    ]
    right = ttest_1samp(score[0] - score[1], 0).confidence_interval(0.95)
    close = 0.01 * (right.high - right.low)
    yield Case("LOW", answer.LOW, right.low, atol=close)
    yield Case("HIGH", answer.HIGH, right.high, atol=close)
    verdict = (
        "better" if right.low > 0 else "worse" if right.high < 0 else "not detected"
    )
    yield Case("VERDICT", answer.VERDICT, verdict)
