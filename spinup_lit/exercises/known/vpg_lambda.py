# spinup_lit/exercises/known/vpg_lambda.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:94e9e1e994190235
"""Known answers to the exercise `vpg-lambda`."""

from spinup_lit.exercises.catalogue import HERE
from spinup_lit.exercises.form import Book, Mistake

RUNS = HERE.parents[1] / "book/results/exercises/vpg_lambda"


def folders(pattern: str) -> list[str]:
    """The folders of runs that fit a pattern."""
    return sorted(str(path) for path in RUNS.glob(pattern))


class TheBook(Book):
    """Five pairs of runs that differ in one argument, an interval from their differences,
    and a claim that says no more than the interval."""

    LOW = folders("lam-0/*")
    HIGH = folders("lam-0.97/*")
    DIFFERENCE = 119.3
    INTERVAL = (67.5, 171.1)
    DETECTED = True


class ThreeSeeds(Mistake):
    """Fewer than five seeds. With three, Student's factor is 4.3, and one lucky run decides
    what you believe."""

    rung = "properties"
    LOW = folders("lam-0/*_s[0-2]")
    HIGH = folders("lam-0.97/*_s[0-2]")


class OneSeedFiveTimes(Mistake):
    """The same seed gives the same run. Five copies of it have a deviation of 0, and say as
    much as one."""

    rung = "properties"
    LOW = folders("lam-0/*_s0") * 5
    HIGH = folders("lam-0.97/*_s0") * 5


class OtherSeeds(Mistake):
    """The two settings have not the same seeds, so there are no pairs to subtract."""

    rung = "properties"
    HIGH = folders("lam-0.97/*_s[0-3]")


class SameSetting(Mistake):
    """Both folders hold runs with the same lam: the difference is that of a program and
    itself."""

    rung = "properties"
    HIGH = folders("lam-0/*")


class OtherBudget(Mistake):
    """One of the runs had another budget. A run that has seen fewer interactions is lower for
    that reason alone."""

    rung = "properties"
    HIGH = folders("lam-0.97/*_s[0-3]") + folders("short/*")


class WrongWay(Mistake):
    """The sign: DIFFERENCE is the score with lam = 0.97 minus that with lam = 0."""

    rung = "oracle"
    DIFFERENCE = -119.3
    INTERVAL = (-171.1, -67.5)


class NormalFactor(Mistake):
    """Your interval is 1.96 standard errors wide on each side. With five differences the
    deviation itself is a guess, and Student's factor is 2.78."""

    rung = "oracle"
    INTERVAL = (82.7, 155.9)


class DeviationNotError(Mistake):
    """This is the spread of single differences: you have not divided the deviation by
    sqrt(n). The interval asked for is that of their mean."""

    rung = "oracle"
    INTERVAL = (3.5, 235.1)


class NotDetected(Mistake):
    """Zero lies outside your own interval, so a difference is detected, be it large or
    small."""

    rung = "oracle"
    DETECTED = False
