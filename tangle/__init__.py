"""A literate-programming tool: code is written in the chapters of a book.

Each step has a module of its own, named after what it does:

    read      the chapters: their blocks of code, each with its place
    resolve   what a name in a block stands for, and what a variant makes
    expand    the files, line by line, each with a header that proves its origin
    write     what differs on the disk, if it is ours, whole or not at all
    back      what somebody has edited in a file, into the chapter

Beside them stand `syntax`, how things are written in a chapter; `page` and `header`, which
read one page and write one header; `chunks` and `variants`, for names and for diffs;
`check`, for what has been expanded; `combine`, several variants at once; `linemap`, where
a line was written; and `cli`. The order of all is in `model`, and what is known of other
languages in `known.yaml`. `weave` makes the pages.
"""

from __future__ import annotations

from pathlib import Path

from myst_parser.config.main import MdParserConfig

from tangle.combine import with_variants
from tangle.expand import Program, expand_files
from tangle.read import find_root, read_book
from tangle.resolve import resolve_names
from tangle.write import commit, make_plan

__all__ = ["Program", "commit", "find_root", "load", "make_plan", "with_variants"]


def load(root: Path, config: MdParserConfig | None = None) -> Program:
    """Read the book at `root`; what is wrong with it is in `problems`, `warnings`."""
    return expand_files(resolve_names(read_book(root, config)))
