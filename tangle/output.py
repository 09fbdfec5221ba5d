"""Brings the disk in line with a program, and loses nothing that it did not write.

After model, header, book, expand. First everything is planned and checked, then each
change is made whole or not at all.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import fcntl
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tangle.expand import Program
from tangle.header import Generated, read_header
from tangle.model import Problem

HAND_WRITTEN = ("book", "tangle")
_UNSEARCHED = re.compile(r"\..*|_build|node_modules|__pycache__")
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tangled")


@dataclass(frozen=True)
class Change:
    """A file to be created, replaced or removed: its bytes before and after."""

    path: str
    old: bytes | None
    new: bytes | None
    edited: bool = False  # somebody has changed it since it was generated

    def diff(self) -> str:
        """What the change does to the file on disk."""
        names = (f"{self.path} (on disk)", f"{self.path} (from the chapters)")
        lines = difflib.unified_diff(_lines(self.old), _lines(self.new), *names)
        return "".join(lines) or "--- {}\n+++ {}\n".format(*names)


@dataclass(frozen=True)
class Plan:
    """What has to change on the disk, and what stands in the way."""

    changes: list[Change]
    problems: list[Problem]


def make_plan(program: Program) -> Plan:
    """Compare the outputs of a program with the disk."""
    root = program.book.root
    plan = Plan([], list(_misplaced(program)))
    faulty = {problem.place for problem in plan.problems}
    for output in program.outputs:
        place = output.chunk.head.place
        new = output.text.encode()
        target = root / output.path
        old = target.read_bytes() if place not in faulty and target.exists() else None
        generated = read_header(old or b"")
        if old is not None and (generated is None or generated.path != output.path):
            message = f"{output.path} is in the way: tangle did not write this file, "
            message += "or not as it is now; move or delete it, then run tangle again"
            plan.problems.append(Problem(place, message))
        elif old != new:
            edited = generated is not None and _loses(generated, new)
            plan.changes.append(Change(output.path, old, new, edited))
    for path, data in _generated_files(root):
        if path not in program.chunks.roots:
            generated = read_header(data)
            edited = generated is not None and not generated.intact
            plan.changes.append(Change(path, data, None, edited))
    return plan


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other process writes the files of this book, and make it wait."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def commit(root: Path, change: Change) -> None:
    """Make one change on the disk, if nobody else has made one since it was planned."""
    target = (root / change.path).resolve()  # a chapter may be a link
    if (target.read_bytes() if target.exists() else None) != change.old:
        raise OSError(errno.EBUSY, "has changed in the meantime", str(target))
    if change.new is None:
        target.unlink()
        with contextlib.suppress(OSError):  # the first folder that is not empty
            for folder in PurePosixPath(change.path).parents[:-1]:
                (root / folder).rmdir()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, change.new)


def write_whole(target: Path, data: bytes) -> None:
    """Write a file, which is whole, old or new, whenever this is interrupted."""
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tangled")
    mode = 0o777 if data.startswith(b"#!") else 0o666  # less what umask says
    try:
        with open(temporary, "xb", opener=lambda p, f: os.open(p, f, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _lines(data: bytes | None) -> list[str]:
    *lines, last = (data or b"").decode(errors="replace").split("\n")
    ending = [f"{last}\n\\ No newline at end of file\n"] if last else []
    return [f"{line}\n" for line in lines] + ending


def _loses(generated: Generated, new: bytes) -> bool:
    """Whether replacing a generated file would lose what somebody wrote in it."""
    wanted = read_header(new)
    return not generated.intact and (wanted is None or generated.body != wanted.body)


def _misplaced(program: Program) -> Iterator[Problem]:
    """Outputs at paths where no file may be written."""
    taken: dict[str, str] = {}
    for path in program.chunks.roots:
        taken.setdefault(_folded(path), path)
    for path, root in program.chunks.roots.items():
        fault = _fault_of_path(path) or _fault_on_disk(program.book.root, path)
        if taken[_folded(path)] != path:
            fault = f"differs from {taken[_folded(path)]} in case only"
        for folder in map(str, PurePosixPath(_folded(path)).parents):
            if folder in taken:
                fault = f"needs a folder where the file {taken[folder]} is"
        if fault:
            yield Problem(root.head.place, f"file={path} {fault}")


def _folded(path: str) -> str:
    """The same for paths that are one on some file systems."""
    return unicodedata.normalize("NFC", path).casefold()


def _fault_of_path(path: str) -> str | None:
    """What is wrong with a path, wherever the project lies."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts:
        return "leads outside the project"
    plain = str(PurePosixPath(path)) == path != "."
    if not plain or not path.isprintable() or set(path) & set("\\:~"):
        return "is not a plain path such as folder/file.py"
    if parts[0].casefold() in HAND_WRITTEN:
        return f"lies in {parts[0]}/, which is written by hand"
    if hidden := next(filter(_UNSEARCHED.fullmatch, parts[:-1]), None):
        return f"lies in {hidden}/, where tangle does not look after its files"
    return None


def _fault_on_disk(root: Path, path: str) -> str | None:
    """What else than a file of ours or nothing is where a file is to be."""
    for folder in reversed(PurePosixPath(path).parents[:-1]):
        if (root / folder).is_symlink():
            return f"passes through {folder}, a symbolic link"
        if (root / folder).exists() and not (root / folder).is_dir():
            return f"needs a folder where the file {folder} is"
    target = root / path
    if target.is_symlink() or (target.exists() and not target.is_file()):
        return "is in the way: it is not a regular file on the disk"
    return None


def _generated_files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Files whose header names their own place, and what a killed run left behind."""
    for file in _files(root):
        path = file.relative_to(root).as_posix()
        with contextlib.suppress(OSError):  # a file that we cannot read is not ours
            with file.open("rb") as stream:
                found = read_header(stream.read(4096))
            if (found and found.path == path) or _TEMPORARY.fullmatch(file.name):
                yield path, file.read_bytes()


def _files(root: Path) -> Iterator[Path]:
    """The files among which outputs may lie, in a fixed order."""
    for folder, folders, names in os.walk(root):
        hand_written = HAND_WRITTEN if Path(folder) == root else ()
        folders[:] = sorted(
            name
            for name in folders
            if not _UNSEARCHED.fullmatch(name)
            and name not in hand_written
            and not Path(folder, name, "pyvenv.cfg").exists()
        )
        files = (Path(folder, name) for name in sorted(names))
        yield from (file for file in files if file.is_file() and not file.is_symlink())
