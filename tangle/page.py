"""Finds the tangled blocks and the equation labels of one chapter.

After syntax. The page is parsed by the very parser that renders it, so that what is
code for tangle is code for the reader. Nothing here looks at lines to find a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from tangle import syntax
from tangle.model import Block, Chapter, Place, Problem, Problems


class Reader:
    """Reads chapters with the Markdown syntax that the book has configured."""

    def __init__(self, config: MdParserConfig) -> None:
        self._markdown = create_md_parser(config, RendererHTML)
        # Blocks are all that is needed, and inline parsing is most of the time.
        self._markdown.core.ruler.enableOnly(["normalize", "block"])

    def read(self, path: str, text: str) -> Chapter:
        chapter = Chapter(path)
        self._walk(chapter, text, 0)
        chapter.problems.extend(_conflicts(chapter, text))
        return chapter

    def _walk(self, page: Chapter, text: str, offset: int) -> None:
        """Read Markdown that begins after line `offset` of the page."""
        for token in self._markdown.parse(text):
            if token.type == "math_block_label":
                page.labels.add(token.info)
            elif token.type in ("fence", "colon_fence") and token.map:
                place = Place(page.path, offset + token.map[0] + 1)
                self._fence(page, token, place)

    def _fence(self, page: Chapter, token: Token, place: Place) -> None:
        lines = _lines(token.content)
        terminated = token.map and token.map[1] - token.map[0] == len(lines) + 2
        info = token.info.strip()
        directive = syntax.DIRECTIVE.match(info)
        name = directive[1].lower() if directive else ""
        text = syntax.VERBATIM.fullmatch(name) or (token.type == "fence" and not name)
        meant = not name and syntax.MEANT.search(info)
        if text and not meant:
            page.examples.append(range(place.line, place.line + len(lines) + 1))
        if not terminated:
            page.problems.append(Problem(place, "unterminated fence"))
        elif text:
            page.problems.extend(_swallowed(token, place))
        if name:
            page.problems.extend(_ineffective(name, info, lines, place))
            self._directive(page, token, place, name)
        elif token.type == "colon_fence":
            if "{" in info:
                message = "a tangled block is fenced by backticks or tildes, not colons"
                page.problems.append(Problem(place, message))
            self._walk(page, token.content, place.line)
        elif meant:
            page.blocks.append(_block(page, info, lines, place))
        elif info not in syntax.TEXT and syntax.AS_OPTION.match(token.content):
            message = "not tangled: attributes stand in braces after the language"
            page.problems.append(Problem(place, message))

    def _directive(self, page: Chapter, token: Token, place: Place, name: str) -> None:
        if name == "include" and not syntax.SHOWN.search(token.content):
            page.includes.append((place, token.info.partition("}")[2].strip()))
        if name == "math":
            page.labels.update(syntax.LABEL.findall(token.content))
        if syntax.MARKDOWN.fullmatch(name):
            self._walk(page, token.content, place.line)
        elif not syntax.VERBATIM.fullmatch(name):
            inner = Chapter(page.path)
            self._walk(inner, token.content, place.line)
            if inner.blocks or inner.problems:
                message = f"tangle does not know whether `{{{name}}}` holds Markdown"
                page.problems.append(Problem(place, message))


def _lines(content: str) -> list[str]:
    return content.removesuffix("\n").split("\n") if content else []


def _conflicts(page: Chapter, text: str) -> Problems:
    """Lines by which Git shows two sides of a merge, unless as an example."""
    examples = {number for lines in page.examples for number in lines}
    for found in syntax.CONFLICT.finditer(text):
        number = text.count("\n", 0, found.start())
        if number not in examples:
            message = f"a conflict of a merge, {found[0][:7]}: choose a side"
            yield Problem(Place(page.path, number + 1), message)


def _ineffective(name: str, info: str, lines: list[str], place: Place) -> Problems:
    """What looks like tangle's in a directive, which it does not tangle."""
    titled = syntax.MARKDOWN.fullmatch(name)
    if not titled and syntax.ON_DIRECTIVE.search(info.partition("}")[2]):
        message = f"`{{{name}}}` is not tangled, so tangle's attributes say nothing"
        yield Problem(place, message)
    for row, line in enumerate(lines, 1) if name == "code-cell" else ():
        found = syntax.REFERENCE_LINE.fullmatch(line)
        if found and (row, len(found[1])) in syntax.shifts("\n".join(lines)):
            message = "a reference in a cell, which runs as it is, untangled"
            yield Problem(Place(place.path, place.line + row), message)


