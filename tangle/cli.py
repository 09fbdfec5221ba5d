"""The command line. Last in the import order."""

from __future__ import annotations

import argparse
import gc
import io
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from tangle import load
from tangle.book import CONFIG, TOC, find_root
from tangle.combine import with_variants
from tangle.expand import Program
from tangle.lines import LineMap, from_root
from tangle.model import Place, Problem
from tangle.output import Change, alone, commit, make_plan
from tangle.patch import Refused, make_patch
from tangle.variants import Misfit


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.check and options.force:
        parser.error("--check writes nothing, so there is nothing to --force")
    if options.command and (options.check or options.force):
        parser.error(f"{options.command} knows neither --check nor --force")
    root = options.root.resolve() if options.root else find_root(Path.cwd())
    if root is None:
        parser.error(f"no {CONFIG} with {TOC} here or above; give --root DIR")
    try:
        if options.command == "watch":
            return _watch(root, options.then)
        if options.command == "where":
            return _where(load(root), options.place)
        if options.command == "map":
            return _map(load(root))
        if options.command == "variant":
            return _variant(load(root), options.file, options.names)
        with alone(root):
            if options.command == "patch":
                return _patch(load(root), options.shared)
            return _tangle(load(root), options.check, options.force)
    except OSError as error:
        place = Place(from_root(error.filename or ".", root), 1)
        return _complain(
            [Problem(place, f"{error.strerror or error}; run tangle again")]
        )


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
    commands.add_parser("map", help="a filter: lines of chapters in messages of others")
    patch = commands.add_parser("patch", help="carry edits of files into the chapters")
    patch.add_argument("--shared", action="store_true", help="also into other files")
    variant = commands.add_parser("variant", help="print a file with variants put in")
    variant.add_argument("file", metavar="FILE")
    variant.add_argument("names", metavar="CHAPTER:NAME", nargs="+")
    watch = commands.add_parser("watch", help="tangle whenever a chapter is saved")
    watch.add_argument(
        "then", nargs=argparse.REMAINDER, metavar="...", help="a command to run then"
    )
    return parser


def _tangle(program: Program, check: bool, force: Sequence[str]) -> int:
    plan = make_plan(program)
    root = program.book.root
    forced = {from_root(path, root) for path in force}
    problems = [*program.problems, *plan.problems]
    known = {*program.chunks.roots, *(change.path for change in plan.changes)}
    for path in forced - known:
        problems.append(Problem(Place(path, 1), "tangle does not generate this file"))
    if not check:
        edited = (change for change in plan.changes if change.edited)
        problems += [_refusal(change) for change in edited if change.path not in forced]
    _complain(program.book.in_order([*problems, *program.warnings]))
    if problems:
        return 1
    for change in plan.changes:
        if check:
            print(change.diff(), end="")
        else:
            commit(root, change)
    if check:
        return 1 if plan.changes or program.warnings else 0
    _summarise(plan.changes, len(program.outputs))
    return 0


def _complain(problems: Iterable[Problem]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


def _refusal(change: Change) -> Problem:
    fate = "overwritten" if change.new is not None else "removed"
    message = f"edited by hand, and would be {fate}; `python -m tangle patch` carries "
    message += f"the edits into the chapters, `--force {change.path}` drops them"
    if change.conflict:
        message = "holds a conflict of a merge; resolve that of the chapters, then "
        message += f"`python -m tangle --force {change.path}` makes the file from them"
    elif change.unix != change.old:
        message = "has lines that end in \\r\\n, as an editor or Git's core.autocrlf "
        message += f"makes them, and would be {fate}; "
        message += f"`--force {change.path}` ends them in \\n and drops other edits"
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
    path = from_root(path, program.book.root)
    line = int(number[:9]) if number.isdecimal() else 0
    lines = LineMap(program)
    origin = lines.place(path, line)
    if origin is None:
        message = f"{place} is not FILE:LINE of a generated file"
        if lines.differing:
            message = "not as the chapters make it; run tangle, then ask again"
        return _complain([Problem(Place(path, line), message)])
    print(origin)
    return 0


def _variant(program: Program, path: str, names: Sequence[str]) -> int:
    if program.problems:
        return _complain(program.problems)
    try:
        path = from_root(path, program.book.root)
        text = with_variants(program, path, *names)
    except Misfit as misfit:
        return _complain([misfit.problem])
    if isinstance(sys.stdout, io.TextIOWrapper):  # for a file, whatever the locale is
        sys.stdout.reconfigure(encoding="utf-8")
    print(text, end="")
    return 0


def _map(program: Program) -> int:
    lines = LineMap(program)
    for text in sys.stdin:
        print(lines.translate(text), end="", flush=True)
    message = "not as the chapters make it, so its lines are not mapped"
    stale = (Problem(Place(path, 1), message) for path in lines.differing)
    _complain([*program.problems, *stale])
    return 0


def _patch(program: Program, shared: bool) -> int:
    plan = make_plan(program)
    if problems := [*program.problems, *plan.problems]:
        return _complain(program.book.in_order(problems))
    try:
        edited = [change for change in plan.changes if change.edited]
        chapters = make_patch(program, edited, shared)
    except Refused as refusal:
        return _complain(refusal.problems)
    root = program.book.root
    for change in chapters:
        commit(root, change)
        print(f"tangle: edits carried over into {change.path}")
    return _tangle(load(root), check=False, force=())


def _watch(root: Path, then: Sequence[str]) -> int:
    """Tangle now and whenever the book changes, until Ctrl-C."""
    try:
        from watchfiles import watch
    except ImportError:  # nothing else needs it
        raise SystemExit("tangle watch needs the package watchfiles") from None
    gc.enable()  # unlike a single run, this one has no end
    done = False
    # It wakes up at times, so that it is at work before the first run begins.
    files = root / "book", root / CONFIG
    changes = watch(*files, yield_on_timeout=True, rust_timeout=100)
    with suppress(KeyboardInterrupt):
        for saved in changes:
            sound = (saved or not done) and main(["--root", str(root)]) == 0
            sys.stdout.flush()
            if sound and then:
                subprocess.run(then, cwd=root, check=False)
            done = True
    return 0
