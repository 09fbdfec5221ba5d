"""What the pages show of the program, and what stops them from showing it."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import docutils_namespace

from conftest import TOC, Project
from tangle.model import Block, Output
from tangle.weave import listing
from tangle.weave.cards import Cards

pytestmark = pytest.mark.long  # most of them build a book

SETTINGS = {
    "extensions": ["myst_parser", "sphinx_external_toc", "tangle.weave"],
    "myst_enable_extensions": ["colon_fence", "dollarmath", "deflist"],
    "html_theme": "basic",
    "numfig": True,
    "math_numfig": True,
    "math_eqref_format": "({number})",
}


class Element:
    """An element of a page: what it is called, what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    def __getitem__(self, attribute: str) -> str:
        return self.attributes.get(attribute) or ""

    @property
    def text(self) -> str:
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return "".join(parts)

    def all(self, query: str) -> list[Element]:
        """The elements below with a `tag` or a `.class`, in order."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                classes = [f".{name}" for name in child["class"].split()]
                found += [child] if query in (child.tag, *classes) else []
                found += child.all(query)
        return found

    def one(self, query: str) -> Element:
        (element,) = self.all(query)
        return element


class Page(HTMLParser):
    """Reads a page, and fails where an element is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open = [Element("", {})]
        self.feed(html)
        (self.top,) = self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in ("meta", "link", "br", "hr", "img", "input"):
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


class Woven:
    """The pages of a project after a build."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.warnings = ""
        self.written: set[str] = set()
        self.hooks: list[tuple[str, Callable[..., Any]]] = []

    def build(
        self, builder: str = "html", parallel: int = 1, only: str = "", **settings: Any
    ) -> Woven:
        root, warning = self.project.root, StringIO()
        with docutils_namespace():
            app = Sphinx(
                root / "book",
                None,
                root / "_build" / builder,
                root / "_build" / "doctrees",
                builder,
                {**SETTINGS, **settings},
                status=None,
                warning=warning,
                parallel=parallel,
            )
            # Else nothing is read in parallel: it does not say whether it could be.
            numbering = app.extensions["sphinx_multitoc_numbering"]
            numbering.parallel_read_safe = True
            for event, hook in self.hooks:
                app.connect(event, hook)
            self.written = set()
            app.connect("doctree-resolved", lambda _a, _d, page: self.written.add(page))
            app.build(False, [str(root / f"book/{only}.md")] if only else None)
        self.warnings = re.sub(r"\x1b\[[\d;]*m", "", warning.getvalue())
        return self

    def html(self, page: str, builder: str = "html") -> str:
        return (self.project.root / f"_build/{builder}/{page}.html").read_text()

    def output(self) -> dict[str, str]:
        """What was made for the reader: the pages, listings, and scripts of code."""
        out = self.project.root / "_build/html"
        paths = [*out.rglob("*.html"), *out.glob("_static/chunks/**/*.js")]
        return {str(path.relative_to(out)): path.read_text() for path in paths}

    def chunks(self, page: str) -> dict[str, dict[str, Any]]:
        """The code that the script of a chapter holds, by the id of the card."""
        script = self.project.root / f"_build/html/_static/chunks/{page}.js"
        name, data = script.read_text().removesuffix(";\n").split(" = ", 1)
        assert name == f"tangled[{json.dumps(page)}]"
        return json.loads(data)["chunks"]

    def page(self, page: str, builder: str = "html") -> Element:
        return Page(self.html(page, builder)).top

    def card(self, page: str, anchor: str) -> Element:
        (card,) = (c for c in self.page(page).all(".chunk") if c["id"] == anchor)
        return card


def numbered(**chapters: str) -> dict[str, str | bytes]:
    """The files of a book; its chapters after the first are numbered from 1."""
    first, *rest = chapters
    toc = ["format: jb-book", f"root: {first}", "options: {numbered: 2}", "chapters:"]
    toc += [f"- file: {stem}" for stem in rest] or ["- url: https://a.org"]
    files = {f"book/{stem}.md": f"# T\n\n{text}" for stem, text in chapters.items()}
    return {**files, TOC: "\n".join(toc) + "\n"}


@pytest.fixture
def weave(project: Project) -> Callable[..., Woven]:
    """Writes chapters, given by their stems, and builds the pages."""
    return lambda **chapters: Woven(project.write(numbered(**chapters))).build()


# -- A card -------------------------------------------------------------------------

PLAIN = "```python\nx = 1\n```\n"
CODE = "```python {#x}\nx = 1\n```\n"
ROOT = "```python {file=x.py}\n<<x>>\n```\n"

BOOK = {
    "index": "Nothing here.\n",
    "adv": """
$$A = \\delta$$ (eq-gae)

```python {#gae implements=eq-gae}
def gae(delta):
    return delta
```

A check.

```python {#test-gae checks="eq-gae eq-pg"}
def test_gae():
    assert gae(1) == 1
```

```python {file=tests/test_gae.py}
from lib.vpg import gae


<<test-gae>>
```
""",
    "vpg": """
$$J = A$$ (eq-pg)

```python {#policy-loss implements=eq-pg}
def policy_loss(adv):
    return -adv
```

```python {file=lib/vpg.py}
<<adv:gae>>


<<policy-loss>>


def train():
    if True:
        <<one-step>>
```

```python {#one-step}
policy_loss(1)
<<twice>>
```

More of it.

```python {#one-step .extend}
print("<&>")
<<twice>>
```

```python {#twice}
gae(2)
```
""",
    "ppo": """
```python {file=lib/ppo.py}
<<adv:gae>>


<<clipped-loss>>
```

