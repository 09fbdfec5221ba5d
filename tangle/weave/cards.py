"""Makes what a page shows of a program, in HTML. After index.

A block becomes a card: its name, the lines of the files where it lands, its code with
references as links, and a line that says what it continues, serves and implements.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tangle.expand import Program
from tangle.model import Block, Chapter
from tangle.weave.highlighted import Highlighted
from tangle.weave.index import Index, Row, title

WORD = "TangleLink{}Z"  # stands for a reference: an identifier in any language

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals["title"] = title


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
        for chapter in program.book.chapters:
            self.chapters[self.page(chapter.path)] = chapter
            self.anchors.update(_anchors(chapter.blocks))

    def render(self, template: str, page: str, **values: Any) -> str:
        return _TEMPLATES.get_template(template).render(
            values, cards=self, index=self.index, page=page
        )

    def card(self, page: str, block: Block, **options: Any) -> str:
        """The card of a block; `options` as Sphinx keeps them, such as `hl_lines`."""
        code = self.code(page, self.index.shown(block), block.language, **options)
        chunk = self.index.chunk_of[block]
        return self.render("card.html", page, block=block, chunk=chunk, code=code)

    def beside(self, page: str, label: str) -> str:
        """The line below an equation, if it has code."""
        return self.render("equation.html", page, label=label)

    def code(
        self, page: str, rows: Iterable[Row], language: str, **options: Any
    ) -> Markup:
        """The code in HTML, with links in place of references."""
        links = []
        lines = []
        for text, target in rows:
            if target:
                home = self.page(target.head.chapter)
                attributes = Markup('class="chunk-ref" data-page="{}" ').format(home)
                links.append(self.link(page, target.head, attributes))
                text = text.partition("<<")[0] + WORD.format(len(links))
            lines.append(f"{text}\n")
        html = self.highlight("".join(lines), language, **options)
        for number, link in enumerate(links, 1):
            html = html.replace(WORD.format(number), link)
        return Markup(html)

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
        return self.env.path2doc(str(self.program.book.root / path)) or path

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
