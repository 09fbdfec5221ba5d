"""Variants: chunks written as a diff of another. After model."""

from __future__ import annotations

from collections.abc import Sequence

from tangle.model import Block, Line, Problem, Refused


class Misfit(Refused):
    """A variant that cannot be put in."""


def apply_diff(diff: Block, base: Sequence[Line]) -> list[Line]:
    """The lines of `base`, those that the diff shows replaced.

    Lines that begin with @@ divide the diff into parts, each of which fits on its own.
    Each line keeps the place where it was written, in the diff or in the base.

    Raises:
        Misfit: the old lines of a part are not in one place of the base.
    """
    lines: list[Line] = []
    done = 0  # so many lines of the base have been dealt with
    for rows in _parts(diff):
        old = [diff.lines[row][1:] for row in rows if diff.lines[row][:1] != "+"]
        at = _find(diff, rows, old, base)
        if at < done:
            message = "this part belongs before the one above: their old lines do"
            raise Misfit(Problem(diff.place_of(rows[0] - 1), message))
        lines += base[done:at]
        for row in rows:
            text = diff.lines[row]
            if text[:1] == "+":
                lines.append(_added(diff, row))
            else:
                lines += base[at : at + 1] if text[:1] != "-" else []
                at += 1
        done = at
    return [*lines, *base[done:]]


def added(diff: Block) -> list[Line]:
    """The new lines of a diff, without those that it quotes."""
    rows = (row for row, text in enumerate(diff.lines) if text[:1] == "+")
    return [_added(diff, row) for row in rows]


def _added(diff: Block, row: int) -> Line:
    return Line(diff.lines[row][1:], "", diff, row)


def _parts(diff: Block) -> list[list[int]]:
    """The rows of each part of a diff."""
    parts: list[list[int]] = [[]]
    for row, text in enumerate(diff.lines):
        if text.startswith("@@"):
            parts.append([])
        elif text and text[0] not in "+- ":
            message = "a line of a diff begins with -, + or a blank; @@ divides parts"
            raise Misfit(Problem(diff.place_of(row), message))
        else:
            parts[-1].append(row)
    return [rows for rows in parts if rows] or [[]]


def _find(diff: Block, rows: list[int], old: list[str], base: Sequence[Line]) -> int:
    """Where the old lines of some rows begin, which must be in one place."""
    texts = [line.text for line in base]
    starts = range(len(texts) - len(old) + 1)
    found = [at for at in starts if texts[at : at + len(old)] == old]
    place = diff.place_of(min(rows, default=0) - 1)  # the fence, or the line @@
    if not old:
        raise Misfit(Problem(place, "a diff shows at least one line of what it edits"))
    if len(found) != 1:
        times = f"{len(found)} times" if found else "nowhere"
        message = f"the old lines must occur once in {diff.edits}, and occur {times}"
        raise Misfit(Problem(place, message))
    return found[0]
