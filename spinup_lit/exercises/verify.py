# spinup_lit/exercises/verify.py: generated from book/practice/exercises.md; edit the chapter. sha256:905ca8fbc71547f8
"""Judges the known answers, to see whether the grader is right."""

from collections.abc import Iterator
from typing import NamedTuple

from spinup_lit.exercises.catalogue import Entry
from spinup_lit.exercises.form import RUNGS, Known, Mistake
from spinup_lit.exercises.ladder import climb, diagnose, title


class Row(NamedTuple):
    """What became of a known answer."""

    exercise: str
    kind: str
    known: str  # its name
    declared: str  # the rung where it should fail; empty if it is right
    failed: str  # the rung where it failed
    named: str  # the mistake that was recognised

    @property
    def fault(self) -> str:
        """What is wrong with this judgement; empty if nothing is."""
        if self.failed != self.declared:
            return (
                f"fails at {self.failed or 'no rung'}, not {self.declared or 'at none'}"
            )
        if self.declared and self.named != self.known:
            return f"is taken for {self.named or 'no known mistake'}"
        return ""


def examine(entry: Entry, rungs: tuple[str, ...] = tuple(RUNGS)) -> Iterator[Row]:
    """Judge each known answer of an exercise; of mistakes, those that fail at `rungs`."""
    for known in entry.known:
        if getattr(known, "rung", rungs[0]) in rungs:
            yield judge(entry, known, rungs)


def judge(entry: Entry, known: type[Known], rungs: tuple[str, ...]) -> Row:
    """Climb the ladder with a known answer."""
    answer = entry.answer(known)
    failure = climb(entry.checks, answer, rungs)
    if failure:
        failure = diagnose(entry, answer, failure)
    declared = known.rung if issubclass(known, Mistake) else ""
    return Row(
        entry.name,
        entry.exercise.kind,
        title(known),
        declared,
        failure.rung if failure else "",
        failure.mistake if failure else "",
    )
