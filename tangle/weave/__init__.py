"""A Sphinx extension that shows tangled blocks as parts of a program.

Tangle and Sphinx must agree on what is a block: before a page is parsed each block gets
a language of its own, and must come out of the parser once, with its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.roles import XRefRole
from sphinx.util import logging

from tangle import load
from tangle.book import find_root
from tangle.chunks import Unresolved
from tangle.weave import listing
from tangle.weave.cards import Cards, chunk_card, is_site, visit_card
from tangle.weave.index import shown_name
from tangle.weave.views import Changes, ViewDirective, Views

MARK = "tangled-block-"  # begins the language of a block while its page is parsed
SHOWN = ".chunks.json"  # among the pages: a digest of what is woven into each

_FENCE = re.compile(r"((?:`{3,}|~{3,})\s*)\S+")
_logger = logging.getLogger(__name__)


class Weave:
    """What is done at each stage of a build."""

    def read(self, app: Sphinx) -> None:
        program = load(find_root(Path(app.srcdir)) or Path(app.srcdir))
        if program.problems:
            raise ExtensionError("\n".join(map(str, program.problems)))
        self.cards = Cards(program, app)
        self.views = Views(self.cards)
        self.digests: dict[str, str] = {}  # by page
        if is_site(app):
            app.config.html_static_path.append(str(Path(__file__).with_name("static")))
            app.add_css_file("tangle.css")
            app.add_js_file("tangle.js", loading_method="defer")

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
        app.env.metadata[page].update(self.views.record(doctree))

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
        for page in env.found_docs:
            self.views.check(env.metadata[page]["literals"])
        if app.builder.format != "html":
            return []
        before = {}
        with suppress(OSError, ValueError):
            before = json.loads((Path(app.outdir) / SHOWN).read_text())
        for page in env.found_docs:
            metadata = env.metadata[page]
            self.digests[page] = self.cards.digest(page, metadata["references"])
            self.digests[page] += self.views.digest(page, metadata["views"])
        return [page for page, new in self.digests.items() if before.get(page) != new]

    def resolve(
        self, app: Sphinx, env: BuildEnvironment, xref: pending_xref, inner: nodes.Node
    ) -> nodes.Element | None:
        """Make a link of the role `chunk`."""
        if xref["reftype"] != "chunk":
            return None
        name = shown_name(xref["reftarget"].rpartition(":")[2])
        text = inner.astext() if xref["refexplicit"] else name
        link = nodes.reference("", text, internal=True, classes=["chunk-ref"])
        try:
            link["refuri"] = self.cards.address(xref["refdoc"], xref["reftarget"])
        except Unresolved as error:
            _logger.warning("%s", error, location=xref, type="ref", subtype="chunk")
        if "refuri" not in link or app.builder.format != "html":
            return nodes.inline("", text)
        return link

    def show(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        self.views.show(app, doctree, docname)
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

    def collect(self, app: Sphinx) -> Iterable[listing.Page]:
        return listing.pages(self.cards) if is_site(app) else []

    def remember(self, app: Sphinx, exception: Exception | None) -> None:
        """Keep the digests, now that all pages have been written."""
        if exception is None and app.builder.format == "html":
            if is_site(app):
                listing.finish(self.cards)
            (Path(app.outdir) / SHOWN).write_text(json.dumps(self.digests))


def setup(app: Sphinx) -> dict[str, Any]:
    weave = Weave()
    app.add_node(chunk_card, html=(visit_card, None))
    app.add_role("chunk", XRefRole())
    for name in ("listing-index", "chunk-index", "identifier-index", "equation-index"):
        app.add_directive(name, ViewDirective)
    app.add_directive("changes", Changes)
    app.connect("builder-inited", weave.read)
    app.connect("source-read", weave.mark)
    app.connect("doctree-read", weave.recognise)
    app.connect("env-get-updated", weave.compare, priority=900)  # after numbering
    app.connect("missing-reference", weave.resolve)
    app.connect("doctree-resolved", weave.show)
    app.connect("html-collect-pages", weave.collect)
    app.connect("build-finished", weave.remember)
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"env_version": 2, **safe}
