# spinup_lit/exercises/checks/vpg_lambda.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:a51f5bd681abde71
"""Checks of the exercise `vpg-lambda`."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import stdtrit

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="How far to trust the critic",
    chapter="onpolicy/vpg",
    kind="experiment",
    difficulty=3,
    minutes=40,
    hints=(
        "Ten runs: seeds 0 to 4, each with --lam 0 and with --lam 0.97. Give both an "
        "--exp_name, and find their folders by glob.",
        "One difference for each seed. Their mean is DIFFERENCE.",
        "The half width is t s / sqrt(n): s the deviation of the differences with n - 1 "
        "below it, t = scipy.special.stdtrit(n - 1, 0.975).",
    ),
)


def config(run: str) -> dict[str, Any]:
    """How a run was configured."""
    found: dict[str, Any] = json.loads((Path(run) / "config.json").read_text())
    return found


def rows(run: str) -> list[dict[str, str]]:
    """The log of a run."""
    with (Path(run) / "progress.txt").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def seeds(runs: Sequence[str]) -> list[int]:
    """The seeds of some runs, in order."""
    return sorted(config(run)["seed"] for run in runs)


def properties(answer: Answer) -> Cases:
    """The experiment: seeds, settings, budget."""
    low, high = seeds(answer.LOW), seeds(answer.HIGH)
    yield Case("how many different seeds LOW has", len({*low}), at_least(5))
    yield Case("how many runs LOW has for each seed", len(low) / len({*low}), 1)
    yield Case("the seeds of HIGH, against those of LOW", high, low)
    runs = [*answer.LOW, *answer.HIGH]
    for name, runs_of, lam in (("LOW", answer.LOW, 0.0), ("HIGH", answer.HIGH, 0.97)):
        found = sorted({config(run)["lam"] for run in runs_of})
        yield Case(f"the values of lam in {name}", found, [lam])
    differ = ("seed", "lam", "versions")
    keys = sorted({*config(runs[0])} - {*differ})
    for key in keys:
        values = {json.dumps(config(run).get(key)) for run in runs}
        yield Case(f"how many values of {key} there are in all runs", len(values), 1)
    lengths = [len(rows(run)) for run in runs]
    steps = min(int(rows(run)[-1]["TotalEnvInteracts"]) for run in runs)
    yield Case("the interactions of the shortest run", steps, at_least(30_000))
    epochs = [config(run)["epochs"] for run in runs]
    yield Case("the rows in all logs, against the epochs asked for", lengths, epochs)


def scores(runs: Sequence[str]) -> list[float]:
    """The last AverageEpRet of each run, in the order of the seeds."""
    ordered = sorted(runs, key=lambda run: config(run)["seed"])
    return [float(rows(run)[-1]["AverageEpRet"]) for run in ordered]


def oracle(answer: Answer) -> Cases:
    """The numbers, computed again from the logs."""
    gained = np.subtract(scores(answer.HIGH), scores(answer.LOW))
    mean, n = gained.mean(), len(gained)
    yield Case("DIFFERENCE", answer.DIFFERENCE, mean, rtol=0.01)
    half = stdtrit(n - 1, 0.975) * gained.std(ddof=1) / np.sqrt(n)
    lower, upper = mean - half, mean + half
    yield Case("INTERVAL", answer.INTERVAL, [lower, upper], rtol=0.01, atol=0.5)
    yield Case("DETECTED", answer.DETECTED, not lower <= 0 <= upper)
