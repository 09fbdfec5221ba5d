"""Makes what a page shows of a program, in HTML. After index.

A block becomes a card: its name, the lines of the files where it lands, its code with
references as links, and a line that says what it continues, serves and implements.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from functools import cached_property
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tangle.expand import Program
from tangle.model import Block, Chapter, Chunk
from tangle.weave.highlighted import Highlighted
from tangle.weave.index import Index, Row, tests_in_words, title
from tangle.weave.names import Names

WORD = "TangleLink{}Z"  # stands for a reference: an identifier in any language

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(title=title, tests_in_words=tests_in_words)


class Cards:
    """For each page, by its name in Sphinx, what it shows of a program."""

    def __init__(self, program: Program, app: Sphinx) -> None:
        self.program = program
        self.index = Index(program)
        self.env = app.env
        self.builder: Any = app.builder
        self.html = app.builder.format == "html"
        self.site = app.builder.name in ("html", "dirhtml")  # can have more pages
        self.math: Any = app.env.get_domain("math")
        self.highlighted = Highlighted(app.doctreedir / ".highlighted.json", self._make)
        self.chapters: dict[str, Chapter] = defaultdict(lambda: Chapter(""))
        self.anchors: dict[Block, str] = {}
        self._pages: dict[str, str] = {}
        for chapter in program.book.chapters:
            page = app.env.path2doc(str(program.book.root / chapter.path))
            self._pages[chapter.path] = page or chapter.path
            self.chapters[self.page(chapter.path)] = chapter
            self.anchors.update(_anchors(chapter.blocks))

    @cached_property
    def names(self) -> Names:
        return Names(self.program)

    def render(self, template: str, page: str, **values: Any) -> str:
        return _TEMPLATES.get_template(template).render(
            values, cards=self, index=self.index, page=page
        )

    def card(self, page: str, block: Block, **options: Any) -> str:
        """The card of a block; `options` as Sphinx keeps them, such as `hl_lines`."""
        chunk = self.index.chunk_of[block]
        rows = [*self.index.shown(block)]
        gaps = set() if block.edits else _gaps(rows)
        faces = {"": self.code(page, rows, block.language, gaps, **options)}
        if block.edits and chunk not in self.program.misfits:
            rows = [*self.index.code([block])]
            result = self.code(page, rows, self.index.language(chunk), _gaps(rows))
            faces = {"change": faces[""], "result": result}
        return self.render("card.html", page, block=block, chunk=chunk, faces=faces)

    def beside(self, page: str, label: str) -> str:
        """The line below an equation, if it has code."""
        return self.render("equation.html", page, label=label)

    def code(
        self,
        page: str,
        rows: Sequence[Row],
        language: str,
        gaps: Container[int] = (),
        **options: Any,
    ) -> Markup:
        """The code in HTML, references as links, without the rows that are gaps."""
        marked = "".join(
            f"{row.text.partition('<<')[0]}{WORD.format(n)}\n"
            if row.target
            else f"{row.text}\n"
            for n, row in enumerate(rows)
        )
        lines = self.highlight(marked, language, **options).split("\n")
        shown = []
        for n, (row, line) in enumerate(zip(rows, lines, strict=False)):
            if row.target:
                line = line.replace(WORD.format(n), self._reference(page, row.target))
            if row.new and row.text:
                line = f"<ins>{line}</ins>"
            if line or n not in gaps:  # not empty: the end of an emphasis
                shown.append(f"{line}\n")
        return Markup("".join([*shown, *lines[len(rows) :]]))

    def _reference(self, page: str, chunk: Chunk) -> Markup:
        home = self.page(chunk.head.chapter)
        attributes = Markup('class="chunk-ref" data-page="{}" ').format(home)
        return self.link(page, chunk.head, attributes)

    def highlight(self, code: str, language: str, **options: Any) -> str:
        """The lines of code in HTML, each of which can stand alone."""
        return self.highlighted(code, language, options)

    def _make(self, code: str, language: str, options: dict[str, Any]) -> str:
        options = {"opts": {"stripnl": False}, "force": True, **options}
        highlight = self.builder.highlighter.highlight_block
        return str(highlight(code, language, nowrap=True, **options))

    def address(self, page: str, reference: str) -> str:
        """The address of the chunk that a page calls so."""
        chunk = self.program.chunks.find(self.chapters[page].path, reference)
        return self.uri(page, chunk.head)

    def page(self, path: str) -> str:
        """The name in Sphinx of the page of a chapter."""
        return self._pages[path]

    def uri(self, page: str, block: Block) -> str:
        to = self.builder.get_relative_uri(page, self.page(block.chapter))
        return self._on_one_page(f"{to}#{self.anchors[block]}")

    def listing(self, page: str, path: str) -> str:
        """The address of the listing of a file, if there are listings."""
        to = f"listings/{path}"
        return self.builder.get_relative_uri(page, to) if self.site else ""

    def chapter(self, page: str, path: str) -> tuple[str, str]:
        """The address and the title of a chapter."""
        to = self.page(path)
        return self.builder.get_relative_uri(page, to), self.env.titles[to].astext()

    def link(
        self, page: str, block: Block, attributes: str = "", home: str = ""
    ) -> Markup:
        """A link to a chunk or file, called as on the page or in the chapter `home`."""
        chunk = self.index.chunk_of[block]
        if not chunk.head.name:
            attributes += Markup('title="{}" ').format(chunk.head.file)
        text = title(chunk, home or self.chapters[page].path)
        return _a(self.uri(page, block), text, attributes)

    def links(self, page: str, blocks: Iterable[Block], home: str = "") -> list[Markup]:
        return [self.link(page, block, "", home) for block in dict.fromkeys(blocks)]

    def equation(self, page: str, label: str) -> tuple[str, str]:
        """Its address and the number on the page, as from Sphinx's role `eq`."""
        if label not in self.math.equations:
            raise ExtensionError(f"{self.chapters[page].path}: no page shows {label}")
        find, xref = self.math.resolve_xref, pending_xref()
        link = find(self.env, page, self.builder, "eq", label, xref, xref)
        uri = link.get("refuri") or f"#{link['refid']}"
        return self._on_one_page(uri), str(link.astext())

    def equations(self, page: str, labels: Iterable[str]) -> list[Markup]:
        return [_a(*self.equation(page, label)) for label in labels]

    def _on_one_page(self, uri: str) -> str:
        return uri[uri.rindex("#") :] if self.builder.name == "singlehtml" else uri


def _a(uri: str, text: str, attributes: str = "") -> Markup:
    return Markup('<a {}href="{}">{}</a>').format(Markup(attributes), uri, text)


def _gaps(rows: Sequence[Row]) -> set[int]:
    """The blank rows between references, which say nothing to a reader."""
    filled = [n for n, row in enumerate(rows) if row.text.strip()]
    pairs = ((a, b) for a, b in pairwise(filled) if rows[a].target and rows[b].target)
    return {gap for a, b in pairs for gap in range(a + 1, b)}


def _anchors(blocks: Iterable[Block]) -> dict[Block, str]:
    """Ids on a page. That of a chunk is `chunk-NAME` whatever else is on the page."""
    anchors = {b: f"chunk-{b.name}" for b in blocks if b.name and not b.extend}
    for block in blocks:
        base = f"chunk-{block.name}" if block.name else f"file-{block.file}"
        base = re.sub(r"[^\w-]+", "-", base)
        ids = (f"{base}-{n}" if n > 1 else base for n in count(1))
        if block not in anchors:
            anchors[block] = next(x for x in ids if x not in anchors.values())
    return anchors
