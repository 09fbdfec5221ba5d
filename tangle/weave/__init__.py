"""A Sphinx extension that shows tangled blocks as parts of a program.

Tangle and Sphinx must agree on what is a block: before a page is parsed each block gets
a language of its own, and must come out of the parser once, with its text.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
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
from tangle.chunks import Unresolved
from tangle.model import Block
from tangle.read import find_root
from tangle.syntax import FENCE_AND_LANGUAGE
from tangle.weave import listing, views
from tangle.weave.cards import Cards
from tangle.weave.index import left_alone, shown_name
from tangle.weave.memory import Memory, made_of
from tangle.weave.names import words

MARK = "tangled-block-"  # begins the language of a block while its page is parsed
SHOWN = ".chunks.json"  # among the pages: what is woven into them

_logger = logging.getLogger(__name__)


class Weave:
    """What is done at each stage of a build."""

    def read(self, app: Sphinx) -> None:
        program = load(find_root(Path(app.srcdir)) or Path(app.srcdir))
        if program.problems:
            raise ExtensionError("\n".join(map(str, program.problems)))
        app.emit("program-read", program)
        outputs = [*program.outputs, *left_alone(program)]
        program = replace(program, outputs=outputs)
        self.cards = Cards(program, app)
        self.digests: dict[str, str] = {}  # by page
        self.memory = Memory(Path(app.outdir) / SHOWN, "")
        self.faulty = False  # a page asks for what is not there
        if self.cards.site:
            app.config.html_static_path.append(str(Path(__file__).with_name("static")))
            app.add_css_file("tangle.css")
            app.add_js_file("tangle.js", loading_method="defer")

    def mark(self, app: Sphinx, docname: str, source: list[str]) -> None:
        """Give each tangled block of a page a language of its own."""
        lines = source[0].split("\n")
        for number, block in enumerate(self.cards.chapters[docname].blocks):
            row = slice(block.place.line - 1, block.place.line)
            lines[row] = [
                FENCE_AND_LANGUAGE.sub(rf"\1{MARK}{number}", x, 1) for x in lines[row]
            ]
        source[0] = "\n".join(lines)

    def recognise(self, app: Sphinx, doctree: nodes.document) -> None:
        """Remember, in the page and in Sphinx, what became of the marked blocks."""
        page = app.env.docname
        shown: list[int] = []
        own: set[str] = set()  # the names in other code of the page
        for node in doctree.findall(nodes.literal_block):
            if not node.get("language", "").startswith(MARK):
                own |= words(node.astext())
                continue
            number = int(node["language"].removeprefix(MARK))
            block = self.cards.chapters[page].blocks[number]
            node["language"], node["tangled"] = block.language, (page, number)
            if node.astext() == "".join(f"{line}\n" for line in block.lines):
                shown.append(number)
            if (anchor := self.cards.anchors[block]) in doctree.ids:
                _logger.warning("two elements #%s on a page", anchor, location=node)
        app.env.metadata[page].update(
            tangled=shown,
            references=[
                node["reftarget"]
                for node in doctree.findall(pending_xref)
                if node["reftype"] == "chunk"
            ],
            literals=[
                (node.astext(), logging.get_node_location(node))
                for node in doctree.findall(nodes.literal)
                if not node["classes"] and node.astext().partition("(")[0] not in own
            ],
        )

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
        self.memory.made_of = made_of(self.cards.program, env)
        if self.cards.html:
            self.memory.recall(self.cards.program.book.root)
        for page in env.found_docs:
            self._check_names(env.metadata[page]["literals"])
        written = self.memory.pages
        for page in env.found_docs if self.cards.html else ():
            if self.memory.same and page in written:
                self.digests[page] = written[page]
            else:
                shown = "".join(self._shown(page, env.metadata[page]))
                self.digests[page] = sha256(shown.encode()).hexdigest()
        return [p for p, new in self.digests.items() if written.get(p) != new]

    def _check_names(self, literals: list[tuple[str, str]]) -> None:
        """Warn of names in a page's prose that are not names of the program."""
        new = (x for x in literals if x[0] not in self.memory.sound)
        for text, location in new:
            if fault := self.cards.names.fault(text):
                message = "`%s`: %s (a name that is to be none: {code}`%s`)"
                _logger.warning(message, text, fault, text, location=location)
            else:
                self.memory.sound.add(text)
                self.memory.files |= self.cards.names.on_disk

    def _shown(self, page: str, metadata: dict[str, Any]) -> Iterator[str]:
        """All that a page shows of the program; warns of a view that shows nothing."""
        for block in self.cards.chapters[page].blocks:
            yield self.cards.card(page, block)
            yield self._listings(page, [block])
        for label, (home, _) in sorted(self.cards.math.equations.items()):
            yield self.cards.beside(page, label) if home == page else ""
        for reference in metadata["references"]:
            with suppress(Unresolved):
                yield self.cards.address(page, reference)
        for kind, arguments, location in metadata.get("views", []):
            try:
                yield views.show(self.cards, page, kind, arguments)
            except Unresolved as error:
                self.faulty = True
                _logger.warning("%s", error, location=location)

    def resolve(
        self, app: Sphinx, env: BuildEnvironment, xref: pending_xref, inner: nodes.Node
    ) -> nodes.Element | None:
        """Make a link of the role `chunk`."""
        if xref["reftype"] != "chunk":
            return None
        name = shown_name(xref["reftarget"].rpartition(":")[2])
        text = inner.astext() if xref["refexplicit"] else name
        try:
            uri = self.cards.address(xref["refdoc"], xref["reftarget"])
        except Unresolved as error:
            _logger.warning("%s", error, location=xref, type="ref", subtype="chunk")
            return nodes.inline("", text)
        if not self.cards.html:
            return nodes.inline("", text)
        link = {"internal": True, "refuri": uri, "classes": ["chunk-ref"]}
        return nodes.reference("", text, **link)

    def show(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Put into a page what it shows of the program."""
        if self.cards.site:
            self._link_listings(doctree, docname)
        for view in list(doctree.findall(views.view)):
            html = ""
            if self.cards.html:
                with suppress(Unresolved):
                    kind, arguments = view["kind"], view["arguments"]
                    html = views.show(self.cards, docname, kind, arguments)
            view.replace_self(nodes.raw("", html, format="html"))
        if not self.cards.html:
            return
        for node in list(doctree.findall(nodes.literal_block)):
            if "tangled" in node:
                page, number = node["tangled"]
                block = self.cards.chapters[page].blocks[number]
                html = self.cards.card(docname, block, **node.get("highlight_args", {}))
                card = nodes.raw("", html, format="html")
                targets = [nodes.target(ids=[label]) for label in node["ids"]]
                node.parent.replace(node, [*targets, card])
        for equation in list(doctree.findall(nodes.math_block)):
            if line := self.cards.beside(docname, equation.get("label") or ""):
                after = equation.parent.index(equation) + 1
                equation.parent.insert(after, nodes.raw("", line, format="html"))
        self.memory.pages[docname] = self.digests.get(docname, "")

    def _link_listings(self, doctree: nodes.document, page: str) -> None:
        """Begin the sections of a page that make files with links to their listings.

        A section with a directive `listing` has its author's words for it.
        """
        blocks = self.cards.chapters[page].blocks
        for section in list(doctree.findall(nodes.section)):
            if not isinstance(section.parent.parent, nodes.document):
                continue  # the page itself, or a part of a section
            code = (n for n in section.findall(nodes.literal_block) if "tangled" in n)
            links = self._listings(page, [blocks[node["tangled"][1]] for node in code])
            given = (x["kind"] == "listing" for x in section.findall(views.view))
            if links and not any(given):
                section.insert(1, nodes.raw("", links, format="html"))

    def _listings(self, page: str, blocks: list[Block]) -> str:
        """Links to the files of which some blocks are the roots."""
        made = {output.path for output in self.cards.program.outputs}
        roots = (block for block in blocks if not self.cards.index.folded(block))
        files = [root.file for root in roots if root.file and root.file in made]
        if not files:
            return ""
        return views.show(self.cards, page, "listing", files)

    def collect(self, app: Sphinx) -> Iterator[listing.Page]:
        """The listings that are not on the disk already, with the same contents."""
        titles = sorted((x, title.astext()) for x, title in app.env.titles.items())
        around = repr((titles, sorted(app.env.toc_secnumbers.items())))
        for output in self.cards.program.outputs if self.cards.site else []:
            name = listing.name(output)
            there = Path(self.cards.builder.get_outfilename(name)).exists()
            if there and self.memory.same:
                continue
            page = listing.page(self.cards, output)
            digest = sha256((around + page[1]["body"]).encode()).hexdigest()
            if not there or self.memory.pages.get(name) != digest:
                self.memory.pages[name] = digest
                yield page

    def remember(self, app: Sphinx, exception: Exception | None) -> None:
        """Keep the digests, now that all pages have been written."""
        if exception is None and self.cards.html:
            if self.cards.site:
                listing.finish(self.cards, self.memory.same)
            self.cards.highlighted.save(self.cards.site and not self.memory.same)
            for page, digest in self.digests.items():
                if self.memory.pages.get(page) != digest:  # it was not to be written
                    self.memory.pages.pop(page, None)
            self.memory.save(self.faulty)


def setup(app: Sphinx) -> dict[str, Any]:
    gc.set_threshold(100_000, 50, 1000)  # a build makes millions of nodes, which stay
    weave = Weave()
    app.add_role("chunk", XRefRole())
    for name, directive in views.DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_event("program-read")  # for extensions that show it, too
    app.connect("builder-inited", weave.read)
    app.connect("source-read", weave.mark)
    app.connect("doctree-read", weave.recognise)
    app.connect("env-get-updated", weave.compare, priority=900)  # after numbering
    app.connect("missing-reference", weave.resolve)
    app.connect("doctree-resolved", weave.show)
    app.connect("html-collect-pages", weave.collect)
    app.connect("build-finished", weave.remember)
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"env_version": 3, **safe}
