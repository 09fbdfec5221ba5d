"""The tables that pages show of a program, and the check of the names in prose."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest
from test_weave import BOOK, Element, Woven, numbered

pytestmark = pytest.mark.long  # most of them build a book

INDEXES = """
```{chunk-index}
```

```{identifier-index}
```

```{equation-index}
```

```{changes} lib/vpg.py lib/ppo.py
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Woven:
    """A book that the tests only read."""
    from conftest import Project

    root = tmp_path_factory.mktemp("book")
    book = numbered(**BOOK, z=INDEXES)
    woven = Woven(Project(root).write(book)).build()
    assert woven.warnings == ""
    return woven


@pytest.fixture
def weave(project) -> Callable[..., Woven]:
    return lambda **chapters: Woven(project.write(numbered(**chapters))).build()


def rows(table: Element) -> list[list[str]]:
    cells = (
        [c for c in tr.children if isinstance(c, Element)] for tr in table.all("tr")
    )
    return [[re.sub(r"\s+", " ", cell.text).strip() for cell in tr] for tr in cells]


def test_the_chunks_stand_below_their_chapters(book):
    table = book.page("z").all("table")[0]
    assert rows(table)[:6] == [
        ["Chunk", "Lines", "Used in"],
        ["T"],
        ["⟨gae⟩", "vpg.py 2–3, ppo.py 2–3", "vpg.py, ppo.py"],
        ["⟨test gae⟩", "test_gae.py 5–6", "test_gae.py"],
        ["test_gae.py", "test_gae.py 2–6", "–"],
        ["T"],
    ]
    assert ["⟨one step⟩", "vpg.py 12–13, 14–15", "vpg.py"] in rows(table)
    assert rows(table)[-1] == ["⟨clipped loss⟩", "ppo.py 6–7", "ppo.py"]


def test_tables_can_be_heard(book):
    for table in book.page("z").all("table"):
        assert table.one("caption").text
        assert {th["scope"] for th in table.all("th")} <= {"col", "row", "rowgroup"}
        head = [th.text for th in table.one("thead").all("th")]
        for tr in (tr for body in table.all("tbody") for tr in body.all("tr")):
            if tr.all("td"):
                assert [td["data-column"] for td in tr.all("td")] == head[1:]


def test_the_names_have_their_chunk_files_and_users(book):
    assert rows(book.page("z").all("table")[1])[1:] == [
        ["gae", "⟨adv: gae⟩ in vpg.py, ppo.py", "⟨adv: test gae⟩, ⟨vpg: twice⟩"],
        ["policy_loss", "⟨vpg: policy loss⟩ in vpg.py, ppo.py", "⟨vpg: one step⟩"],
        ["train", "vpg.py in vpg.py", "–"],
    ]


def test_the_equations_say_what_is_missing(weave):
    woven = weave(
        index="```{equation-index} a b*\n```\n",
        a="$$a$$ (eq-a)\n\n$$b$$ (eq-b)\n\n$$c$$\n\n$$d$$ (eq-d)\n\n"
        "```python {file=f.py implements=eq-a}\nx = 1\n```\n\n"
        '```python {#t file=t.py checks="eq-a eq-d"}\ny = 1\n```\n',
        b1="$$e$$ (eq-e)\n",
        c="$$f$$ (eq-f)\n",
    )
    page = woven.page("index")
    assert rows(page.one("table"))[1:] == [
        ["T"],
        ["(1.1)", "f.py", "⟨a: t⟩".replace("a: ", "")],
        ["(1.2)", "no code", "no check"],
        ["(1.3)", "no code", "⟨t⟩"],
        ["T"],
        ["(2.1)", "no code", "no check"],
    ]
    assert "equations: 4. With code: 1;\nwith a check: 2;\nwith both: 1." in page.text


def test_links_lead_to_chunks(book):
    pages = (book.project.root / "_build/html/listings").rglob("*.py.html")
    listings = [f"listings/lib/{page.stem}" for page in pages if "lib" in page.parts]
    listings.append("listings/tests/test_gae.py")
    ids = {
        f"{page}.html#{anchor}"
        for page in (*BOOK, *listings)
        for anchor in ["", *re.findall(r' id="([^"]+)"', book.html(page))]
    }
    ids = {link.removesuffix("#") for link in ids}
    page = book.page("z")
    shown = (*page.all("table"), page.one(".changes"))
    links = [a["href"] for element in shown for a in element.all("a")]
    assert len(links) > 30
    assert set(links) <= ids


