"""Says where the lines of generated files were written. After expand.

The map is worked out when it is asked for. It holds for files that are on the disk as
the chapters make them, and says nothing of others.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from tangle.expand import Program
from tangle.model import Line, Place

# As tracebacks name a line, and as linters and compilers do, with a column at times.
_MENTION = re.compile(
    r'(?:(?<=File ")(?P<file>[^"\n]+)(?=", line )'
    r'|(?<![^\s:"\'()])(?P<path>[^\s:"\'()]+)(?=:))'
    r'(?P<between>", line |:)(?P<number>\d{1,9})(?P<column>:\d{1,9})?\b'
)


def from_root(path: str, root: Path) -> str:
    """A path as given, relative to here or to the root, in the project's terms."""
    file = Path(os.path.normpath(root / path))
    if not os.path.exists(file):  # which a path too long for the disk does not trouble
        file = Path(os.path.abspath(path))
    return file.relative_to(root).as_posix() if root in file.parents else path


class LineMap:
    """The places in the chapters behind the lines of generated files."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._outputs = {output.path: output for output in program.outputs}
        self._lines = cache(self._lines_of)
        self.differing: list[str] = []  # generated files that are not as generated

    def place(self, path: str, number: int) -> Place | None:
        """Where line `number`, counted from 1, was written."""
        line = self._line(path, number)
        return line.origin if line else None

    def translate(self, text: str) -> str:
        """The text with lines of chapters in place of lines of generated files."""
        return _MENTION.sub(self._translation, text)

    def _translation(self, mention: re.Match[str]) -> str:
        line = self._line(mention["file"] or mention["path"], int(mention["number"]))
        if line is None:
            return mention[0]
        if column := mention["column"] or "":
            column = f":{max(1, int(column[1:]) - len(line.indent))}"
        path, number = line.origin
        return f"{path}{mention['between']}{number}{column}"

    def _line(self, path: str, number: int) -> Line | None:
        lines = self._lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _lines_of(self, path: str) -> list[Line]:
        path = from_root(path, self.program.book.root)
        output = self._outputs.get(path)
        if output is None:
            return []
        file = self.program.book.root / path
        if not file.is_file() or file.read_bytes() != output.text.encode():
            self.differing.append(path)
            return []
        return output.lines
