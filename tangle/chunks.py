"""Which chunks there are, and which of them a reference names.

After read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from tangle.model import Block, Chunk, Problem, stem_of
from tangle.read import Book

SEARCHES = 20  # for near names in a run: each is slow, and thousands may be wrong


class Unresolved(Exception):
    """A reference that names no chunk. The message says what it may have meant."""


class Chunks:
    """The chunks of a book, by name and by file, and what is wrong with them."""

    def __init__(self, book: Book) -> None:
        self.all: list[Chunk] = []
        self.by_name: dict[tuple[str, str | None], Chunk] = {}
        self.roots: dict[str, Chunk] = {}
        self.problems: list[Problem] = []
        self._searches = SEARCHES
        self._stems: dict[str, list[str]] = defaultdict(list)
        for chapter in book.chapters:
            self._stems[stem_of(chapter.path)].append(chapter.path)
        blocks = [block for chapter in book.chapters for block in chapter.blocks]
        for block in [block for block in blocks if not self._add(block)]:
            self._fail(block, self._why_baseless(block))

    def find(self, chapter: str, reference: str) -> Chunk:
        """The chunk that a reference written in a chapter names."""
        stem, _, name = reference.rpartition(":")
        homes = self._stems.get(stem, []) if stem else [chapter]
        if len(homes) > 1:
            raise Unresolved(f"several chapters are called {stem}: {', '.join(homes)}")
        if not homes:
            near = get_close_matches(stem, self._stems)
            raise Unresolved(f"no chapter is called {stem}{did_you_mean(near)}")
        if (homes[0], name) not in self.by_name:
            hint = did_you_mean(self._near(chapter, homes[0], name))
            raise Unresolved(f"undefined <<{reference}>>{hint}")
        return self.by_name[homes[0], name]

    def resembling(self, chapter: str, text: str) -> list[str]:
        """References to chunks that a text between `<<` and `>>` may have meant."""
        slug = re.sub(r"\W+|_", "-", text.rpartition(":")[2].lower()).strip("-")
        names = {str(c.head.name).lower(): c for c in self.by_name.values()}
        near = get_close_matches(slug, names, cutoff=0.8)
        return [f"<<{names[name].name_in(chapter)}>>" for name in near]

    def _add(self, block: Block) -> bool:
        """Take a block in, unless it extends what has not been defined."""
        key = (block.chapter, block.name)
        known = self.by_name.get(key)
        if known and (block.extend or block.malformed):
            known.blocks.append(block)
        elif known:
            first = known.head.place
            self._fail(block, f"#{block.name} is defined twice, first at {first}")
        elif block.extend:
            return False
        else:
            self.all.append(Chunk([block]))
            if block.name:
                self.by_name[key] = self.all[-1]
            new = self.all[-1]
            root = self.roots.setdefault(block.file, new) if block.file else new
            if root is not new:
                where = f"first at {root.head.place}"
                self._fail(block, f"file={block.file} is given twice, {where}")
        return True

    def _why_baseless(self, block: Block) -> str:
        if chunk := self.by_name.get((block.chapter, block.name)):
            return f"extends #{block.name} before its definition at {chunk.head.place}"
        hint = did_you_mean(self._near(block.chapter, block.chapter, block.name or ""))
        return f"extends #{block.name}, which this chapter does not define{hint}"

    def _near(self, chapter: str, home: str, name: str) -> list[str]:
        """References from a chapter to chunks of a near name, first those of `home`."""
        if self._searches == 0:
            return []
        self._searches -= 1
        names = {chunk.head.name or "" for chunk in self.by_name.values()}
        near = [name, *get_close_matches(name, sorted(names))]
        found = [chunk for chunk in self.by_name.values() if chunk.head.name in near]
        found.sort(key=lambda chunk: chunk.head.chapter != home)
        return [f"<<{chunk.name_in(chapter)}>>" for chunk in found[:3]]

    def _fail(self, block: Block, message: str) -> None:
        self.problems.append(Problem(block.place, message))


def did_you_mean(names: Iterable[str]) -> str:
    text = " or ".join(names)
    return f"; did you mean {text}?" if text else ""
