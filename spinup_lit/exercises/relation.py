# spinup_lit/exercises/relation.py: generated from book/practice/exercises.md; edit the chapter. sha256:608e618cb4fb51eb
"""Says in words how a wrong array differs from the right one, if in a simple way."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

Array = np.ndarray[Any, np.dtype[Any]]


def numbers(x: Any) -> Array | None:
    """Numbers as an array of float64; None if it is something else."""
    if isinstance(x, torch.Tensor):
        x = x.detach().cpu().numpy()
    if isinstance(x, str | bytes | type | torch.dtype) or x is None:
        return None
    try:
        return np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def close(x: Array, y: Array) -> bool:
    """Whether two arrays are the same, but for rounding."""
    return x.shape == y.shape and np.allclose(x, y, rtol=1e-4, atol=1e-7)


def relation(got: Array, expected: Array) -> str:
    """How the first differs from the second, in a sentence; empty if in no simple way."""
    if not np.isfinite(got).all() and np.isfinite(expected).all():
        count = int((~np.isfinite(got)).sum())
        return (
            f"{count} of {got.size} numbers are infinite or not a number: look for a "
            "logarithm of 0, a division by 0, or the exponential of something large."
        )
    rules = of_shape if got.shape != expected.shape else of_value
    return next(rules(got, expected), "")


def of_shape(got: Array, expected: Array) -> Iterator[str]:
    """What a wrong shape tells."""
    n, m = got.shape, expected.shape
    if len(m) == 1 and n == (*m, *m):
        yield (
            "A column (B, 1) has met a vector (B,): the result is a table with a row for "
            "each pair. Squeeze the column, or sum over the last axis only."
        )
    if got.size == expected.size:
        yield "The numbers are as many as they should be, in another shape."
    if len(n) < len(m):
        yield f"An axis has been summed or averaged away: {m} became {n}."
    if len(n) > len(m):
        for does, word in ((np.sum, "sum"), (np.mean, "mean")):
            for axis in (None, *range(len(n))):
                if close(np.asarray(does(got, axis=axis)), expected):
                    along = "" if axis is None else f" along axis {axis}"
                    yield f"The {word}{along} of your answer would be right."
        yield f"An axis is left that should be summed or averaged away: {n}, not {m}."


FACTORS = {-1.0: "minus", 2.0: "twice", 0.5: "half of", -2.0: "minus twice"}
CHANGES: dict[str, Callable[[Array], Array]] = {
    "the exponential of": np.exp,
    "the logarithm of": lambda x: np.log(np.where(x > 0, x, np.nan)),
    "the square of": np.square,
    "the root of": lambda x: np.sqrt(np.where(x >= 0, x, np.nan)),
    "the absolute value of": np.abs,
    "one over": lambda x: 1 / np.where(x == 0, np.nan, x),
}


def of_value(got: Array, expected: Array) -> Iterator[str]:
    """What wrong numbers tell."""
    for factor, word in FACTORS.items():
        if close(got, factor * expected):
            yield f"Your answer is {word} what it should be."
    if got.ndim:
        yield from of_several(got, expected)
    for word, change in CHANGES.items():
        if close(got, change(expected)):
            yield f"Your answer is {word} what it should be."


def of_several(got: Array, expected: Array) -> Iterator[str]:
    """What only an array can tell: an order, a factor, a few that are wrong."""
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and close(got, np.flip(expected, axis)):
            yield f"The order along axis {axis} is reversed."
        if got.shape[axis] > 2:
            x, y = np.moveaxis(got, axis, 0), np.moveaxis(expected, axis, 0)
            if close(x[1:], y[:-1]) or close(x[:-1], y[1:]):
                yield f"Your answer is shifted by one along axis {axis}."
    if got.size > 1 and np.abs(expected).min() > 0:
        ratio = got / expected
        if close(ratio, np.full_like(ratio, ratio.flat[0])):
            yield f"All numbers are the right ones times a factor {ratio.flat[0]:.4g}."
    if got.size > 1 and close(
        got - expected, np.full_like(got, (got - expected).flat[0])
    ):
        yield f"All numbers are off by {(got - expected).flat[0]:+.4g}."
    wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-7)
    if 0 < wrong.sum() <= got.size / 2:
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        yield (
            f"{int((~wrong).sum())} of {got.size} numbers are right; the first wrong one "
            f"is at {first}."
        )
