"""What the contents on the title page take from a chapter."""

from __future__ import annotations

import re
from pathlib import Path

import contents
import pytest
from docutils import nodes
from docutils.utils import new_document


def card(text: str, kind: str = "chapter-card") -> nodes.document:
    chapter = new_document("chapter")
    box = nodes.admonition("", nodes.paragraph("", text), classes=[kind])
    chapter += nodes.section("", box)
    return chapter


@pytest.mark.parametrize(
    ("chapter", "expected"),
    [
        (card("Time 35 minutes for the front; the rest when you need it."), "35 min"),
        (card("Run this: about 15 seconds. Time\n20 minutes."), "20 min"),
        (card("Run this (two minutes). Lifetime 3 minutes."), ""),
        (card("Time 35 minutes", "note"), ""),
        (new_document("no card"), ""),
    ],
)
def test_minutes_of_the_card(chapter: nodes.document, expected: str) -> None:
    assert contents.minutes(chapter) == expected


def test_the_first_drawing_is_the_picture() -> None:
    chapter = card("Time 1 minutes")
    assert contents.picture(chapter) == ""
    for name in ("photo.png", "first.svg", "second.svg"):
        chapter += nodes.image(uri=name, alt="What it shows")
    small = contents.small(contents.picture(chapter))
    assert (small["uri"], small["alt"]) == ("first.svg", "")


def test_every_chapter_is_in_the_contents() -> None:
    book = Path(__file__).parents[2] / "book"
    chapters = re.findall(r"file: (\S+)", (book / "_toc.yml").read_text())
    _, _, listed = (book / "index.md").read_text().partition("{div} contents")
    missing = [chapter for chapter in chapters if f"({chapter}.md)" not in listed]
    assert len(chapters) > 30 and not missing
