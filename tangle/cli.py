"""The command line. Last in the import order."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tangle import load
from tangle.book import CONFIG, TOC, find_root
from tangle.expand import Program
from tangle.index import Index
from tangle.model import Place, Problem
from tangle.output import Change, commit, make_plan


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.check and options.force:
        parser.error("--check writes nothing, so there is nothing to --force")
    root = options.root.resolve() if options.root else find_root(Path.cwd())
    if root is None:
        parser.error(f"no {CONFIG} with {TOC} here or above; give --root DIR")
    program = load(root)
    try:
        if options.command == "where":
            return _where(program, options.place)
        return _tangle(program, options.check, options.force)
    except OSError as error:
        place = Place(_from_root(error.filename or ".", root), 1)
        return _complain([Problem(place, f"{error.strerror}; run tangle again")])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tangle", description="Write the code that a book holds."
    )
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder of the book")
    parser.add_argument(
        "--check", action="store_true", help="show what would change, and exit 1 then"
    )
    parser.add_argument(
        "--force",
        action="append",
        default=[],
        metavar="PATH",
        help="overwrite this generated file even if somebody edited it",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    where = commands.add_parser("where", help="the line of a chapter behind a line")
    where.add_argument("place", metavar="FILE:LINE")
    return parser


def _tangle(program: Program, check: bool, force: Sequence[str]) -> int:
    plan = make_plan(program)
    root = program.book.root
    forced = {_from_root(path, root) for path in force}
    problems = [*program.problems, *plan.problems]
    known = {*program.chunks.roots, *(change.path for change in plan.changes)}
    for path in forced - known:
        problems.append(Problem(Place(path, 1), "tangle does not generate this file"))
    if not check:
        edited = (change for change in plan.changes if change.edited)
        problems += [_refusal(change) for change in edited if change.path not in forced]
    if problems:
        return _complain(program.book.in_order(problems))
    for change in plan.changes:
        if check:
            print(change.diff(), end="")
        else:
            commit(root, change)
    if check:
        return 1 if plan.changes else 0
    _summarise(plan.changes, len(program.outputs))
    return 0


def _complain(problems: Iterable[Problem]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


def _from_root(path: str, root: Path) -> str:
    """A path as given, relative to here or to the root, in the project's terms."""
    file = root / path
    if not file.exists():
        file = Path(path).absolute()
    return file.relative_to(root).as_posix() if root in file.parents else path


def _refusal(change: Change) -> Problem:
    fate = "overwritten" if change.new is not None else "removed"
    message = f"edited by hand, and would be {fate}; carry the edits into the "
    message += "chapters, then drop them here by "
    message += f"`python -m tangle --force {change.path}`"
    return Problem(Place(change.path, 1), f"{message}\n{change.diff()}")


def _summarise(changes: Sequence[Change], files: int) -> None:
    written = sum(change.new is not None for change in changes)
    removed = len(changes) - written
    tail = f", {removed} removed" if removed else ""
    unchanged = files - written
    print(f"tangle: {files} files, {written} written, {unchanged} unchanged{tail}")


def _where(program: Program, place: str) -> int:
    if program.problems:
        return _complain(program.problems)
    path, _, number = place.rpartition(":")
    path = _from_root(path, program.book.root)
    line = int(number) if number.isdecimal() else 0
    origin = Index(program).origin(path, line)
    if origin is None:
        message = f"{place} is not FILE:LINE of a generated file"
        return _complain([Problem(Place(path, line), message)])
    print(origin)
    return 0