```diff {#clipped-loss edits=vpg:policy-loss}
-    return -adv
+    return -min(adv, 2)
```
""",
}


LISTINGS = [
    f"listings/{path}" for path in ("tests/test_gae.py", "lib/vpg.py", "lib/ppo.py")
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Woven:
    """A book that the tests only read."""
    root = tmp_path_factory.mktemp("book")
    return Woven(Project(root).write(numbered(**BOOK))).build()


def test_a_card_names_the_chunk_and_all_the_lines_where_it_lands(book):
    head = book.card("adv", "chunk-gae").one(".chunk-head")
    assert head.one(".chunk-name").text == "⟨gae⟩"
    assert head.one(".chunk-where").text == "vpg.py 2–3, ppo.py 2–3"
    assert [code["title"] for code in head.all("code")] == ["lib/vpg.py", "lib/ppo.py"]
    assert head.text == "⟨gae⟩ vpg.py 2–3, ppo.py 2–3"
    assert book.warnings == ""


def test_the_lines_are_those_of_the_generated_files(book):
    book.project.tangle()
    seen = 0
    for page in ("adv", "vpg", "ppo"):
        for card in book.page(page).all(".chunk"):
            if card.all(".chunk-ref") or card.all(".highlight-diff"):
                continue
            code = card.one("pre").text.splitlines()
            assert card.one(".chunk-where").all("code")
            for path, lines in landings(card):
                text = (book.project.root / path).read_text().splitlines()
                for first, last in lines:
                    found = text[first - 1 : last]
                    assert [line.strip() for line in found] == [
                        line.strip() for line in code
                    ], path
                    seen += 1
    assert seen == 6


def landings(card: Element) -> list[tuple[str, list[tuple[int, int]]]]:
    where = card.one(".chunk-where")
    files = [code["title"] for code in where.all("code")]
    texts = re.split(r"[\w.]+\.\w+ ", where.text)[1:]
    ranges = (re.findall(r"(\d+)(?:–(\d+))?", text) for text in texts)
    return [
        (file, [(int(first), int(last or first)) for first, last in lines])
        for file, lines in zip(files, ranges, strict=True)
    ]


def test_the_lines_lead_to_the_listing(book):
    where = book.card("adv", "chunk-gae").one(".chunk-where")
    assert [(a.text, a["href"]) for a in where.all("a")] == [
        ("vpg.py 2–3", "listings/lib/vpg.py.html#L2"),
        ("ppo.py 2–3", "listings/lib/ppo.py.html#L2"),
    ]
    twice = book.card("vpg", "chunk-twice").one(".chunk-where").all("a")
    assert [(a.text, a["href"][-4:]) for a in twice] == [
        ("vpg.py 13", "#L13"),
        ("15", "#L15"),
    ]


def test_a_chunk_used_twice_in_a_file_lands_twice(book):
    where = book.card("vpg", "chunk-twice").one(".chunk-where")
    assert where.text == "vpg.py 13, 15"


def test_the_code_is_highlighted_as_sphinx_does_with_links_for_references(book):
    card = book.card("vpg", "file-lib-vpg-py")
    assert card.one(".chunk-name").one("code").text == "lib/vpg.py"
    outer = card.one(".highlight-python")
    assert outer["class"] == "highlight-python notranslate"
    assert card.one("pre").text == (
        "⟨adv: gae⟩\n⟨policy loss⟩\n\n\n"
        "def train():\n    if True:\n        ⟨one step⟩\n"
    )
    assert [a["href"] for a in card.all(".chunk-ref")] == [
        "adv.html#chunk-gae",
        "#chunk-policy-loss",
        "#chunk-one-step",
    ]
    assert [word.text for word in card.all(".k")] == ["def", "if"]


def test_every_link_leads_somewhere(book):
    pages = {name: book.page(name) for name in (*BOOK, *LISTINGS)}
    ids = {name: [e["id"] for e in everything(page)] for name, page in pages.items()}
    links = 0
    for name, page in pages.items():
        own = [x for x in ids[name] if x]
        assert len(own) == len(set(own))
        shown = (*page.all(".chunk"), *page.all(".eq-code-links"), *page.all("code"))
        for a in (a for element in shown for a in element.all("a")):
            target, anchor = urljoin(f"/{name}.html", a["href"]).split("#")
            assert anchor in ids[target[1:].removesuffix(".html")]
            assert a.text or a["aria-label"]
            links += 1
    assert links > 80


def everything(element: Element) -> list[Element]:
    below = (c for c in element.children if isinstance(c, Element))
    return [element, *(e for child in below for e in everything(child))]


def foot(woven: Woven, page: str, anchor: str) -> str:
    return woven.card(page, anchor).one(".chunk-foot").text


def test_the_foot_says_what_a_chunk_has_to_do_with_others(book):
    assert foot(book, "adv", "chunk-gae") == (
        "used in vpg.py, ppo.py · implements (1.1) · checked by ⟨test gae⟩"
    )
    assert foot(book, "adv", "chunk-test-gae") == (
        "used in test_gae.py · checks (1.1), (2.1)"
    )
    assert foot(book, "vpg", "chunk-policy-loss") == (
        "edited by ⟨ppo: clipped loss⟩ · used in vpg.py · "
        "implements (2.1) · checked by ⟨adv: test gae⟩"
    )
    assert foot(book, "ppo", "chunk-clipped-loss") == (
        "edits ⟨vpg: policy loss⟩ · used in ppo.py"
    )
    assert not book.card("vpg", "file-lib-vpg-py").all(".chunk-foot")


def test_parts_of_a_chunk_lead_to_one_another(book):
    first = book.card("vpg", "chunk-one-step").one(".chunk-foot")
    assert first.text == "continued below (1 of 2) · used in vpg.py"
    assert first.all("a")[0]["href"] == "#chunk-one-step-2"
    second = book.card("vpg", "chunk-one-step-2")
    assert second.one(".chunk-name").text == "⟨one step⟩"
    assert second.one(".chunk-where").text == "vpg.py 14–15"
    assert second.one(".chunk-foot").text == "continues from above (2 of 2)"
    assert second.one(".chunk-foot").one("a")["href"] == "#chunk-one-step"
    assert second.one("pre").text == 'print("<&>")\n⟨twice⟩\n'


def test_a_part_in_the_middle_leads_up_and_down(weave):
    part = "```python {#x .extend}\na = 1\n```\n\n"
    woven = weave(a=f"{CODE}\n{part}{part}{ROOT}")
    middle = woven.card("a", "chunk-x-2").one(".chunk-foot")
    assert middle.text == "continues from above (2 of 3) · continued below"
    assert [a["href"] for a in middle.all("a")] == ["#chunk-x", "#chunk-x-3"]


def test_ids_are_unique_whatever_chunks_are_called(weave):
    woven = weave(
        a="```python {#x}\na = 1\n```\n\n```python {#x .extend}\nb = 1\n```\n\n"
        "```python {#x-2}\nc = 1\n```\n\n"
        "```python {file=l/a.py}\n<<x>>\n<<x-2>>\n```\n\n"
        "```python {file=l-a.py}\nd = 1\n```\n"
    )
    cards = woven.page("a").all(".chunk")
    assert [card["id"] for card in cards] == [
        "chunk-x",
        "chunk-x-3",
        "chunk-x-2",
        "file-l-a-py",
        "file-l-a-py-2",
    ]


def test_a_heading_that_takes_the_id_of_a_chunk_is_a_warning(weave):
    text = "## Chunk x\n\n```python {#x file=x.py}\na = 1\n```\n"
    warnings = weave(a=text).warnings
    assert re.search(r"a\.md:[45]: WARNING: two elements #chunk-x on a page", warnings)


def test_a_diff_has_the_links_of_what_it_edits_and_lands_where_it_is_used(weave):
    woven = weave(
        a="```python {#f}\n<<old>>\nx = 1\n```\n\n```python {#old}\ny = 1\n```\n\n"
        "```python {file=f.py}\n<<f>>\n```\n",
        b="```diff {#g edits=a:f}\n-<<old>>\n+<<new>>\n x = 1\n```\n\n"
        "```python {#new}\ny = 2\n```\n\n```python {file=g.py}\n<<g>>\n```\n",
    )
    card = woven.card("b", "chunk-g")
    change = card.one(".chunk-change")
    assert change.one("pre").text == "-⟨a: old⟩\n+⟨new⟩\n x = 1\n"
    assert [a["href"] for a in change.all("a")] == [
        "a.html#chunk-old",
        "#chunk-new",
    ]
    assert card.one(".chunk-where").text == "g.py 2–3"


FREE = """
```python {#f file=f.py}
x = 1
```

```diff {#g edits=f}
-x = 1
+x = 2
```

```diff {#h edits=g}
-x = 2
+x = 3
```

```python {file=h.py .optional}
<<h>>
only_here = 4
```

```python {file=test_f.py}
USED = "a:g"
```

In the text, `only_here`, `h.only_here` and `h.py`.

