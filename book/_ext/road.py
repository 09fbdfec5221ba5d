"""The road through the book: from chapter to chapter, past the side roads.

A side road leads back to where it leaves the road, and on to what comes after that.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def neighbours(pages: list[str], side: dict[str, str], page: str) -> tuple[str, str]:
    """The pages before and after one; empty where the road begins and ends.

    Args:
        pages: all in the order of the table of contents.
        side: the side roads, and where each leaves the road.
        page: the one whose neighbours are asked for.
    """
    road = [name for name in pages if name not in side]
    place = road.index(side.get(page, page))
    before = side.get(page) or (road[place - 1] if place else "")
    return before, road[place + 1] if place + 1 < len(road) else ""


def lead(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Let the links at the end of a page follow the road."""
    if app.builder.name not in ("html", "dirhtml"):
        return
    builder: Any = app.builder
    if pagename in builder.relations:
        pages, side = list(builder.relations), app.config.side_roads
        for name, to in zip(("prev", "next"), neighbours(pages, side, pagename)):
            context[name] = to and {
                "link": builder.get_relative_uri(pagename, to),
                "title": builder.render_partial(app.env.titles[to])["title"],
            }


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("side_roads", {}, "html", [dict])
    app.connect("html-page-context", lead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
