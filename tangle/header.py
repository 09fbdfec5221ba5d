"""The line by which a generated file proves itself. After model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

_COMMENTS = {
    ("#", ""): ".py .pyi .sh .toml .yaml .yml .cfg .mk .gitignore Makefile Dockerfile",
    ("//", ""): ".js .mjs .ts .c .h .cpp .rs .go .java",
    ("/*", " */"): ".css",
    ("<!--", " -->"): ".html .md .svg",
    ("%", ""): ".tex .bib",
}
# What only the first line of a file may say; the header comes below it.
FIRST = ("#!", "<?xml", "@charset")
_FIRST = tuple(map(str.encode, FIRST))
_STYLES = {name: style for style, names in _COMMENTS.items() for name in names.split()}
_HEADER = re.compile(
    rb"(?:#|//|/\*|<!--|%) (?P<path>.+): generated from (?P<chapter>.+); "
    rb"edit the chapter\. sha256:(?P<digest>[0-9a-f]{16})(?: \*/| -->)?\n"
)


@dataclass(frozen=True)
class Generated:
    """What a file with a header says of itself."""

    path: str
    digest: str  # of the body as it was generated
    body: bytes  # all of it but the header

    @property
    def intact(self) -> bool:
        """Nobody has touched the file since it was generated."""
        return _digest(self.body) == self.digest


def comment_style(path: str, first_line: str) -> tuple[str, str] | None:
    """How a comment begins and ends in a file of this name."""
    name = PurePosixPath(path)
    if first_line.startswith("#!"):
        return "#", ""
    return _STYLES.get(name.name) or _STYLES.get(name.suffix)


def make_header(path: str, chapter: str, body: str, style: tuple[str, str]) -> str:
    opening, closing = style
    return (
        f"{opening} {path}: generated from {chapter}; edit the chapter. "
        f"sha256:{_digest(body.encode())}{closing}"
    )


def read_header(data: bytes) -> Generated | None:
    """What the header says, or None if the file has none."""
    start = data.find(b"\n") + 1 if data.startswith(_FIRST) else 0
    header = _HEADER.match(data, start)
    if header is None:
        return None
    body = data[:start] + data[header.end() :]
    path, digest = header["path"].decode(errors="replace"), header["digest"].decode()
    return Generated(path, digest, body)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]
