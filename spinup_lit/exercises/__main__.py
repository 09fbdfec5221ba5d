# spinup_lit/exercises/__main__.py: generated from book/practice/exercises.md; edit the chapter. sha256:7530836f95bf67af
"""The command line: `python -m spinup_lit.exercises COMMAND`."""

import difflib
import inspect
import json
import signal
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import tyro
from tyro.conf import Positional

from spinup_lit.exercises import answers, catalogue, verify
from spinup_lit.exercises.apart import Verdict
from spinup_lit.exercises.apart import check as judged
from spinup_lit.exercises.catalogue import PROGRAM, Entry
from spinup_lit.exercises.form import RUNGS
from spinup_lit.machinery.errors import UserError, require

Folder = Annotated[Path, tyro.conf.arg(help="the folder of your answers")]
HOME = Path("exercises")


def list_(what: Positional[str] = "all", answers_dir: Folder = HOME) -> None:
    """Show the exercises, all or those of a chapter."""
    record = answers.read(answers_dir)
    chapter = ""
    for entry in catalogue.find(what):
        exercise = entry.exercise
        if exercise.chapter != chapter:
            chapter = exercise.chapter
            print(f"\n{chapter}")
        mark = mark_of(record.get(entry.name, {}))
        stars = "★" * exercise.difficulty
        print(
            f"  {mark} {entry.name:<28} {exercise.kind:<10} {stars:<5} {exercise.title}"
        )


def mark_of(noted: dict[str, Any]) -> str:
    """One letter for what has become of an exercise."""
    return "✓" if noted.get("solved") else "…" if noted else " "


def start(name: Positional[str], answers_dir: Folder = HOME) -> None:
    """Write the file of an exercise, with what is to be filled in."""
    entry = catalogue.one(name)
    path = answers.begin(answers_dir, entry)
    with answers.noting(answers_dir, name) as noted:
        noted.setdefault("begun", now())
    print(
        f"{inspect.getdoc(entry.stub)}\n\nWrite your answer into {path}, then\n"
        f"  {PROGRAM} check {name}"
    )


def now() -> str:
    """The time, to the second."""
    return datetime.now().isoformat(timespec="seconds")


def check(what: Positional[str] = "all", answers_dir: Folder = HOME) -> None:
    """Check your answer to an exercise, or those to a chapter, or all."""
    found = catalogue.find(what)
    begun = [x for x in found if (answers_dir / x.file).is_file()]
    if what == found[0].name:
        answers.answer_of(answers_dir, found[0])
    require(
        bool(begun), f"no answer in {answers_dir}; `{PROGRAM} start NAME` begins one"
    )
    verdicts = [check_one(entry, answers_dir) for entry in begun]
    if len(begun) > 1:
        print(f"{sum(x.right for x in verdicts)} of {len(begun)} are right.")
    if not all(verdict.right for verdict in verdicts):
        sys.exit(1)


def check_one(entry: Entry, folder: Path) -> Verdict:
    """Check one answer, say what was found, and note it."""
    verdict = judged(entry, folder / entry.file)
    with answers.noting(folder, entry.name) as noted:
        noted["checks"] = noted.get("checks", 0) + 1
        if verdict.right:
            noted.setdefault("solved", now())
    print(report(entry, verdict))
    return verdict


def report(entry: Entry, verdict: Verdict) -> str:
    """What a reader is told of an answer."""
    lines = [f"{entry.name}: {entry.exercise.title}"]
    failure = verdict.failure
    passed = [x for x in verdict.reached if not failure or x != failure.rung]
    lines += [f"  ✓ {RUNGS[rung]}" for rung in passed]
    if verdict.printed:
        lines += ["  it printed:", *indented(verdict.printed, 4)]
    if failure is None:
        return "\n".join(
            [*lines, "  Right.", f"  Compare: {PROGRAM} diff {entry.name}"]
        )
    rung = f"{RUNGS[failure.rung]}: " if failure.rung else ""
    lines.append(f"  ✗ {rung}{failure.what}")
    for word, text in (("expected", failure.expected), ("got", failure.got)):
        if text:
            first, *rest = text.splitlines()
            lines += [f"      {word:<8}  {first}", *(f"{'':16}{x}" for x in rest)]
    if failure.reason:
        lines += indented(failure.reason, 6)
    lines.append(f"  A hint: {PROGRAM} hint {entry.name}")
    return "\n".join(lines)


def indented(text: str, by: int) -> list[str]:
    """The lines of a text, moved to the right."""
    return [" " * by + line for line in text.rstrip().splitlines()]


def watch(what: Positional[str] = "all", answers_dir: Folder = HOME) -> None:
    """Check answers again whenever you save one; Ctrl-C ends it."""
    entries = catalogue.find(what)
    seen: dict[str, float] = {}
    print(f"Watching {answers_dir}; Ctrl-C ends it.")
    while True:
        for entry in entries:
            path = answers_dir / entry.file
            saved = path.stat().st_mtime if path.is_file() else 0.0
            if saved and saved != seen.get(entry.name):
                seen[entry.name] = saved
                check_one(entry, answers_dir)
        time.sleep(0.3)


def hint(name: Positional[str], answers_dir: Folder = HOME) -> None:
    """Give one hint more than the last time."""
    entry = catalogue.one(name)
    hints = entry.exercise.hints
    with answers.noting(answers_dir, name) as noted:
        noted["hints"] = given = min(noted.get("hints", 0) + 1, len(hints))
    print(
        "\n".join(f"{i} of {len(hints)}: {x}" for i, x in enumerate(hints[:given], 1))
    )


