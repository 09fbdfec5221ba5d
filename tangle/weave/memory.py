"""What one build of the pages keeps for the next. After index.

Most edits are of prose, and change nothing that a page shows of the program. That this is
so can be told from what the program and its places in the book are, long before a card is
made: then a build makes only the cards of the pages that it writes.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sphinx.environment import BuildEnvironment

from tangle.expand import Program

SOURCES = Path(__file__).parents[1]


@dataclass
class Memory:
    """What is known of the pages on the disk, among which it lies."""

    path: Path
    made_of: str  # a digest of all that decides what the pages show of the program
    same: bool = False  # it is that of the last build
    # A digest of what each page and listing on the disk shows of the program.
    pages: dict[str, str] = field(default_factory=dict)
    # Texts in prose that were no fault, and the files they name that no chapter makes.
    sound: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def recall(self, root: Path) -> None:
        """Take over from the last build what cannot have changed."""
        with suppress(OSError, ValueError, KeyError):
            known = json.loads(self.path.read_text(encoding="utf-8"))
            self.pages = known["pages"]
            there = all((root / file).exists() for file in known["files"])
            self.same = there and known["made_of"] == self.made_of
            if self.same:
                self.sound, self.files = {*known["sound"]}, {*known["files"]}

    def save(self, faulty: bool) -> None:
        """Write the file; after a `faulty` build the next one looks at all again."""
        known = {
            "made_of": "" if faulty else self.made_of,
            "pages": self.pages,
            "sound": sorted(self.sound),
            "files": sorted(self.files),
        }
        self.path.write_text(json.dumps(known), encoding="utf-8")


def made_of(program: Program, env: BuildEnvironment) -> str:
    """A digest of all that decides what pages show: the same after a change of prose."""
    math: Any = env.get_domain("math")
    chapters = program.book.chapters
    everything = (
        [[{**vars(b), "place": b.chapter} for b in page.blocks] for page in chapters],
        [(output.path, output.text) for output in program.outputs],
        [fault.message for fault in program.misfits.values()],
        sorted((page, _asked(values)) for page, values in env.metadata.items()),
        sorted((page, title.astext()) for page, title in env.titles.items()),
        sorted(env.toc_secnumbers.items()),
        sorted(env.toc_fignumbers.items()),
        sorted(math.equations.items()),
        version("Pygments"),
    )
    files = sorted(f for f in SOURCES.rglob("*.*") if f.suffix in (".py", ".html"))
    code = b"".join(file.read_bytes() for file in files)
    return sha256(repr(everything).encode() + code).hexdigest()


def _asked(metadata: dict[str, Any]) -> str:
    """What a page refers to and asks for, wherever that stands on the page."""
    views = [view[:2] for view in metadata.get("views", [])]
    return repr((metadata.get("references"), views))
