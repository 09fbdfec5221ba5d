# spinup_lit/exercises/known/td3_pairs.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:66822ddebd03b94d
"""Known answers to the exercise `td3-pairs`, of invented runs."""

import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import t, ttest_ind

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.logger import save_config

PLACE = tempfile.TemporaryDirectory()  # kept as long as this module
COMMON = {
    "algorithm": "td3",
    "num_cpu": 1,
    "env": "Pendulum-v1",
    "steps_per_epoch": 1000,
}
STUDENT = t.ppf(0.975, 4)
WITH, WITHOUT = np.array([10.0, 20, 30, 40, 50]), np.array([12.0, 15, 33, 38, 42])


def invented(name, scores, delay, seeds=range(5), rows=10, **options):
    """A folder of runs that ended with these scores."""
    config = {**COMMON, "epochs": 10, "policy_delay": delay, **options}
    for seed, score in zip(seeds, scores):
        run = Path(PLACE.name) / name / f"{name}_s{seed}"
        run.mkdir(parents=True)
        save_config(run, {**config, "seed": seed})
        table = ["AverageTestEpRet", *["-900.0"] * (rows - 5), *[str(score)] * 5]
        (run / "progress.txt").write_text("\n".join(table) + "\n")
    return str(Path(PLACE.name) / name)


def ends(d, quantile=STUDENT):
    """The interval of a mean of differences."""
    reach = quantile * np.std(d, ddof=1) / np.sqrt(len(d))
    return float(np.mean(d) - reach), float(np.mean(d) + reach)


class TheBook(Book):
    """The same seeds, one option that differs, a budget that is used up; an interval of the
    pairs; and no more is said than it says."""

    DELAYED = invented("delayed", WITH, 2)
    AT_ONCE = invented("at-once", WITHOUT, 1)
    LOW, HIGH = ends(WITH - WITHOUT)
    VERDICT = "not detected"


class ThreeSeeds(Mistake):
    """Three seeds are too few. With three pairs the quantile is 4.3, and with an effect of half
    a deviation the wrong setting looks better in more than a quarter of all experiments."""

    rung = "claim"
    DELAYED = invented("three", WITH[:3], 2)


class OtherSeeds(Mistake):
    """The two groups have different seeds, so there are no pairs. Train both with the same."""

    rung = "claim"
    AT_ONCE = invented("others", WITHOUT, 1, seeds=range(5, 10))


class SameDelay(Mistake):
    """These runs do not have the delays 2 and 1. `config.json` says what a run was trained
    with."""

    rung = "claim"
    AT_ONCE = invented("same", WITHOUT, 2)


class OneMoreDifference(Mistake):
    """Your groups differ in more than the delay (or runs within one group do). Whatever comes
    out, you cannot say what it is due to."""

    rung = "claim"
    AT_ONCE = invented("other-rate", WITHOUT, 1, q_lr=3e-4)


class TooShort(Mistake):
    """The runs are too short to show anything: ten epochs of 1,000 steps at least."""

    rung = "claim"
    DELAYED = invented("short-2", WITH, 2, epochs=5, rows=5)
    AT_ONCE = invented("short-1", WITHOUT, 1, epochs=5, rows=5)


class NotFinished(Mistake):
    """A run has fewer rows than epochs: it was interrupted. `run resume DIR` goes on with it.
    Who drops or shortens runs that went badly chooses the result."""

    rung = "claim"
    AT_ONCE = invented("stopped", WITHOUT, 1, rows=8)


class NormalQuantile(Mistake):
    """You have used 1.96, the quantile of the normal distribution. The deviation was estimated
    from five differences, so Student's is needed: 2.78."""

    rung = "claim"
    LOW, HIGH = ends(WITH - WITHOUT, 1.959964)


class TurnedRound(Mistake):
    """The sign: the score with delay 2, minus the score with delay 1."""

    rung = "claim"
    LOW, HIGH = ends(WITHOUT - WITH)


class NotPaired(Mistake):
    """This is the interval of two independent groups. The seeds are the same, so compare in
    pairs: what a seed gives to both runs then cancels."""

    rung = "claim"
    LOW, HIGH = ttest_ind(WITH, WITHOUT, equal_var=False).confidence_interval(0.95)


class DeviationOnly(Mistake):
    """Mean plus and minus one standard deviation says where *runs* lie, and nothing about how
    well their mean is known."""

    rung = "claim"
    LOW, HIGH = ends(WITH - WITHOUT, np.sqrt(5))


class MeanIsEnough(Mistake):
    """The mean is above zero, and the interval holds zero: so much comes about by luck. No
    difference was detected."""

    rung = "claim"
    VERDICT = "better"


class NoneProved(Mistake):
    """Your interval holds zero. It also holds differences in the other direction, so "worse" is
    not shown either."""

    rung = "claim"
    VERDICT = "worse"
