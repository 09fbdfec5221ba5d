# spinup_lit/exercises/ladder.py: generated from book/practice/exercises.md; edit the chapter. sha256:42ff5d1789b3fbc1
"""Climbs the ladder of checks, and recognises known mistakes."""

import inspect
import linecache
import random
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch

import spinup_lit
from spinup_lit.exercises.catalogue import Entry
from spinup_lit.exercises.form import RUNGS, Answer, Case, Known, Missing, Mistake
from spinup_lit.exercises.relation import numbers, relation
from spinup_lit.machinery.arguments import Range

PACKAGE = Path(spinup_lit.__file__).parent
CHEAP = tuple(rung for rung in RUNGS if rung != "in_place")


@dataclass(frozen=True)
class Failure:
    """The first check that an answer does not pass, in words."""

    rung: str
    what: str
    expected: str = ""
    got: str = ""
    reason: str = ""  # how they differ, or the diagnosis
    mistake: str = ""  # the known mistake that the answer behaves like


def agrees(case: Case) -> bool:
    """Whether the answer gave what it should, with the shape that it should have."""
    if isinstance(case.expected, Range):
        got = numbers(case.got)
        return got is not None and got.size == 1 and case.expected.holds(got.item())
    got, expected = numbers(case.got), numbers(case.expected)
    if got is None or expected is None:
        return bool(case.got == case.expected)
    return got.shape == expected.shape and bool(
        np.allclose(got, expected, rtol=case.rtol, atol=case.atol)
    )


def show(x: Any) -> str:
    """A value as a reader wants to see it: few digits, and the shape of an array."""
    x = x.detach().numpy() if isinstance(x, torch.Tensor) else x
    if isinstance(x, Range):
        return f"a number in {x}"
    if isinstance(x, np.ndarray) and x.ndim:
        text = np.array2string(x, precision=5, threshold=12, suppress_small=True)
        return f"{text}, shape {x.shape}"
    if isinstance(x, float | np.floating | np.ndarray):
        return f"{float(x):.6g}"
    return repr(x)


def cases_of(checks: ModuleType, rung: str, answer: Answer) -> Iterator[Case]:
    """The comparisons of a rung, if the exercise has it; chance begins as always."""
    torch.manual_seed(0)
    random.seed(0)
    if hasattr(checks, rung):
        yield from getattr(checks, rung)(answer)


def climb(
    checks: ModuleType, answer: Answer, rungs: Sequence[str] = tuple(RUNGS)
) -> Failure | None:
    """Check an answer, one rung after the other.

    Returns:
        The first failure, or None if everything is right.
    """
    for rung in rungs:
        try:
            for case in cases_of(checks, rung, answer):
                if not agrees(case):
                    return failure_of(rung, case)
        except Missing as error:
            return Failure(rung, str(error))
        except Exception as error:
            return Failure(rung, "your program stopped with an error", got=told(error))
    return None


def failure_of(rung: str, case: Case) -> Failure:
    """A comparison that failed, in words."""
    got, expected = numbers(case.got), numbers(case.expected)
    reason = ""
    if got is not None and expected is not None and rung != "claim":
        reason = relation(got, expected)
    right = show(case.expected) if rung != "claim" else ""
    return Failure(rung, case.what, right, show(case.got), reason)


