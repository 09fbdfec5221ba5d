# spinup_lit/exercises/form.py: generated from book/practice/exercises.md; edit the chapter. sha256:586428960227f124
"""What an exercise is made of: what its author writes, as plain data."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import torch

RUNGS = {
    "claim": "what you claim",
    "shapes": "names, types and shapes",
    "by_hand": "a case by hand",
    "properties": "what must hold in every case",
    "oracle": "random cases, against another method",
    "gradients": "gradients",
    "in_place": "in its place in the algorithm",
}
KINDS = ("implement", "derive", "predict", "change", "diagnose", "experiment")


@dataclass(frozen=True)
class Exercise:
    """What is said of an exercise before anybody has tried it.

    Raises:
        ValueError: the kind is unknown, or the difficulty is not 1 to 5.
    """

    title: str
    chapter: str  # such as "onpolicy/ppo"
    kind: str  # one of KINDS
    difficulty: int  # 1, a line, to 5, an afternoon
    minutes: int
    hints: tuple[str, ...]  # each says more than the one before
    seconds: float = 30.0  # all checks together may take so long

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not 1 <= self.difficulty <= 5:
            raise ValueError(f"kind {self.kind!r}, difficulty {self.difficulty}")

    def line(self, name: str) -> str:
        """What stands under the statement on the page."""
        stars = "★" * self.difficulty + "☆" * (5 - self.difficulty)
        start = f"`python -m spinup_lit.exercises start {name}`"
        return f"{stars} · {self.kind} · {self.minutes} minutes · {start}"


@dataclass(frozen=True)
class Case:
    """One comparison: what the answer gave, and what it should have given.

    `expected` is a number, an array, a range of `machinery.arguments`, or anything else
    that can be compared by `==`, such as a dtype.
    """

    what: str  # the case, in words that need nothing else: inputs and all
    got: Any
    expected: Any
    rtol: float = 1e-4
    atol: float = 1e-6


Cases = Iterator[Case]


class Known:
    """An answer that is known beforehand: its attributes are the names that it defines."""


class Book(Known):
    """The answer of the book. The docstring of each says why it is right."""


class Right(Known):
    """Another right answer, of another form."""


class Mistake(Known):
    """A wrong answer. The docstring of each is what somebody who gave it should hear."""

    rung: ClassVar[str]  # where it fails


@dataclass(frozen=True)
class Variants:
    """A file of the package with variants of a chapter put in, `stem:name` each."""

    file: str
    names: tuple[str, ...]


class Missing(AttributeError):
    """The answer lacks a name that it should define."""


class Changed(Exception):
    """A function of the answer has changed what it was given."""


class Answer:
    """The names that an answer defines, as attributes.

    Its functions raise `Changed` if they change an array or a tensor that they are given.
    """

    def __init__(self, names: Mapping[str, Any]):
        self._names = {
            name: guarded(value) if inspect.isfunction(value) else value
            for name, value in names.items()
        }

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            raise Missing(f"your answer defines no {name}")
        return self._names[name]


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but it must not change the arrays that it is given."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        before = [snapshot(x) for x in given]
        result = function(*args, **kwargs)
        for x, old in zip(given, before):
            if old is not None and not np.array_equal(snapshot(x), old, equal_nan=True):
                raise Changed(
                    f"{function.__name__} has changed an argument of shape {old.shape}; "
                    "its caller still needs it as it was"
                )
        return result

    return call


def snapshot(x: Any) -> Any:
    """A copy of an array or a tensor of numbers; None for anything else."""
    if isinstance(x, torch.Tensor):
        return x.detach().numpy().copy()
    if isinstance(x, np.ndarray) and x.dtype.kind in "fiub":
        return x.copy()
    return None


@contextmanager
def replaced(module: ModuleType, **names: Any) -> Iterator[None]:
    """Put functions in the place of those of a module, for a while."""
    before = {name: getattr(module, name) for name in names}
    try:
        for name, value in names.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
