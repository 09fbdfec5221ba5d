"""Properties that hold for all books, tried on many."""

from __future__ import annotations

import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Project
from tangle import load
from tangle.header import make_header, read_header
from tangle.linemap import LineMap

Chunks = list[
    list[str]
]  # the lines of chunk c-0, c-1 …; a reference goes to a later one


@st.composite
def programs(draw: st.DrawFn) -> Chunks:
    """Chunks in which each but the first is used, and none uses itself."""
    size = draw(st.integers(1, 6))
    code = st.sampled_from(["a", "", "  b", "c  ", "<<c-x", "@", " "])
    chunks: Chunks = [[] for _ in range(size)]
    for number in range(size):
        chunks[number] = draw(st.lists(code, max_size=4))
        for _ in range(draw(st.integers(0, 3)) if number < size - 1 else 0):
            insert(draw, chunks[number], draw(st.integers(number + 1, size - 1)))
    for number in range(1, size):
        insert(draw, chunks[draw(st.integers(0, number - 1))], number)
    return chunks


def insert(draw: st.DrawFn, lines: list[str], target: int) -> None:
    indent = draw(st.sampled_from(["", "  ", "\t"]))
    lines.insert(draw(st.integers(0, len(lines))), f"{indent}<<c-{target}>>")


def oracle(chunks: Chunks, number: int = 0) -> list[str]:
    """What a chunk expands to, in the plainest way."""
    result = []
    for line in chunks[number]:
        if "<<c-" in line and line.endswith(">>"):
            indent, target = line.removesuffix(">>").split("<<c-")
            for inner in oracle(chunks, int(target)):
                result.append(indent + inner if inner else "")
        else:
            result.append(line)
    return result


@st.composite
def pages(draw: st.DrawFn, chunks: Chunks) -> dict[str, str]:
    """The chunks in two chapters, in any order, some of them in two parts."""
    texts = {"book/a.md": "# A\n", "book/b.md": "# B\n"}
    home = [draw(st.sampled_from("ab")) for _ in chunks]
    for number in draw(st.permutations(range(len(chunks)))):
        chapter = home[number]
        lines = [
            line.replace("<<c-", f"<<{home[int(line[-3])]}:c-")
            if line.endswith(">>") and home[int(line[-3])] != chapter
            else line
            for line in chunks[number]
        ]
        cut = draw(st.integers(0, len(lines)))
        parts = [lines[:cut], lines[cut:]] if draw(st.booleans()) else [lines]
        file = " file=out.sh" if number == 0 else ""
        for part, body in enumerate(parts):
            attributes = f"#c-{number}{' .extend' if part else file}"
            fence = "\n".join([f"```sh {{{attributes}}}", *body, "```"])
            if draw(st.booleans()):
                fence = f":::{{note}}\n{fence}\n:::"
            elif draw(st.booleans()):
                fence = "- item\n\n" + textwrap.indent(fence, "  ", lambda _: True)
            texts[f"book/{chapter}.md"] += f"\ntext\n\n{fence}\n"
    return texts


@pytest.mark.long
@settings(deadline=None, max_examples=150)
@given(st.data())
def test_an_expansion_is_what_the_plainest_program_gives(data: st.DataObject):
    chunks = data.draw(programs())
    files = data.draw(pages(chunks))
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder)).write(files)
        project.tangle()
        expected = oracle(chunks)
        assert project.read("out.sh") == "".join(f"{line}\n" for line in expected)
        before = project.outputs()
        assert " 0 written, 1 unchanged" in project.tangle().out
        assert project.outputs() == before
        check_origins(project)


def check_origins(project: Project) -> None:
    """Each line of the file stands in a chapter where its origin says."""
    lines_of = LineMap(load(project.root))
    lines = (project.root / "out.sh").read_text().split("\n")
    for number, line in enumerate(lines[1:-1], 2):
        origin = lines_of.place("out.sh", number)
        assert origin is not None
        written = (project.root / origin.path).read_text().split("\n")
        assert written[origin.line - 1].strip() == line.strip()


code = st.lists(st.sampled_from(["def f():", "    x", "", "y  ", "#"]), max_size=6)


@settings(deadline=None, max_examples=50)
@given(code, st.integers(1, 5))
def test_an_indented_expansion_is_the_chunk_moved(lines: list[str], depth: int):
    fences = [["file=a.sh", "<<c-0>>"], [f"#c-{depth}", *lines]]
    fences += [[f"#c-{n}", f"  <<c-{n + 1}>>"] for n in range(depth)]
    text = "".join(
        "\n".join([f"```sh {{{attributes}}}", *body, "```", ""])
        for attributes, *body in fences
    )
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder)).write({"book/a.md": text})
        project.tangle()
        moved = project.read("a.sh").split("\n")
    prefix = "  " * depth
    assert all(line == "" or line.startswith(prefix) for line in moved)
    assert [line.removeprefix(prefix) for line in moved] == [*lines, ""]


@given(st.text(st.characters(codec="utf-8")), st.booleans(), st.data())
def test_a_header_detects_the_edit_of_one_character(body, script, data):
    first = "#!/bin/sh\n" if script else ""
    header = make_header("a.py", "book/a.md", first + body, "#") + "\n"
    text = first + header + body
    generated = read_header(text.encode())
    assert generated is not None
    assert (generated.path, generated.intact) == ("a.py", True)
    assert generated.body == (first + body).encode()
    start = len(first + header)
    at = data.draw(st.integers(start, len(text)))
    edit = data.draw(st.characters(codec="utf-8"))
    removed = data.draw(st.integers(0, 1)) if at < len(text) else 0
    edited = text[:at] + edit + text[at + removed :]
    found = read_header(edited.encode())
    assert found is not None
    assert found.intact == (edited == text)
