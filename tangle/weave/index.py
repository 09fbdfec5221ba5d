"""Who uses what, and where it lands: what a page shows beside its code.

After model, expand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import PurePosixPath
from typing import NamedTuple

from tangle.expand import Program, unfold
from tangle.header import read_header
from tangle.model import Block, Chunk, Line, Output, Span
from tangle.resolve import Link

_TEST = re.compile(r"^\s*(?:async )?def test_(\w+)", re.M)
ROOM = 96  # characters for the names of tests


class Row(NamedTuple):
    """A line of code as a page shows it."""

    text: str
    target: Chunk | None = None  # what it refers to
    new: bool = False  # written in the variant, not in what that edits


class Index:
    """Answers about a program without problems. Nothing known is an empty list."""

    def __init__(self, program: Program) -> None:
        self.chunk_of = {b: chunk for chunk in program.chunks.all for b in chunk.blocks}
        self.landings: dict[Block, list[tuple[str, Span]]] = defaultdict(list)
        self.users: dict[Chunk, list[Chunk]] = defaultdict(list)
        self.variants: dict[Chunk, list[Chunk]] = defaultdict(list)
        self.implementing: dict[str, list[Block]] = defaultdict(list)
        self.checking: dict[str, list[Block]] = defaultdict(list)
        self.checks = program.checks()
        self._program = program
        for chunk in program.chunks.all:
            for target in dict.fromkeys(row.target for row in self.code(chunk.blocks)):
                if target:
                    self.users[target].append(chunk)
        for block in self.chunk_of:
            for label in block.implements:
                self.implementing[label].append(block)
            for label in block.checks:
                self.checking[label].append(block)
        for variant, base in program.bases.items():
            if base:
                self.variants[base].append(variant)
        for output in program.outputs:
            for span in output.spans:
                self.landings[span.block].append((output.path, span))

    def files(self, *blocks: Block) -> dict[str, list[Span]]:
        """Where blocks land, file by file."""
        files: dict[str, list[Span]] = defaultdict(list)
        for path, span in (x for block in blocks for x in self.landings[block]):
            files[path].append(span)
        return files

    def tests(self, block: Block) -> list[Block]:
        """What checks the equations that a block implements."""
        return [test for label in block.implements for test in self.checking[label]]

    def language(self, chunk: Chunk) -> str:
        """That of the code, also where it is written as a diff."""
        return self._program.language(chunk)

    def code(self, blocks: Iterable[Block]) -> Iterator[Row]:
        """The lines that blocks stand for, a diff as what it makes of its base."""
        for block in blocks:
            for e in self._program.elements[block]:
                line, to = (e.line, e.target) if isinstance(e, Link) else (e, None)
                yield Row(line.text, to, bool(block.edits) and line.block is block)

    def shown(self, block: Block) -> Iterator[Row]:
        """The lines of a block as a page has them, a diff as a diff."""
        base = self._program.bases.get(self.chunk_of[block])
        if base is None:
            yield from self.code([block])
            return
        new = {row.text: row.target for row in self.code([block]) if row.new}
        old = {row.text: row.target for row in self.code(base.blocks)}
        for text in block.lines:
            yield Row(text, (new if text[:1] == "+" else old).get(text[1:]))

    def assembled(self, block: Block) -> list[str]:
        """The lines that a block stands for in the program, references expanded."""
        if self.chunk_of[block] in self._program.misfits:
            return [*block.lines]
        lines, _ = unfold(Chunk([block]), self._program.elements) or ([], [])
        return [line.output for line in lines]

    def folded(self, block: Block) -> bool:
        """Whether a page shows a block as one line: not what an equation is about."""
        shown = block.open or block.implements
        return self.chunk_of[block] in self.checks and not shown


def left_alone(program: Program) -> Iterator[Output]:
    """The optional files that cannot be made, as they are on the disk."""
    made = {output.path for output in program.outputs}
    for path, root in program.chunks.roots.items():
        file = program.book.root / path
        if root.head.optional and path not in made and file.is_file():
            found = read_header(data := file.read_bytes())
            if found and found.path == path and found.intact:
                texts = data.decode().split("\n")[:-1]
                lines = [Line(text, "", root.head, -1) for text in texts]
                yield Output(path, root, lines, [], lines[0])


def tests_in_words(block: Block) -> str:
    """What the tests of a block are called: as many as there is room for."""
    names = [name.replace("_", " ") for name in _TEST.findall("\n".join(block.lines))]
    ends = accumulate(len(name) + 2 for name in names)
    shown = max(1, sum(end <= ROOM for end in ends))
    more = f" and {len(names) - shown} more" if names[shown:] else ""
    return ", ".join(names[:shown]) + more


def shown_name(name: str) -> str:
    return f"⟨{name.replace('-', ' ').replace(':', ': ')}⟩"


def title(chunk: Chunk, chapter: str = "") -> str:
    """What the page of a chapter calls a chunk: ⟨its name⟩, or the file that it is."""
    if chunk.head.name is None:
        return PurePosixPath(chunk.head.file or "").name
    return shown_name(chunk.name_in(chapter or chunk.head.chapter))
