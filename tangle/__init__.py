"""A literate-programming tool: code is written in the chapters of a book.

`load` reads a book and puts its files together, `make_plan` compares them with the
disk, `commit` makes a change there. `with_variants` gives the text of a file with
variants in it. `model` gives the order of the modules.
"""

from __future__ import annotations

from pathlib import Path

from myst_parser.config.main import MdParserConfig

from tangle.book import find_root, read_book
from tangle.combine import with_variants
from tangle.expand import Program, expand
from tangle.output import commit, make_plan

__all__ = ["Program", "commit", "find_root", "load", "make_plan", "with_variants"]


def load(root: Path, config: MdParserConfig | None = None) -> Program:
    """Read the book at `root`; what is wrong with it is in `problems`, `warnings`."""
    return expand(read_book(root, config))
