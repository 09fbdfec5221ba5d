"""The contents on the title page: minutes and a picture beside each chapter.

A list in `:::{div} contents` names a chapter and says a sentence about it. What else
stands there is the chapter's own: the minutes of its card, and its first figure.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

TIME = re.compile(r"\bTime\s+(\d+) minutes\b")


def minutes(chapter: nodes.document) -> str:
    """How long the card of a chapter says that it takes; empty if it has none."""
    for card in chapter.findall(nodes.admonition):
        if "chapter-card" in card["classes"] and (found := TIME.search(card.astext())):
            return f"{found[1]} min"
    return ""


def picture(chapter: nodes.document) -> str:
    """Where the first drawing of a chapter lies; empty if it has none."""
    found = (str(image["uri"]) for image in chapter.findall(nodes.image))
    return next((uri for uri in found if uri.endswith(".svg")), "")


def small(uri: str) -> nodes.image:
    """A picture that a screen reader passes by."""
    return nodes.image(uri=uri, candidates={"*": uri}, alt="", loading="lazy")


def entries(tree: nodes.document) -> list[tuple[nodes.list_item, str]]:
    """The entries of the contents, and to which page each leads."""
    found = []
    for box in tree.findall(nodes.container):
        if "contents" in box["classes"]:
            for item in box.findall(nodes.list_item):
                for link in item.findall(addnodes.pending_xref):
                    found.append((item, str(link["reftarget"]).removesuffix(".md")))
                    break
    return found


def remember(app: Sphinx, tree: nodes.document) -> None:
    """Note what a chapter has for its entry; and where an entry leads, while it says so."""
    app.env.metadata[app.env.docname]["entry"] = (minutes(tree), picture(tree))
    for item, chapter in entries(tree):
        item["chapter"] = chapter


def fill(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Put the minutes and the picture into each entry."""
    for item in tree.findall(nodes.list_item):
        name = item.attributes.pop("chapter", "")
        if name not in app.env.found_docs:
            continue
        time, uri = app.env.metadata[name]["entry"]
        if time:
            next(item.findall(nodes.paragraph)).append(
                nodes.inline("", f" {time}", classes=["minutes"])
            )
        if app.builder.format == "html" and uri:
            item.insert(0, nodes.container("", small(uri), classes=["small-picture"]))


def depends(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The title page is written again with any chapter."""
    return [str(app.config.root_doc)]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", remember, priority=900)  # pictures are in their places
    app.connect("doctree-resolved", fill)
    app.connect("env-updated", depends)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