```{changes} f.py h.py
```
"""


def test_a_variant_that_does_not_fit_is_marked_and_stops_nothing(weave, project):
    """Neither does an optional file that stays as it is: its names are still known."""
    woven = weave(a=FREE)
    project.tangle()
    assert woven.warnings == ""
    assert not woven.page("a").all(".chunk-misfit")
    fitting = woven.output()
    path = project.root / "book/a.md"
    path.write_text(path.read_text().replace("\nx = 1", "\nx = 0", 1))
    assert project.run().code == 0
    assert woven.build().warnings == ""
    marks = {c["id"]: c.all(".chunk-misfit") for c in woven.page("a").all(".chunk")}
    texts = {anchor: found[0].text.strip() for anchor, found in marks.items() if found}
    assert texts == {
        "chunk-g": "This variant does not fit the code that it edits: "
        "the old lines must occur once in f, and occur nowhere.",
        "chunk-h": "The variant that this edits, ⟨g⟩, does not fit the code.",
    }
    assert woven.card("a", "chunk-g").one("pre").text == "-x = 1\n+x = 2\n"
    assert woven.chunks("a")["chunk-g"]["assembled"] == "-x = 1\n+x = 2\n"
    listing = woven.page("listings/h.py").one(".listing").one("code").text
    assert "x = 3\nonly_here = 4\n" in "\n".join(map(str.strip, listing.split("\n")))
    (project.root / "h.py").write_text(project.outputs()["h.py"].decode() + "(\n")
    assert "no code has the name only_here" in woven.build().warnings
    path.write_text(path.read_text().replace("\nx = 0", "\nx = 1", 1))
    assert woven.build().output() == fitting


def test_a_test_of_two_equations_is_named_once(weave):
    woven = weave(
        a="$$a$$ (eq-a)\n\n$$b$$ (eq-b)\n\n"
        '```python {file=f.py implements="eq-a eq-b"}\nx = 1\n```\n\n'
        '```python {#t file=t.py checks="eq-a eq-b"}\ny = 1\n```\n'
    )
    assert foot(woven, "a", "file-f-py").endswith("(2) · checked by ⟨t⟩")


def test_names_of_files_may_hold_any_character(weave):
    woven = weave(a=f'{CODE}\n```python {{file="l/a&<b>.py"}}\n<<x>>\n```\n')
    assert woven.card("a", "file-l-a-b-py").one(".chunk-name").text == "l/a&<b>.py"
    card = woven.card("a", "chunk-x")
    assert card.one(".chunk-where").text == "a&<b>.py 2"
    assert card.one(".chunk-where").one("code")["title"] == "l/a&<b>.py"
    link = card.one(".chunk-foot").one("a")
    assert (link.text, link["title"]) == ("a&<b>.py", "l/a&<b>.py")


def test_a_block_keeps_what_else_the_page_says_of_it(project):
    config = "parse: {myst_enable_extensions: [attrs_block]}\n"
    text = "# T\n\n(there)=\n\n{emphasize-lines=2}\n```python {file=x.py}\na = 1\nb = 2\n```\n"
    woven = Woven(project.write({"_config.yml": config, "book/a.md": text}))
    page = woven.build(myst_enable_extensions=["attrs_block"]).page("a")
    assert page.one(".chunk").one(".hll").text == "b = 2\n"
    assert "there" in [element["id"] for element in everything(page)]


def test_what_lands_nowhere_shows_no_lines(weave):
    woven = weave(
        a="```python {#base}\nx = 1\n```\n\n"
        "```diff {#other edits=base}\n-x = 1\n+x = 2\n```\n\n"
        "```python {file=f.py}\n<<other>>\n```\n"
    )
    head = woven.card("a", "chunk-base").one(".chunk-head")
    assert head.text.strip() == "⟨base⟩"
    assert not head.all(".chunk-where")


def test_a_literal_reference_is_shown_as_it_is_written_to_the_file(weave):
    woven = weave(a="```text {file=f.md}\n  @<<x>>\n@<<y z\n```\n")
    assert woven.card("a", "file-f-md").one("pre").text == "  <<x>>\n@<<y z\n"


def test_a_file_with_a_first_line_of_its_own(weave):
    woven = weave(
        a="```sh {file=run.sh}\n#!/bin/sh\n<<go>>\n```\n\n```sh {#go}\nls\n```\n"
    )
    assert woven.card("a", "chunk-go").one(".chunk-where").text == "run.sh 3"


def test_code_of_any_language_may_be_a_piece_and_hold_references(weave):
    woven = weave(
        a='```json {#x}\n"a": $1,\n```\n\n```css {file=x.css}\na {\n  <<x>>\n}\n```\n'
    )
    assert woven.warnings == ""
    assert woven.card("a", "chunk-x").one("pre").text == '"a": $1,\n'
    assert woven.card("a", "file-x-css").one("pre").text == "a {\n  ⟨x⟩\n}\n"


def test_the_search_knows_the_code_and_the_names_of_references(book):
    index = (book.project.root / "_build/html/searchindex.js").read_text().lower()
    assert "policy_loss" in index
    assert "tanglelink" not in index


def test_blank_lines_before_the_code_are_shown(weave):
    woven = weave(a="```sh {file=x.sh}\n\n\nls\n\n```\n")
    assert woven.card("a", "file-x-sh").one("pre").text == "\n\nls\n\n"


def test_chapters_in_folders_with_names_in_any_script(project):
    toc = "format: jb-book\nroot: index\nchapters:\n- file: één/größe\n- file: b/c\n"
    code = "```python {#größe}\nx = 1\n```\n\n"
    root = "```python {file=l/é.py}\n<<größe>>\n```\n\n$$a$$ (eq-a)\n"
    other = "```python {file=m.py implements=eq-a}\n<<größe:größe>>\n<<größe>>\n```\n"
    project.write(
        {
            TOC: toc,
            "book/index.md": "# T\n\n```{chunk-index}\n```\n\n```{listing-index}\n```\n",
            "book/één/größe.md": f"# \\<b> & *c*\n\n{{chunk}}`größe`\n\n{code}{root}",
            "book/b/c.md": f"# C\n\n{{chunk}}`größe:größe`\n\n{code}{other}",
        }
    )
    woven = Woven(project).build()
    assert woven.warnings == ""
    names = ["index", "één/größe", "b/c", "listings/l/é.py", "listings/m.py"]
    pages = {name: woven.page(name) for name in names}
    ids = {name: {e["id"] for e in everything(page)} for name, page in pages.items()}
    seen = 0
    for name, page in pages.items():
        shown = [x for kind in CHECKED for x in page.all(kind)]
        for a in (a for element in shown for a in element.all("a")):
            path, _, anchor = urljoin(f"/{name}.html", a["href"]).partition("#")
            target = unquote(path)[1:].removesuffix(".html")
            assert unquote(anchor) in {"", *ids[target]}
            seen += 1
    assert seen > 20
    assert len(woven.chunks("b/c")) == len(woven.chunks("één/größe")) == 2
    links = [a.text for a in woven.card("b/c", "file-m-py").one("pre").all("a")]
    assert links == ["⟨größe: größe⟩", "⟨größe⟩"]
    titles = {a.text for a in pages["index"].all("table")[0].all("a")}
    assert "<b> & c" in titles


CHECKED = (".chunk", ".eq-code-links", ".program-index", ".listing", "p")


def test_references_stand_tight_and_are_copied_as_they_are_written(weave):
    other = "```python {#y}\ny = 1\n```\n\n"
    body = "z = 1\n\n\n<<x>>\n\n\n<<y>>\n<<y>>\n\n\nif z:\n    <<x>>\n\n    <<y>>\n"
    woven = weave(a=f"{CODE}\n{other}```python {{file=z.py}}\n{body}```\n")
    assert woven.card("a", "file-z-py").one("pre").text == (
        "z = 1\n\n\n⟨x⟩\n⟨y⟩\n⟨y⟩\n\n\nif z:\n    ⟨x⟩\n    ⟨y⟩\n"
    )
    code = woven.chunks("a")["file-z-py"]
    assert code["written"] == body
    assert "x = 1\n\n\ny = 1\ny = 1\n\n\nif" in code["assembled"]
    assert "⟨x⟩\n\n\n⟨y⟩" in text(code["html"])  # of which the buttons assemble


# -- Variants ---------------------------------------------------------------------------


def test_a_variant_shows_its_change_or_what_comes_of_it(book):
    card = book.card("ppo", "chunk-clipped-loss")
    change, result = (card.one(f".chunk-{face}") for face in ("change", "result"))
    assert "highlight-diff" in change["class"]
    assert change.one("pre").text == "-    return -adv\n+    return -min(adv, 2)\n"
    assert "highlight-python" in result["class"]
    assert result.one("pre").text == (
        "def policy_loss(adv):\n    return -min(adv, 2)\n"
    )
    assert [new.text for new in result.all("ins")] == ["    return -min(adv, 2)"]
    assert not book.card("vpg", "chunk-policy-loss").all(".chunk-faces")


def test_the_faces_of_a_variant_are_buttons_of_which_one_is_pressed(weave):
    diffs = "".join(
        f"```diff {{#y{n} edits=x}}\n-x = 1\n+x = {n}\n```\n\n" for n in (2, 3)
    )
    page = weave(a=f"{CODE}\n{diffs}{ROOT}\n{USES.format('a:y2', 'a:y3')}").page("a")
    groups = [group.all("input") for group in page.all(".chunk-faces")]
    for buttons in groups:
        assert [x["type"] for x in buttons] == ["radio", "radio"]
        assert ["checked" in x.attributes for x in buttons] == [True, False]
        assert len({x["name"] for x in buttons}) == 1
    assert [x["aria-label"] for x in groups[0]] == ["change: ⟨y2⟩", "result: ⟨y2⟩"]
    assert groups[0][0]["name"] != groups[1][0]["name"]
    assert [x.text for x in page.all("label")] == ["change", "result"] * 2


USES = '```python {{file=uses.py}}\nUSED = "{}", "{}"\n```\n'


# -- Checks -----------------------------------------------------------------------------


def checks(*names: str, kind: str = "") -> str:
    """A chunk with tests of these names, the file that holds it, and what they check."""
    code = "".join(f"def test_{name}():\n    assert x\n\n\n" for name in names)
    root = "```python {file=tests/test_x.py}\nfrom x import x\n<<check-x>>\n```\n"
    program = "```python {file=x.py}\nx = 1\n```\n"
    return f"{program}\n```python {{#check-x{kind}}}\n{code or 'x = 2'}\n```\n\n{root}"


def test_what_lands_in_tests_is_a_line_that_unfolds(weave):
    page = weave(a=checks("both_forms_agree", "the_six_cases")).page("a")
    fold, root = page.all("details")
    assert fold["class"] == "chunk-check"
    assert "open" not in fold.attributes
    assert fold.one("summary").text == "✓ checked: both forms agree, the six cases"
    assert fold.one("summary")["data-where"] == "tests/test_x.py 3"
    card = fold.one(".chunk")
    assert (card["id"], card.one(".chunk-name").text) == ("chunk-check-x", "⟨check x⟩")
    assert "def test_the_six_cases():" in card.one("pre").text
    assert root.one("summary").text == "for the checks: test_x.py"
    (program,) = (c for c in page.all(".chunk") if c["id"] == "file-x-py")
    assert program not in [c for d in page.all("details") for c in d.all(".chunk")]


def test_a_line_names_as_many_tests_as_there_is_room_for(weave):
    names = [f"{'very_' * 7}long_{n}" for n in range(4)]
    long = "very " * 7 + "long"
    line = weave(a=checks(*names)).page("a").all("summary")[0].text
    assert line == f"✓ checked: {long} 0, {long} 1 and 2 more"
    line = weave(a=checks("very_" * 30 + "long")).page("a").all("summary")[0].text
    assert line == "✓ checked: " + "very " * 30 + "long"


def test_code_of_the_program_and_of_tests_is_not_folded(weave):
    both = checks() + "\n```python {file=y.py}\n<<check-x>>\n```\n"
    page = weave(a=both).page("a")
    assert [fold.one(".chunk")["id"] for fold in page.all("details")] == [
        "file-tests-test_x-py"
    ]


def test_a_variant_for_tests_and_what_it_needs_are_not_folded(weave):
    needed = "```python {#y}\ny = 3\n```\n\n"
    diff = "```diff {#wrong edits=check-x}\n-x = 2\n+<<y>>\n```\n\n"
    tests = "```python {file=tests/test_y.py}\n<<y>>\n\n\n<<wrong>>\n```\n"
    page = weave(a=f"{needed}{diff}{tests}\n{checks()}").page("a")
    assert [fold.one(".chunk")["id"] for fold in page.all("details")] == [
        "file-tests-test_y-py",
        "chunk-check-x",
        "file-tests-test_x-py",
    ]


def test_a_check_may_stay_open(weave):
    page = weave(a=checks("one", kind=" .open")).page("a")
    assert [fold.one(".chunk")["id"] for fold in page.all("details")] == [
        "file-tests-test_x-py"
    ]
    assert "chunk-check-x" in [card["id"] for card in page.all(".chunk")]


def test_the_code_of_an_equation_is_not_folded(weave):
    equation = "$$a$$ (eq-a)\n\n"
    page = weave(a=equation + checks("one", kind=" implements=eq-a")).page("a")
    assert [fold.one(".chunk")["id"] for fold in page.all("details")] == [
        "file-tests-test_x-py"
    ]
    page = weave(a=equation + checks("one", kind=" checks=eq-a")).page("a")
    assert len(page.all("details")) == 2
    assert page.one(".eq-code-links").one("a")["href"] == "#chunk-check-x"


@pytest.mark.parametrize("place", ["file=y.py .open", "#y .open file=y.py"])
def test_only_a_check_can_be_open(project, place):
    project.write({"book/a.md": f"# T\n\n```python {{{place}}}\ny = 1\n```\n"})
    assert project.run().problems == [
        "book/a.md:3: only what lands in tests/ alone is folded and can be .open"
    ]


# -- Which blocks are cards -----------------------------------------------------------


def indented(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n".rstrip() + "\n" for line in text.splitlines())


PLACES = {
    "the page": f"{PLAIN}\n{CODE}\n{PLAIN}",
    "no blank lines": f"{PLAIN}{CODE}{PLAIN}",
    "an admonition": f"{PLAIN}\n````{{note}}\n{PLAIN}{CODE}````\n",
    "a title": f"````{{admonition}} T\n:class: tip\n\n{CODE}{PLAIN}````\n",
    "two admonitions": f"`````{{tip}}\n````{{note}}\n{PLAIN}{CODE}````\n`````\n",
    "colons": f"::::{{note}}\n:::{{tip}}\n{CODE}{PLAIN}:::\n::::\n",
    "a list": "- a\n\n" + indented(f"{PLAIN}{CODE}", "  "),
    "a numbered list": "10. a\n" + indented(f"{CODE}{PLAIN}", "    "),
    "the marker of a list": "- " + indented(CODE, "  ")[2:] + f"\n{PLAIN}",
    "a quotation": indented(f"a\n\n{PLAIN}{CODE}", "> "),
    "a list in a quotation": indented("- a\n" + indented(f"{PLAIN}{CODE}", "  "), "> "),
    "a definition": "term\n: text\n\n" + indented(f"{CODE}{PLAIN}", "  "),
    "tildes": CODE.replace("```", "~~~~") + PLAIN,
    "a longer fence around": f"````md\n{CODE}````\n{CODE}",
    "a comment before": f"<!--\n{CODE}-->\n\n{CODE}{PLAIN}",
    "a directive of the same": f"```{{code-block}} python\nx = 1\n```\n{CODE}",
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Woven:
    """All of them, with front matter and without, in one book."""
    files = {}
    for number, text in enumerate(PLACES.values()):
        root = ROOT.replace("x.py", f"x{number}.py")
        files[f"book/a{number}.md"] = f"# T\n\n{text}\n{root}"
        root = ROOT.replace("x.py", f"y{number}.py")
        files[f"book/b{number}.md"] = f"---\ntitle: t\na: 1\n---\n# T\n\n{text}\n{root}"
    return Woven(Project(tmp_path_factory.mktemp("places")).write(files)).build()


@pytest.mark.parametrize("front", ["a", "b"])
@pytest.mark.parametrize("place", PLACES)
def test_the_tangled_block_is_the_card_wherever_it_is(places, place, front):
    name = f"{front}{[*PLACES].index(place)}"
    page = places.page(name)
    card, _ = page.all(".chunk")
    assert (card["id"], card.one("pre").text) == ("chunk-x", "x = 1\n")
    # Of the blocks with this text it is the one that is tangled.
    rendered = re.sub(r"<!--.*?-->|````md.*?````", "", PLACES[place], flags=re.DOTALL)
    tangled = re.findall(r"python( \{#x\})?\n[\s>]*x = 1", rendered)
    cards = [pre for card in page.all(".chunk") for pre in card.all("pre")]
    same = [pre for pre in page.all("pre") if pre.text == "x = 1\n"]
    assert [pre in cards for pre in same] == [bool(word) for word in tangled]
    assert "tangled-block" not in places.html(name)


def test_a_block_without_lines(weave):
    woven = weave(a="```python {#x}\n```\n\n```python {file=x.py}\ny = 1\n<<x>>\n```\n")
    assert woven.card("a", "chunk-x").one("pre").text.strip() == ""


def test_windows_line_ends(project):
    text = f"# T\n\n{PLAIN}\n{CODE}\n{ROOT}".replace("\n", "\r\n").encode()
    woven = Woven(project.write({"book/a.md": text})).build()
    assert len(woven.page("a").all(".chunk")) == 2


def test_a_notebook_page(project):
    pytest.importorskip("myst_nb")
    cell = "```{code-cell} python3\nx = 1\n```\n"
    text = "---\nfile_format: mystnb\nkernelspec: {name: python3}\n---\n# T\n\n"
    text += f"{cell}\n{PLAIN}\n{CODE}\n{cell}\n{ROOT}"
    woven = Woven(project.write({"book/a.md": text}))
    extensions = ["myst_nb", *SETTINGS["extensions"][1:]]
    settings = {"source_suffix": {".md": "myst-nb"}, "nb_execution_mode": "off"}
    woven.build(extensions=extensions, **settings)
    page = woven.page("a")
    assert [card["id"] for card in page.all(".chunk")] == ["chunk-x", "file-x-py"]
    assert len(page.all("pre")) == 5


def test_tabs_and_dropdowns(project):
    pytest.importorskip("sphinx_design")
    text = (
        f"# T\n\n:::::{{tab-set}}\n::::{{tab-item}} A\n{PLAIN}::::\n"
        f"::::{{tab-item}} B\n:selected:\n{CODE}::::\n:::::\n\n"
        f"::::{{dropdown}} D\n:open:\n\n{ROOT}::::\n"
    )
    woven = Woven(project.write({"book/a.md": text}))
    woven.build(extensions=[*SETTINGS["extensions"], "sphinx_design"])
    cards = woven.page("a").all(".chunk")
    assert [card["id"] for card in cards] == ["chunk-x", "file-x-py"]


# -- What stops a build ---------------------------------------------------------------


def edit(old: str, new: str) -> tuple[str, Callable[..., None]]:
    """Something that changes a page before Sphinx parses it."""

    def change(app: Sphinx, page: str, source: list[str]) -> None:
        source[0] = source[0].replace(old, new)

    return "source-read", change


@pytest.mark.parametrize(
    ("hook", "times"),
    [
        (edit("x = 1", "x = 2"), 0),
        (edit("x = 1\n", "x = 1\n\n"), 0),
        (edit("# T\n", "# T\n\n    "), 0),
        (edit("# T\n", "<!--\n"), 0),
        (
            edit(
                "```tangled-block-0 {#x}\nx = 1\n```",
                "```tangled-block-0\nx = 1\n```" * 2,
            ),
            0,
        ),
        (edit("\nEnd", "\n```tangled-block-0\nx = 1\n```"), 2),
    ],
)
def test_a_block_that_the_page_does_not_show_once_stops_the_build(project, hook, times):
    project.write({"book/a.md": f"# T\n{CODE}\n{ROOT}\nEnd\n"})
    woven = Woven(project)
    woven.hooks.append(hook)
    message = rf"^book/a\.md:2: the page shows this tangled block {times} times"
    with pytest.raises(ExtensionError, match=message):
        woven.build()
    assert not (project.root / "_build/html/a.html").exists()


def test_all_blocks_that_are_not_shown_are_named(project):
    b = "```python {file=y.py}\n<<a:x>>\n```\n"
    woven = Woven(project.write(numbered(a=f"{CODE}\n{ROOT}", b=b)))
    woven.hooks.append(edit("```", ""))
    with pytest.raises(ExtensionError) as caught:
        woven.build()
    lines = str(caught.value).splitlines()
    places = [line.split(": ")[0] for line in lines]
    assert places == ["book/a.md:3", "book/a.md:7", "book/b.md:3"]


def test_a_chapter_that_sphinx_does_not_read_stops_the_build(project):
    project.write({"book/a.md": "# T\n", "book/b.md": f"# T\n\n{CODE}\n{ROOT}"})
    with pytest.raises(ExtensionError, match=r"book/b\.md:3: .* 0 times"):
        Woven(project).build(exclude_patterns=["b.md"])


def test_problems_of_tangle_stop_the_build_before_it_begins(project):
    project.write({"book/a.md": "# T\n\n```python {#x}\n<<y>>\n```\n\n```sh {}\n```\n"})
    with pytest.raises(ExtensionError) as caught:
        Woven(project).build()
    assert str(caught.value).splitlines() == project.run().problems
    assert len(project.run().problems) == 3
    assert not (project.root / "_build/html/a.html").exists()


def test_a_folder_without_a_book(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text("# T\n")
    woven = Woven(Project(tmp_path))
    with pytest.raises(ExtensionError, match=r"_config\.yml"):
        woven.build(extensions=["myst_parser", "tangle.weave"])


def test_the_package_is_not_written(weave, project):
    weave(**BOOK)
    assert {path.split("/")[0] for path in project.outputs()} == {"_build"}


# -- Equations ------------------------------------------------------------------------


def test_an_equation_says_which_code_is_its_own(book):
    line = book.page("vpg").one(".eq-code-links")
    assert (line.tag, line.text) == (
        "p",
        "code: ⟨policy loss⟩ · check: ⟨adv: test gae⟩",
    )
    assert [a["href"] for a in line.all("a")] == [
        "#chunk-policy-loss",
        "adv.html#chunk-test-gae",
    ]
    html = book.html("vpg")
    assert html.index("equation-eq-pg") < html.index("eq-code-links")
    assert html.index("eq-code-links") < html.index('id="chunk-policy-loss"')


def test_equations_are_called_by_the_numbers_on_the_page(weave):
    text = BOOK["adv"] + "\n\n```{math}\n:label: eq_two\na\n```\n\n"
    text += "```python {#two implements=eq_two}\nx = 1\n```\n\nSee {eq}`eq_two`, {eq}`eq-pg`.\n"
    vpg = f"{BOOK['vpg']}\n```python {{file=two.py}}\n<<adv:two>>\n```\n"
    woven = weave(**{**BOOK, "adv": text, "vpg": vpg})
    assert foot(woven, "adv", "chunk-two") == "used in two.py · implements (1.2)"
    assert "checks (1.1), (2.1)" in foot(woven, "adv", "chunk-test-gae")
    page = woven.page("adv")
    prose = next(p for p in page.all("p") if p.text.startswith("See"))
    assert prose.text == "See (1.2), (2.1)."
    two = woven.card("adv", "chunk-two").one(".chunk-foot").all("a")[1]
    assert two["href"] == prose.all("a")[0]["href"] == "#equation-eq-two"
    test = woven.card("adv", "chunk-test-gae").one(".chunk-foot").all("a")[2]
    assert test["href"] == prose.all("a")[1]["href"] == "vpg.html#equation-eq-pg"


def test_an_equation_without_code_says_nothing(weave):
    assert not weave(a="$$a$$ (eq-a)\n\n$$b$$\n").page("a").all(".eq-code-links")


# -- Listings -------------------------------------------------------------------------


def test_a_listing_is_the_file(book):
    book.project.tangle()
    for name in LISTINGS:
        file = book.project.root / name.removeprefix("listings/")
        assert book.page(name).one("code").text == file.read_text()


@pytest.mark.parametrize(
    ("file", "language", "text"),
    [
        ("a.py", "python", "\n\nx = '<&>\\t\"'\n\n\n"),
        ("run.sh", "sh", "if true\nthen\n\techo é ∇ 𝒳\nfi\n\n\n"),
        ("a.md", "text", "\n  two\t\n\x0c\n</code></pre>\n&amp;\n\n"),
        ("a.md", "md", "# T\n\n*a* `b`\n> c  \n"),
        ("a.css", "css", ""),
        ("a.py", "python", "x = (1,\n\n  2)\n"),
    ],
)
def test_a_listing_is_the_file_whatever_is_in_it(weave, project, file, language, text):
    woven = weave(a=f"````{language} {{file=l/{file}}}\n{text}````\n")
    project.tangle()
    written = (project.root / f"l/{file}").read_text()
    assert text in written
    page = woven.page(f"listings/l/{file}")
    assert page.one("code").text == written
    assert len(page.all(".line")) == written.count("\n")


def test_each_line_of_a_listing_leads_to_the_card_that_has_it(book):
    seen = 0
    for name in LISTINGS:
        for number, line in enumerate(book.page(name).all(".line"), 1):
            assert line["id"] == f"L{number}"
            target = line.one(".listing-number")["href"]
            page, anchor = urljoin(f"/{name}.html", target)[1:].split(".html#")
            card = book.card(page, anchor)
            shown = card.all("pre")[-1].text
            assert line.text.strip() in shown or ": generated from book/" in line.text
            seen += 1
    assert seen == 6 + 15 + 7


def test_a_listing_names_its_pieces_where_they_begin(book):
    def names(page):
        lines = enumerate(page.all(".line"), 1)
        notes = ((n, x) for n, line in lines for x in line.all(".listing-note"))
        return [(n, [a["aria-label"] for a in note.all("a")]) for n, note in notes]

    assert names(book.page("listings/lib/vpg.py")) == [
        (2, ["⟨gae⟩, T", "(1.1)"]),
        (6, ["⟨policy loss⟩, T", "(2.1)"]),
        (10, ["vpg.py"]),
        (12, ["⟨one step⟩"]),
        (13, ["⟨twice⟩"]),
        (14, ["⟨one step⟩"]),
        (15, ["⟨twice⟩"]),
    ]
    assert [n for n, _ in names(book.page("listings/lib/ppo.py"))] == [2, 6, 7]


def test_a_listing_says_where_it_comes_from(book):
    page = book.page("listings/lib/vpg.py")
    assert page.one("h1").text == "lib/vpg.py"
    assert page.one("title").text.startswith("lib/vpg.py")
    first = page.one(".listing").one("p")
    assert " ".join(first.text.split()).startswith("15 lines from T and T. ")
    assert [a["href"] for a in first.all("a")] == ["../../vpg.html", "../../adv.html"]


def test_files_with_odd_names_have_listings(weave, project):
    woven = weave(a='```python {file="l/a b&<c>%.py"}\nx = 1\n```\n')
    card = woven.page("a").one(".chunk")
    link = "listings/l/a%20b%26%3Cc%3E%25.py.html#L2"
    assert card.one(".chunk-where").one("a")["href"] == link
    assert woven.page("listings/l/a b&<c>%.py").one("h1").text == "l/a b&<c>%.py"


def piece(woven: Woven, page: str) -> list[tuple[str, str]]:
    """Each heading or link to listings on a page, in order."""
    return [
        (e.tag, " ".join(e.text.replace("¶", "").split()))
        for e in everything(woven.page(page).one(".body"))
        if e.tag in ("h1", "h2", "h3") or "listing-link" in e["class"].split()
    ]


def test_a_section_that_makes_files_begins_with_their_listings(weave):
    file = "```python {{file={}}}\ny = 1\n```\n\n".format
    text = f"{CODE}\n## A\n\nWords.\n\n### B\n\n{ROOT}\n{file('l/y.py')}"
    text += f"## C\n\n{file('z.py')}## D\n\n{file('tests/test_z.py')}"
    woven = weave(a=text)
    assert piece(woven, "a") == [
        ("h1", "T"),
        ("h2", "A"),
        ("p", "In one piece: x.py, 2 lines; l/y.py, 2 lines."),
        ("h3", "B"),
        ("h2", "C"),
        ("p", "In one piece: z.py, 2 lines."),
        ("h2", "D"),
    ]
    links = woven.page("a").all(".listing-link")[0].all("a")
    assert [a["href"] for a in links] == ["listings/x.py.html", "listings/l/y.py.html"]
    assert (
        not woven.build("singlehtml").page("index", "singlehtml").all(".listing-link")
    )


def test_an_author_can_put_the_link_elsewhere(weave):
    directive = "```{listing} x.py\n```\n"
    text = f"## A\n\nWords.\n\n{directive}\n## B\n\n{CODE}\n{directive}\n{ROOT}"
    woven = weave(a=text)
    line = ("p", "In one piece: x.py, 2 lines.")
    assert piece(woven, "a") == [("h1", "T"), ("h2", "A"), line, ("h2", "B"), line]
    wrong = weave(a=f"{directive}\n## B\n\n{PLAIN}")
    assert "a.md:3: WARNING: no chapter makes a file x.py" in wrong.warnings


def test_a_link_to_a_listing_is_written_again_when_the_file_grows(weave, project):
    woven = weave(a="## A\n\n```python {file=x.py}\n<<b:x>>\n```\n", b=CODE)
    path = project.root / "book/b.md"
    path.write_text(path.read_text().replace("x = 1", "x = 1\ny = 1"))
    assert "a" in woven.build().written
    assert piece(woven, "a")[-1] == ("p", "In one piece: x.py, 3 lines.")


INDEX = {**BOOK, "index": "```{listing-index}\n```\n"}


def test_the_list_of_listings(weave):
    page = weave(**INDEX).page("index")
    _, *rows = (row.text.split() for row in page.all("tr"))
    assert rows == [
        ["tests/test_gae.py", "6", "T"],
        ["lib/vpg.py", "15", "T,", "T"],
        ["lib/ppo.py", "7", "T,", "T,", "T"],
    ]
    links = [a["href"] for a in page.one(".program-index").all("a")]
    assert links[:3] == ["listings/tests/test_gae.py.html", "adv.html", links[2]]
    assert links[2] == "listings/lib/vpg.py.html"


def test_the_list_of_listings_is_written_again_when_a_file_grows(weave, project):
    woven = weave(**BOOK, y=INDEX["index"], z="")
    path = project.root / "book/adv.md"
    path.write_text(path.read_text().replace("A check.", "Its check."))
    assert woven.build().written - {"index"} == {"adv"}
    path.write_text(
        path.read_text().replace("return delta", "return 1 + \\\n    delta")
    )
    assert woven.build().written - {"index"} == {"adv", "vpg", "ppo", "y"}
    assert woven.page("y").all("td")[2].text == "16"


def test_the_listing_of_a_file_that_goes_away_goes_too(weave, project):
    woven = weave(**BOOK)
    (project.root / "_build/html/listings/own.txt").write_text("")
    path = project.root / "book/ppo.md"
    path.write_text(path.read_text().replace("lib/ppo.py", "lib/trpo.py"))
    woven.build()
    listings = project.root / "_build/html/listings"
    assert sorted(path.name for path in listings.rglob("*.*")) == [
        "own.txt",
        "test_gae.py.html",
        "trpo.py.html",
        "vpg.py.html",
    ]


def test_a_chapter_among_the_listings_stays(project):
    chapter = {"book/a.md": "# A\n", "book/listings/b.md": f"# B\n\n{CODE}\n{ROOT}"}
    woven = Woven(project.write(chapter)).build()
    assert woven.card("listings/b", "chunk-x")
    assert woven.page("listings/x.py").one("h1").text == "x.py"


# -- The code for the buttons ---------------------------------------------------------


def text(html: str) -> str:
    return Page(f"<p>{html}</p>").top.text


def test_code_to_copy_as_it_is_written(book):
    assert (
        book.chunks("vpg")["chunk-one-step"]["written"] == "policy_loss(1)\n<<twice>>\n"
    )
    diff = book.chunks("ppo")["chunk-clipped-loss"]["written"]
    assert diff == "-    return -adv\n+    return -min(adv, 2)\n"


def test_code_to_copy_as_it_is_in_the_program(book):
    """That of a file is all of the file; of a chunk, the lines where it lands."""
    book.project.tangle()
    for page in ("adv", "vpg", "ppo"):
        chunks = book.chunks(page)
        cards = book.page(page).all(".chunk")
        assert [*chunks] == [card["id"] for card in cards]
        for card in cards:
            for path, lines in landings(card):
                file = (book.project.root / path).read_text().splitlines(keepends=True)
                first, last = lines[0]
                code = textwrap.dedent("".join(file[first - 1 : last]))
                assert chunks[card["id"]]["assembled"] == code


def test_code_to_unfold_has_all_parts_and_links(book):
    chunks = book.chunks("vpg")
    first = chunks["chunk-one-step"]
    assert (first["more"], chunks["chunk-one-step-2"]["more"]) == (
        ["chunk-one-step-2"],
        [],
    )
    html = first["html"] + chunks["chunk-one-step-2"]["html"]
    step = Page(f"<pre>{html}</pre>").top
    assert step.text == 'policy_loss(1)\n⟨twice⟩\nprint("<&>")\n⟨twice⟩\n'
    links = [(a["href"], a["data-page"]) for a in step.all("a")]
    assert links == [("#chunk-twice", "vpg")] * 2
    root = Page(f"<pre>{chunks['file-lib-vpg-py']['html']}</pre>").top
    assert root.all("a")[0]["href"] == "adv.html#chunk-gae"
    assert root.all("a")[0]["data-page"] == "adv"


def test_a_variant_unfolds_as_the_code_that_it_stands_for(book):
    html = book.chunks("ppo")["chunk-clipped-loss"]["html"]
    assert text(html) == "def policy_loss(adv):\n    return -min(adv, 2)\n"
    assert '<span class="k">def</span>' in html


def test_lines_to_unfold_can_be_indented_one_by_one(weave):
    body = 'def f():\n    """Two\n\n    <lines>."""\n\n\n<<y>>\n'
    woven = weave(
        a=f"```python {{file=x.py}}\n{body}```\n\n```python {{#y}}\ny = 1\n```\n"
    )
    html = woven.chunks("a")["file-x-py"]["html"]
    lines = html.split("\n")
    assert [text(line) for line in lines] == body.replace("<<y>>", "⟨y⟩").split("\n")


def test_pages_load_what_the_buttons_need_and_hold_none_of_it(book):
    page = book.page("vpg")
    (script,) = (x for x in page.all("script") if "tangle.js" in x["src"])
    assert "defer" in script.attributes
    assert any("tangle.css" in link["href"] for link in page.all("link"))
    static = book.project.root / "_build/html/_static"
    assert (static / "tangle.js").is_file()
    assert (static / "tangle.css").is_file()
    assert not page.all("button")
    assert {card["data-page"] for card in page.all(".chunk")} == {"vpg"}
    assert "_static/chunks" not in book.html("vpg")


def test_the_scripts_are_those_of_the_pages_with_chunks(project):
    woven = Woven(project.write(numbered(a="", b=f"{CODE}\n{ROOT}"))).build()
    scripts = project.root / "_build/html/_static/chunks"
    assert [path.name for path in scripts.iterdir()] == ["b.js"]
    (project.root / "book/b.md").rename(project.root / "book/c.md")
    project.write(numbered(a="", c=f"{CODE}\n{ROOT}"))
    woven.build()
    assert [path.name for path in scripts.iterdir()] == ["c.js"]


# -- In prose -------------------------------------------------------------------------


def test_prose_links_to_chunks_of_this_and_other_chapters(weave):
    text = "{chunk}`x`, {chunk}`b:y-z` and {chunk}`that <b:y-z>`."
    woven = weave(
        a=f"{text}\n\n{CODE}\n{ROOT}",
        b="```python {#y-z file=y.py}\ny = 1\n```\n",
    )
    prose = woven.page("a").all("p")[0]
    assert prose.text == "⟨x⟩, ⟨y z⟩ and that."
    assert [a["href"] for a in prose.all(".chunk-ref")] == [
        "#chunk-x",
        "b.html#chunk-y-z",
        "b.html#chunk-y-z",
    ]
    assert woven.warnings == ""


def test_prose_that_links_to_no_chunk_is_a_warning_at_its_place(weave):
    woven = weave(a=f"Words.\n\nSee {{chunk}}`y`.\n\n{CODE}\n{ROOT}")
    assert "a.md:5: WARNING: undefined <<y>>" in woven.warnings
    assert "See ⟨y⟩." in woven.page("a").text


# -- A second build -------------------------------------------------------------------


def test_nothing_is_written_when_nothing_has_changed(weave):
    woven = weave(**BOOK)
    assert woven.written == set(BOOK)
    assert woven.build().written == set()


@pytest.mark.parametrize(
    ("chapter", "old", "new", "written"),
    [
        # Lines move in vpg.py and ppo.py.
        ("adv", "    return delta", "    d = delta\n    return d", {"vpg", "ppo"}),
        ("adv", "return delta", "return -delta", set()),
        ("adv", "A check", "A test", set()),
        # Another user of a chunk.
        ("ppo", "<<adv:gae>>", "<<adv:gae>>\n<<vpg:twice>>", {"vpg"}),
        # No check of an equation any more.
        ("adv", ' checks="eq-gae eq-pg"', "", {"vpg"}),
        # Another number of an equation.
        ("vpg", "$$J = A$$", "$$x$$ (eq-x)\n\n$$J = A$$", {"adv"}),
    ],
)
def test_pages_whose_cards_change_are_written_again(
    weave, project, chapter, old, new, written
):
    woven = weave(**BOOK)
    path = project.root / f"book/{chapter}.md"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert woven.build().written - {"index"} == {chapter, *written}
    incremental = woven.output()
    shutil.rmtree(project.root / "_build")
    assert woven.build().output() == incremental


def test_listings_are_written_again_only_when_they_change(weave, project):
    def times() -> dict[str, int]:
        pages = (project.root / "_build/html/listings").rglob("*.html")
        return {page.name: page.stat().st_mtime_ns for page in pages}

    woven = weave(**BOOK)
    before, path = times(), project.root / "book/ppo.md"
    path.write_text(path.read_text() + "\nMore words.\n")
    assert "ppo" in woven.build().written and times() == before
    path.write_text(path.read_text() + "\n```python {file=lib/new.py}\nx = 1\n```\n")
    woven.build()
    assert {name for name, time in times().items() if time != before.get(name)} == {
        "new.py.html"
    }


def test_prose_is_written_again_when_a_chunk_goes_away(weave, project):
    b = "# T\n\n```python {#y file=y.py}\ny = 1\n```\n"
    woven = weave(index="", a="{chunk}`b:y`\n", b="", c="")
    (project.root / "book/b.md").write_text(b)
    woven.build()
    (project.root / "book/b.md").write_text(b.replace("#y", "#z"))
    assert woven.build().written - {"index"} == {"a", "b"}
    assert "undefined <<b:y>>" in woven.warnings


def test_a_page_of_equations_is_written_again_when_their_code_changes(weave, project):
    text = "```python {#y file=y.py implements=eq-a}\ny = 1\n```\n"
    woven = weave(index="", a="$$a$$ (eq-a)\n", b=text, c="")
    assert woven.page("a").one(".eq-code-links").text == "code: ⟨b: y⟩"
    path = project.root / "book/b.md"
    path.write_text(path.read_text().replace(" implements=eq-a", ""))
    assert woven.build().written - {"index"} == {"a", "b"}
    assert not woven.page("a").all(".eq-code-links")


def test_a_build_that_was_interrupted_is_made_up_for(weave, project):
    woven = weave(**BOOK)
    path = project.root / "book/adv.md"
    path.write_text(path.read_text().replace("def gae", "# new\n\n\ndef gae"))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    woven.hooks.append(("doctree-resolved", interrupt))
    with pytest.raises(KeyboardInterrupt):
        woven.build()
    woven.hooks.clear()
    assert {"vpg", "ppo"} <= woven.build().written
    assert woven.card("vpg", "chunk-twice").one(".chunk-where").text == "vpg.py 16, 18"


def test_another_builder_in_between_does_not_leave_pages_behind(weave, project):
    woven = weave(**BOOK)
    path = project.root / "book/adv.md"
    path.write_text(path.read_text().replace("def gae", "# new\n\n\ndef gae"))
    woven.build("text")
    woven.build()
    assert woven.card("vpg", "chunk-twice").one(".chunk-where").text == "vpg.py 16, 18"


def test_a_build_of_one_page_leaves_the_others_to_the_next(weave, project):
    woven = weave(**BOOK)
    path = project.root / "book/adv.md"
    path.write_text(path.read_text().replace("def gae", "# new\n\n\ndef gae"))
    assert woven.build(only="adv").written - {"index"} == {"adv"}
    assert {"vpg", "ppo"} <= woven.build().written
    assert woven.card("vpg", "chunk-twice").one(".chunk-where").text == "vpg.py 16, 18"
    assert woven.build().written == set()


def test_several_processes_make_the_same_pages(weave, project):
    more = {f"more{n}": f"See {{chunk}}`adv:gae` {n}.\n" for n in range(8)}
    woven = weave(**BOOK, **more)
    serial = {page: woven.html(page) for page in {**BOOK, **more}}
    for file in (project.root / "_build").rglob("*"):
        if file.is_file():
            file.unlink()
    woven.build(parallel=2)
    assert {page: woven.html(page) for page in {**BOOK, **more}} == serial
    assert woven.warnings == ""
    assert woven.build(parallel=2).written == set()


# -- Other builders -------------------------------------------------------------------


def test_other_formats_have_the_code_as_it_is_written(weave, project):
    woven = weave(**BOOK, z="{chunk}`adv:gae`\n")
    woven.build("text")
    assert "   <<adv:gae>>\n" in (project.root / "_build/text/vpg.txt").read_text()
    assert "⟨gae⟩" in (project.root / "_build/text/z.txt").read_text()
    woven.build("latex")
    (tex,) = (project.root / "_build/latex").glob("*.tex")
    assert r"\begin{sphinxVerbatim}" in tex.read_text()
    assert "tangled-block" not in tex.read_text()
    assert "chunk-gae" not in tex.read_text()
    assert woven.warnings == ""


def test_in_one_long_page_links_stay_on_it(weave):
    woven = weave(**BOOK, z="{chunk}`adv:gae`\n")
    page = woven.build("singlehtml").page("index", "singlehtml")
    ids = {element["id"] for element in everything(page)}
    shown = (*page.all(".chunk"), *page.all(".eq-code-links"), *page.all("p"))
    links = [a["href"] for element in shown for a in element.all("a")]
    assert len(links) > 27
    assert {link.removeprefix("index.html").removeprefix("#") for link in links} <= ids


def test_pages_that_are_folders(weave):
    page = weave(**BOOK).build("dirhtml").page("vpg/index", "dirhtml")
    links = [a["href"] for a in page.all(".chunk-ref")]
    assert links[:2] == ["../adv/#chunk-gae", "#chunk-policy-loss"]


def test_only_a_site_has_listings_and_scripts(weave, project):
    woven = weave(**INDEX)
    woven.build("singlehtml")
    page = woven.page("index", "singlehtml")
    assert page.all(".program-index")
    assert not [a for a in page.all("a") if "listings" in a["href"]]
    assert "tangle.js" not in woven.html("index", "singlehtml")
    out = project.root / "_build/singlehtml"
    assert not [*out.rglob("listings"), *out.rglob("chunks")]
    woven.build("text")
    assert woven.warnings == ""
    page = woven.build("dirhtml").page("vpg/index", "dirhtml")
    link = page.all(".chunk-where")[0].one("a")["href"]
    assert link == "../listings/lib/vpg.py/#L6"
    listing = woven.page("listings/lib/vpg.py/index", "dirhtml")
    assert listing.all(".listing-number")[-1]["href"] == "../../../vpg/#chunk-twice"


# -- From build to build ------------------------------------------------------------


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The code that was highlighted, since the list was last cleared."""
    codes: list[str] = []
    make = Cards._make

    def note(cards: Cards, code: str, language: str, options: dict[str, Any]) -> str:
        codes.append(code)
        return make(cards, code, language, options)

    monkeypatch.setattr(Cards, "_make", note)
    return codes


