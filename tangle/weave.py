"""A Sphinx extension that shows tangled blocks as parts of a program. After index.

A block becomes a card: its name, the lines of the files where it lands, its code with
references as links, and a line that says what it continues, serves and implements.
Tangle and Sphinx must agree on what is a block: before a page is parsed each block gets
a language of its own, and must come out of the parser once, with its text.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from html import escape
from itertools import count, groupby
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from tangle import load
from tangle.book import find_root
from tangle.chunks import REFERENCE_LINE, Unresolved
from tangle.expand import Link, Program
from tangle.index import Index
from tangle.model import Block, Chapter, Chunk

MARK = "tangled-block-"  # begins the language of a block while its page is parsed
SHOWN = ".chunks.json"  # among the pages: a digest of what weave has put on each

_FENCE = re.compile(r"((?:`{3,}|~{3,})\s*)\S+")
_logger = logging.getLogger(__name__)


class chunk_card(nodes.literal_block):
    """Code, HTML `before` and `after` it, and `links` in place of words in it."""


class Cards:
    """Makes what a page, called by its name in Sphinx, shows of a program."""

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
        name = _shown(head.name) if head.name else name
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
        for label, (home, _) in self.math.equations.items():
            shown.append(self.beside(page, label) if home == page else "")
        for reference in references:
            with suppress(Unresolved):
                shown.append(self.find(page, reference))
        return sha256("".join(shown).encode()).hexdigest()

    def find(self, page: str, reference: str) -> str:
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
        name = _shown(chunk.name_in(self.chapters[page].path))
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


class Weave:
    """What is done at each stage of a build."""

    def read(self, app: Sphinx) -> None:
        program = load(find_root(Path(app.srcdir)) or Path(app.srcdir))
        if program.problems:
            raise ExtensionError("\n".join(map(str, program.problems)))
        self.cards = Cards(program, app)
        self.digests: dict[str, str] = {}  # by page

    def mark(self, app: Sphinx, docname: str, source: list[str]) -> None:
        """Give each tangled block of a page a language of its own."""
        lines = source[0].split("\n")
        for number, block in enumerate(self.cards.chapters[docname].blocks):
            row = slice(block.place.line - 1, block.place.line)
            lines[row] = [_FENCE.sub(rf"\1{MARK}{number}", x, 1) for x in lines[row]]
        source[0] = "\n".join(lines)

    def recognise(self, app: Sphinx, doctree: nodes.document) -> None:
        """Remember, in the page and in Sphinx, what became of the marked blocks."""
        page = app.env.docname
        shown = []
        for node in doctree.findall(nodes.literal_block):
            if node.get("language", "").startswith(MARK):
                number = int(node["language"].removeprefix(MARK))
                block = self.cards.chapters[page].blocks[number]
                node["language"], node["tangled"] = block.language, (page, number)
                if node.astext() == "".join(f"{line}\n" for line in block.lines):
                    shown.append(number)
                if (anchor := self.cards.anchors[block]) in doctree.ids:
                    _logger.warning("two elements #%s on a page", anchor, location=node)
        xrefs = doctree.findall(pending_xref)
        references = [node["reftarget"] for node in xrefs if node["reftype"] == "chunk"]
        app.env.metadata[page].update(tangled=shown, references=references)

    def compare(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Stop if the pages are not the program; say which are to be written again."""
        faults = [
            f"{block.place}: the page shows this tangled block {times} times"
            for page, chapter in self.cards.chapters.items()
            for number, block in enumerate(chapter.blocks)
            if (times := env.metadata[page].get("tangled", []).count(number)) != 1
        ]
        if faults:
            raise ExtensionError("\n".join(faults))
        if app.builder.format != "html":
            return []
        before = {}
        with suppress(OSError, ValueError):
            before = json.loads((Path(app.outdir) / SHOWN).read_text())
        for page in env.found_docs:
            references = env.metadata[page]["references"]
            self.digests[page] = self.cards.digest(page, references)
        return [page for page, new in self.digests.items() if before.get(page) != new]

    def resolve(
        self, app: Sphinx, env: BuildEnvironment, xref: pending_xref, inner: nodes.Node
    ) -> nodes.Element | None:
        """Make a link of the role `chunk`."""
        if xref["reftype"] != "chunk":
            return None
        name = _shown(xref["reftarget"].rpartition(":")[2])
        text = inner.astext() if xref["refexplicit"] else name
        try:
            uri = self.cards.find(xref["refdoc"], xref["reftarget"])
        except Unresolved as error:
            _logger.warning("%s", error, location=xref, type="ref", subtype="chunk")
        else:
            attributes = {"internal": True, "classes": ["chunk-ref"]}
            if app.builder.format == "html":
                return nodes.reference("", text, refuri=uri, **attributes)
        return nodes.inline("", text)

    def show(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        if app.builder.format != "html":
            return
        for node in list(doctree.findall(nodes.literal_block)):
            if "tangled" in node:
                page, number = node["tangled"]
                block = self.cards.chapters[page].blocks[number]
                card = self.cards.card(docname, block)
                card.attributes.update(node.attributes)  # such as lines to emphasise
                card.source, card.line = node.source, node.line
                node.parent.replace(node, card)
        for equation in list(doctree.findall(nodes.math_block)):
            if line := self.cards.beside(docname, equation.get("label") or ""):
                after = equation.parent.index(equation) + 1
                equation.parent.insert(after, nodes.raw("", line, format="html"))

    def remember(self, app: Sphinx, exception: Exception | None) -> None:
        """Keep the digests, now that all pages have been written."""
        if exception is None and app.builder.format == "html":
            (Path(app.outdir) / SHOWN).write_text(json.dumps(self.digests))


def _shown(name: str) -> str:
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


def _visit(self: HTML5Translator, node: chunk_card) -> None:
    """As Sphinx shows code, then put in the rest."""
    start = len(self.body)
    with suppress(nodes.SkipNode):
        self.visit_literal_block(node)
    html = "".join(self.body[start:])
    for word, link in node["links"].items():
        html = html.replace(word, link)
    self.body[start:] = [node["before"], html, node["after"]]
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    weave = Weave()
    app.add_node(chunk_card, html=(_visit, None))
    app.add_role("chunk", XRefRole())
    app.connect("builder-inited", weave.read)
    app.connect("source-read", weave.mark)
    app.connect("doctree-read", weave.recognise)
    app.connect("env-updated", weave.compare, priority=900)  # equations have numbers
    app.connect("missing-reference", weave.resolve)
    app.connect("doctree-resolved", weave.show)
    app.connect("build-finished", weave.remember)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
