"""The works that the book names: that each is identified, there once, and said to be worth it;
and that the page finds where they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bibfile
import pytest
import works
from bibfile import Citation, Guide, Topic

import tangle
from tangle.model import Block, Place

BOOK = Path(__file__).parents[2] / "book"
GOOD = r"""
@article{huber1964robust,
  author  = {Huber, Peter J.},
  title   = {Robust Estimation},
  journal = {Annals},
  year    = {1964},
  doi     = {10.1214/aoms/1177703732},
  checked = {a library}
}
@inproceedings{two2019works,
  author        = {de Two, {\"U}ma and One, A. B. and Three, C.},
  title         = {{PPO} and {TRPO}},
  booktitle     = {Conference},
  year          = {2019},
  eprint        = {1802.09477},
  archiveprefix = {arXiv},
  checked       = {another library}
}
@misc{three2011site,
  author = {Three, C. and others},
  title  = {A Site},
  year   = {2011},
  url    = {https://example.org/site},
  noid   = {a web site},
  checked = {the site}
}
"""


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(text: str) -> dict[str, bibfile.Work]:
        file = tmp_path / "some.bib"
        file.write_text(text, encoding="utf-8")
        return bibfile.read_works(file)

    return read


@pytest.fixture(scope="module")
def known() -> dict[str, bibfile.Work]:
    return bibfile.read_works(BOOK / works.BIBLIOGRAPHY)


@pytest.fixture(scope="module")
def library() -> works.Library:
    return works.Library(BOOK, tangle.load(BOOK.parent))


# -- This book ------------------------------------------------------------------------


def test_the_bibliography_keeps_the_rules(known: dict[str, bibfile.Work]):
    cited = [*bibfile.citations(BOOK)]
    assert len(known) > 300 and len(cited) > 150
    assert bibfile.faults(known, cited) == []


def test_each_work_has_a_sentence_and_each_topic_a_place_on_the_page(
    known: dict[str, bibfile.Work],
):
    guide = bibfile.read_guide(BOOK / works.GUIDE)
    assert bibfile.faults_of_guide(guide, known) == []
    page = (BOOK / "research/key-papers.md").read_text(encoding="utf-8")
    for topic in guide.topics.values():
        head, _ = page.split(f"```{{papers}} {topic.name}\n")
        assert f"\n### {topic.title}\n" in f"\n###{head.rsplit('###')[-1]}"


# -- The rules, each broken on purpose ------------------------------------------------

BROKEN = {
    "no identifier": (
        "  doi     = {10.1214/aoms/1177703732},\n",
        "",
        "huber1964robust has no identifier (eprint, doi, isbn), nor why (noid) and where it is (url)",
    ),
    "a reason without a place": (
        "  url    = {https://example.org/site},\n",
        "",
        "three2011site has no identifier (eprint, doi, isbn), nor why (noid) and where it is (url)",
    ),
    "an identifier and a reason": (
        "eprint        = {1802.09477}",
        "noid = {none}, eprint = {1802.09477}",
        "two2019works has an identifier and says why it has none",
    ),
    "month 13": (
        "1802.09477",
        "1813.09477",
        "two2019works has a malformed number of arXiv, 1813.09477",
    ),
    "a version": (
        "1802.09477",
        "1802.09477v2",
        "two2019works has a malformed number of arXiv, 1802.09477v2",
    ),
    "four digits in 2018": (
        "1802.09477",
        "1802.0947",
        "two2019works has a number of arXiv with too many digits or too few, 1802.0947",
    ),
    "five digits in 2014": (
        "1802.09477",
        "1402.09477",
        "two2019works has a number of arXiv with too many digits or too few, 1402.09477",
    ),
    "an address for a DOI": (
        "10.1214/aoms",
        "https://doi.org/10.1214/aoms",
        "huber1964robust has a malformed DOI, https://doi.org/10.1214/aoms/1177703732",
    ),
    "a digit of a book": (
        "noid   = {a web site}",
        "isbn = {978-1-886529-39-6}",
        "three2011site has a malformed ISBN, 978-1-886529-39-6",
    ),
    "a year before arXiv": (
        "1802.09477",
        "2002.09477",
        "two2019works is of 2019, and came to arXiv in 2020",
    ),
    "one title": (
        "{Robust Estimation}",
        "{{PPO} and {Trpo}}",
        "huber1964robust, two2019works: the same title",
    ),
    "one number": (
        "doi     = {10.1214/aoms/1177703732}",
        "eprint  = {1802.09477}, note = {}",
        "huber1964robust, two2019works: the same eprint",
    ),
    "one DOI": (
        "eprint        = {1802.09477}",
        "doi = {10.1214/AOMS/1177703732}",
        "huber1964robust, two2019works: the same doi",
    ),
    "nobody checked": (
        "checked = {a library}",
        "note = {}",
        "huber1964robust has no checked",
    ),
    "no author": (
        "author  = {Huber, Peter J.}",
        "note = {}",
        "huber1964robust has no authors",
    ),
}


@pytest.mark.parametrize("old, new, fault", BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_found(read: Any, old: str, new: str, fault: str):
    assert bibfile.faults(read(GOOD)) == []
    assert GOOD.count(old) == 1
    found = bibfile.faults(read(GOOD.replace(old, new)))
    # An arXiv number of 1964 is a fault of its own.
    assert [f for f in found if "is of 1964" not in f] == [fault]


def test_published_later_or_with_a_reason_is_no_contradiction(read: Any):
    assert bibfile.faults(read(GOOD.replace("{2019}", "{2031}"))) == []
    late = GOOD.replace("1802.09477}", "2002.09477}, posted = {by a library}")
    assert bibfile.faults(read(late)) == []


def test_books_have_numbers():
    good = ["0-691-07951-X", "978-1-886529-39-7", "0691079517"]
    assert [*map(bibfile.is_isbn, good)] == [True, True, False]
    assert not bibfile.is_isbn("978-1-886529")


def test_a_citation_without_an_entry_is_found(read: Any, tmp_path: Path):
    (tmp_path / "part").mkdir()
    chapter = tmp_path / "part/chapter.md"
    text = "One {cite}`huber1964robust,nobody1999`, {cite:t}`{see}two2019works`\n\n{cite:p}`lost`"
    chapter.write_text(text)
    found = [*bibfile.citations(tmp_path)]
    assert [c.key for c in found] == [
        "huber1964robust",
        "nobody1999",
        "two2019works",
        "lost",
    ]
    assert bibfile.faults(read(GOOD), found) == [
        "part/chapter.md:1: no entry nobody1999",
        "part/chapter.md:3: no entry lost",
    ]


def test_a_key_is_there_once(read: Any):
    with pytest.raises(Exception, match="repeated bibliography entry"):
        read(GOOD + GOOD)


KEYS = [f"work{n}" for n in range(30)]
GUIDE = Guide(
    core=KEYS,
    contested={"work1": {"work2": "says no."}},
    topics={"all": Topic("all", "All", dict.fromkeys(KEYS, "Read it."))},
    unprinted={},
)
SPOILT = {
    "no entry": (
        {"contested": {"work1": {"gone": "says no."}}},
        ["gone has no entry"],
    ),
    "no sentence": (
        {"topics": {"all": Topic("all", "All", dict.fromkeys(KEYS[1:], "Read it."))}},
        ["work0 has no sentence"],
    ),
    "half a sentence": (
        {"contested": {"work1": {"work2": "says"}}},
        ["no sentence: 'says'"],
    ),
    "two topics": (
        {"topics": {**GUIDE.topics, "b": Topic("b", "B", {"work3": "Again."})}},
        ["work3 stands in two topics"],
    ),
    "a shorter path": (
        {"core": [*KEYS[1:], "work1"]},
        ["the core path is not of thirty works"],
    ),
    "printed all the same": ({"unprinted": {"work7": "?"}}, ["work7 is printed"]),
}


@pytest.mark.parametrize("changes, faults", SPOILT.values(), ids=SPOILT)
def test_a_guide_names_the_works_there_are(read: Any, changes: Any, faults: list[str]):
    work = read(GOOD)["two2019works"]
    known = {key: replace(work, key=key) for key in KEYS}
    assert bibfile.faults_of_guide(GUIDE, known) == []
    assert bibfile.faults_of_guide(replace(GUIDE, **changes), known) == faults


# -- What is said of a work -----------------------------------------------------------


def test_names_and_addresses(read: Any):
    one, two, three = read(GOOD).values()
    assert [w.short for w in (one, two, three)] == [
        "Huber (1964)",
        "de Two et al. (2019)",
        "Three et al. (2011)",
    ]
    assert replace(two, surnames=("A", "B")).short == "A and B (2019)"
    assert two.title == "PPO and TRPO"
    assert two.names(8) == "Üma de Two, A. B. One and C. Three"
    assert two.names(2) == "Üma de Two, A. B. One and others"
    assert three.names(8) == "C. Three and others"
    assert (one.names(8), one.venue) == ("Peter J. Huber", "Annals")
    assert one.address == "https://doi.org/10.1214/aoms/1177703732"
    assert two.address == "https://arxiv.org/abs/1802.09477"
    assert (three.address, three.identifier) == (three.url, "example.org")
    book = replace(three, url="", noid="", isbn="0-691-07951-X")
    assert (book.address, book.identifier) == ("", "ISBN 0-691-07951-X")


# -- Where it is used -----------------------------------------------------------------

CHAPTER = """\
# Title
Opening {cite}`opening`.

```python
# {cite}`illustration` is no prose
```

```python {file=f.py}
<<f>>
```

## One
After {cite}`first,second`,

```python {#f}
pass
```

and {cite:t}`third`.

~~~python {#g}
pass
~~~

### Two

```python {#h}
pass
```
"""


def test_a_citation_is_for_the_code_of_its_section_and_an_opening_for_the_file():
    lines = CHAPTER.splitlines()
    at = [n for n, line in enumerate(lines, 1) if " {" in line and "python" in line]
    blocks = [
        Block(place=Place("a.md", n), language="python", lines=("pass",), file=file)
        for n, file in zip(at, ["f.py", None, None, None])
    ]
    found = works.beside(CHAPTER, blocks)
    assert [found[block] for block in blocks] == [
        {"opening"},
        {"first", "second"},
        {"first", "second", "third"},
        set(),
    ]


def test_an_opening_is_for_a_file_below_too():
    text = "# T\n{cite}`a`\n\n## One\n\n```python {#f}\nx\n```\n```python {file=f.py}\nx\n```\n"
    part = Block(place=Place("a.md", 6), language="python", lines=("x",))
    whole = Block(place=Place("a.md", 9), language="python", lines=("x",), file="f.py")
    assert works.beside(text, [part, whole]) == {part: set(), whole: {"a"}}


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("williams1992simple", "first/simplest_pg.py"),
        ("sutton2000policy", "vpg.py"),
        ("schulman2016gae", "vpg.py"),
        ("schulman2016gae", "ppo.py"),
        ("schulman2015trpo", "trpo.py"),
        ("schulman2017ppo", "ppo.py"),
        ("mnih2015human", "dqn.py"),
        ("silver2014dpg", "ddpg.py"),
        ("lillicrap2016ddpg", "ddpg.py"),
        ("fujimoto2018td3", "td3.py"),
        ("haarnoja2018sac", "sac.py"),
        ("haarnoja2018applications", "sac.py"),
    ],
)
def test_the_papers_of_the_algorithms_stand_beside_their_code(
    library: works.Library, key: str, file: str
):
    assert [f"spinup_lit/{file}"] == [
        lines.path for lines in library.code[key] if lines.path.endswith(f"/{file}")
    ][:1]


def test_comments_and_docstrings_name_works_and_code_does_not(read: Any):
    code = '''\
def f(two2019works):
    """Clipped, see
    Huber (1964)."""
    huber1964robust = 1964  # as de Two et al. (2019) do
    return huber1964robust  # two2019works. Huber was born in 1914.
'''
    assert {*works.mentioned(code, read(GOOD).values())} == {
        ("huber1964robust", 3),
        ("two2019works", 4),
        ("two2019works", 5),
    }


def test_chapters_that_cite_come_in_the_order_of_the_book():
    def ref(page: str, place: str, *keys: str) -> SimpleNamespace:
        targets = [SimpleNamespace(key=key) for key in keys]
        return SimpleNamespace(docname=page, citation_ref_id=place, targets=targets)

    refs = [ref("a", "id1", "x"), ref("z", "id1", "x", "y"), ref("z", "id2", "y")]
    env: Any = SimpleNamespace(
        get_domain=lambda name: SimpleNamespace(citation_refs=refs),
        toctree_includes={"index": ["z", "a"]},
        config=SimpleNamespace(root_doc="index"),
    )
    found = works.citing(env)
    assert [*found["x"].items()] == [("z", "id1"), ("a", "id1")]
    assert found["y"] == {"z": "id1"}


def test_a_page_whose_works_are_said_otherwise_is_written_again():
    cited = {"x": {"chapter": "id1"}}
    library = SimpleNamespace(data="one", code={})
    env: Any = SimpleNamespace(
        app=SimpleNamespace(works_library=library),
        works_page="papers",
        found_docs={"papers", "chapter"},
        titles={"chapter": SimpleNamespace(astext=lambda: "A")},
    )
    stages = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(works, "citing", lambda env: cited)
        stages.append(works.to_write(env.app, env))
        stages.append(works.to_write(env.app, env))
        library.code = {"x": [works.Lines("f.py", 1, 2)]}
        stages.append(works.to_write(env.app, env))
        library.data = "two"
        stages.append(works.to_write(env.app, env))
    both = ["chapter", "papers"]
    assert stages == [both, [], ["papers"], both]


def test_lines_are_named_as_in_the_package():
    assert str(works.Lines("spinup_lit/ppo.py", 3, 3)) == "ppo.py 3"
    assert str(works.Lines("spinup_lit/exact/td.py", 3, 9)) == "exact/td.py 3–9"


def test_lines_within_others_are_not_named_again():
    a, b, c = (works.Lines("a.py", *n) for n in ((1, 9), (4, 6), (8, 12)))
    other = works.Lines("b.py", 4, 6)
    assert works.outermost({other, c, b, a}) == [a, c, other]


def test_a_citation_without_a_work_is_reported_with_its_place():
    lost = bibfile.faults({}, [Citation("a.md:3", "gone")])
    assert lost == ["a.md:3: no entry gone"]
