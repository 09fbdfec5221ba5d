"""Finds the tangled blocks and the equation labels of one chapter.

After model. The page is parsed by the very parser that renders it, so that what is
code for tangle is code for the reader. Nothing here looks at lines to find a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from tangle.model import Block, Chapter, Place, Problem

# Directives whose body is Markdown, and those whose body is text, where a block is an
# example. A block in any other directive is an error.
MARKDOWN_DIRECTIVE = re.compile(
    "admonition|attention|caution|danger|error|hint|important|note|seealso|tip|warning|"
    "topic|sidebar|margin|aside|dropdown|toggle|container|compound|div|epigraph|"
    "highlights|pull-quote|figure|table|list-table|card|card-carousel|grid|grid-item|"
    "grid-item-card|tab-set|tab-item|exercise|solution|prf:[a-z]+"
)
TEXT_DIRECTIVE = re.compile(
    "code|code-block|sourcecode|code-cell|raw-cell|literalinclude|math|eval-rst|raw|"
    "mermaid|graphviz|parsed-literal|csv-table"
)
NAME = r"\w+(?:-\w+)*"
REFERENCE = rf"(?:[\w.-]+:)?{NAME}"
_DIRECTIVE = re.compile(r"\{([\w:+-]+(?:\.[\w-]+)*)\}(?:\s|$)")
_INFO = re.compile(r"""([^\s{}]+)\s+\{((?:"[^"]*"|[^"}])*)\}""")
_ATTRIBUTE = re.compile(r"""([#.]|[\w-]+=)("[^"]*"|[^\s"'}]+)(?:\s+|$)""")
_CLASSES = (".extend", ".open", ".optional")
_KEYS = ("#", *_CLASSES, "file=", "implements=", "checks=", "edits=")
_SALVAGE = re.compile(r"(#|file=)([\w./-]*\w)")
# A line that opens a fence with a name or a file, if it is not the text of another.
_OPENING = re.compile(r"(?:\d+[.)])?[^\w`~]*(`{3,}|~{3,})[^`{]*\{[^`]*(?:#\w|file=)")
_LABEL = re.compile(r"""^\s*:?(?:label|name):\s*["']?(.+?)["']?\s*$""", re.M)


class Reader:
    """Reads chapters with the Markdown syntax that the book has configured."""

    def __init__(self, config: MdParserConfig) -> None:
        self._markdown = create_md_parser(config, RendererHTML)
        # Blocks are all that is needed, and inline parsing is most of the time.
        self._markdown.core.ruler.enableOnly(["normalize", "block"])

    def read(self, path: str, text: str) -> Chapter:
        chapter = Chapter(path)
        self._walk(chapter, text, 0)
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
        directive = _DIRECTIVE.match(info)
        name = directive[1].lower() if directive else ""
        if not terminated:
            page.problems.append(Problem(place, "unterminated fence"))
        elif TEXT_DIRECTIVE.fullmatch(name) or (token.type == "fence" and not name):
            page.problems.extend(_swallowed(token, place))
        if name:
            self._directive(page, token, place, name)
        elif token.type == "colon_fence":
            if "{" in info:
                message = "a tangled block is fenced by backticks or tildes, not colons"
                page.problems.append(Problem(place, message))
            self._walk(page, token.content, place.line)
        elif re.search(r"[{}]|\s#|\bfile=", info):
            page.blocks.append(_block(page, info, lines, place))

    def _directive(self, page: Chapter, token: Token, place: Place, name: str) -> None:
        if name == "math":
            page.labels.update(_LABEL.findall(token.content))
        if MARKDOWN_DIRECTIVE.fullmatch(name):
            self._walk(page, token.content, place.line)
        elif not TEXT_DIRECTIVE.fullmatch(name):
            inner = Chapter(page.path)
            self._walk(inner, token.content, place.line)
            if inner.blocks or inner.problems:
                message = f"tangle does not know whether `{{{name}}}` holds Markdown"
                page.problems.append(Problem(place, message))


def _lines(content: str) -> list[str]:
    return content.removesuffix("\n").split("\n") if content else []


def _swallowed(token: Token, place: Place) -> Iterator[Problem]:
    """A fence that shows a tangled block must be longer than the block's fence.

    Otherwise its own closing line has been forgotten, and CommonMark ends it at the
    closing line of the block.
    """
    for row, line in enumerate(_lines(token.content), place.line + 1):
        opening = _OPENING.match(line)
        if opening and opening[1].startswith(token.markup):
            yield Problem(place, f"unterminated fence: it reaches over line {row}")
            return


def _block(page: Chapter, info: str, lines: list[str], place: Place) -> Block:
    """The block that an info string describes, as far as it can be read."""
    if match := _INFO.fullmatch(info):
        language = match[1]
        values, complaints = _attributes(match[2].strip())
        complaints = complaints or list(_contradictions(language, values))
    else:
        language, values = "", dict(_SALVAGE.findall(info))
        example = "a language, a blank and attributes in braces, python {#name}"
        complaints = [f"malformed fence `{info}`: expected only {example}"]
    page.problems.extend(Problem(place, complaint) for complaint in complaints)
    return Block(
        place=place,
        language=language,
        lines=tuple(lines),
        name=values.get("#"),
        file=values.get("file="),
        implements=tuple(values.get("implements=", "").split()),
        checks=tuple(values.get("checks=", "").split()),
        edits=values.get("edits="),
        extend=".extend" in values,
        open=".open" in values,
        optional=".optional" in values,
        malformed=bool(complaints),
    )


def _attributes(text: str) -> tuple[dict[str, str], list[str]]:
    """Values by `#`, `file=`, `.extend` and so on, and what is wrong with them."""
    values: dict[str, str] = {}
    complaints = []
    position = 0
    while item := _ATTRIBUTE.match(text, position):
        key, value = item[1], item[2].strip('"')
        key += value if key == "." else ""
        if key in values:
            complaints.append(f"attribute `{key}` is given twice")
        elif key not in _KEYS:
            text = key if key[0] == "." else key + value
            complaints.append(f"unknown attribute `{text}`")
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
    elif "#" in values and not re.fullmatch(NAME, values["#"]):
        yield f"`#{values['#']}` is not a name: words joined by hyphens"
    elif ".extend" in values and {"#"} != values.keys() & {"#", "file=", "edits="}:
        yield "a continuation is `#name .extend`, without `file` or `edits`"
    elif ".optional" in values and "file=" not in values:
        yield "only a file can be optional: `file=path .optional`"
    elif "edits=" in values and (language != "diff" or "#" not in values):
        yield "a variant is written ```diff {#name edits=other-name}"
    elif "edits=" in values and not re.fullmatch(REFERENCE, values["edits="]):
        yield f"`edits={values['edits=']}` is not the name of a chunk"
