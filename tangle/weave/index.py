"""Who uses what, and where it lands: what a page shows beside its code.

After model, expand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from tangle.expand import Link, Program
from tangle.model import Block, Chunk, Line


class Landing(NamedTuple):
    """The lines of a file that one expansion of a block fills, counted from 1."""

    path: str
    first: int
    last: int

    @property
    def lines(self) -> str:
        return (
            f"{self.first}–{self.last}" if self.first < self.last else f"{self.first}"
        )


Row = tuple[str, Chunk | None]  # a line of code, and what a reference refers to


class Index:
    """Answers about a program without problems. Nothing known is an empty list."""

    def __init__(self, program: Program) -> None:
        self.chunk_of: dict[Block, Chunk] = {}
        self.landings: dict[Block, list[Landing]] = defaultdict(list)
        self.users: dict[Chunk, list[Chunk]] = defaultdict(list)
        self.variants: dict[Chunk, list[Chunk]] = defaultdict(list)
        self.implementing: dict[str, list[Block]] = defaultdict(list)
        self.checking: dict[str, list[Block]] = defaultdict(list)
        self._program = program
        for chunk in program.chunks.all:
            used = (target for _, target in self.code(chunk.blocks) if target)
            for target in dict.fromkeys(used):
                self.users[target].append(chunk)
            for block in chunk.blocks:
                self.chunk_of[block] = chunk
                for label in block.implements:
                    self.implementing[label].append(block)
                for label in block.checks:
                    self.checking[label].append(block)
        for variant, base in program.bases.items():
            if base:
                self.variants[base].append(variant)
        for output in program.outputs:
            for block, first, last in output.spans:
                self.landings[block].append(Landing(output.path, first, last))

    def files(self, *blocks: Block) -> dict[str, list[Landing]]:
        """Where blocks land, file by file."""
        files: dict[str, list[Landing]] = defaultdict(list)
        for landing in (x for block in blocks for x in self.landings.get(block, [])):
            if landing not in files[landing.path]:
                files[landing.path].append(landing)
        return files

    def tests(self, block: Block) -> list[Block]:
        """What checks the equations that a block implements."""
        return [b for label in block.implements for b in self.checking.get(label, [])]

    def language(self, chunk: Chunk) -> str:
        """That of the code, also where it is written as a diff."""
        base = self._program.bases.get(chunk)
        return self.language(base) if base else chunk.head.language

    def code(self, blocks: Iterable[Block]) -> Iterator[Row]:
        """The lines that blocks stand for, a diff as what it makes of its base."""
        for e in self._elements(blocks):
            yield (e.line.text, e.target) if isinstance(e, Link) else (e.text, None)

    def shown(self, block: Block) -> Iterator[Row]:
        """The lines of a block as a page has them, a diff as a diff."""
        base = self._program.bases.get(self.chunk_of[block])
        if base is None:
            yield from self.code([block])
            return
        links = [e for e in self._elements([block]) if isinstance(e, Link)]
        new = {link.line.row: link.target for link in links if link.line.block is block}
        old = dict(self.code(base.blocks))
        for row, text in enumerate(block.lines):
            yield text, new.get(row) if text[:1] == "+" else old.get(text[1:])

    def assembled(self, block: Block) -> Iterator[str]:
        """The lines that a block stands for in the program, references expanded."""
        stack = [("", e) for e in reversed(self._elements([block]))]
        while stack:
            indent, e = stack.pop()
            if isinstance(e, Link):
                below = reversed(self._elements(e.target.blocks))
                stack += [(indent + e.indent, x) for x in below]
            else:
                yield e._replace(indent=indent).output

    def _elements(self, blocks: Iterable[Block]) -> list[Line | Link]:
        return [e for block in blocks for e in self._program.elements[block]]


def shown_name(name: str) -> str:
    return f"⟨{name.replace('-', ' ').replace(':', ': ')}⟩"


def title(chunk: Chunk, chapter: str = "") -> str:
    """What the page of a chapter calls a chunk: ⟨its name⟩, or the file that it is."""
    if chunk.head.name is None:
        return PurePosixPath(chunk.head.file or "").name
    return shown_name(chunk.name_in(chapter or chunk.head.chapter))
