"""Variants: chunks written as a diff of another. After model."""

from __future__ import annotations

from collections.abc import Sequence

from tangle.model import Block, Line, Place


class Misfit(Exception):
    """A diff that does not fit the chunk that it edits."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


def apply_diff(diff: Block, base: Sequence[Line]) -> list[Line]:
    """The lines of `base`, those that the diff shows replaced.

    Each line keeps the place where it was written, in the diff or in the base.
    """
    for row, text in enumerate(diff.lines):
        if text and text[0] not in "+- ":
            message = "a line of a diff begins with -, + or a blank"
            raise Misfit(diff.place_of(row), message)
    at = _find(diff, [text[1:] for text in diff.lines if text[:1] != "+"], base)
    lines = list(base[:at])
    for row, text in enumerate(diff.lines):
        if text[:1] == "+":
            lines.append(Line(text[1:], "", diff, row))
        else:
            lines += base[at : at + 1] if text[:1] != "-" else []
            at += 1
    return [*lines, *base[at:]]


def _find(diff: Block, old: list[str], base: Sequence[Line]) -> int:
    """Where the old lines begin, which must be in one place."""
    texts = [line.text for line in base]
    starts = range(len(texts) - len(old) + 1)
    found = [at for at in starts if texts[at : at + len(old)] == old]
    if not old:
        raise Misfit(diff.place, "a diff shows at least one line of what it edits")
    if len(found) != 1:
        times = f"{len(found)} times" if found else "nowhere"
        message = f"the old lines must occur once in {diff.edits}, and occur {times}"
        raise Misfit(diff.place, message)
    return found[0]
