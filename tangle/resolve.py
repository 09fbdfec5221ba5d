"""Says what references and variants mean: what a name stands for, what a diff makes.

After variants. From here on each line of a chunk is code, or a link to another chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tangle.chunks import Chunks, Unresolved
from tangle.model import Block, Chunk, Line, Place, Problem
from tangle.read import Book
from tangle.syntax import REFERENCE_LINE, literal
from tangle.variants import Misfit, added, apply_diff


class Link(NamedTuple):
    """A reference and the chunk that it names."""

    line: Line
    indent: str
    target: Chunk


Elements = Mapping[Block, Sequence[Line | Link]]


@dataclass(eq=False)
class Resolved:
    """The chunks of a book, what they hold, and what is wrong with them."""

    book: Book
    chunks: Chunks
    lines: dict[Block, list[Line]] = field(default_factory=dict)  # variants put in
    elements: dict[Block, list[Line | Link]] = field(default_factory=dict)
    bases: dict[Chunk, Chunk | None] = field(default_factory=dict)  # of each variant
    misfits: dict[Chunk, Problem] = field(default_factory=dict)  # variants that are
    broken: set[Chunk] = field(default_factory=set)  # of which no file can be made
    problems: list[Problem] = field(default_factory=list)

    def elements_of(self, chunk: Chunk) -> list[Line | Link]:
        return [e for block in chunk.blocks for e in self.elements[block]]

    def edited_by(self, variant: Chunk) -> list[Chunk]:
        """The chunk that a variant edits and, if that is a variant, the next, …"""
        line = [variant]
        while base := self.bases.get(line[-1]):
            line.append(base)
        return line[1:]

    def language(self, chunk: Chunk) -> str:
        """That of the code, also where it is written as a diff."""
        return [chunk, *self.edited_by(chunk)][-1].head.language

    def needed(self, *roots: Chunk) -> set[Chunk]:
        """The chunks of which some roots are made, those that variants edit, too."""
        found = reached(roots, self.elements)
        return found.union(*map(self.edited_by, found))

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
            if member.head not in self.lines:
                self.lines |= {b: self._written(member, b) for b in member.blocks}

    def _base(self, chunk: Chunk) -> Chunk | None:
        bases, name = self.bases, chunk.head.edits
        if name and chunk not in bases:
            bases[chunk] = None
            try:
                bases[chunk] = self.chunks.find(chunk.head.chapter, name)
            except Unresolved as error:
                self._fail(chunk, chunk.head.place, str(error))
        return bases.get(chunk)

    def _written(self, chunk: Chunk, block: Block) -> list[Line]:
        if block.edits is None:
            return [Line(text, "", block, row) for row, text in enumerate(block.lines)]
        base = self.bases[chunk]
        if base and self.broken.isdisjoint((base, chunk)):
            try:
                before = [line for part in base.blocks for line in self.lines[part]]
                return apply_diff(block, before)
            except Misfit as error:
                (self.misfits[chunk],) = error.problems
        elif base in self.misfits:
            self.misfits[chunk] = self.misfits[base]
        self.broken.add(chunk)
        return added(block)  # so that what it refers to counts as used

    def _resolve(self, chunk: Chunk, line: Line, language: str) -> Line | Link:
        reference = REFERENCE_LINE.fullmatch(line.text)
        if reference is None:
            text = literal(line.text, language)
            return line if text == line.text else line._replace(text=text)
        indent, name = reference.groups()
        try:
            return Link(line, indent, self.chunks.find(line.block.chapter, name))
        except Unresolved as error:
            self._fail(chunk, line.origin, str(error))
            return line

    def _fail(self, chunk: Chunk, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))
        self.broken.add(chunk)

    def _find_cycles(self) -> None:
        elements, seen = self.elements, set[Chunk]()
        for start in self.chunks.all:
            path = {} if start in seen else {start: iter(links_of(start, elements))}
            while path:
                chunk, links = next(reversed(path.items()))
                seen.add(chunk)
                if (link := next(links, None)) is None:
                    del path[chunk]
                elif link.target in path:
                    self._fail_cycle([*path, link.target], link.line.origin, "cycle")
                elif link.target not in seen:
                    path[link.target] = iter(links_of(link.target, elements))

    def _fail_cycle(self, path: list[Chunk], place: Place, kind: str) -> None:
        """Report the cycle that the last chunk of a path closes."""
        last = path[-1]
        cycle = path[path.index(last) :]
        names = " → ".join(chunk.name_in(last.head.chapter) for chunk in cycle)
        self._fail(last, place, f"{kind}: {names}")

    def _find_unused(self) -> None:
        held = (e for elements in self.elements.values() for e in elements)
        used = {e.target for e in held if isinstance(e, Link)} | {*self.bases.values()}
        code = "\n".join(line for block in self.elements for line in block.lines)
        for head in (c.head for c in self.chunks.all if c not in used):
            # A test may load a module with a variant, and then names it in a string.
            loaded = head.edits and f'"{Chunk([head]).full_name}"' in code
            if not (head.file or head.malformed or loaded):
                message = f"#{head.name} is never used"
                self.problems.append(Problem(head.place, message))


def resolve_names(book: Book) -> Resolved:
    """Find out what each line of each chunk stands for."""
    found = Resolved(book, chunks := Chunks(book))
    found.broken |= {c for c in chunks.all if any(b.malformed for b in c.blocks)}
    for chunk in chunks.all:
        found._write(chunk)
    for chunk in chunks.all:
        language = found.language(chunk)
        for block in chunk.blocks:
            lines = (found._resolve(chunk, x, language) for x in found.lines[block])
            found.elements[block] = [*lines]
    found._find_cycles()
    found._find_unused()
    return found


def links_of(chunk: Chunk, elements: Elements) -> list[Link]:
    """The references that a chunk holds."""
    held = (element for block in chunk.blocks for element in elements[block])
    return [element for element in held if isinstance(element, Link)]


def reached(roots: Iterable[Chunk], elements: Elements) -> set[Chunk]:
    """The chunks that references lead to from some roots, which are among them."""
    found = set(roots)
    ahead = [*found]
    for chunk in ahead:
        new = {link.target for link in links_of(chunk, elements)} - found
        found |= new
        ahead += new
    return found
