"""Tables of what a program holds, and its changes from file to file, for a page.

A directive leaves a `view` in its page. What it shows is made when the page is written.
After cards, changes.
"""

from __future__ import annotations

from fnmatch import fnmatch
from itertools import groupby
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.util.docutils import SphinxDirective

from tangle.chunks import Unresolved
from tangle.model import Output
from tangle.weave.cards import Cards
from tangle.weave.changes import changes


class view(nodes.General, nodes.Element):
    """To be replaced by what `show` makes of its `kind` and `arguments`."""


class View(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        shown = self.name, self.arguments, self.get_location()
        self.env.metadata[self.env.docname].setdefault("views", []).append(shown)
        return [view(kind=self.name, arguments=self.arguments)]


class Equations(View):
    optional_arguments = 100


class Changes(View):
    required_arguments = 2


class Listing(View):
    required_arguments = 1
    optional_arguments = 100


DIRECTIVES = {
    "listing-index": View,
    "chunk-index": View,
    "identifier-index": View,
    "equation-index": Equations,
    "changes": Changes,
    "listing": Listing,
}


def show(cards: Cards, page: str, kind: str, arguments: list[str]) -> str:
    """The HTML of a view.

    Raises:
        Unresolved: there is nothing that it could show.
    """
    values: dict[str, Any] = {}
    if kind == "equation-index":
        values = _equations(cards, arguments or ["*"])
    if kind == "changes":
        values = _changes(cards, *arguments)
    if kind == "listing":
        values = {"outputs": [_output(cards, path) for path in arguments]}
    return cards.render(f"{kind}.html", page, **values)


def _equations(cards: Cards, patterns: list[str]) -> dict[str, Any]:
    index = cards.index
    rows = [
        (chapter.path, label, index.implementing[label], index.checking[label])
        for chapter in cards.program.book.chapters
        if any(fnmatch(cards.page(chapter.path), pattern) for pattern in patterns)
        for label, (home, _) in cards.math.equations.items()
        if home == cards.page(chapter.path)
    ]
    if not rows:
        raise Unresolved(f"no numbered equation in {' '.join(patterns)}")
    return {"rows": rows, "chapters": groupby(rows, lambda row: row[0])}


def _changes(cards: Cards, *paths: str) -> dict[str, Any]:
    old, new = (_output(cards, path) for path in paths)
    parts = changes(old, new, cards.index.chunk_of)
    return {
        "old": old,
        "new": new,
        "added": sum(part.count("+") for part in parts),
        "removed": sum(part.count("-") for part in parts),
        "groups": groupby(parts, lambda part: part.kind in ("changed", "new")),
        "html": {"-": _highlighted(cards, old), "+": _highlighted(cards, new)},
    }


def _output(cards: Cards, path: str) -> Output:
    for output in cards.program.outputs:
        if output.path == path:
            return output
    known = ", ".join(output.path for output in cards.program.outputs)
    raise Unresolved(f"no chapter makes a file {path}; there are {known}")


def _highlighted(cards: Cards, output: Output) -> list[Markup]:
    html = cards.highlight(output.text, cards.index.language(output.chunk))
    return [Markup(line) for line in html.split("\n")]
