"""Carries edits of generated files back into the chapters. After output.

An edit goes to the one place where its lines were written. What the chapters would give
then is worked out before anything is written, and must be the edited files. Others may
change only if that is asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from tangle.book import read_book
from tangle.expand import Program, expand, language_of
from tangle.header import read_header
from tangle.model import Block, Line, Place, Problem
from tangle.output import Change
from tangle.syntax import BEFORE_FENCE, written

_NEWLINE = re.compile(r"(\r\n|\n|\r)")


class Refused(Exception):
    """Why edits cannot be carried back."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*map(str, problems))
        self.problems = problems


class Edit(NamedTuple):
    """New lines for the rows from `first` to before `stop` of a block."""

    block: Block
    first: int
    stop: int
    lines: tuple[str, ...]
    place: Place  # in the edited file

    def clashes(self, later: Edit) -> bool:
        """Whether another edit of the block, further down, is of the same rows."""
        return later.first < self.stop or later.first == self.first


Edits = dict[Block, list[Edit]]


def make_patch(
    program: Program, changes: Iterable[Change], shared: bool = False
) -> list[Change]:
    """The changes of chapters that give the files as somebody has edited them.

    Raises:
        Refused: there are none, more than one could be meant, or files that nobody has
            edited would change, too, and the edits are not to be `shared`.
    """
    changes = list(changes)
    lines = {output.path: output.proven for output in program.outputs}
    edits: dict[Block, dict[object, Edit]] = defaultdict(dict)
    problems: list[Problem] = []
    for change in changes:
        try:
            for edit in _edits(lines.get(change.path, []), change):
                edits[edit.block].setdefault(edit[1:4], edit)
        except Refused as refusal:
            problems += refusal.problems
    ordered = {b: sorted(e.values(), key=lambda e: e[1:3]) for b, e in edits.items()}
    for earlier, later in (pair for e in ordered.values() for pair in pairwise(e)):
        if earlier.clashes(later):
            message = f"another edit of these lines of a chunk is at {later.place}"
            problems.append(Problem(earlier.place, message))
    if problems:
        raise Refused(*problems)
    chapters = _apply(program, ordered)
    after = _verify(program, chapters, changes)
    edited = {change.path for change in changes}
    if not shared and (problems := list(_sharing(program, after, ordered, edited))):
        raise Refused(*problems)
    return chapters


def _edits(lines: Sequence[Line], change: Change) -> Iterator[Edit]:
    """What was edited in a file that tangle generated with these lines."""
    old, new = read_header(change.unix), read_header(change.new or b"")
    start = Place(change.path, 1)
    if old is None or new is None:
        raise Refused(Problem(start, "edited, but no chapter makes it now; move it"))
    if old.intact:  # but for the ends of its lines
        return
    if old.digest != new.digest:
        message = "edited, and so are the chapters since it was generated; carry the "
        message += f"edits over by hand, then `python -m tangle --force {change.path}`"
        raise Refused(Problem(start, f"{message}\n{change.diff()}"))
    texts = change.unix.decode(errors="replace").split("\n")[:-1]
    before = [line.output for line in lines]
    hunks = SequenceMatcher(None, before, texts, autojunk=False).get_opcodes()
    for kind, first, stop, at, end in hunks:
        if kind != "equal":
            place = Place(change.path, at + 1)
            yield _edit(lines, first, stop, texts[at:end], place)


def _edit(
    lines: Sequence[Line], first: int, stop: int, texts: Sequence[str], place: Place
) -> Edit:
    """The edit that puts texts in place of some lines, which are of one chunk."""
    if first == stop:
        above, below = lines[max(first - 1, 0)], lines[min(first, len(lines) - 1)]
        if above.row < 0 and first > 1:  # the header below a first line such as #!
            above = lines[first - 2]
        targets = [(above, above.row + 1), (below, max(below.row, 0))]
        if not above.output and below.output:  # after a blank line: to what follows
            targets.reverse()
    else:
        for line, following in pairwise(lines[first:stop]):
            if following[2:] != (line.block, line.row + 1):
                raise Refused(Problem(place, "this edit straddles chunks; edit each"))
        targets = [(lines[first], lines[first].row)]
    for line, row in targets:
        if all(text.startswith(line.indent) or not text for text in texts):
            moved = tuple(text.removeprefix(line.indent) for text in texts)
            return Edit(line.block, row, row + stop - first, moved, place)
    raise Refused(Problem(place, "indented less than the reference to its chunk"))


def _apply(program: Program, edits: Edits) -> list[Change]:
    """The chapters with the edits in them, otherwise byte for byte as they are."""
    before: dict[str, bytes] = {}
    parts: dict[str, list[str]] = {}  # lines and what ends them, alternating
    languages = {
        block: language_of(chunk, program.bases)
        for chunk in program.chunks.all
        for block in chunk.blocks
    }
    for block in sorted(edits, key=lambda block: block.place, reverse=True):
        if block.chapter not in parts:
            data = (program.book.root / block.chapter).read_bytes()
            before[block.chapter] = data
            parts[block.chapter] = _NEWLINE.split(data.decode())
        chapter, fence = parts[block.chapter], 2 * (block.place.line - 1)
        margin = BEFORE_FENCE.match(chapter[fence])
        prefix = re.sub(r"[^\s>]", " ", margin[0] if margin else "")
        prefix += "+" if block.edits else ""
        for edit in reversed(edits[block]):
            new = []
            for text in edit.lines:
                text = written(text, languages[block])
                new += [prefix + text if text else prefix.rstrip(), chapter[fence + 1]]
            rows = slice(*(fence + 2 + 2 * row for row in (edit.first, edit.stop)))
            chapter[rows] = new
    return [
        Change(path, before[path], "".join(lines).encode())
        for path, lines in parts.items()
    ]


def _verify(
    program: Program, chapters: Iterable[Change], changes: Iterable[Change]
) -> Program:
    """What the chapters give. Raises unless these are the edited files."""
    unsaved = {change.path: change.new or b"" for change in chapters}
    after = expand(read_book(program.book.root, unsaved=unsaved))
    bodies = {output.path: read_header(output.proof) for output in after.outputs}
    message = "the edits cannot be carried over, the chapters would give another file"
    message += " (edit code that stands in several places in each of them)"
    problems = [
        Problem(place, f"with the edits carried over: {text}")
        for place, text in after.problems
    ] or [
        Problem(Place(change.path, 1), message)
        for change in changes
        for wanted, given in [(read_header(change.unix), bodies.get(change.path))]
        if not (wanted and given and wanted.body == given.body)
    ]
    if problems:
        raise Refused(*problems)
    return after


def _sharing(
    program: Program, after: Program, edits: Edits, edited: set[str]
) -> Iterator[Problem]:
    """The edits by which files change that nobody has edited."""
    others = [output.path for output in after.outputs if output.path not in edited]
    made_of = {path: program.needed(program.chunks.roots[path]) for path in others}
    for chunk in program.chunks.all:
        own = [edit for block in chunk.blocks for edit in edits.get(block, [])]
        others = [path for path, chunks in made_of.items() if chunk in chunks]
        if own and others:
            message = f"this edit of {chunk.name_in('')} also changes "
            message += f"{', '.join(others)}; if it should, say so: "
            yield Problem(own[0].place, f"{message}`python -m tangle patch --shared`")
