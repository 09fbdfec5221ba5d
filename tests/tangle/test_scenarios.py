"""Eighteen situations in which other tools lost edits, or did not see that files differ.

Each is about chapters, the files that were made from them, and somebody who edits both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from conftest import Project

A = """\
```python {#x}
x = 1


```

```python {file=a.py}
from __future__ import annotations

<<x>>
y = 2
```
"""
B = "```python {file=b.py}\n<<a:x>>\n```\n"


@pytest.fixture
def book(project: Project) -> Project:
    project.write({"book/a.md": A, "book/b.md": B}).tangle()
    return project


def edit(book: Project, path: str, old: str, new: str) -> None:
    text = (book.root / path).read_text()
    assert old in text
    (book.root / path).write_text(text.replace(old, new, 1))


def everything(book: Project) -> dict[str, bytes]:
    paths = (path for path in book.root.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in paths}


def refuses(book: Project, command: str, message: str) -> None:
    """Status 1, one message, and no byte has changed."""
    before = everything(book)
    result = book.run(*command.split())
    assert result.code == 1
    assert message in result.err
    assert everything(book) == before


def test_s01_an_edit_carried_back_again_and_again(book: Project):
    edit(book, "a.py", "y = 2", "y = 3")
    assert book.run("patch").code == 0
    after = everything(book)
    assert book.run("patch").code == 0
    book.tangle()
    assert everything(book) == after
    assert A.replace("y = 2", "y = 3").encode() == after[str(book.root / "book/a.md")]


def test_s02_nothing_edited(book: Project):
    before = everything(book)
    assert book.run("patch").code == 0
    assert everything(book) == before


def test_s03_chapter_and_file_edited(book: Project):
    edit(book, "book/a.md", "y = 2", "y = 4")
    edit(book, "a.py", "y = 2", "y = 3")
    refuses(book, "", "-y = 3\n+y = 4\n")
    refuses(book, "patch", "-y = 3\n+y = 4\n")


def test_s04_an_edited_file_is_never_nothing_to_be_done(book: Project):
    edit(book, "a.py", "y = 2", "y = 3")
    refuses(book, "", "a.py:1: edited by hand, and would be overwritten")
    check = book.run("--check")
    assert (check.code, "-y = 3\n+y = 2\n" in check.out) == (1, True)
    assert book.run("--force", "a.py").code == 0
    assert book.read("a.py").endswith("y = 2\n")


def test_s05_a_file_that_was_deleted(book: Project):
    before = everything(book)
    (book.root / "a.py").unlink()
    assert book.run("--check").code == 1
    book.tangle()
    assert everything(book) == before


@pytest.mark.parametrize("stale", [False, True], ids=["s06 the same", "s07 stale"])
def test_a_fresh_clone(book: Project, tmp_path_factory, stale: bool):
    """Nothing but the chapters and the files; tangle knows its own all the same."""
    clone = Project(tmp_path_factory.mktemp("clone"))
    shutil.copytree(book.root, clone.root, dirs_exist_ok=True)
    if stale:
        edit(clone, "book/a.md", "y = 2", "y = 5")
    assert clone.run("--check").code == stale
    assert f"{int(stale)} written" in clone.tangle().out
    assert clone.read("a.py").endswith("y = 5\n" if stale else "y = 2\n")


def test_s08_a_file_that_is_renamed(book: Project):
    edit(book, "book/a.md", "file=a.py", "file=c.py")
    book.tangle()
    assert sorted(book.outputs()) == ["b.py", "c.py"]
    edit(book, "c.py", "y = 2", "y = 3")
    edit(book, "book/a.md", "file=c.py", "file=d.py")
    refuses(book, "", "c.py:1: edited by hand, and would be removed")


def test_s09_one_of_two_files_with_the_same_chunk_edited(book: Project):
    """It goes to the chunk, and from there into the other file."""
    edit(book, "a.py", "x = 1", "x = 3")
    assert book.run("patch", "--shared").code == 0
    assert book.read("b.py") == "x = 3\n\n\n"


def test_s10_both_edited_differently(book: Project):
    edit(book, "a.py", "x = 1", "x = 3")
    edit(book, "b.py", "x = 1", "x = 4")
    refuses(
        book, "patch", "a.py:4: another edit of these lines of a chunk is at b.py:2"
    )


def test_s11_code_below_the_end(book: Project):
    with (book.root / "a.py").open("a") as file:
        file.write("z = 9\n")
    refuses(book, "", ["+y = 2", "-z = 9", ""][1])
    assert book.run("patch").code == 0
    assert "y = 2\nz = 9\n```\n" in (book.root / "book/a.md").read_text()


def test_s12_text_that_looks_like_tangles_own(book: Project):
    """A header, a fence in a comment, a reference: they are code like any other."""
    header = (book.root / "b.py").read_text().split("\n")[0]
    edit(book, "a.py", "y = 2", f'y = """\n{header}\n# ```\n<<x>>\n"""')
    edited = book.read("a.py")
    assert book.run("patch").code == 0
    assert book.read("a.py") == edited
    assert book.run("--check").code == 0


def test_s13_the_header_deleted(book: Project):
    header = (book.root / "a.py").read_text().split("\n")[0]
    edit(book, "a.py", f"{header}\n", "")
    for command in ("", "patch", "--force a.py"):
        refuses(book, command, "a.py is in the way: tangle did not write this file")


def test_s14_a_formatter(book: Project):
    """What it changes within a chunk goes back; a hunk across chunks is refused."""
    edit(book, "book/a.md", "y = 2", "y = [1,2,\n 3]")
    book.tangle()
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "-q", "a.py"],
        cwd=book.root,
        check=True,
    )
    assert book.run("patch").code == 0
    assert "y = [1, 2, 3]\n" in (book.root / "book/a.md").read_text()
    assert book.run("--check").code == 0


def test_s15_a_header_of_another_version(book: Project):
    """A file whose first line is not as tangle writes it is not tangle's."""
    edit(book, "a.py", "sha256:", "sha1:")
    refuses(book, "", "a.py is in the way")


def test_s16_a_chapter_deleted(book: Project):
    (book.root / "book/b.md").unlink()
    refuses(book, "", "book/_toc.yml:4: no chapter book/b.md")
    refuses(book, "patch", "book/_toc.yml:4: no chapter book/b.md")


def test_s17_only_prose_changed(book: Project):
    os.utime(book.root / "a.py", ns=(1, 1))
    edit(book, "book/a.md", "```python {#x}", "Some words.\n\n```python {#x}")
    book.tangle()
    assert (book.root / "a.py").stat().st_mtime_ns == 1


def test_s18_what_has_to_come_first_in_a_file(book: Project):
    """A header is a comment: a docstring and imports from the future may follow it."""
    edit(book, "book/a.md", "from __future__", '"""The module."""\n\nfrom __future__')
    book.tangle()
    code = "import a; assert a.__doc__ == 'The module.'"
    subprocess.run([sys.executable, "-c", code], cwd=book.root, check=True)
