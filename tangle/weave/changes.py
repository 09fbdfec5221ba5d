"""What changes from one output to another, chunk by chunk. After model.

A line is the same in both if it was written at the same place. Between such lines,
texts are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, repeat
from operator import itemgetter
from typing import NamedTuple

from tangle.model import Block, Line, Output, Span

CONTEXT = 3  # lines of what stays, around what changes


class Row(NamedTuple):
    """A line of the new output, or one of the old that is no more."""

    sign: str  # + or -, = for the same line, ~ for one that was elsewhere, or a blank
    number: int  # in its output, from 1
    line: Line
    span: Span  # the innermost expansion around it
    before: Span | None = None  # the one around its counterpart in the old output

    @property
    def changed(self) -> bool:
        return self.sign in "+-" and bool(self.line.text)


class Part(NamedTuple):
    """Rows of one expansion of a block."""

    kind: str  # same, moved, gone or changed
    block: Block
    rows: list[Row]

    @property
    def added(self) -> int:
        return sum(row.changed for row in self.rows if row.sign == "+")

    @property
    def removed(self) -> int:
        return sum(row.changed for row in self.rows if row.sign == "-")

    def shown(self) -> Iterator[Row | int]:
        """The changed rows and a few around them, a number for others left out."""
        near = {
            at
            for place, row in enumerate(self.rows)
            if row.sign in "+-"
            for at in range(place - CONTEXT, place + CONTEXT + 1)
        }
        for kept, rows in groupby(enumerate(self.rows), lambda item: item[0] in near):
            listed = [row for _, row in rows]
            yield from listed if kept else [len(listed)]


def changes(old: Output, new: Output) -> list[Part]:
    """The parts of the new output in its order; then those that it has no more."""
    rows = list(_rows(old, new))
    heirs: dict[Block, list[Span]] = defaultdict(list)  # what has lines of an old block
    for row in rows:
        if row.before:
            heirs[row.before.block].append(row.span)
    lost: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in rows:
        if row.sign == "-" and row.span.block not in heirs:
            lost[row.span.block.chapter, row.span.block.name].append(row)
    rows = [r for r in rows if r.sign != "-" or (r.line.text and r.span.block in heirs)]
    groups = groupby(_placed(rows, heirs, _folded(rows, old, new)), itemgetter(0))
    parts = [_part(span, [row for _, row in group]) for span, group in groups]
    parts += [Part("gone", part[0].span.block, part) for part in lost.values()]
    return [part for part in parts if any(row.line.text for row in part.rows)]


def _placed(
    rows: list[Row], heirs: dict[Block, list[Span]], folded: dict[int, Span]
) -> Iterator[tuple[Span, Row]]:
    """Each row with the expansion that it is shown in, a removed one with an heir.

    Removed rows between those of another expansion do not divide it, but follow.
    """
    strays: list[tuple[Span, Row]] = []
    for at, row in enumerate(rows):
        if row.sign == "-":
            known = heirs[row.span.block]
            around = (*reversed(rows[:at]), None), (*rows[at:], None)
            ends = (next(r for r in side if not r or r.sign != "-") for side in around)
            near = [end.span for end in ends if end and end.span in known]
            if near:
                yield near[0], row
            else:
                strays.append((known[-1], row))
            continue
        if row.sign == "=":
            yield from strays
            strays = []
        yield folded.get(row.number, row.span), row
    yield from strays


def _part(span: Span, rows: list[Row]) -> Part:
    elsewhere = any(row.sign == "~" for row in rows)
    kind = "moved" if elsewhere else "same"
    kind = "changed" if any(row.changed for row in rows) else kind
    return Part(kind, span.block, rows)


def _rows(old: Output, new: Output) -> Iterator[Row]:
    """All rows: places where lines were written first decide what is the same."""
    before, after = _numbered(old, "-"), _numbered(new, "+")
    kept = {_place(row) for row in before} & {_place(row) for row in after}
    places = [_place(row) for row in before], [_place(row) for row in after]
    for tag, a, b, c, d in SequenceMatcher(None, *places, False).get_opcodes():
        if tag == "equal":
            yield from map(_kept, repeat("="), before[a:b], after[c:d])
        else:
            removed = [row for row in before[a:b] if _place(row) not in kept]
            yield from _compared(removed, after[c:d], kept)


def _compared(old: list[Row], new: list[Row], kept: set[object]) -> Iterator[Row]:
    """Rows compared by their texts, but for those that are elsewhere in the old."""
    texts = [row.line.output for row in old]
    others = [_place(row) if _place(row) in kept else row.line.output for row in new]
    matcher = SequenceMatcher(lambda text: not text, texts, others, False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from map(_kept, repeat(" "), old[a:b], new[c:d])
            continue
        yield from old[a:b]
        for row in new[c:d]:
            yield row._replace(sign="~") if _place(row) in kept else row


def _kept(sign: str, old: Row, new: Row) -> Row:
    return new._replace(sign=sign, before=old.span)


def _numbered(output: Output, sign: str) -> list[Row]:
    """The rows of an output without its header."""
    inner: dict[int, Span] = {}
    for span in _inside_out(output):
        for number in range(span.first, span.last + 1):
            inner.setdefault(number, span)
    lines = enumerate(output.lines, 1)
    return [Row(sign, n, line, inner[n]) for n, line in lines if line.row >= 0]


def _inside_out(output: Output) -> list[Span]:
    """The expansions, each before those around it, as in the output for equal ones."""
    return sorted(output.spans, key=lambda span: span.last - span.first)


def _place(row: Row) -> object:
    return row.line.block, row.line.row


def _folded(rows: Sequence[Row], old: Output, new: Output) -> dict[int, Span]:
    """For lines of the new output, the largest expansion that is all in the old."""
    at = {row.number: place for place, row in enumerate(rows) if row.sign != "-"}
    shared = {span.block for span in old.spans}
    folded: dict[int, Span] = {}
    for span in _inside_out(new):
        if span.block in shared and span.first in at:
            within = rows[at[span.first] : at[span.last] + 1]
            if all(row.sign in "=~" for row in within):
                folded.update(dict.fromkeys(range(span.first, span.last + 1), span))
    return folded
