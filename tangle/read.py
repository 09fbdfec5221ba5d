"""Finds the chapters of a book and reads them. After page."""

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

from tangle.model import Chapter, Place, Problem, Problems, Refused
from tangle.page import Reader

CONFIG = "_config.yml"
TOC = "book/_toc.yml"
# Jupyter Book's own, for a book that names none.
DEFAULT_EXTENSIONS = ("colon_fence", "linkify", "substitution", "tasklist")
# The settings of MyST that decide what is a block.
SYNTAX = ("enable_extensions", "disable_syntax", "commonmark_only", "gfm_only")


def _unusable(path: str, message: str, line: int = 1) -> Refused:
    """That a file cannot be used on which the rest depends."""
    return Refused(Problem(Place(path, line), message))


@dataclass(frozen=True)
class Book:
    """The chapters in the order of the table of contents."""

    root: Path
    chapters: list[Chapter]
    problems: list[Problem]
    comments: dict[str, str] = field(default_factory=dict)  # by ends of file names

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
        configured, comments = _settings(_load_yaml(root, CONFIG))
        reader = Reader(config or configured)
        listed, problems = _listed(root)
    except Refused as error:
        return Book(root, [], [*error.problems])
    chapters = [_read_chapter(root, p, reader, unsaved.get(p)) for p in listed]
    problems += [problem for chapter in chapters for problem in chapter.problems]
    for path in _unlisted(root, listed):
        if blocks := _read_chapter(root, path, reader).blocks:
            message = f"a tangled block, but {TOC} does not list the file"
            problems.append(Problem(blocks[0].place, message))
    problems += (x for chapter in chapters for x in _included(root, chapter, reader))
    return Book(root, chapters, problems, comments)


def _included(root: Path, page: Chapter, reader: Reader) -> Problems:
    """Tangled blocks in files that a page includes, or that these do."""
    ahead, seen = [(page, include) for include in page.includes], {page.path}
    for page, (place, target) in ahead:
        folder = "book" if target.startswith("/") else os.path.dirname(page.path)
        path = os.path.normpath(f"{folder}/{target}")
        if path not in seen:
            seen.add(path)
            part = _read_chapter(root, path, reader)
            ahead += [(part, (place, further)) for _, further in part.includes]
            if part.blocks:
                message = f"`{{include}}` of {path}, which holds a tangled block"
                yield Problem(place, message)


def _read_chapter(
    root: Path, path: str, reader: Reader, data: bytes | None = None
) -> Chapter:
    try:
        return reader.read(path, _read_text(root, path, data))
    except Refused as error:
        return Chapter(path, problems=[*error.problems])


def _read_text(root: Path, path: str, data: bytes | None = None) -> str:
    try:
        data = (root / path).read_bytes() if data is None else data
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _unusable(path, "not UTF-8; save the file as UTF-8", line) from error


def _load_yaml(root: Path, path: str) -> Any:
    try:
        return yaml.safe_load(_read_text(root, path))
    except (yaml.YAMLError, ValueError) as error:  # a 13th month
        mark = getattr(error, "problem_mark", None)
        message = f"not YAML: {getattr(error, 'problem', error)}"
        raise _unusable(path, message, mark.line + 1 if mark else 1) from error


def _settings(data: Any) -> tuple[MdParserConfig, dict[str, str]]:
    """The syntax of the book, from where Jupyter Book takes it, and of comments."""
    try:
        parse = data.get("parse") or {}
        sphinx = (data.get("sphinx") or {}).get("config") or {}
        comments = (data.get("tangle") or {}).get("comments") or {}
        listed = parse.get("myst_enable_extensions", DEFAULT_EXTENSIONS)
        given = {k: sphinx[f"myst_{k}"] for k in SYNTAX if f"myst_{k}" in sphinx}
        for key, style in comments.items():
            if not (isinstance(style, str) and re.fullmatch(r"\S+( \S+)?", style)):
                raise ValueError(
                    f'the comment of {key} is to be "#", "/* */" or beside'
                )
        return MdParserConfig(**{"enable_extensions": listed, **given}), dict(comments)
    except (AttributeError, TypeError, ValueError) as error:
        raise _unusable(CONFIG, f"not the configuration of a book: {error}") from error


def _listed(root: Path) -> tuple[list[str], list[Problem]]:
    """Paths of the chapters in the table of contents, in its order."""
    data = _load_yaml(root, TOC)
    try:
        site = parse_toc_data(data)
    except (MalformedError, TypeError, ValueError) as error:
        raise _unusable(TOC, f"malformed table of contents: {error}") from error
    if globs := site.globs():
        raise _unusable(TOC, f"list the chapters by name instead of {min(globs)}")
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
