"""Who uses what, and where it lands: what a page shows beside its code.

After model, expand.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from tangle.expand import Link, Program
from tangle.model import Block, Chunk, Place


class Landing(NamedTuple):
    """The lines of a file that one expansion of a block fills, counted from 1."""

    path: str
    first: int
    last: int


class Index:
    """Answers about a program without problems. Nothing known is an empty list."""

    def __init__(self, program: Program) -> None:
        self.chunk_of: dict[Block, Chunk] = {}
        self.landings: dict[Block, list[Landing]] = defaultdict(list)
        self.users: dict[Chunk, list[Chunk]] = defaultdict(list)
        self.variants: dict[Chunk, list[Chunk]] = defaultdict(list)
        self.implementing: dict[str, list[Block]] = defaultdict(list)
        self.checking: dict[str, list[Block]] = defaultdict(list)
        self._outputs = {output.path: output for output in program.outputs}
        for chunk in program.chunks.all:
            used = (
                e.target
                for b in chunk.blocks
                for e in program.elements[b]
                if isinstance(e, Link)
            )
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

    def origin(self, path: str, line: int) -> Place | None:
        """The place in a chapter of a line of an output."""
        output = self._outputs.get(path)
        if output is None or not 1 <= line <= len(output.lines):
            return None
        return output.lines[line - 1].origin
