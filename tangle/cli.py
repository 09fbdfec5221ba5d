"""The command line. Last in the import order."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from tangle import load
from tangle.back import make_patch
from tangle.combine import with_variants
from tangle.expand import Program
from tangle.linemap import LineMap, from_root
from tangle.model import Place, Problem, Refused
from tangle.read import CONFIG, TOC, find_root
from tangle.syntax import CONFLICT
from tangle.write import Change, alone, commit, make_plan


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
        with alone(root) if options.command in (None, "patch") else nullcontext():
            return int(options.run(root, options))
    except Refused as refusal:
        return _complain(refusal.problems)
    except OSError as error:
        place = Place(from_root(error.filename or ".", root), 1)
        return _complain(
            [Problem(place, f"{error.strerror or error}; run tangle again")]
        )


def _parser() -> ArgumentParser:
    parser = ArgumentParser("python -m tangle", description=_tangle.__doc__)
    parser.set_defaults(run=_tangle)
    add = parser.add_argument
    add("--root", type=Path, metavar="DIR", help="folder of the book")
    add("--check", action="store_true", help="show what would change, and exit 1 then")
    add("--force", action="append", default=[], metavar="PATH", help="drop edits of it")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(run: Callable[[Path, Namespace], int]) -> ArgumentParser:
        made = commands.add_parser(run.__name__[1:], help=run.__doc__)
        made.set_defaults(run=run)
        return made

    command(_where).add_argument("place", metavar="FILE:LINE")
    command(_map)
    command(_patch).add_argument("--shared", action="store_true", help="others, too")
    variant = command(_variant)
    variant.add_argument("file", metavar="FILE")
    variant.add_argument("names", metavar="CHAPTER:NAME", nargs="+")
    then = "a command to run then"
    command(_watch).add_argument("then", nargs=REMAINDER, metavar="...", help=then)
    return parser


def _tangle(root: Path, options: Namespace) -> int:
    """Write the code that a book holds."""
    program = load(root)
    plan = make_plan(program)
    forced = {from_root(path, root) for path in options.force}
    known = {*program.chunks.roots, *(change.path for change in plan.changes)}
    unknown = "tangle does not generate this file"
    problems = [Problem(Place(path, 1), unknown) for path in forced - known]
    edited = (c for c in plan.changes if c.edited and not options.check)
    problems += [_refusal(change) for change in edited if change.path not in forced]
    problems += program.problems + plan.problems
    _complain(program.book.in_order([*problems, *program.warnings]))
    if problems:
        return 1
    for change in plan.changes:
        if options.check:
            print(change.diff(), end="")
        else:
            commit(root, change)
    if options.check:
        return 1 if plan.changes or program.warnings else 0
    files = sum(1 + output.beside for output in program.outputs)
    written = sum(change.new is not None for change in plan.changes)
    removed = len(plan.changes) - written
    tail = f", {removed} removed" if removed else ""
    print(
        f"tangle: {files} files, {written} written, {files - written} unchanged{tail}"
    )
    return 0


def _complain(problems: Iterable[Problem]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


def _refusal(change: Change) -> Problem:
    fate = "overwritten" if change.new is not None else "removed"
    force = f"`--force {change.path}`"
    message = f"edited by hand, and would be {fate}; `python -m tangle patch` carries "
    message += f"the edits into the chapters, {force} drops them"
    if CONFLICT.search(change.unix):
        message = f"holds a conflict of a merge; {force} makes it from the chapters"
    elif b"\r\n" in (change.old or b""):
        message = "has lines that end in \\r\\n, as an editor or Git's core.autocrlf "
        message += f"makes them; {force} ends them in \\n, and drops other edits"
    return Problem(Place(change.path, 1), f"{message}\n{change.diff()}")


def _sound(root: Path) -> Program:
    if (program := load(root)).problems:
        raise Refused(*program.problems)
    return program


def _where(root: Path, options: Namespace) -> int:
    """the line of a chapter behind a line"""
    path, _, number = options.place.rpartition(":")
    path = from_root(path, root)
    line = int(number[:9]) if number.isdecimal() else 0
    lines = LineMap(_sound(root))
    if origin := lines.place(path, line):
        print(origin)
        return 0
    message = f"{options.place} is not FILE:LINE of a generated file"
    if lines.differing:
        message = "not as the chapters make it; run tangle, then ask again"
    return _complain([Problem(Place(path, line), message)])


def _variant(root: Path, options: Namespace) -> int:
    """print a file with variants put in"""
    path = from_root(options.file, root)
    text = with_variants(_sound(root), path, *options.names)
    if isinstance(sys.stdout, io.TextIOWrapper):  # for a file, whatever the locale is
        sys.stdout.reconfigure(encoding="utf-8")
    print(text, end="")
    return 0


def _map(root: Path, options: Namespace) -> int:
    """a filter: lines of chapters in messages of others"""
    lines = LineMap(load(root))
    for text in sys.stdin:
        print(lines.translate(text), end="", flush=True)
    message = "not as the chapters make it, so its lines are not mapped"
    stale = (Problem(Place(path, 1), message) for path in lines.differing)
    _complain([*lines.program.problems, *stale])
    return 0


def _patch(root: Path, options: Namespace) -> int:
    """carry edits of files into the chapters"""
    program = load(root)
    plan = make_plan(program)
    if problems := program.problems + plan.problems:
        raise Refused(*program.book.in_order(problems))
    edited = [change for change in plan.changes if change.edited]
    for change in make_patch(program, edited, options.shared):
        commit(root, change)
        print(f"tangle: edits carried over into {change.path}")
    return _tangle(root, options)


def _watch(root: Path, options: Namespace) -> int:
    """tangle whenever a chapter is saved"""
    try:
        from watchfiles import watch
    except ImportError:  # nothing else needs it
        raise SystemExit("tangle watch needs the package watchfiles") from None
    gc.enable()  # unlike a single run, this one has no end
    done = False
    # It wakes up at times, so that it is at work before the first run begins.
    files = root / "book", root / CONFIG
    with suppress(KeyboardInterrupt):
        for saved in watch(*files, yield_on_timeout=True, rust_timeout=100):
            sound = (saved or not done) and main(["--root", str(root)]) == 0
            sys.stdout.flush()
            if sound and options.then:
                subprocess.run(options.then, cwd=root, check=False)
            done = True
    return 0