def told(error: BaseException) -> str:
    """An error and the line of the answer where it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [x for x in frames if PACKAGE not in Path(x.filename).parents]
    theirs = [x for x in theirs if "site-packages" not in x.filename] or list(frames)
    line = linecache.getline(theirs[-1].filename, theirs[-1].lineno or 0).strip()
    place = f"{Path(theirs[-1].filename).name}, line {theirs[-1].lineno}"
    return f"{type(error).__name__}: {error}\n({place}: {line})"


class Step(NamedTuple):
    """What an answer gave in one case, and whether that was right."""

    got: Any
    right: bool


def trace(checks: ModuleType, answer: Answer, rung: str) -> list[Step]:
    """All that an answer gives on the ladder, also after a failure, to compare it by.

    Training shows small differences as large ones, so of it only the outcome counts, and
    only if `rung` is the last.
    """
    found = []
    for each in CHEAP if rung in CHEAP else (*CHEAP, rung):
        try:
            for case in cases_of(checks, each, answer):
                right = agrees(case)
                found.append(Step(case.got if each in CHEAP else right, right))
        except Exception as error:
            found.append(Step(type(error).__name__, False))
    return found


def to_failure(steps: list[Step]) -> list[Step]:
    """The beginning of a trace, up to the first case that is not right."""
    right = [step.right for step in steps]
    return steps[: right.index(False) + 1] if False in right else steps


def alike(one: list[Step], other: list[Step]) -> bool:
    """Whether two answers have given the same."""
    return len(one) == len(other) and all(
        x.right == y.right and same(x.got, y.got) for x, y in zip(one, other)
    )


def same(x: Any, y: Any) -> bool:
    """Whether two values are the same, but for rounding; NaN is like NaN.

    A known mistake may be a range, which stands for all that lies in it.
    """
    if isinstance(y, Range):
        return bool(x == y) or (isinstance(x, int | float) and y.holds(x))
    a, b = numbers(x), numbers(y)
    if a is None or b is None:
        return bool(x == y)
    return a.shape == b.shape and bool(
        np.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True)
    )


def title(known: type[Known]) -> str:
    """The name of a known answer as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", known.__name__).lower()


@cache
def trace_of(entry: Entry, mistake: type[Mistake]) -> list[Step]:
    """What a known mistake gives, to compare answers with that fail where it does."""
    return trace(entry.checks, entry.answer(mistake), mistake.rung)


def diagnose(entry: Entry, answer: Answer, failure: Failure) -> Failure:
    """The failure, with the diagnosis of the known mistake that behaves alike, if any.

    Alike on the whole ladder, or else, if of one mistake alone, up to the failure: who has
    two functions to write may have made a mistake in each.
    """
    own = trace(entry.checks, answer, failure.rung)
    rivals = [x for x in entry.mistakes() if x.rung == failure.rung]
    traces = [(x, trace_of(entry, x)) for x in rivals]  # type: ignore[arg-type]  # hashable
    whole = [x for x, theirs in traces if alike(own, theirs)]
    begins = [x for x, theirs in traces if alike(to_failure(own), to_failure(theirs))]
    if not whole and len(begins) != 1:
        return failure
    mistake = (whole or begins)[0]
    says = inspect.getdoc(mistake) or ""
    return replace(failure, reason=says, mistake=title(mistake))


def check_names(stub: ModuleType, answer: Answer) -> Failure | None:
    """Find what the stub asks for and the answer does not define, or defines otherwise."""
    for name, asked in wanted(stub).items():
        try:
            given = getattr(answer, name)
        except Missing as error:
            return Failure("shapes", str(error))
        if not inspect.isfunction(asked):
            if given is None:
                return Failure("", f"nothing is written yet: {name} is None")
            continue
        if not callable(given):
            return Failure("shapes", f"{name} must be a function", got=show(given))
        if blank(given):
            return Failure("", f"nothing is written yet: fill in {name}")
        ours, theirs = ([*inspect.signature(f).parameters] for f in (asked, given))
        if ours != theirs:
            what = f"the parameters of {name}"
            return Failure("shapes", what, ", ".join(ours), ", ".join(theirs))
    return None


def wanted(stub: ModuleType) -> dict[str, Any]:
    """What a stub defines: functions, and constants in capital letters."""
    return {
        name: value
        for name, value in vars(stub).items()
        if name.isupper() or getattr(value, "__module__", "") == stub.__name__
    }


def blank(function: Any) -> bool:
    """Whether all that a function does is raise NotImplementedError."""
    code = inspect.unwrap(function).__code__
    return bool(code.co_names == ("NotImplementedError",))


@contextmanager
def overheard(names: Sequence[str]) -> Iterator[set[str]]:
    """Notice calls of functions of these names that are the book's own."""
    heard: set[str] = set()

    def listen(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_qualname in names:
            place = Path(code.co_filename)
            if PACKAGE in place.parents and "exercises" not in place.parts:
                heard.add(f"{place.stem}.{code.co_qualname}")

    sys.setprofile(listen)
    try:
        yield heard
    finally:
        sys.setprofile(None)
