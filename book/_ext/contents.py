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


def picture(chapter: nodes.document) -> nodes.image | None:
    """The first drawing of a chapter, small, and silent to a screen reader."""
    for image in chapter.findall(nodes.image):
        if str(image["uri"]).endswith(".svg"):
            small = nodes.image(
                uri=image["uri"], candidates={"*": image["uri"]}, alt=""
            )
            small["loading"] = "lazy"
            return small
    return None


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
    """Note to which chapter an entry leads, while its link still says so."""
    for item, chapter in entries(tree):
        item["chapter"] = chapter


def fill(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Put the minutes and the picture into each entry."""
    for item in tree.findall(nodes.list_item):
        name = item.attributes.pop("chapter", "")
        if name not in app.env.found_docs:
            continue
        chapter = app.env.get_doctree(name)
        if time := minutes(chapter):
            next(item.findall(nodes.paragraph)).append(
                nodes.inline("", f" {time}", classes=["minutes"])
            )
        if app.builder.format == "html" and (small := picture(chapter)) is not None:
            item.insert(0, nodes.container("", small, classes=["small-picture"]))


def depends(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The title page is written again with any chapter."""
    return [str(app.config.root_doc)]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", remember)
    app.connect("doctree-resolved", fill)
    app.connect("env-updated", depends)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
