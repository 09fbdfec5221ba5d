"""Expands the files of a book: code in place of references, and a header.

After header, resolve, check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import count

from tangle.check import check_file
from tangle.chunks import did_you_mean
from tangle.header import BESIDE, NoPlace, comment_style, make_header, place_of_header
from tangle.model import Block, Chunk, Line, Output, Problem, Problems, Span
from tangle.read import Book
from tangle.resolve import Elements, Link, Resolved, reached

TESTS = "tests/"  # begins the path of a file that only checks others
LIMIT = 1_000_000  # of a file: 20 chunks that each use the next one twice


class TooLong(Exception):
    """References double at each step, or a variant refers to what it replaces."""


@dataclass(eq=False)
class Program(Resolved):
    """A book with its code put together. Without problems it may be written."""

    outputs: list[Output] = field(default_factory=list)
    # What keeps no file that is needed from being written.
    warnings: list[Problem] = field(default_factory=list)

    __repr__ = object.__repr__  # Sphinx makes that of all that an event carries

    def checks(self) -> set[Chunk]:
        """The chunks that land in tests/ and nowhere else, and are no variants."""
        roots = self.chunks.roots.items()
        tests = [root for path, root in roots if path.startswith(TESTS)]
        others = [root for path, root in roots if not path.startswith(TESTS)]
        # Variants teach, whoever loads them.
        others += [chunk for chunk, base in self.bases.items() if base]
        return reached(tests, self.elements) - reached(others, self.elements)


def expand_files(resolved: Resolved) -> Program:
    """Put the files of a book together, and say all that is wrong with them."""
    program = Program(**vars(resolved))
    book, chunks, misfits = program.book, program.chunks, program.misfits
    for path, root in chunks.roots.items():
        _expand_file(program, path, root)
    # A variant that does not fit is an error only if a file must have it.
    needed = program.needed(*(r for r in chunks.roots.values() if not r.head.optional))
    faults = {fault for chunk, fault in misfits.items() if chunk in needed}
    warned = {*program.warnings, *misfits.values()} - faults
    program.warnings = book.in_order(Problem(p, f"warning: {t}") for p, t in warned)
    found = [*book.problems, *_unknown_labels(book), *chunks.problems, *faults]
    found += _open_anyway(program)
    program.problems = book.in_order([*found, *program.problems])
    return program


def _expand_file(program: Program, path: str, root: Chunk) -> None:
    """Add a file to the outputs, or say why there is none."""
    problems, chunks, place = program.problems, program.chunks, root.head.place
    try:
        expanded = unfold(root, program.elements, program.broken)
    except TooLong as error:
        problems.append(Problem(place, f"file={path} {error}"))
        return
    lines, spans = expanded or ([], [])
    faults = list(check_file(chunks, path, root, lines))
    if root.head.optional and (faults or expanded is None):
        program.warnings += [*faults, Problem(place, f"{path} stays as it is")]
        return
    problems += faults
    if expanded:
        try:
            program.outputs.append(_with_header(program.book, path, root, lines, spans))
        except NoPlace as error:
            problems.append(Problem(place, str(error)))


def _with_header(
    book: Book, path: str, root: Chunk, lines: list[Line], spans: list[Span]
) -> Output:
    """The file, its lines and spans shifted by the header, unless that is beside it."""
    body = "".join(f"{line.output}\n" for line in lines)
    style = comment_style(path, body, book.comments)
    text = make_header(path, root.head.chapter, body, style)
    header = Line(text, "", root.head, -1)
    at = len(lines) if style == BESIDE else place_of_header(body)
    shifted = [Span(b, *(r + 1 + (r >= at) for r in rows)) for b, *rows in spans]
    shifted.sort(key=lambda span: span.first)
    if style != BESIDE:
        lines.insert(at, header)
    return Output(path, root, lines, shifted, header, style == BESIDE)


Unfolded = tuple[list[Line], list[Span]] | None


def unfold(root: Chunk, elements: Elements, broken: Collection[Chunk] = ()) -> Unfolded:
    """The lines below a root and where blocks lie in them, if nothing is broken.

    Raises:
        TooLong: it has no end, or one that cannot be meant.
    """
    lines: list[Line] = []
    spans: list[Span] = []
    stack: list[tuple[Block, Iterator[Line | Link], str, int]] = []

    def enter(chunk: Chunk, indent: str) -> bool:
        for block in reversed(chunk.blocks):
            stack.append((block, iter(elements[block]), indent, -1))
        return chunk not in broken

    sound, steps = enter(root, ""), count()
    while stack and sound:
        if next(steps) + len(lines) > LIMIT:
            raise TooLong(f"expands to more than {LIMIT:,} lines and references")
        block, rest, indent, start = stack.pop()
        start = len(lines) if start < 0 else start
        for element in rest:
            if isinstance(element, Link):
                stack.append((block, rest, indent, start))
                sound = enter(element.target, indent + element.indent)
                break
            text, _, written, row = element
            lines.append(Line(text, indent, written, row) if indent else element)
        else:
            if len(lines) > start:
                spans.append(Span(block, start, len(lines) - 1))
    return (lines, spans) if sound else None


def _unknown_labels(book: Book) -> Problems:
    labels = {label for chapter in book.chapters for label in chapter.labels}
    for block in (block for chapter in book.chapters for block in chapter.blocks):
        for label in (*block.implements, *block.checks):
            if label not in labels:
                hint = did_you_mean(get_close_matches(label, sorted(labels)))
                yield Problem(block.place, f"no equation is labelled {label}{hint}")


def _open_anyway(program: Program) -> Problems:
    message = f"only what lands in {TESTS} alone is folded and can be .open"
    checks = program.checks()
    for chunk in (chunk for chunk in program.chunks.all if chunk not in checks):
        yield from (Problem(b.place, message) for b in chunk.blocks if b.open)
