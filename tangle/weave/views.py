"""Tables of what a program holds, and its changes from file to file, for a page.

A directive leaves a `view` in its page. What it shows is made when the page is written.
After cards, changes, names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatch
from itertools import groupby
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from tangle.chunks import Unresolved
from tangle.model import Block, Output
from tangle.weave.cards import Cards, render
from tangle.weave.changes import changes
from tangle.weave.names import Names, words

_logger = logging.getLogger(__name__)


class view(nodes.General, nodes.Element):
    """To be replaced by what is called so in `Views`, with these arguments."""


class ViewDirective(SphinxDirective):
    optional_arguments = 100

    def run(self) -> list[nodes.Node]:
        node = view(kind=self.name, arguments=self.arguments)
        self.set_source_info(node)
        return [node]


class Changes(ViewDirective):
    required_arguments = 2
    optional_arguments = 0


class Views:
    """Makes the tables of a build, and checks the names in its prose."""

    def __init__(self, cards: Cards) -> None:
        self.cards = cards
        self.names = Names(cards.program)
        self.definitions = self.names.definitions()

    def record(self, doctree: nodes.document) -> dict[str, Any]:
        """What of a page depends on the program: its views, the names in its prose."""
        blocks = doctree.findall(nodes.literal_block)
        own = words("\n".join(b.astext() for b in blocks if "tangled" not in b))
        literals = [
            (node.astext(), logging.get_node_location(node))
            for node in doctree.findall(nodes.literal)
            if not node["classes"] and node.astext().partition("(")[0] not in own
        ]
        views = [
            (node["kind"], node["arguments"], logging.get_node_location(node))
            for node in doctree.findall(view)
        ]
        return {"literals": literals, "views": views}

    def check(self, literals: list[tuple[str, str]]) -> None:
        """Warn of names in a page's prose that are not names of the program."""
        for text, location in literals:
            if fault := self.names.fault(text):
                message = "`%s`: %s (a name that is to be none: {code}`%s`)"
                _logger.warning(message, text, fault, text, location=location)

    def digest(self, page: str, views: list[tuple[str, list[str], str]]) -> str:
        """All that the views of a page show; warns of those that cannot."""
        shown = []
        for kind, arguments, location in views:
            try:
                shown.append(self.html(page, kind, arguments))
            except Unresolved as error:
                _logger.warning("%s", error, location=location)
        return "".join(shown)

    def show(self, app: Sphinx, doctree: nodes.document, page: str) -> None:
        for node in list(doctree.findall(view)):
            html = ""
            if app.builder.format == "html":
                with suppress(Unresolved):
                    html = self.html(page, node["kind"], node["arguments"])
            node.replace_self(nodes.raw("", html, format="html"))

    def html(self, page: str, kind: str, arguments: list[str]) -> str:
        makers: dict[str, Callable[..., dict[str, Any]]] = {
            "listing-index": dict,
            "chunk-index": self._chunks,
            "identifier-index": self._identifiers,
            "equation-index": self._equations,
            "changes": self._changes,
        }
        values = makers[kind](*arguments)
        return render(f"{kind}.html", cards=self.cards, page=page, **values)

    def _chunks(self, *_: str) -> dict[str, Any]:
        chunks = self.cards.program.chunks.all
        return {"chapters": groupby(chunks, lambda chunk: chunk.head.chapter)}

    def _identifiers(self, *_: str) -> dict[str, Any]:
        return {"definitions": self.definitions}

    def _equations(self, *patterns: str) -> dict[str, Any]:
        index = self.cards.index
        listed: dict[str, list[tuple[str, list[Block], list[Block]]]] = {}
        for page, chapter in self.cards.chapters.copy().items():
            if any(fnmatch(page, pattern) for pattern in patterns or ["*"]):
                listed[chapter.path] = [
                    (
                        label,
                        index.implementing.get(label, []),
                        index.checking.get(label, []),
                    )
                    for label, (home, _) in self.cards.math.equations.items()
                    if home == page
                ]
        rows = [row for rows in listed.values() for row in rows]
        if not rows:
            raise Unresolved(
                f"no numbered equation in {' '.join(patterns) or 'the book'}"
            )
        return {"chapters": listed, "rows": rows}

    def _changes(self, *paths: str) -> dict[str, Any]:
        old, new = map(self._output, paths)
        parts = changes(old, new)
        html = {"-": self._highlighted(old), "+": self._highlighted(new)}
        groups = groupby(parts, lambda part: part.kind == "changed")
        return {"old": old, "new": new, "parts": parts, "groups": groups, "html": html}

    def _output(self, path: str) -> Output:
        outputs = {output.path: output for output in self.cards.program.outputs}
        if path not in outputs:
            known = ", ".join(outputs)
            raise Unresolved(f"no chapter makes a file {path}; there are {known}")
        return outputs[path]

    def _highlighted(self, output: Output) -> list[Markup]:
        language = self.cards.index.language(output.chunk)
        html = self.cards.highlight(output.text, language)
        return [Markup(line) for line in html.split("\n")]
