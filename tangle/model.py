"""The values that the other modules pass to one another. First in the import order:

model, syntax, header, page, read, chunks, variants, resolve, check, expand, combine,
write, back, linemap, pytest_plugin, cli
and in weave: changes, names, index, highlighted, memory, cards, listing, views
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple


def stem_of(path: str) -> str:
    """The name by which other chapters call the one at this path."""
    return PurePosixPath(path).stem


class Place(NamedTuple):
    """A line of a file: the path relative to the root, and the number from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Problem(NamedTuple):
    """What is wrong, where, and if possible what to do about it."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


Problems = Iterator[Problem]


class Refused(Exception):
    """What cannot be done, and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*map(str, problems))
        self.problems = problems


@dataclass(frozen=True, eq=False)
class Block:
    """A fenced code block with attributes. Two blocks are never equal."""

    place: Place  # of the opening fence
    language: str
    lines: tuple[str, ...]
    name: str | None = None
    file: str | None = None
    implements: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    edits: str | None = None
    extend: bool = False
    open: bool = False  # a check that its page does not fold
    optional: bool = False  # a file that may stay as it is on the disk
    malformed: bool = False  # reported already, kept to spare consequential errors

    @property
    def chapter(self) -> str:
        return self.place.path

    def place_of(self, row: int) -> Place:
        """The place in the chapter of line `row` of the body, counted from 0."""
        return Place(self.place.path, self.place.line + 1 + row)


class Line(NamedTuple):
    """A line of code, the indentation it was given, and where it was written."""

    text: str
    indent: str
    block: Block
    row: int  # in the block; -1 for a line made from its opening fence

    @property
    def output(self) -> str:
        return self.indent + self.text if self.text else ""

    @property
    def origin(self) -> Place:
        return self.block.place_of(self.row)


Lines = Sequence[Line]


@dataclass
class Chapter:
    """What one page of the book holds for tangle."""

    path: str
    blocks: list[Block] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)  # of its equations
    includes: list[tuple[Place, str]] = field(default_factory=list)
    examples: list[range] = field(default_factory=list)  # lines from 0 of other code
    problems: list[Problem] = field(default_factory=list)


@dataclass(eq=False)
class Chunk:
    """A named piece of code, or the unnamed root of a file: a block, its extensions."""

    blocks: list[Block]

    @property
    def head(self) -> Block:
        return self.blocks[0]

    @property
    def full_name(self) -> str:
        """The name by which references of other chapters reach this chunk."""
        return f"{stem_of(self.head.chapter)}:{self.head.name}"

    def name_in(self, chapter: str) -> str:
        """The name by which references of a chapter reach it."""
        return self.full_name if self.head.chapter != chapter else f"{self.head.name}"


class Span(NamedTuple):
    """The lines of an output that one expansion of a block fills, counted from 1."""

    block: Block
    first: int
    last: int


@dataclass(frozen=True)
class Output:
    """A file to be written, all its lines; the header is one of them, or `beside`."""

    path: str
    chunk: Chunk
    lines: list[Line]
    spans: list[Span]
    header: Line
    beside: bool = False

    @property
    def text(self) -> str:
        return "".join(f"{line.output}\n" for line in self.lines)

    @property
    def body(self) -> bytes:
        """The file without its header."""
        body = (line for line in self.lines if line is not self.header)
        return "".join(f"{line.output}\n" for line in body).encode()
