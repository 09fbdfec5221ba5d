"""The way through the book: what comes before and after a page, and the contents."""

from __future__ import annotations

import re

import pytest
import road
import slim

PAGES = ["index", "start", "first", "second", "deep", "deeper", "last"]
SIDE = {"deep": "first", "deeper": "second"}
CONTENTS = """
<p aria-level="2" class="caption" role="heading"><span class="caption-text">One</span></p>
<ul class="nav bd-sidenav">
<li class="toctree-l1"><a class="reference internal" href="a.html">1. A</a></li>
</ul>
<p aria-level="2" class="caption" role="heading"><span class="caption-text">Two</span></p>
<ul class="current nav bd-sidenav">
<li class="toctree-l1 current active"><a class="current reference internal" href="#">2. B</a></li>
<li class="toctree-l1"><a class="reference internal" href="c.html">3. C</a></li>
</ul>
<nav><ul><li class="toc-h2 nav-item toc-entry"><a class="nav-link" href="#x">X</a></li></ul></nav>
"""


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("index", "", "start"),
        ("first", "start", "second"),
        ("second", "first", "last"),
        ("deep", "first", "second"),
        ("deeper", "second", "last"),
        ("last", "second", ""),
    ],
)
def test_the_road_passes_side_roads_and_takes_back(page, before, after):
    assert road.neighbours(PAGES, SIDE, page) == (before, after)


def test_the_part_of_the_page_is_open_and_shows_its_sections():
    page = slim.fold_parts(CONTENTS + CONTENTS.splitlines()[-1])  # for a phone, again
    one, two = re.findall("<details.*?</details>", page, re.DOTALL)
    assert one.startswith("<details><summary>") and "1. A" in one
    assert two.startswith("<details open>") and "3. C" in two
    section = '<li><a class="nav-link" href="#x">X</a></li>'
    assert f'2. B</a><ul class="sections">{section}</ul>' in two


def test_all_parts_are_open_where_no_chapter_is():
    page = slim.fold_parts(CONTENTS.replace('class="current reference', 'class="ref'))
    assert page.count("<details open>") == 2
