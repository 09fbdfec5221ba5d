"""This book is edited: another default, one more line in a loop. Nothing may be in the way.

Every default in the signature of every training function is changed in its chapter, and
one line is added to its loop: all at once, and, which takes long, one at a time. The
edits must be accepted, and change the file of that algorithm and no other.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tangle import expand, load, read
from tangle.chunks import Chunks
from tangle.expand import Program, expand_files
from tangle.linemap import LineMap
from tangle.model import Chapter, Chunk, Line, Problem
from tangle.page import Reader
from tangle.read import read_book
from tangle.resolve import resolve_names
from tangle.variants import apply_diff

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "spinup_lit"
FIRST = PACKAGE / "first"
# The hundred-line programs grow from one another, and are meant to follow one another.
FAMILY = {str(path.relative_to(ROOT)) for path in FIRST.glob("*.py")}


class Edit(NamedTuple):
    """What a reader does to a line of a generated file, in the chapter it is from."""

    file: str
    line: int
    what: str
    rewrite: Callable[[str], str]  # of that line of the chapter

    def __str__(self) -> str:
        return f"{Path(self.file).stem}: {self.what}"


def training_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """The files of the algorithms and first programs, and the function that trains."""
    for path in (*sorted(PACKAGE.glob("*.py")), *sorted(FIRST.glob("*.py"))):
        name = "train" if path.parent == FIRST else path.stem
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                yield str(path.relative_to(ROOT)), node


def changed(default: str) -> str:
    """Another default of the same type."""
    known = {"True": "False", "False": "True", "None": 'Path("here")'}
    if default[0] in "\"'":
        return '"Another-v0"'
    if default[0] == "(":
        return "(32, 32, 32)"
    return known.get(default, f"{default} / 2")


def edits() -> Iterator[Edit]:
    """All the edits: of each default, and of each loop over epochs or batches."""
    for file, node in training_functions():
        written = (ROOT / file).read_text().splitlines()
        arguments = node.args
        with_default = arguments.args[len(arguments.args) - len(arguments.defaults) :]
        pairs = [
            *zip(with_default, arguments.defaults, strict=True),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        for argument, default in pairs:
            if default is None:
                continue
            assert default.lineno == default.end_lineno
            row = written[default.lineno - 1].encode()
            old = row[default.col_offset : default.end_col_offset].decode()
            new = f"{argument.arg}@{changed(old)}"
            yield Edit(file, default.lineno, new, replacing(f"= {old}", changed(old)))
        loop = next(x for x in ast.walk(node) if isinstance(x, ast.For | ast.While))
        last = loop.body[0].end_lineno or loop.body[0].lineno
        yield Edit(file, last, "one more line", one_more(" " * loop.body[0].col_offset))


def replacing(old: str, default: str) -> Callable[[str], str]:
    def rewrite(text: str) -> str:
        assert text.count(old) == 1, f"{old!r} is not once in {text!r}"
        return text.replace(old, f"= {default}")

    return rewrite


def one_more(indent: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{indent}print('one more line')"


@pytest.fixture(scope="module")
def program() -> Program:
    """This book, sound."""
    found = load(ROOT)
    assert found.problems == []
    return found


@pytest.fixture
def _work_once(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chapters that an edit leaves alone are not read again, nor files checked again."""
    chapters = {chapter.path: chapter for chapter in program.book.chapters}
    sound = {output.path: output.text for output in program.outputs}
    read_page, check_file = read._read_chapter, expand.check_file

    def read_what_is_new(
        root: Path, path: str, reader: Reader, data: bytes | None = None
    ) -> Chapter:
        if data is None and path in chapters:
            return chapters[path]
        return read_page(root, path, reader, data)

    def check_what_is_new(
        chunks: Chunks, path: str, root: Chunk, lines: Sequence[Line]
    ) -> Iterable[Problem]:
        body = "".join(f"{line.output}\n" for line in lines)
        known = sound.get(path, "").endswith(body)
        return () if known else check_file(chunks, path, root, lines)

    monkeypatch.setattr(read, "_read_chapter", read_what_is_new)
    monkeypatch.setattr(expand, "check_file", check_what_is_new)


def edited(unsaved: dict[str, bytes]) -> Program:
    """The book with other chapters than are on the disk."""
    return expand_files(resolve_names(read_book(ROOT, unsaved=unsaved)))


def assert_accepted(program: Program, file: str, *edits: Edit) -> None:
    """That edits of a file leave the book sound, and change that file and no other."""
    places, pages = LineMap(program), dict[str, list[str]]()
    for edit in edits:
        place = places.place(file, edit.line)
        assert place is not None, "run tangle first"
        if place.path not in pages:
            pages[place.path] = (ROOT / place.path).read_text().split("\n")
        lines = pages[place.path]
        lines[place.line - 1] = edit.rewrite(lines[place.line - 1])
    after = edited({path: "\n".join(lines).encode() for path, lines in pages.items()})
    assert after.problems == []
    before = {output.path: output.text for output in program.outputs}
    differing = {o.path for o in after.outputs if o.text != before.get(o.path)}
    allowed = FAMILY if file in FAMILY else {file}
    assert file in differing and differing <= allowed


EDITS = list(edits())


@pytest.mark.usefixtures("_work_once")
@pytest.mark.parametrize("file", dict.fromkeys(edit.file for edit in EDITS))
def test_all_edits_at_once_are_accepted_and_change_nothing_else(
    program: Program, file: str
) -> None:
    assert_accepted(program, file, *(edit for edit in EDITS if edit.file == file))


@pytest.mark.long
@pytest.mark.usefixtures("_work_once")
@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_an_edit_is_accepted_and_changes_nothing_else(
    program: Program, edit: Edit
) -> None:
    assert_accepted(program, edit.file, edit)


def test_there_are_edits_of_every_algorithm() -> None:
    whats = defaultdict(list)
    for edit in EDITS:
        whats[Path(edit.file).stem].append(edit.what)
    assert {"vpg", "trpo", "ppo"} <= whats.keys()
    for what in whats.values():
        assert what[-1] == "one more line" and len(what) > 5


@pytest.mark.usefixtures("_work_once")
def test_one_more_argument(program: Program) -> None:
    """The edit that How this book is made shows: an exercise's solution, carried out."""
    path = "book/onpolicy/ppo.md"
    lines = (ROOT / path).read_text().split("\n")
    pairs = [
        (variant, base)
        for variant, base in program.bases.items()
        if base and str(variant.head.name).startswith("solution-entropy-")
    ]
    assert len(pairs) == 4
    for variant, base in sorted(pairs, key=lambda p: p[1].head.place, reverse=True):
        first, rows = base.head.place.line, range(len(base.head.lines))
        old = [Line(base.head.lines[row], "", base.head, row) for row in rows]
        new = apply_diff(variant.head, old)
        lines[first : first + len(rows)] = [line.text for line in new]
    after = edited({path: "\n".join(lines).encode()})
    assert after.problems == []
    before = {output.path: output.text for output in program.outputs}
    differing = {o.path for o in after.outputs if o.text != before.get(o.path)}
    assert differing == {"spinup_lit/ppo.py"}
    page = (ROOT / "book/appendix/how-this-book-is-made.md").read_text()
    said = "".join(f"{warning}\n" for warning in after.warnings)
    assert re.sub(r":\d+:", ":", said) in re.sub(r":\d+:", ":", page)
    assert len(after.warnings) == 3