def test_changes_are_marked_in_words_and_signs(book):
    page = book.page("z").one(".changes")
    same = [li.text for li in page.all("li")]
    assert same == [
        "⟨adv: gae⟩ the same, 2 lines",
        "⟨vpg: one step⟩ no more, 2 lines",
        "⟨vpg: twice⟩ no more, 2 lines",
    ]
    card, root = page.all(".chunk")
    assert root.one(".chunk-head").text == "ppo.py\nchanged"
    assert root.one("pre").text == "removed: −def train():\n−    if True:\n"
    assert card.one(".chunk-where").text == "edits ⟨vpg: policy loss⟩"
    assert card.one("pre").text == (
        " def policy_loss(adv):\n"
        "removed: −    return -adv\nadded: +    return -min(adv, 2)\n"
    )
    assert card.one("del").text == "removed: −    return -adv"
    assert [word.text for word in card.one("ins").all(".k")] == ["return"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{changes} lib/vpg.py lib/pop.py", "no chapter makes a file lib/pop.py"),
        ("{equation-index} zzz*", "no numbered equation in zzz*"),
    ],
)
def test_a_view_of_what_there_is_not_is_a_warning_at_its_place(weave, text, message):
    woven = weave(**BOOK, z=f"Words.\n\n```{text}\n```\n")
    assert f"z.md:5: WARNING: {message}" in woven.warnings


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return delta", "return -delta"),  # what is folded; no table shows it
        ("def gae", "def gaee"),
        (' checks="eq-gae eq-pg"', ""),
        ("gae implements=eq-gae", "gae"),
    ],
)
def test_views_are_made_again_when_the_program_changes(project, old, new):
    woven = Woven(project.write(numbered(**BOOK, z=INDEXES))).build()
    path = project.root / "book/adv.md"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    incremental = woven.build().html("z")
    for file in (project.root / "_build").rglob("*.*"):
        if file.is_file():
            file.unlink()
    assert woven.build().html("z") == incremental


def test_a_page_of_changes_depends_on_both_files(weave, project):
    woven = weave(**BOOK, z="```{changes} lib/vpg.py lib/ppo.py\n```\n", y="")
    path = project.root / "book/ppo.md"
    path.write_text(path.read_text().replace("min(adv, 2)", "min(adv, 3)"))
    assert "z" in woven.build().written
    assert "min(adv, 3)" in woven.page("z").text.replace("\n", " ")
    assert "y" not in woven.written


def test_other_builders_leave_the_tables_out(weave, project):
    woven = weave(**BOOK, z=INDEXES)
    woven.build("text").build("latex")
    assert woven.warnings == ""
    assert "⟨" not in (project.root / "_build/text/z.txt").read_text()


def test_several_processes_make_the_same_tables_and_checks(weave, project):
    more = {f"more{n}": "See `lib.vpg.trian`.\n" for n in range(8)}
    woven = weave(**BOOK, **more, z=INDEXES)
    serial, warnings = woven.html("z"), sorted(woven.warnings.splitlines())
    assert len(warnings) == 8
    shutil.rmtree(project.root / "_build")
    assert woven.build(parallel=2).html("z") == serial
    assert sorted(woven.warnings.splitlines()) == warnings


def test_views_in_a_folder_lead_to_the_chapters(project):
    files = {"book/index.md": "# T\n", "book/f/z.md": f"# T\n{INDEXES}"}
    files |= {f"book/{stem}.md": f"# T\n\n{text}" for stem, text in BOOK.items()}
    woven = Woven(project.write(files)).build()
    assert woven.warnings == ""
    page = woven.page("f/z")
    links = [a["href"] for x in page.all("table") for a in x.all("a")]
    assert len(links) > 20
    assert {link.split("/")[0] for link in links} == {".."}


# -- Names in prose -------------------------------------------------------------------


def test_a_name_that_does_not_exist_is_a_warning_at_its_place(weave):
    woven = weave(**BOOK, z="Words.\n\nSee `lib.vpg.trian` and `lib.vpg.train`.\n")
    lines = [line for line in woven.warnings.splitlines() if "WARNING" in line]
    assert [line.partition("book/")[2] for line in lines] == [
        "z.md:5: WARNING: `lib.vpg.trian`: lib.vpg has no trian; did you mean train?"
        " (a name that is to be none: {code}`lib.vpg.trian`)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "`own_word`\n\n```python\nown_word = 1\n```\n",  # shown on the page itself
        "{code}`lib.vpg.trian`",  # another role: meant as it is
    ],
)
def test_names_that_are_meant_as_they_are(weave, text):
    assert weave(**BOOK, z=text).warnings == ""


def test_a_page_is_checked_again_when_another_takes_a_name_away(weave, project):
    woven = weave(**BOOK, z="`vpg.train`\n")
    assert woven.warnings == ""
    path = project.root / "book/vpg.md"
    path.write_text(path.read_text().replace("def train", "def learn"))
    assert "z.md:3: WARNING: `vpg.train`" in woven.build().warnings
    assert "z" not in woven.written
    assert "WARNING: `vpg.train`" in woven.build().warnings
