"""Edits of generated files, carried back into the chapters."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from test_properties import pages, programs

from conftest import Project
from tangle.expand import Program, expand_files
from tangle.resolve import Resolved

A = """\
Text before.

```python {#first}
def first(x):
    return x
```

- In a list:

  ```python {#second}
  y = first(1)

  z = y
  ```

> ~~~python {#third}
> third = 3
> ~~~

```python {file=lib/a.py}
<<first>>


if True:
    <<second>>
    <<b:shared>>
<<third>>
```
Text after.
"""
B = """\
```python {#shared}
w = 0
```

```python {file=b.py}
<<shared>>
```

```diff {#other edits=shared}
-w = 0
+w = 2
```

```python {file=c.py}
<<shared>>
<<other>>
if w:
    <<shared>>
```
"""

USE_TWICE = "```python {file=c.py}\n<<shared>>\nif w:\n    <<shared>>\n```\n"


@pytest.fixture
def book(project: Project) -> Project:
    project.write({"book/a.md": A, "book/b.md": B}).tangle()
    return project


def edit(project: Project, path: str, old: str, new: str) -> None:
    text = (project.root / path).read_text()
    assert text.count(old) == 1
    (project.root / path).write_text(text.replace(old, new))


def chapters(project: Project) -> dict[str, bytes]:
    return {path: (project.root / path).read_bytes() for path in project.chapters}


def snapshot(project: Project) -> dict[str, bytes]:
    return {**chapters(project), **project.outputs()}


# Edits of lib/a.py, and what becomes of book/a.md.
EDITS = {
    "a line": ("return x", "return 2 * x", "    return x", "    return 2 * x"),
    "a line more": ("return x\n", "return x\n    # end\n", "return x\n", None),
    "before the first line": (
        "def first",
        "import os\n\n\ndef first",
        "```python {file=lib/a.py}\n",
        "```python {file=lib/a.py}\nimport os\n\n\n",
    ),
    "a line less": ("    y = first(1)\n", "", "  y = first(1)\n", ""),
    "in a list, indented": (
        "    z = y\n",
        "    z = y + 1\n\n    if z:\n        z = 2\n",
        "  z = y\n",
        "  z = y + 1\n\n  if z:\n      z = 2\n",
    ),
    "in a quotation": (
        "third = 3\n",
        "third = (\n\n    3\n)\n",
        "> third = 3\n",
        "> third = (\n>\n>     3\n> )\n",
    ),
    "a reference line": (
        "return x",
        'return """\n<<first>>\n"""',
        "    return x",
        '    return """\n@<<first>>\n"""',
    ),
}


@pytest.mark.parametrize("old, new, before, after", EDITS.values(), ids=EDITS)
def test_an_edit_goes_where_the_lines_were_written(book, old, new, before, after):
    if after is None:
        before, after = old, new
    edit(book, "lib/a.py", old, new)
    edited = book.read("lib/a.py")
    text = (book.root / "book/a.md").read_text()
    assert text.count(before) == 1
    result = book.run("patch")
    assert (result.code, result.err) == (0, "")
    assert (book.root / "book/a.md").read_text() == text.replace(before, after)
    assert book.read("lib/a.py") == edited
    assert book.run("--check").code == 0


def test_without_edits_nothing_happens(book: Project):
    before = snapshot(book)
    assert book.run("patch").code == 0
    assert snapshot(book) == before


def test_an_edit_of_code_that_several_files_share(book: Project):
    """It goes to its one source, and from there into the other files."""
    edit(book, "lib/a.py", "    w = 0", "    w = 0\n    v = 1")
    edit(book, "b.py", "w = 0", "w = 0\nv = 1")  # the same edit
    assert book.run("patch", "--shared").code == 0
    assert (
        "```python {#shared}\nw = 0\nv = 1\n```\n"
        in chapters(book)["book/b.md"].decode()
    )
    assert book.read("b.py") == "w = 0\nv = 1\n"
    assert book.read("c.py").count("v = 1\n") == 3


def test_an_edit_that_changes_other_files_asks_first(book: Project):
    edit(book, "lib/a.py", "    w = 0", "    w = 0\n    v = 1")
    before = snapshot(book)
    result = book.run("patch")
    assert result.code == 1
    assert result.problems == [
        "lib/a.py:11: this edit of b:shared also changes b.py, c.py; "
        "if it should, say so: `python -m tangle patch --shared`"
    ]
    assert snapshot(book) == before
    assert book.run("patch", "--shared").code == 0
    assert book.read("b.py") == "w = 0\nv = 1\n"


def test_each_chunk_names_the_files_that_hold_it(book: Project):
    book.write({"book/c.md": "```python {file=d.py}\n<<a:second>>\n```\n"}).tangle()
    edit(book, "lib/a.py", "    z = y", "    z = -y")
    edit(book, "lib/a.py", "return x", "return -x")
    edit(book, "lib/a.py", "    w = 0", "    w = 0\n    v = 1")
    assert [line.split(";")[0] for line in book.run("patch").problems] == [
        "lib/a.py:9: this edit of a:second also changes d.py",
        "lib/a.py:11: this edit of b:shared also changes b.py, c.py",
    ]


def test_an_edit_of_what_another_file_holds_as_a_variant(project: Project):
    text = "```python {#base file=a.py}\na = 1\nb = 2\n```\n\n"
    text += "```diff {#new edits=base}\n-a = 1\n+a = 3\n```\n\n"
    text += "```python {file=b.py}\n<<new>>\n```\n"
    project.write({"book/a.md": text}).tangle()
    edit(project, "a.py", "b = 2", "b = 4")
    (problem,) = project.run("patch").problems
    assert problem.startswith("a.py:3: this edit of a:base also changes b.py;")


def test_an_edit_in_all_files_that_hold_the_chunk_needs_no_flag(book: Project):
    book.write({"book/b.md": B[: B.index("```diff")] + USE_TWICE}).tangle()
    edit(book, "lib/a.py", "    w = 0", "    w = 0\n    v = 1")
    edit(book, "b.py", "w = 0", "w = 0\nv = 1")
    edit(book, "c.py", "\nw = 0", "\nw = 0\nv = 1")
    edit(book, "c.py", "    w = 0", "    w = 0\n    v = 1")
    assert book.run("patch").err == ""
    assert book.run("--check").code == 0


def test_the_edit_of_a_chunk_that_one_file_holds_needs_no_flag(book: Project):
    edit(book, "lib/a.py", "return x", "return -x")
    assert book.run("patch").code == 0


def test_an_edit_of_a_variant(book: Project):
    edit(book, "c.py", "w = 2", "w = 3\n\nw = 4")
    assert book.run("patch").code == 0
    assert "-w = 0\n+w = 3\n+\n+w = 4\n```" in chapters(book)["book/b.md"].decode()


def test_the_rest_of_a_chapter_keeps_every_byte(project: Project):
    """Line endings, a byte order mark, blanks at the ends of lines."""
    text = "\ufeffA  \r\n\r\n```python {file=a.py}\r\nx = 1\r\n```\r\n\tB\r\nC\nD\rE"
    project.write({"book/a.md": text}).tangle()
    edit(project, "a.py", "x = 1\n", "x = 2\n\ny = 1\n")
    assert project.run("patch").code == 0
    expected = text.replace("x = 1", "x = 2\r\n\r\ny = 1")
    assert (project.root / "book/a.md").read_bytes() == expected.encode()


def test_chapter_and_file_edited(book: Project):
    """Neither is the newer one: the file is shown, and nothing is written."""
    edit(book, "book/a.md", "y = first(1)", "y = first(2)")
    edit(book, "lib/a.py", "z = y", "z = -y")
    before = snapshot(book)
    result = book.run("patch")
    assert result.code == 1
    assert result.err.startswith("lib/a.py:1: edited, and so are the chapters")
    assert "-    z = -y\n+    z = y\n" in result.err
    assert snapshot(book) == before


def test_an_edited_file_that_no_chapter_makes(book: Project):
    edit(book, "b.py", "w = 0", "w = 1")
    edit(book, "book/b.md", "```python {file=b.py}\n<<shared>>\n```\n", "")
    assert book.run("patch").problems == [
        "b.py:1: edited, but no chapter makes it now; move it"
    ]


def test_the_mode_of_a_chapter_and_a_link_to_it_stay(book: Project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.md"
    (book.root / "book/a.md").rename(elsewhere)
    elsewhere.chmod(0o640)
    (book.root / "book/a.md").symlink_to(elsewhere)
    edit(book, "lib/a.py", "return x", "return -x")
    assert book.run("patch").code == 0
    assert (book.root / "book/a.md").is_symlink()
    assert elsewhere.stat().st_mode & 0o777 == 0o640
    assert "return -x" in elsewhere.read_text()


def test_a_chapter_saved_while_a_patch_is_worked_out(book: Project, monkeypatch):
    """In an editor, say: what was saved stays."""
    edit(book, "lib/a.py", "return x", "return -x")
    edited = book.outputs()

    def expand_while_somebody_saves(pages: Resolved) -> Program:
        edit(book, "book/a.md", "Text after.", "New text.")
        return expand_files(pages)

    monkeypatch.setattr("tangle.back.expand_files", expand_while_somebody_saves)
    assert book.run("patch").problems == [
        "book/a.md:1: has changed in the meantime; run tangle again"
    ]
    assert (book.root / "book/a.md").read_text() == A.replace("Text after", "New text")
    assert book.outputs() == edited


def test_an_edit_below_the_header_of_a_script(project: Project):
    text = "```sh {file=run}\n#!/bin/sh\necho\n```\n"
    project.write({"book/a.md": text}).tangle()
    edit(project, "run", "\necho", "\nset -e\necho")
    assert project.run("patch").code == 0
    assert project.read("run") == "#!/bin/sh\nset -e\necho\n"


REFUSED = {
    "two edits of one chunk": (
        {"lib/a.py": ("    w = 0", "    w = 1"), "b.py": ("w = 0", "w = 3")},
        ["lib/a.py:10: another edit of these lines of a chunk is at b.py:2"],
    ),
    "over the end of a chunk": (
        {"lib/a.py": ("    w = 0\nthird = 3", "    w = third = 3")},
        ["lib/a.py:10: this edit straddles chunks; edit each"],
    ),
    "out of its indentation": (
        {"lib/a.py": ("    z = y", "z = y")},
        ["lib/a.py:9: indented less than the reference to its chunk"],
    ),
    "one of two copies in a file": (
        {"c.py": ("if w:\n    w = 0", "if w:\n    w = 7")},
        ["book/b.md:9: with the edits carried over: the old lines must occur once"],
    ),
    "a syntax error": (
        {"lib/a.py": ("return x", "return (")},
        ["book/a.md:5: with the edits carried over: '(' was never closed"],
    ),
    "the end of the fence": (
        {"lib/a.py": ("return x", 'return """\n```\n"""')},
        ["book/a.md:8: with the edits carried over: unterminated fence"],
    ),
    "no newline at the end": (
        {"lib/a.py": ("third = 3\n", "third = 3")},
        ["lib/a.py:1: the edits cannot be carried over, the chapters would give"],
    ),
    "a blank line of blanks": (
        {"lib/a.py": ("z = y\n", "z = y\n  \n    x = 2\n")},
        ["lib/a.py:10: indented less than the reference to its chunk"],
    ),
}


@pytest.mark.parametrize("edits, problems", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_carried_over_is_refused(book: Project, edits, problems):
    for path, (old, new) in edits.items():
        edit(book, path, old, new)
    before = snapshot(book)
    result = book.run("patch")
    assert result.code == 1
    assert len(result.problems) >= len(problems)
    for found, expected in zip(result.problems, problems, strict=False):
        assert found.startswith(expected)
    assert snapshot(book) == before


lines = st.lists(
    st.sampled_from(["", "  e", "\tf", "g ", " ", "```", "<<c-0>>", "@<<c-1>>", "#"]),
    max_size=3,
)


@pytest.mark.long
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_patch_gives_the_edited_file_or_nothing(data: st.DataObject):
    files = data.draw(pages(data.draw(programs())))
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder)).write(files)
        project.tangle()
        path = project.root / "out.sh"
        edited = path.read_text().split("\n")
        for _ in range(data.draw(st.integers(1, 3))):
            first = data.draw(st.integers(1, len(edited) - 1))
            stop = data.draw(st.integers(first, min(first + 2, len(edited) - 1)))
            edited[first:stop] = data.draw(lines)
        path.write_text("\n".join(edited))
        before = snapshot(project)
        if project.run("patch").code == 0:
            assert path.read_text().split("\n")[1:] == edited[1:]
            assert project.run("--check").code == 0
            event("carried over")
        else:
            assert snapshot(project) == before
            event("refused")
