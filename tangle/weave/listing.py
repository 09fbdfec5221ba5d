"""Writes what stands beside the chapters: a page for each file, and scripts. After cards.

A page has a file's text, each line linked to its chunk. A script has the code of the
chunks of a chapter, for the buttons that unfold and copy it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from markupsafe import escape

from tangle.model import Block
from tangle.weave.cards import Cards

Page = tuple[str, dict[str, Any], str]  # name, values, template of Sphinx


def pages(cards: Cards) -> Iterator[Page]:
    for output in cards.program.outputs:
        page = f"listings/{output.path}"
        html = cards.highlight(output.text, cards.index.language(output.chunk))
        lines = list(zip(output.lines, html.split("\n")[:-1], strict=True))
        body = cards.render("listing-page.html", page, output=output, lines=lines)
        yield page, {"title": escape(output.path), "body": body}, "page.html"


def finish(cards: Cards) -> None:
    """Write the scripts, and remove those and the listings of what is no more."""
    builder = cards.builder
    out = Path(builder.outdir)
    listings = (f"listings/{output.path}" for output in cards.program.outputs)
    kept = {*map(builder.get_outfilename, [*builder.env.found_docs, *listings])}
    for page, chapter in cards.chapters.items():
        if chapter.blocks:
            path = out / f"_static/chunks/{page}.js"
            path.parent.mkdir(parents=True, exist_ok=True)
            chunks = {cards.anchors[b]: _code(cards, page, b) for b in chapter.blocks}
            data = {"uri": builder.get_target_uri(page), "chunks": chunks}
            path.write_text(f"tangled[{json.dumps(page)}] = {json.dumps(data)};\n")
            kept.add(str(path))
    for pattern in ("listings/**/*.html", "_static/chunks/**/*.js"):
        for path in out.glob(pattern):
            if str(path) not in kept:
                path.unlink()


def _code(cards: Cards, page: str, block: Block) -> dict[str, str | list[str]]:
    """The code of a block as written, assembled, in HTML; and the parts that follow."""
    index = cards.index
    chunk = index.chunk_of[block]
    return {
        "written": _text(block.lines),
        "assembled": _text(index.assembled(block)),
        "html": cards.code(page, [*index.code([block])], index.language(chunk)),
        "more": [cards.anchors[b] for b in chunk.blocks[1:] if block is chunk.head],
    }


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