def solution(name: Positional[str], answers_dir: Folder = HOME) -> None:
    """Print the answer of the book."""
    entry = catalogue.one(name)
    with answers.noting(answers_dir, name) as noted:
        noted.setdefault("solution", now())
    print(f"{inspect.getdoc(entry.book)}\n\n{book_answer(entry)}", end="")


def book_answer(entry: Entry) -> str:
    """The source of the book's answer."""
    parts = []
    for name, value in vars(entry.book).items():
        if inspect.isfunction(value):
            parts.append(textwrap.dedent(inspect.getsource(value)))
        elif name.isupper():
            parts.append(f"{name} = {value!r}\n")
    return "\n\n".join(parts)


def reset(name: Positional[str], answers_dir: Folder = HOME) -> None:
    """Begin again. Your answer is kept, under another name."""
    entry = catalogue.one(name)
    if aside := answers.put_aside(answers_dir, entry):
        print(f"Your answer is now {aside}.")
    print(f"Begin again in {answers.begin(answers_dir, entry)}.")


def diff(name: Positional[str], answers_dir: Folder = HOME) -> None:
    """Compare your answer with the book's, line by line."""
    entry = catalogue.one(name)
    path = answers.answer_of(answers_dir, entry)
    yours, book = path.read_text(encoding="utf-8"), book_answer(entry)
    lines = difflib.unified_diff(
        yours.splitlines(), book.splitlines(), str(path), "the book", lineterm=""
    )
    print("\n".join(lines))


def progress(answers_dir: Folder = HOME) -> None:
    """Show how far you are, by chapter."""
    record = answers.read(answers_dir)
    entries = catalogue.entries()
    total = Counter(entry.exercise.chapter for entry in entries)
    done = [entry for entry in entries if record.get(entry.name, {}).get("solved")]
    solved = Counter(entry.exercise.chapter for entry in done)
    for chapter, count in total.items():
        bar = "■" * solved[chapter] + "□" * (count - solved[chapter])
        print(f"{chapter:<28} {bar} {solved[chapter]} of {count}")
    alone = sum(not record[entry.name].get("solution") for entry in done)
    print(
        f"{len(done)} of {len(entries)} solved, {alone} without a look at the solution."
    )


def doctor(answers_dir: Folder = HOME) -> None:
    """See whether everything is in order: the package, a process, the folder."""
    entries = catalogue.entries()
    print(f"{len(entries)} exercises, Python {sys.version.split()[0]}")
    for entry in entries:
        if not entry.known:
            print(f"  {entry.name}: its known answers no longer fit the chapter")
    entry = entries[0]
    with tempfile.TemporaryDirectory() as folder:
        verdict = judged(entry, answers.begin(Path(folder), entry))
    blank = verdict.failure and verdict.failure.what.startswith("nothing is written")
    require(bool(blank), f"an empty answer was judged as {verdict.failure}")
    with answers.noting(answers_dir, entry.name):
        pass
    print(
        f"A process can be started and ended; {answers_dir} can be written. All is well."
    )


def table(folder: Positional[Path], what: Positional[str] = "all") -> None:
    """Check the answers of a class: one folder for each student; prints CSV."""
    require(folder.is_dir(), f"there is no folder {folder}")
    students = sorted(x for x in folder.iterdir() if x.is_dir())
    require(bool(students), f"{folder} holds no folders, one for each student")
    entries = catalogue.find(what)
    entries = [x for x in entries if any((s / x.file).is_file() for s in students)]
    print(",".join(["student", *(entry.name for entry in entries), "right"]))
    for student in students:
        marks = [mark(entry, student / entry.file) for entry in entries]
        print(",".join([student.name, *marks, str(marks.count("right"))]))


def mark(entry: Entry, path: Path) -> str:
    """What a table says of an answer: right, missing, or where it fails and by what."""
    if not path.is_file():
        return "missing"
    failure = judged(entry, path).failure
    if failure is None:
        return "right"
    return ": ".join(x for x in (failure.rung or "unfinished", failure.mistake) if x)


def verify_(what: Positional[str] = "all", write: Path | None = None) -> None:
    """For authors: are the known answers judged as they should be?"""
    rows = [row for entry in catalogue.find(what) for row in verify.examine(entry)]
    for row in rows:
        if fault := row.fault:
            print(f"{row.exercise}: {row.known}: {fault}")
    print(f"{len(rows)} known answers, {sum(bool(x.fault) for x in rows)} misjudged")
    if write:
        write.write_text(json.dumps([row._asdict() for row in rows], indent=1) + "\n")
    if any(row.fault for row in rows):
        sys.exit(1)


COMMANDS: dict[str, Callable[..., Any]] = {
    "list": list_,
    "start": start,
    "check": check,
    "watch": watch,
    "hint": hint,
    "solution": solution,
    "reset": reset,
    "diff": diff,
    "progress": progress,
    "doctor": doctor,
    "table": table,
    "verify": verify_,
}


def main(args: list[str] | None = None) -> None:
    """Obey a command line, by default the one that started the program."""
    try:
        tyro.extras.subcommand_cli_from_dict(
            COMMANDS,
            prog=PROGRAM,
            args=sys.argv[1:] if args is None else args,
            description="Exercises of the book, and a grader that names the mistake.",
        )
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # so that `list | head` ends quietly
    main()
