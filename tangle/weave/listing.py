"""Writes what stands beside the chapters: a page for each file, and scripts. After cards.

A page has a file's text, each line linked to its chunk. A script has the code of the
chunks of a chapter, for the buttons that unfold and copy it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markupsafe import escape

from tangle.model import Block, Output
from tangle.weave.cards import Cards

Page = tuple[str, dict[str, Any], str]  # name, values, template of Sphinx


def name(output: Output) -> str:
    return f"listings/{output.path}"


def page(cards: Cards, output: Output) -> Page:
    html = cards.highlight(output.text, cards.index.language(output.chunk))
    lines = list(zip(output.lines, html.split("\n")[:-1], strict=True))
    body = cards.render("listing-page.html", name(output), output=output, lines=lines)
    return name(output), {"title": escape(output.path), "body": body}, "page.html"


def finish(cards: Cards, same: bool) -> None:
    """Write the scripts, and remove those and the listings of what is no more.

    Those on the disk are the `same` as would be written, or are not.
    """
    builder = cards.builder
    out = Path(builder.outdir)
    listings = map(name, cards.program.outputs)
    kept = {*map(builder.get_outfilename, [*builder.env.found_docs, *listings])}
    for home, chapter in cards.chapters.items():
        if chapter.blocks:
            path = out / f"_static/chunks/{home}.js"
            kept.add(str(path))
            if not (same and path.exists()):
                _write(cards, home, path)
    for pattern in ("listings/**/*.html", "_static/chunks/**/*.js"):
        for path in out.glob(pattern):
            if str(path) not in kept:
                path.unlink()


def _write(cards: Cards, page: str, path: Path) -> None:
    blocks = cards.chapters[page].blocks
    chunks = {cards.anchors[block]: _code(cards, page, block) for block in blocks}
    data = {"uri": cards.builder.get_target_uri(page), "chunks": chunks}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"tangled[{json.dumps(page)}] = {json.dumps(data)};\n")


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
