# spinup_lit/machinery/arguments.py: generated from book/machinery/training.md; edit the chapter. sha256:410513c0c0475172
"""Which arguments a training function takes: types, ranges, and a check of both."""

import math
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from numbers import Integral, Real
from types import NoneType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    ParamSpec,
    TypeVar,
    get_args,
    get_origin,
)

from spinup_lit.machinery import mpi
from spinup_lit.machinery.errors import require


class Range(NamedTuple):
    """The numbers from `low` to `high`."""

    low: float
    high: float
    ends: str  # "[]", "[)", "(]" or "()": a bracket holds its end, a parenthesis not
    demand: str  # what to say after "it must"

    def holds(self, x: float) -> bool:
        """Whether a number lies in this range. Not-a-number lies in none."""
        above = self.low <= x if self.ends[0] == "[" else self.low < x
        below = x <= self.high if self.ends[1] == "]" else x < self.high
        return above and below

    def __repr__(self) -> str:
        return f"{self.ends[0]}{self.low}, {self.high}{self.ends[1]}"


def between(low: float, high: float) -> Range:
    """From `low` to `high`, both included."""
    return Range(low, high, "[]", f"lie between {low} and {high}")


def inside(low: float, high: float) -> Range:
    """Between `low` and `high`, both excluded."""
    return Range(low, high, "()", f"be above {low} and below {high}")


def at_least(low: float) -> Range:
    """From `low` on, but finite."""
    return Range(low, math.inf, "[)", f"be a number, at least {low}")


def below(high: float) -> Range:
    """Any number below `high`."""
    return Range(-math.inf, high, "()", f"be a number below {high:.4g}")


POSITIVE = Range(0, math.inf, "()", "be a positive number")
LIMIT = Range(0, math.inf, "(]", "be positive, and inf means no limit")


KINDS: dict[Any, tuple[type, str]] = {
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    bool: (bool, "True or False"),
}


def check_argument(name: str, value: Any, annotation: Any) -> None:
    """Raise a `UserError` unless a value has the type and the range of its annotation."""
    annotated = get_origin(annotation) is Annotated
    kind, *extras = get_args(annotation) if annotated else [annotation]
    if value is None and NoneType in get_args(kind):
        return
    several = get_origin(kind) is tuple
    if several:
        sequence = isinstance(value, list | tuple)
        require(
            sequence, f"{name} is {value!r}; it must be several values, in brackets"
        )
        kind = get_args(kind)[0]
    parts = value if several else [value]
    if kind in KINDS:
        wanted, words = KINDS[kind]
        numbers = all(isinstance(x, wanted) for x in parts)
        require(numbers, f"{name} is {value!r}; it must be {words}")
    for allowed in (extra for extra in extras if isinstance(extra, Range)):
        subject = "each of them must" if several else "it must"
        good = all(allowed.holds(x) for x in parts)
        require(good, f"{name} is {value}; {subject} {allowed.demand}")


def check_arguments(
    train: Callable[..., Any], arguments: Mapping[str, Any], ranks: int
) -> None:
    """Raise a `UserError` unless a function can train with these arguments.

    Args:
        train: a training function, made by `checked`.
        arguments: its arguments by name; what is missing is not checked.
        ranks: number of MPI ranks that will share the run.
    """
    for parameter in signature(train, eval_str=True).parameters.values():
        if parameter.name in arguments:
            value = arguments[parameter.name]
            check_argument(parameter.name, value, parameter.annotation)
    known = {**arguments, "ranks": ranks}
    for check in getattr(train, "checks", ()):
        check(**{name: known[name] for name in signature(check).parameters})


P = ParamSpec("P")
R = TypeVar("R")


def checked(*checks: Callable[..., None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a training function check its arguments before it does anything else.

    Args:
        checks: what concerns several arguments: functions of arguments by their names,
            and of `ranks`, that raise a `UserError`.
    """

    def decorate(train: Callable[P, R]) -> Callable[P, R]:
        @wraps(train)
        def check_and_train(*args: P.args, **kwargs: P.kwargs) -> R:
            given = signature(train).bind(*args, **kwargs)
            given.apply_defaults()
            check_arguments(check_and_train, given.arguments, mpi.num_procs())
            return train(*args, **kwargs)

        vars(check_and_train)["checks"] = checks
        return check_and_train

    return decorate
