"""The line by which a generated file proves itself. After syntax.

It is a comment below the lines that must come first. What has no comments, JSON for
one, keeps it beside itself, in a file of the same name and `.origin`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePosixPath

from tangle.syntax import COMMENTS

BESIDE = "beside"  # instead of a comment
ORIGIN = ".origin"
_STYLES = {name: style for style, names in COMMENTS.items() for name in names.split()}
# Lines that say nothing unless they come first: how to run the file, in what encoding,
# as what kind of it to read it, and its front matter.
_FIRST = re.compile(
    r"""
    (?:\#!(?!\s*\[).*\n)* (?:.*-\*-.*\n|[#%;]+.*?coding[:=].*\n|--\ stack\ .*\n)?
    (?:(?:\#[ ]*(?:syntax|escape|check)[ ]*=.*\n)+ | \#lang\ .*\n | %&.*\n
      | <\?php[ ]*\n | @charset[^;]*;[ ]*\n | (---|\+\+\+)[ ]*\n(?:.*\n)*?\1[ ]*\n
      | (?:<\?xml[^>]*\?>[ ]*\n)?(?:<!doctype\ html[^>]*>[ ]*\n)?)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# The program that runs a script, without the number of its version.
_RUNNER = re.compile(
    r"#!\s*(?:\S*/)?(?:env(?:\s+(?:-\S+|\w+=\S*))*\s+(?:\S*/)?)?([\w-]+?)[\d.-]*(?:\s|$)"
)
_ALONE = re.compile(r"<\?xml|<\?php|@charset", re.IGNORECASE)  # on the line
_MARK = b": generated from "
_HEADER = re.compile(
    rb"^\S+ (?P<path>.+)" + _MARK + rb".+; edit the chapter\. "
    rb"sha256:(?P<digest>[0-9a-f]{16})(?: \S+)?\r?\n",
    re.MULTILINE,
)


class NoPlace(Exception):
    """There is no place for a header. The message says why, and what to do."""


@dataclass(frozen=True)
class Generated:
    """What a file with a header says of itself."""

    path: str
    digest: str  # of the body as it was generated
    body: bytes  # all of it but the header

    @property
    def intact(self) -> bool:
        """Nobody has touched the file since it was generated."""
        return digest(self.body) == self.digest

    @property
    def unix(self) -> Generated:
        """The same with lines that end with a newline only."""
        return replace(self, body=self.body.replace(b"\r\n", b"\n"))


def comment_style(path: str, body: str, configured: Mapping[str, str]) -> str:
    """How a comment is written in a file of this name, or that it stands beside.

    Raises:
        NoPlace: this is not known, or a line that must come first has more on it.
    """
    name, known, runner = (
        PurePosixPath(path),
        {**_STYLES, **configured},
        _RUNNER.match(body),
    )
    script = f"#!{runner[1]}" if runner else ""
    keys = (name.name, name.suffix, name.suffix.lower(), script, name.stem)
    style = next((known[key] for key in keys if key in known), None)
    if style is None:
        setting = f'`tangle: {{comments: {{{name.suffix or name.name}: "#"}}}}`'
        message = f"tangle does not know how to write a comment in {path}; say it in "
        raise NoPlace(f"{message}_config.yml, {setting}, or `{BESIDE}` in place of #")
    alone = _ALONE.match(body) or name.suffix == ".php"
    if style != BESIDE and alone and not place_of_header(body):
        must = alone[0] if isinstance(alone, re.Match) else "<?php"
        raise NoPlace(f"{path} begins with {must}, which needs a line of its own")
    return style


def place_of_header(body: str) -> int:
    """How many lines of a body stand above its header."""
    first = _FIRST.match(body)
    return first[0].count("\n") if first else 0


def make_header(path: str, chapter: str, body: str, style: str) -> str:
    opening, _, closing = style.replace(BESIDE, "#").partition(" ")
    origin = f"{path}{_MARK.decode()}{chapter}"
    if closing:  # which a path could hold, and XML wants no -- in a comment
        origin = re.sub(r"(?<=-)(?=-)|(?<=[*#])(?=[/)}])", r"\\", origin)
    proof = digest(body.encode())
    return f"{opening} {origin}; edit the chapter. sha256:{proof} {closing}".rstrip()


def read_header(data: bytes) -> Generated | None:
    """What the header says, or None if the file has none."""
    header = _HEADER.search(data) if _MARK in data else None
    if header is None:
        return None
    body = data[: header.start()] + data[header.end() :]
    path = header["path"].decode(errors="replace").replace("\\", "")
    return Generated(path, header["digest"].decode(), body)


def digest(body: bytes) -> str:
    """By which a body is known again."""
    return sha256(body).hexdigest()[:16]
