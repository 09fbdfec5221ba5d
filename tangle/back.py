"""Carries edits of generated files back into the chapters. After write.

An edit goes to the one place where its lines were written. What the chapters would give
then is worked out before anything is written, and must be the edited files. Others may
change only if that is asked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from tangle.expand import Program, expand_files
from tangle.model import Block, Lines, Place, Problem, Problems, Refused
from tangle.read import read_book
from tangle.resolve import resolve_names
from tangle.syntax import BEFORE_FENCE, written
from tangle.write import Change

_NEWLINE = re.compile(r"(\r\n|\n|\r)")


class Edit(NamedTuple):
    """New lines for the rows from `first` to before `stop` of a block."""

    block: Block
    first: int
    stop: int
    lines: tuple[str, ...]
    place: Place  # in the edited file


Edits = dict[Block, list[Edit]]
Changes = list[Change]


def make_patch(program: Program, changes: Changes, shared: bool = False) -> Changes:
    """The changes of chapters that give the files as somebody has edited them.

    Raises:
        Refused: there are none, more than one could be meant, or files that nobody has
            edited would change, too, and the edits are not to be `shared`.
    """
    # Where nothing but the ends of lines is another, there is nothing to carry.
    changes = [x for x in changes if x.was is None or not x.was.unix.intact]
    lines = {output.path: output.lines for output in program.outputs}
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
        if later.first < earlier.stop or later.first == earlier.first:
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


def _edits(lines: Lines, change: Change) -> Iterator[Edit]:
    """What was edited in a file that tangle generated with these lines."""
    start = Place(change.path, 1)
    if change.was is None or change.will is None:
        raise Refused(Problem(start, "edited, but no chapter makes it now; move it"))
    if change.was.digest != change.will.digest:
        message = "edited, and so are the chapters since it was generated; carry the "
        message += f"edits over by hand, then `python -m tangle --force {change.path}`"
        raise Refused(Problem(start, f"{message}\n{change.diff()}"))
    texts = change.unix.split("\n")[:-1]
    before = [line.output for line in lines]
    hunks = SequenceMatcher(None, before, texts, autojunk=False).get_opcodes()
    for kind, first, stop, at, end in hunks:
        if kind != "equal":
            place = Place(change.path, at + 1)
            yield _edit(lines, range(first, stop), texts[at:end], place)


def _edit(lines: Lines, rows: range, texts: list[str], place: Place) -> Edit:
    """The edit that puts texts in place of some lines, which are of one chunk."""
    first, stop = rows.start, rows.stop
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


def _apply(program: Program, edits: Edits) -> Changes:
    """The chapters with the edits in them, otherwise byte for byte as they are."""
    before: dict[str, bytes] = {}
    parts: dict[str, list[str]] = {}  # lines and what ends them, alternating
    chunk_of = {block: c for c in program.chunks.all for block in c.blocks}
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
                text = written(text, program.language(chunk_of[block]))
                new += [prefix + text if text else prefix.rstrip(), chapter[fence + 1]]
            rows = slice(*(fence + 2 + 2 * row for row in (edit.first, edit.stop)))
            chapter[rows] = new
    after = {path: "".join(lines).encode() for path, lines in parts.items()}
    return [Change(path, before[path], new) for path, new in after.items()]


def _verify(program: Program, chapters: Changes, changes: Changes) -> Program:
    """What the chapters give. Raises unless these are the edited files."""
    unsaved = {change.path: change.new or b"" for change in chapters}
    book = read_book(program.book.root, unsaved=unsaved)
    after = expand_files(resolve_names(book))
    bodies = {output.path: output.body for output in after.outputs}
    message = "the edits cannot be carried over, the chapters would give another file"
    message += " (edit code that stands in several places in each of them)"
    where = "with the edits carried over: "
    problems = [Problem(place, where + text) for place, text in after.problems]
    for change in changes if not problems else ():
        if change.was and change.was.unix.body != bodies.get(change.path):
            problems.append(Problem(Place(change.path, 1), message))
    if problems:
        raise Refused(*problems)
    return after


def _sharing(old: Program, new: Program, edits: Edits, edited: set[str]) -> Problems:
    """The edits by which files change that nobody has edited."""
    others = [output.path for output in new.outputs if output.path not in edited]
    made_of = {path: old.needed(old.chunks.roots[path]) for path in others}
    for chunk in old.chunks.all:
        own = [edit for block in chunk.blocks for edit in edits.get(block, [])]
        others = [path for path, chunks in made_of.items() if chunk in chunks]
        if own and others:
            message = f"this edit of {chunk.name_in('')} also changes "
            message += f"{', '.join(others)}; if it should, say so: "
            yield Problem(own[0].place, f"{message}`python -m tangle patch --shared`")