def _swallowed(token: Token, place: Place) -> Problems:
    """A fence that shows a tangled block must be longer than the block's fence.

    Otherwise its own closing line has been forgotten, and CommonMark ends it at the
    closing line of the block.
    """
    for row, line in enumerate(_lines(token.content), place.line + 1):
        opening = syntax.OPENING.match(line)
        if opening and opening[1].startswith(token.markup):
            yield Problem(place, f"unterminated fence: it reaches over line {row}")
            return


def _block(page: Chapter, info: str, lines: list[str], place: Place) -> Block:
    """The block that an info string describes, as far as it can be read."""
    if match := syntax.INFO.fullmatch(info):
        language = match[1]
        values, complaints = _attributes(match[2].strip())
        complaints = complaints or list(_contradictions(language, values))
    else:
        language, values = "", dict(syntax.SALVAGE.findall(info))
        example = "a language, a blank and attributes in braces, python {#name}"
        complaints = [f"malformed fence `{info}`: expected only {example}"]
    page.problems.extend(Problem(place, complaint) for complaint in complaints)
    malformed = bool(complaints) or any(map(syntax.CONFLICT.match, lines))
    said: dict[str, Any] = {}
    for key in values.keys() & {*syntax.KEYS}:
        words = tuple(values[key].split()) if key in syntax.LISTS else values[key]
        said[key.strip("#.=") or "name"] = key[0] == "." or words
    text = language, tuple(lines)
    return Block(place, *text, malformed=malformed, **said)


def _attributes(text: str) -> tuple[dict[str, str], list[str]]:
    """Values by `#`, `file=`, `.extend` and so on, and what is wrong with them."""
    values: dict[str, str] = {}
    complaints = []
    position = 0
    while item := syntax.ATTRIBUTE.match(text, position):
        key, value = item[1], item[2].strip('"')
        key += value if key == "." else ""
        if key in values:
            complaints.append(f"attribute `{key}` is given twice")
        elif key not in syntax.KEYS:
            complaints.append(f"unknown attribute `{item[1]}{value}`")
        elif not value.strip():
            complaints.append(f"attribute `{key}` is empty")
        values[key] = value
        position = item.end()
    if position < len(text):
        complaints.append(f"malformed attributes: cannot read `{text[position:]}`")
    return values, complaints


def _contradictions(language: str, values: dict[str, str]) -> Iterator[str]:
    """Attributes that are each in order, and not together."""
    if "#" not in values and "file=" not in values:
        yield "a tangled block needs a name, `#name`, or a file, `file=path`"
    elif "#" in values and not re.fullmatch(syntax.NAME, values["#"]):
        yield f"`#{values['#']}` is not a name: words joined by hyphens"
    elif ".extend" in values and {"#"} != values.keys() & {"#", "file=", "edits="}:
        yield "a continuation is `#name .extend`, without `file` or `edits`"
    elif ".optional" in values and "file=" not in values:
        yield "only a file can be optional: `file=path .optional`"
    elif "edits=" in values and (language != "diff" or "#" not in values):
        yield "a variant is written ```diff {#name edits=other-name}"
    elif "edits=" in values and not re.fullmatch(syntax.REFERENCE, values["edits="]):
        yield f"`edits={values['edits=']}` is not the name of a chunk"
