"""Expands the files of a book.

After model, syntax, header, book, chunks, variants, check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import count
from typing import NamedTuple

from tangle.book import Book
from tangle.check import check_other, check_python, is_python
from tangle.chunks import Chunks, Unresolved, did_you_mean
from tangle.header import BESIDE, NoPlace, comment_style, make_header, place_of_header
from tangle.model import Block, Chunk, Line, Output, Place, Problem, Span
from tangle.syntax import REFERENCE_LINE, literal
from tangle.variants import Misfit, added, apply_diff

TESTS = "tests/"  # begins the path of a file that only checks others
LIMIT = 1_000_000  # of a file: 20 chunks that each use the next one twice


class TooLong(Exception):
    """References double at each step, or a variant refers to what it replaces."""


class Link(NamedTuple):
    """A reference and the chunk that it names."""

    line: Line
    indent: str
    target: Chunk


Elements = Mapping[Block, Sequence[Line | Link]]


@dataclass(frozen=True)
class Program:
    """A book with its code put together. Without problems it may be written."""

    book: Book
    chunks: Chunks
    elements: dict[Block, list[Line | Link]]  # the lines of blocks, references resolved
    bases: dict[Chunk, Chunk | None]  # what each variant edits
    misfits: dict[Chunk, Problem]  # variants that do not fit what they edit
    outputs: list[Output]
    problems: list[Problem]
    warnings: list[Problem]  # what keeps no file that is needed from being written

    def elements_of(self, chunk: Chunk) -> list[Line | Link]:
        return [e for block in chunk.blocks for e in self.elements[block]]

    def edited_by(self, variant: Chunk) -> list[Chunk]:
        """The chunk that a variant edits and, if that is a variant, the next, …"""
        line = [variant]
        while base := self.bases.get(line[-1]):
            line.append(base)
        return line[1:]

    def needed(self, *roots: Chunk) -> set[Chunk]:
        """The chunks of which some roots are made, those that variants edit, too."""
        found = reached(roots, self.elements)
        return found.union(*map(self.edited_by, found))

    def checks(self) -> set[Chunk]:
        """The chunks that land in tests/ and nowhere else, and are no variants."""
        roots = self.chunks.roots.items()
        tests = [root for path, root in roots if path.startswith(TESTS)]
        others = [root for path, root in roots if not path.startswith(TESTS)]
        variants = [chunk for chunk, base in self.bases.items() if base]
        others = [*others, *variants]  # which teach, whoever loads them
        return reached(tests, self.elements) - reached(others, self.elements)


def expand(book: Book) -> Program:
    """Put the files of a book together, and say all that is wrong with them."""
    chunks = Chunks(book)
    work = _Expansion(chunks, book.comments)
    outputs = list(work.outputs())
    code = work.elements, work.bases, work.misfits
    program = Program(book, chunks, *code, outputs, problems=[], warnings=[])
    # A variant that does not fit is an error only if a file must have it.
    needed = program.needed(*(r for r in chunks.roots.values() if not r.head.optional))
    faults = {fault for chunk, fault in work.misfits.items() if chunk in needed}
    warned = {*work.warnings, *work.misfits.values()} - faults
    problems = [*book.problems, *_unknown_labels(book), *chunks.problems, *faults]
    problems += _open_anyway(program)
    problems = book.in_order([*problems, *work.problems])
    warnings = book.in_order(Problem(p, f"warning: {text}") for p, text in warned)
    return replace(program, problems=problems, warnings=warnings)


def _unknown_labels(book: Book) -> Iterator[Problem]:
    labels = {label for chapter in book.chapters for label in chapter.labels}
    for block in (block for chapter in book.chapters for block in chapter.blocks):
        for label in (*block.implements, *block.checks):
            if label not in labels:
                hint = did_you_mean(get_close_matches(label, sorted(labels)))
                yield Problem(block.place, f"no equation is labelled {label}{hint}")


def _open_anyway(program: Program) -> Iterator[Problem]:
    checks = program.checks()
    for chunk in program.chunks.all:
        for block in chunk.blocks:
            if block.open and chunk not in checks:
                message = f"only what lands in {TESTS} alone is folded and can be .open"
                yield Problem(block.place, message)


def language_of(chunk: Chunk, bases: Mapping[Chunk, Chunk | None]) -> str:
    """That of the code, also where it is written as a diff."""
    while base := bases.get(chunk):
        chunk = base
    return chunk.head.language


def links_of(chunk: Chunk, elements: Elements) -> list[Link]:
    """The references that a chunk holds."""
    held = (element for block in chunk.blocks for element in elements[block])
    return [element for element in held if isinstance(element, Link)]


def reached(roots: Iterable[Chunk], elements: Elements) -> set[Chunk]:
    """The chunks that references lead to from some roots, which are among them."""
    found: set[Chunk] = set()
    ahead = [*roots]
    while ahead:
        chunk = ahead.pop()
        if chunk not in found:
            found.add(chunk)
            ahead += (link.target for link in links_of(chunk, elements))
    return found


def unfold(
    root: Chunk, elements: Elements, broken: Collection[Chunk] = ()
) -> tuple[list[Line], list[Span]] | None:
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


class _Expansion:
    """Works out variants, resolves references, expands the chunks that are files."""

    def __init__(self, chunks: Chunks, comments: Mapping[str, str]) -> None:
        self.chunks = chunks
        self.comments = comments
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.misfits: dict[Chunk, Problem] = {}
        self.lines: dict[Block, list[Line]] = {}
        self.elements: dict[Block, list[Line | Link]] = {}
        self.bases: dict[Chunk, Chunk | None] = {}
        self.broken = {c for c in chunks.all if any(b.malformed for b in c.blocks)}
        for chunk in chunks.all:
            self._write(chunk)
        for chunk in chunks.all:
            for block in chunk.blocks:
                resolved = (self._resolve(chunk, line) for line in self.lines[block])
                self.elements[block] = list(resolved)
        self._find_cycles()
        self._find_unused()

    def outputs(self) -> Iterator[Output]:
        for path, root in self.chunks.roots.items():
            try:
                expanded = unfold(root, self.elements, self.broken)
            except TooLong as error:
                self._fail(root, root.head.place, f"file={path} {error}")
                continue
            lines, spans = expanded or ([], [])
            faults = list(self._check(path, root, lines))
            if root.head.optional and (faults or expanded is None):
                stays = Problem(root.head.place, f"{path} stays as it is")
                self.warnings += [*faults, stays]
                continue
            self.problems += faults
            if expanded is None:
                continue
            body = "".join(f"{line.output}\n" for line in lines)
            try:
                style = comment_style(path, body, self.comments)
            except NoPlace as error:
                self._fail(root, root.head.place, str(error))
            else:
                yield _with_header(path, root, style, body, lines, spans)

    def _fail(self, chunk: Chunk, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))
        self.broken.add(chunk)

    def _write(self, chunk: Chunk) -> None:
        """Fill in the lines of a chunk, after those of the chunks that it rests on."""
        chain = [chunk]
        while (base := self._base(chain[-1])) and base.head not in self.lines:
            chain.append(base)
            if base in chain[:-1]:
                self._fail_cycle(chain, chain[-2].head.place, "cycle of variants")
                self.bases[chain[-2]] = None
                break
        for member in reversed(chain):
            for block in member.blocks:
                if block not in self.lines:
                    self.lines[block] = self._written(member, block)

    def _base(self, chunk: Chunk) -> Chunk | None:
        home, name = chunk.head.chapter, chunk.head.edits
        if name and chunk not in self.bases:
            self.bases[chunk] = None
            try:
                self.bases[chunk] = self.chunks.find(home, name)
            except Unresolved as error:
                self._fail(chunk, chunk.head.place, str(error))
        return self.bases.get(chunk)

    def _written(self, chunk: Chunk, block: Block) -> list[Line]:
        if block.edits is None:
            return [Line(text, "", block, row) for row, text in enumerate(block.lines)]
        base = self.bases[chunk]
        if base and base not in self.broken and chunk not in self.broken:
            try:
                before = [line for part in base.blocks for line in self.lines[part]]
                return apply_diff(block, before)
            except Misfit as error:
                self.misfits[chunk] = error.problem
        elif base in self.misfits:
            self.misfits[chunk] = self.misfits[base]
        self.broken.add(chunk)
        return added(block)  # so that what it refers to counts as used

    def _resolve(self, chunk: Chunk, line: Line) -> Line | Link:
        reference = REFERENCE_LINE.fullmatch(line.text)
        if reference is None:
            text = literal(line.text, language_of(chunk, self.bases))
            return line if text == line.text else line._replace(text=text)
        indent, name = reference.groups()
        try:
            return Link(line, indent, self.chunks.find(line.block.chapter, name))
        except Unresolved as error:
            self._fail(chunk, line.origin, str(error))
            return line

    def _find_cycles(self) -> None:
        seen: set[Chunk] = set()
        for start in self.chunks.all:
            path = (
                {} if start in seen else {start: iter(links_of(start, self.elements))}
            )
            while path:
                chunk, links = next(reversed(path.items()))
                seen.add(chunk)
                if (link := next(links, None)) is None:
                    del path[chunk]
                elif link.target in path:
                    self._fail_cycle([*path, link.target], link.line.origin, "cycle")
                elif link.target not in seen:
                    path[link.target] = iter(links_of(link.target, self.elements))

    def _fail_cycle(self, path: list[Chunk], place: Place, kind: str) -> None:
        """Report the cycle that the last chunk of a path closes."""
        last = path[-1]
        cycle = path[path.index(last) :]
        names = " → ".join(chunk.name_in(last.head.chapter) for chunk in cycle)
        self._fail(last, place, f"{kind}: {names}")

    def _find_unused(self) -> None:
        used = {
            e.target for es in self.elements.values() for e in es if isinstance(e, Link)
        }
        used.update(base for base in self.bases.values() if base)
        idle = [chunk for chunk in self.chunks.all if chunk not in used]
        code = "\n".join(line for block in self.elements for line in block.lines)
        for chunk in (c for c in idle if not c.head.file and not c.head.malformed):
            # A test may load a module with a variant, and then names it in a string.
            if not chunk.head.edits or f'"{chunk.full_name}"' not in code:
                message = f"#{chunk.head.name} is never used"
                self.problems.append(Problem(chunk.head.place, message))

    def _check(
        self, path: str, root: Chunk, lines: Sequence[Line]
    ) -> Iterator[Problem]:
        if is_python(path, root):
            yield from check_python(path, lines)
        else:
            yield from check_other(self.chunks, lines)


def _with_header(
    path: str,
    root: Chunk,
    style: str,
    body: str,
    lines: list[Line],
    spans: list[Span],
) -> Output:
    """The file, its lines and spans shifted by the header, unless that is beside it."""
    text = make_header(path, root.head.chapter, body, style)
    header = Line(text, "", root.head, -1)
    beside = header if style == BESIDE else None
    at = place_of_header(body, style) if beside is None else len(lines)
    if beside is None:
        lines.insert(at, header)
    shifted = (
        Span(block, *(row + 1 + (row >= at) for row in rows)) for block, *rows in spans
    )
    ordered = sorted(shifted, key=lambda span: span.first)
    return Output(path, root, lines, ordered, beside)
