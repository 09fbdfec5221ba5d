"""Finds the chapters of a book and reads them. After model, reader."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from myst_parser.config.main import MdParserConfig
from sphinx_external_toc.parsing import MalformedError, parse_toc_data

from tangle.model import Chapter, Place, Problem
from tangle.reader import Reader

CONFIG = "_config.yml"
TOC = "book/_toc.yml"
# Jupyter Book's own, for a book that names none.
DEFAULT_EXTENSIONS = ("colon_fence", "linkify", "substitution", "tasklist")
# The settings of MyST that decide what is a block.
SYNTAX = ("enable_extensions", "disable_syntax", "commonmark_only", "gfm_only")


class _Unusable(Exception):
    """A file that the rest depends on cannot be used."""

    def __init__(self, path: str, message: str, line: int = 1) -> None:
        self.problem = Problem(Place(path, line), message)


@dataclass(frozen=True)
class Book:
    """The chapters in the order of the table of contents."""

    root: Path
    chapters: list[Chapter]
    problems: list[Problem]
    comments: Mapping[str, str] = field(
        default_factory=dict
    )  # by the ends of names of files

    def in_order(self, problems: Iterable[Problem]) -> list[Problem]:
        """Each problem once, by chapter and line, those of other files last."""
        order = {chapter.path: n for n, chapter in enumerate(self.chapters)}
        last = len(order)
        return sorted(set(problems), key=lambda p: (order.get(p.place.path, last), p))


def find_root(start: Path) -> Path | None:
    """The nearest folder, from `start` upwards, that holds a book."""
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file() and (folder / TOC).is_file():
            return folder
    return None


def read_book(
    root: Path,
    config: MdParserConfig | None = None,
    unsaved: Mapping[str, bytes] = MappingProxyType({}),
) -> Book:
    """Read all chapters.

    `config` replaces what `_config.yml` says of the syntax, `unsaved` chapters on disk.
    """
    try:
        data = _load_yaml(root, CONFIG)
        comments = _comments(data)
        reader = Reader(config or _parser_config(data))
        listed, problems = _listed(root)
    except _Unusable as error:
        return Book(root, [], [error.problem])
    chapters = [_read_chapter(root, p, reader, unsaved.get(p)) for p in listed]
    problems += [problem for chapter in chapters for problem in chapter.problems]
    for path in _unlisted(root, listed):
        if blocks := _read_chapter(root, path, reader).blocks:
            message = f"a tangled block, but {TOC} does not list the file"
            problems.append(Problem(blocks[0].place, message))
    for chapter in chapters:
        for place, target in chapter.includes:
            if found := _included_block(root, chapter.path, target, reader):
                message = f"`{{include}}` of {found}, which holds a tangled block; "
                message += "only a chapter itself may hold one"
                problems.append(Problem(place, message))
    return Book(root, chapters, problems, comments)


def _included_block(
    root: Path,
    page: str,
    target: str,
    reader: Reader,
    seen: frozenset[str] = frozenset(),
) -> str | None:
    """The file with a tangled block that a page includes, itself or by another."""
    folder = "book" if target.startswith("/") else os.path.dirname(page)
    path = os.path.normpath(f"{folder}/{target}")
    if path in seen:
        return None
    chapter = _read_chapter(root, path, reader)
    if chapter.blocks:
        return path
    further = (
        _included_block(root, path, target, reader, seen | {path})
        for _, target in chapter.includes
    )
    return next(filter(None, further), None)


def _read_chapter(
    root: Path, path: str, reader: Reader, data: bytes | None = None
) -> Chapter:
    try:
        return reader.read(path, _read_text(root, path, data))
    except _Unusable as error:
        return Chapter(path, problems=[error.problem])


def _read_text(root: Path, path: str, data: bytes | None = None) -> str:
    try:
        data = (root / path).read_bytes() if data is None else data
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except OSError as error:
        raise _Unusable(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _Unusable(path, "not UTF-8; save the file as UTF-8", line) from error


def _load_yaml(root: Path, path: str) -> Any:
    try:
        return yaml.safe_load(_read_text(root, path))
    except (yaml.YAMLError, ValueError) as error:  # a 13th month
        mark = getattr(error, "problem_mark", None)
        message = f"not YAML: {getattr(error, 'problem', error)}"
        raise _Unusable(path, message, mark.line + 1 if mark else 1) from error


def _parser_config(data: Any) -> MdParserConfig:
    """The Markdown syntax of the book, from where Jupyter Book takes it."""
    try:
        parse = data.get("parse") or {}
        sphinx = (data.get("sphinx") or {}).get("config") or {}
        listed = parse.get("myst_enable_extensions", DEFAULT_EXTENSIONS)
        given = {
            key: sphinx[f"myst_{key}"] for key in SYNTAX if f"myst_{key}" in sphinx
        }
        return MdParserConfig(**{"enable_extensions": listed, **given})
    except (AttributeError, TypeError, ValueError) as error:
        raise _Unusable(CONFIG, f"not the configuration of a book: {error}") from error


def _comments(data: Any) -> dict[str, str]:
    """How to write comments, from `tangle: comments:`, as in `.nim: "#"`."""
    tangle = (data.get("tangle") or {}) if isinstance(data, dict) else {}
    found = (tangle.get("comments") or {}) if isinstance(tangle, dict) else tangle
    for ending, style in found.items() if isinstance(found, dict) else [(found, None)]:
        if not (isinstance(style, str) and re.fullmatch(r"\S+( \S+)?", style)):
            message = f'tangle: comments: {ending}: needs a comment such as "#" or '
            raise _Unusable(CONFIG, f'{message}"/* */", or `beside`')
    return dict(found)


def _listed(root: Path) -> tuple[list[str], list[Problem]]:
    """Paths of the chapters in the table of contents, in its order."""
    data = _load_yaml(root, TOC)
    try:
        site = parse_toc_data(data)
    except (MalformedError, TypeError, ValueError) as error:
        raise _Unusable(TOC, f"malformed table of contents: {error}") from error
    if globs := site.globs():
        raise _Unusable(TOC, f"list the chapters by name instead of {min(globs)}")
    paths: dict[str, None] = {}
    problems = []
    for name in site:
        path = f"book/{name.removesuffix('.md')}.md"
        others = (f"book/{name}", f"book/{name}.ipynb", f"book/{name}.rst")
        if (root / path).is_file():
            paths[path] = None
        elif not any((root / other).is_file() for other in others):
            problems.append(Problem(_place_in_toc(root, name), f"no chapter {path}"))
    return list(paths), problems


def _place_in_toc(root: Path, name: str) -> Place:
    entry = re.compile(rf"""\b(?:root|file)\s*:\s*["']?{re.escape(name)}["']?\s*$""")
    lines = _read_text(root, TOC).splitlines()
    found = (line for line, text in enumerate(lines, 1) if entry.search(text))
    return Place(TOC, next(found, 1))


def _unlisted(root: Path, listed: list[str]) -> list[str]:
    """Paths of the Markdown files that the table of contents does not list."""
    files = (file for file in (root / "book").rglob("*.md") if file.is_file())
    paths = {file.relative_to(root).as_posix() for file in files}
    return sorted(p for p in paths - {*listed} if not re.search(r"/(\.|_build/)", p))
