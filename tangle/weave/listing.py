"""Writes what stands beside the chapters: a page for each file, and scripts. After cards.

A page has a file's text, each line linked to its chunk. A script has the code of the
chunks of a chapter, for the buttons that unfold and copy it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markupsafe import escape

from tangle.model import Chapter
from tangle.weave.cards import Cards, render

Page = tuple[str, dict[str, Any], str]  # name, values, template of Sphinx


def pages(cards: Cards) -> Iterator[Page]:
    for output in cards.program.outputs:
        page = f"listings/{output.path}"
        html = cards.highlight(output.text, cards.index.language(output.chunk))
        lines = list(zip(output.lines, html.split("\n")[:-1], strict=True))
        values = {"cards": cards, "page": page, "output": output, "lines": lines}
        body = render("listing.html", **values)
        yield page, {"title": escape(output.path), "body": body}, "page.html"


def finish(cards: Cards) -> None:
    """Write the scripts, and remove the listings of files that are no more."""
    builder = cards.builder
    out = Path(builder.outdir)
    for page, chapter in cards.chapters.items():
        path = out / f"_static/chunks/{page}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_script(cards, page, chapter))
    listings = (f"listings/{output.path}" for output in cards.program.outputs)
    kept = map(builder.get_outfilename, [*builder.env.found_docs, *listings])
    for path in {*out.glob("listings/**/*.html")} - {*map(Path, kept)}:
        path.unlink()


def _script(cards: Cards, page: str, chapter: Chapter) -> str:
    chunks = {cards.anchors[b]: cards.source(page, b) for b in chapter.blocks}
    data = {"uri": cards.builder.get_target_uri(page), "chunks": chunks}
    return f"tangled[{json.dumps(page)}] = {json.dumps(data)};\n"