def test_an_unchanged_build_highlights_nothing(weave, project, made):
    woven = weave(a=CODE + "\n" + ROOT, b=OTHER)
    first = woven.output()
    assert sorted(set(made)) == sorted(made) != []  # each once, wherever it is shown
    made.clear()
    assert woven.build().output() == first
    assert made == []
    woven.build("singlehtml")
    made.clear()
    assert woven.build().output() == first
    assert made == []


def test_after_an_edit_only_what_shows_it_is_highlighted(weave, project, made):
    woven = weave(a=CODE + "\n" + ROOT, b=OTHER)
    made.clear()
    chapter = project.root / "book/a.md"
    chapter.write_text(chapter.read_text().replace("x = 1", "x = 2"))
    woven.build()
    assert {code.splitlines()[-1] for code in made} == {"x = 2"}
    cache = project.root / "_build/doctrees/.highlighted.json"
    assert "2</span>" in cache.read_text()
    assert "1</span>" not in cache.read_text()  # what is no more is forgotten
    pages = woven.output()
    cache.write_text("nonsense")
    made.clear()
    chapter.write_text(chapter.read_text() + "\nMore words.\n")
    assert made == [] and woven.build().output()["b.html"] == pages["b.html"]
    assert "2</span>" in woven.html("a") and made != []


