"""Makes what a page shows of a program, in HTML. After index.

A block becomes a card: its name, the lines of the files where it lands, its code with
references as links, and a line that says what it continues, serves and implements.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from html import escape
from itertools import count, groupby
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

from tangle.chunks import REFERENCE_LINE, Unresolved
from tangle.expand import Link, Program
from tangle.index import Index
from tangle.model import Block, Chapter, Chunk


class chunk_card(nodes.literal_block):
    """Code, HTML `before` and `after` it, and `links` in place of words in it."""


class Cards:
    """For each page, by its name in Sphinx, what it shows of a program."""

    def __init__(self, program: Program, app: Sphinx) -> None:
        self.program = program
        self.index = Index(program)
        self.app = app
        self.math: Any = app.env.get_domain("math")
        self.chapters: dict[str, Chapter] = defaultdict(lambda: Chapter(""))
        self.anchors: dict[Block, str] = {}
        for chapter in program.book.chapters:
            self.chapters[self._page(chapter.path)] = chapter
            self.anchors.update(_anchors(chapter.blocks))

    def card(self, page: str, block: Block) -> chunk_card:
        head = self.index.chunk_of[block].head
        name = f"<code>{escape(head.file or '')}</code>"
        name = shown_name(head.name) if head.name else name
        where = ", ".join(self._where(block))
        where = where and f' <span class="chunk-where">{where}</span>'
        code, links = self._code(page, block)
        card = chunk_card(code, code, language=block.language, links=links)
        card["before"] = (
            f'<div class="chunk" id="{self.anchors[block]}"><div class="chunk-head">'
            f'<span class="chunk-name">{name}</span>{where}</div>\n'
        )
        card["after"] = _paragraph("chunk-foot", self._foot(page, block)) + "</div>\n"
        return card

    def beside(self, page: str, label: str) -> str:
        """The line below an equation, if it has code."""
        code = self._links(page, self.index.implementing.get(label, []))
        check = self._links(page, self.index.checking.get(label, []))
        return _paragraph("eq-code-links", [("code: ", code), ("check: ", check)])

    def digest(self, page: str, references: Iterable[str]) -> str:
        """Differs when a page, with references in its prose, must be written again."""
        shown = [str(self.card(page, block)) for block in self.chapters[page].blocks]
        for label, (home, _) in sorted(self.math.equations.items()):
            shown.append(self.beside(page, label) if home == page else "")
        for reference in references:
            with suppress(Unresolved):
                shown.append(self.address(page, reference))
        return sha256("".join(shown).encode()).hexdigest()

    def address(self, page: str, reference: str) -> str:
        """The address of the chunk that a page calls so."""
        chunk = self.program.chunks.find(self.chapters[page].path, reference)
        return self._uri(page, chunk.head)

    def _page(self, path: str) -> str:
        return self.app.env.path2doc(str(self.program.book.root / path)) or path

    def _uri(self, page: str, block: Block) -> str:
        to = self.app.builder.get_relative_uri(page, self._page(block.chapter))
        return f"{to}#{self.anchors[block]}"

    def _where(self, block: Block) -> Iterator[str]:
        """The lines in each file, as in `vpg.py 41–58, 90–107`."""
        landings = self.index.landings.get(block, [])
        for path, spans in groupby(landings, lambda landing: landing.path):
            ends = (dict.fromkeys((str(span.first), str(span.last))) for span in spans)
            lines = ", ".join(map("–".join, ends))
            name = escape(PurePosixPath(path).name)
            yield f'<code title="{escape(path)}">{name}</code> {lines}'

    def _code(self, page: str, block: Block) -> tuple[str, dict[str, str]]:
        """The code with words in place of references, and links for the words."""
        links: dict[str, str] = {}
        lines = []
        for text in block.lines:
            sign = text[:1] if block.edits else ""
            reference = REFERENCE_LINE.fullmatch(text, len(sign))
            if reference and reference[2]:
                text = text.replace("@", "", 1)
            elif reference:
                word = f"TangleLink{len(links)}Z"  # an identifier in any language
                target = self._target(block, sign, text.removeprefix(sign))
                links[word] = self._link(page, target.head, 'class="chunk-ref" ')
                text = f"{sign}{reference[1]}{word}"
            lines.append(f"{text}\n")
        return "".join(lines), links

    def _target(self, block: Block, sign: str, text: str) -> Chunk:
        """What a line refers to. A line of a diff may come from the chunk it edits."""
        base = self.program.bases.get(self.index.chunk_of[block])
        parts = base.blocks if base and sign != "+" else [block]
        elements = (e for part in parts for e in self.program.elements[part])
        links = (e for e in elements if isinstance(e, Link))
        return next(link.target for link in links if link.line.text == text)

    def _foot(self, page: str, block: Block) -> Iterator[tuple[str, list[str]]]:
        index = self.index
        chunk = index.chunk_of[block]
        part = chunk.blocks.index(block)
        yield "continues ", self._links(page, chunk.blocks[:part][-1:])
        below = (self._uri(page, later) for later in chunk.blocks[part + 1 : part + 2])
        yield "", [self._a(uri, "continued below") for uri in below]
        if part == 0:
            base = self.program.bases.get(chunk)
            yield "edits ", self._links(page, [base.head] if base else [])
            variants = (variant.head for variant in index.variants.get(chunk, []))
            yield "edited by ", self._links(page, variants)
            users = (user.head for user in index.users.get(chunk, []))
            yield "used in ", self._links(page, users)
        yield "implements ", [self._equation(page, label) for label in block.implements]
        tests = (b for label in block.implements for b in index.checking.get(label, []))
        yield "checked by ", self._links(page, tests)
        yield "checks ", [self._equation(page, label) for label in block.checks]

    def _links(self, page: str, blocks: Iterable[Block]) -> list[str]:
        return [self._link(page, block) for block in dict.fromkeys(blocks)]

    def _link(self, page: str, block: Block, attributes: str = "") -> str:
        chunk = self.index.chunk_of[block]
        name = shown_name(chunk.name_in(self.chapters[page].path))
        if not chunk.head.name:
            name = PurePosixPath(chunk.head.file or "").name
            attributes += f'title="{escape(chunk.head.file or "")}" '
        return self._a(self._uri(page, block), name, attributes)

    def _equation(self, page: str, label: str) -> str:
        """A link with the number on the page, as from Sphinx's role `eq`."""
        if label not in self.math.equations:
            raise ExtensionError(f"{self.chapters[page].path}: no page shows {label}")
        env, builder, xref = self.app.env, self.app.builder, pending_xref()
        link = self.math.resolve_xref(env, page, builder, "eq", label, xref, xref)
        uri = link.get("refuri") or f"#{link['refid']}"
        return self._a(uri, link.astext())

    def _a(self, uri: str, text: str, attributes: str = "") -> str:
        if self.app.builder.name == "singlehtml":
            uri = uri[uri.rindex("#") :]
        return f'<a {attributes}href="{uri}">{escape(text)}</a>'


def shown_name(name: str) -> str:
    return f"⟨{name.replace('-', ' ').replace(':', ': ')}⟩"


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


def _paragraph(kind: str, groups: Iterable[tuple[str, list[str]]]) -> str:
    """Such as `used in ⟨a⟩, ⟨b⟩ · checks (1.2)`; nothing if there are no links."""
    text = " · ".join(words + ", ".join(links) for words, links in groups if links)
    return text and f'<p class="{kind}">{text}</p>\n'


def visit_card(self: HTML5Translator, node: chunk_card) -> None:
    """As Sphinx shows code, then put in the rest."""
    start = len(self.body)
    with suppress(nodes.SkipNode):
        self.visit_literal_block(node)
    html = "".join(self.body[start:])
    for word, link in node["links"].items():
        html = html.replace(word, link)
    self.body[start:] = [node["before"], html, node["after"]]
    raise nodes.SkipNode
