# tests/book/test_notation.py: generated from book/appendix/notation.md; edit the chapter. sha256:ab3a6649cad11b7d
"""One symbol and one word for one thing: what the chapter Notation says, everywhere."""

import re
from pathlib import Path

import pytest

import spinup_lit

BOOK = Path(__file__).parents[2] / "book"
PAGE = BOOK / "appendix/notation.md"
GLOSSARY = BOOK / "appendix/glossary.md"
CHAPTERS = sorted(set(BOOK.rglob("*.md")) - {PAGE})

FENCED = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1`*$", re.M | re.S)
CAPTION = re.compile(r"(^---\n.*?^---\n)", re.M | re.S)  # and more of a cell's head
FORMULA = re.compile(r"(\$\$.+?\$\$|\$[^$]+\$)", re.S)


def only(pattern, text):
    """What a pattern finds in a text, and blanks in the place of the rest."""
    parts = pattern.split(text)  # found ones have odd numbers
    return "".join(x if i % 2 else blank(x) for i, x in enumerate(parts))


def blank(text):
    return re.sub(r"\S", " ", text)


def prose(file):
    """A chapter without its code; of a cell, the caption stays."""
    text = FENCED.sub(lambda fence: only(CAPTION, fence[0]), file.read_text())
    return re.sub(r"(?<!`)(`+)[^`]+\1(?!`)", lambda code: blank(code[0]), text)


def mathematics(file):
    return only(FORMULA, prose(file))


def phrase(words):
    """A pattern for words, wherever the lines break."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    start, end = (r"(?<![\w\\])" if words[0].isalpha() else ""), r"(?![A-Za-z])"
    return re.compile(start + pattern + end, re.I if len(words) > 1 else 0)


def faults(file, text, pattern, advice):
    """A message for each match, as those of tangle: path:line: what is wrong."""
    path = file.relative_to(BOOK.parent)
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{path}:{line}: {' '.join(match[0].split())}: {advice}"


def assert_none(found):
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def tables():
    """The rows of all tables of the page, by the heading of their first column."""
    found, head = {}, None
    for line in FENCED.sub("", PAGE.read_text()).splitlines():
        cells = [cell.strip(" |") for cell in line.split(" | ")]
        if not line.startswith("|"):
            head = None
        elif head is None:
            head = cells[0]
        elif not line.startswith("|--"):
            found.setdefault(head, []).append(cells)
    return found


TABLES = tables()
SYMBOLS, WORDS, NAMES = TABLES["symbol"], TABLES["word"], TABLES["name"]
FORBIDDEN = [
    (phrase(words or formula), FORMULA.pattern if formula else "", write)
    for write, instead in TABLES["write"]
    for words, formula in re.findall(r'"([^"]+)"|(?:^|, )\$([^$]+)\$', instead)
]


def homes(row):
    """The chapters that a row links to: one introduces it, others do so again."""
    links = re.findall(r"\]\(([^)#]+)", " ".join(row))
    return [(PAGE.parent / link).resolve() for link in links]


@pytest.mark.parametrize(
    "rows", [SYMBOLS, WORDS, NAMES], ids=["symbol", "word", "name"]
)
def test_no_row_stands_twice(rows):
    first = [row[0] for row in rows]
    assert len(first) > 10
    assert len(set(first)) == len(first), sorted(x for x in first if first.count(x) > 1)


@pytest.mark.parametrize("row", SYMBOLS, ids=lambda row: row[0].strip("$"))
def test_a_symbol_stands_in_its_chapter(row):
    home, symbol = homes(row)[0], row[0].strip("$")
    if not phrase(symbol).search(mathematics(home)):
        assert_none([f"{home.relative_to(BOOK.parent)}:1: has no {symbol}"])


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row[0])
def test_a_word_stands_in_its_chapter(row):
    home = homes(row)[0]
    if not phrase(row[0]).search(prose(home)):
        assert_none([f"{home.relative_to(BOOK.parent)}:1: has no {row[0]}"])


def test_names_of_code_are_names_of_the_package():
    known = set()
    for file in Path(spinup_lit.__file__).parent.rglob("*.py"):
        known.update(re.findall(r"\w+", file.read_text()))
    cells = [row[-1] for row in SYMBOLS] + [row[0] for row in NAMES]
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert len(named) > 20
    assert named <= known


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda file: file.stem)
def test_nothing_has_another_name(file):
    texts = {"": prose(file), FORMULA.pattern: mathematics(file)}
    assert_none(
        [
            fault
            for pattern, where, write in FORBIDDEN
            for fault in faults(file, texts[where], pattern, f"write {write}")
        ]
    )


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda file: file.stem)
def test_what_has_an_index_never_stands_without(file):
    indexed = [row[0] for row in SYMBOLS if "always with an index" in row[1]]
    bare = [re.escape(x.strip("$").split("_")[0]) + "(?![_a-zA-Z])" for x in indexed]
    pattern = re.compile("|".join(bare))
    assert_none([*faults(file, mathematics(file), pattern, "which index?")])


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda file: file.stem)
def test_a_symbol_that_is_taken_stands_for_nothing_else(file):
    text = mathematics(file)
    assert_none(
        [
            fault
            for row in SYMBOLS
            if "in no other chapter" in row[1] and file not in [*homes(row), GLOSSARY]
            for fault in faults(file, text, phrase(row[0].strip("$")), "it is taken")
        ]
    )


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda file: file.stem)
def test_a_word_is_defined_where_the_page_says(file):
    """Bold, in the middle of a sentence, is for what is defined there."""
    text = prose(file)
    assert_none(
        [
            fault
            for row in WORDS
            if file not in homes(row)
            for fault in faults(
                file, text, phrase(f"**{row[0]}**"), "defined elsewhere"
            )
        ]
    )


def test_faults_are_found(tmp_path, monkeypatch):
    """In a small chapter with one of each, and in code that may say anything."""
    monkeypatch.setattr(f"{__name__}.BOOK", tmp_path / "book")
    file = tmp_path / "book/chapter.md"
    file.parent.mkdir()
    file.write_text(
        "It can be\nshown with $\\rho_0$ and $\\delta$, not $\\delta_t$, that a **rank**\n"
        "of $\\alpha_k$\n"
        "```python\nsimply = rho_0  # $\\rho_0$\n```\nis `simply` one of $N$ episodes.\n"
    )
    for test, found in (
        (
            test_nothing_has_another_name,
            ["2: \\rho_0", "7: $N$ episodes", "1: It can be shown"],
        ),
        (test_what_has_an_index_never_stands_without, ["2: \\delta"]),
        (test_a_symbol_that_is_taken_stands_for_nothing_else, ["3: \\alpha"]),
        (test_a_word_is_defined_where_the_page_says, ["2: **rank**"]),
    ):
        with pytest.raises(pytest.fail.Exception) as caught:
            test(file)
        assert re.findall(r"book/chapter.md:(.*):", str(caught.value)) == found
