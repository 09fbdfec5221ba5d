"""What changes from one output to another, chunk by chunk. After model.

A chunk of both files is the same in both. The other lines are compared: by where they
were written if both files have that line, else by their text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from tangle.model import Block, Chunk, Line, Output

CONTEXT = 3  # lines of what stays, around what changes


class Row(NamedTuple):
    """A line of the new output, or one of the old that is no more."""

    sign: str  # + or -, or a blank for what stays, ~ if it stood elsewhere
    number: int  # in its output, from 1
    line: Line
    chunk: Chunk

    @property
    def place(self) -> tuple[Block, int]:
        return self.line.block, self.line.row


class Part(NamedTuple):
    """What a chunk of the new output has, or had in the old one."""

    chunk: Chunk
    rows: list[Row]

    @property
    def kind(self) -> str:
        if all(row.sign == "-" and row.chunk is self.chunk for row in self.rows):
            return "gone"
        signs = {row.sign for row in self.rows if row.line.text}
        if signs == {"+"}:
            return "new"
        return "changed" if signs & {*"+-"} else "moved" if "~" in signs else "same"

    def count(self, sign: str) -> int:
        return sum(row.sign == sign and bool(row.line.text) for row in self.rows)

    def shown(self) -> Iterator[Row | int]:
        """The changed rows and a few around them, a number for others left out."""
        changed = [at for at, row in enumerate(self.rows) if row.sign in "+-"]

        def near(item: tuple[int, Row]) -> bool:
            return any(abs(item[0] - at) <= CONTEXT for at in changed)

        for kept, items in groupby(enumerate(self.rows), near):
            rows = [row for _, row in items]
            yield from rows if kept else [len(rows)]


def changes(old: Output, new: Output, chunk_of: Mapping[Block, Chunk]) -> list[Part]:
    """Chunks in the order of the new output, those that are gone where they were."""
    held = ({chunk_of[span.block] for span in output.spans} for output in (old, new))
    shared = set.intersection(*held)
    heirs = {old.chunk: new.chunk}  # what has lines of a chunk that is no more
    before, after = (_rows(output, chunk_of, shared) for output in (old, new))
    rows = list(_compared(before, after, heirs))
    parts: dict[Chunk, list[Row]] = defaultdict(list)
    for chunk, group in groupby(rows, lambda row: _shown_in(row, heirs)):
        run = list(group)
        lines = [at for at, row in enumerate(run) if row.line.text]
        if lines:  # without the blank lines between chunks
            parts[chunk] += run[lines[0] : lines[-1] + 1]
    return [Part(chunk, rows) for chunk, rows in parts.items()]


def _shown_in(row: Row, heirs: Mapping[Chunk, Chunk]) -> Chunk:
    return heirs.get(row.chunk, row.chunk) if row.sign == "-" else row.chunk


def _rows(
    output: Output, chunk_of: Mapping[Block, Chunk], shared: Collection[Chunk]
) -> list[Row]:
    """The lines but the header, each of the outermost shared or the innermost chunk."""
    chunks: dict[int, Chunk] = {}
    for span in sorted(output.spans, key=lambda span: span.last - span.first):
        for number in range(span.first, span.last + 1):
            if number not in chunks or chunk_of[span.block] in shared:
                chunks[number] = chunk_of[span.block]
    lines = enumerate(output.lines, 1)
    return [Row("+", n, line, chunks[n]) for n, line in lines if line.row >= 0]


def _compared(
    old: list[Row], new: list[Row], heirs: dict[Chunk, Chunk]
) -> Iterator[Row]:
    """The rows of both in one order, except for blank ones that are no more."""
    both = {row.place for row in old} & {row.place for row in new}

    def keys(rows: list[Row]) -> list[object]:
        return [r.place if r.place in both else r.line.output for r in rows]

    matcher = SequenceMatcher(None, keys(old), keys(new), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            for was, row in zip(old[a:b], new[c:d], strict=True):
                if row.line.text:
                    heirs.setdefault(was.chunk, row.chunk)
                yield row._replace(sign=" ")
            continue
        for row in old[a:b]:
            if row.line.text and row.place not in both:
                yield row._replace(sign="-")
        for row in new[c:d]:
            yield row._replace(sign="~") if row.place in both else row