def test_an_edit_of_prose_makes_no_card_of_another_page(weave, project, monkeypatch):
    shown: set[str] = set()
    card, listed = Cards.card, listing.page

    def note(cards: Cards, page: str, block: Block, **options: Any) -> str:
        shown.add(page)
        return card(cards, page, block, **options)

    def note_listing(cards: Cards, output: Output) -> listing.Page:
        shown.add(output.path)
        return listed(cards, output)

    monkeypatch.setattr(Cards, "card", note)
    monkeypatch.setattr(listing, "page", note_listing)
    woven = weave(index="", a=f"{CODE}\n{ROOT}", b=OTHER, c="Words.\n")
    assert shown == {"a", "b", "x.py", "y.py"}
    for stem, old, new, expected in (
        ("c", "Words.", "More words.", set()),
        ("a", "# T\n", "# T\n\nA line above the code.\n", {"a"}),
        ("c", "More words.", "See {chunk}`a:x`.", {"a", "b", "x.py", "y.py"}),
        ("b", "y = 3", "y = 4", {"a", "b", "x.py", "y.py"}),
        ("b", "# T", "# Title", {"a", "b", "x.py", "y.py"}),
        ("b", "# Title", "# T", {"a", "b", "x.py", "y.py"}),
    ):
        shown.clear()
        chapter = project.root / f"book/{stem}.md"
        assert old in chapter.read_text()
        chapter.write_text(chapter.read_text().replace(old, new))
        woven.build()
        assert shown == expected, (stem, new)
    made = woven.output()
    shutil.rmtree(project.root / "_build")
    assert woven.build().output() == made


def test_a_fault_in_prose_is_said_again_by_the_next_build(weave, project):
    woven = weave(a=f"`nothing_so`, `lib/own.txt`\n\n{CODE}\n{LIB}", b="Words.\n")
    assert "no code has the name nothing_so" in woven.warnings
    assert "there is no file lib/own.txt" in woven.warnings
    file = project.root / "lib/own.txt"
    file.parent.mkdir(exist_ok=True)
    file.touch()
    woven.build()
    assert "nothing_so" in woven.warnings and "own.txt" not in woven.warnings
    file.unlink()
    woven.build()
    assert "there is no file lib/own.txt" in woven.warnings


LIB = "```python {file=lib/x.py}\n<<x>>\n```\n"


OTHER = "```python {file=y.py}\ny = 3\n```\n"
