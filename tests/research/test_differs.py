"""What the page on Spinning Up names as its tests exists, and stands where it says."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tangle import load
from tangle.expand import Program

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book/research/differs.md").read_text()
NAMED = re.compile(r"\{chunk\}`([^`<]+) <([\w-]+:[\w-]+)>`")
ROW = re.compile(r"^\| (?!---)(.+) \| (.+) \| (.+) \|$", re.M)
UNTESTED = 3  # rows without a test here: installing, an exercise's time, the papers


def where_tests_are(program: Program) -> Mapping[str, set[str]]:
    """The tests that each chunk holds, of those that land in tests/."""
    tested = {
        line.block
        for output in program.outputs
        if output.path.startswith("tests/")
        for line in output.lines
    }
    return {
        chunk.full_name: {
            name
            for block in chunk.blocks
            if block in tested
            for name in re.findall(r"^def (test_\w+)", "\n".join(block.lines), re.M)
        }
        for chunk in program.chunks.all
    }


@pytest.fixture(scope="module")
def places() -> Mapping[str, set[str]]:
    return where_tests_are(load(ROOT))


def missing(page: str, places: Mapping[str, set[str]]) -> list[str]:
    """The tests that a page names in its words, and that are not in their chunk."""
    return [
        f"{chunk} has no {name}"
        for words, chunk in NAMED.findall(page)
        if (name := f"test_{words.replace(' ', '_')}") not in places.get(chunk, ())
    ]


def test_each_test_that_the_page_names_is_where_it_says(places):
    assert missing(PAGE, places) == []
    assert len(set(NAMED.findall(PAGE))) > 70


def test_a_test_that_is_renamed_or_moved_is_missed(places):
    right = "{chunk}`trpo learns <trpo:test-learning>`"
    assert missing(right, places) == []
    for old, new in (("learns", "learnt"), ("<trpo:", "<vpg:"), ("-learning", "-it")):
        assert len(missing(right.replace(old, new), places)) == 1
    helper = "{chunk}`policy loss <vpg:policy-loss>`"  # no test, and in no test file
    assert len(missing(helper, places)) == 1


def test_each_known_mistake_names_a_test():
    tables = PAGE.partition("## What Spinning Up has")[0]
    rows = [row for row in ROW.findall(tables) if row[2] != "held by"]
    bare = [row for row in rows if not NAMED.search(row[2])]
    assert len(rows) > 40
    assert [last for _, _, last in bare] == ["–"] * UNTESTED
