"""Brings the disk in line with a program, and loses nothing that it did not write.

After expand. First everything is planned and checked, then each
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
from tangle.header import ORIGIN, Generated, digest, read_header
from tangle.model import Place, Problem, Problems

HAND_WRITTEN = ("book", "tangle")
_UNSEARCHED = re.compile(r"\..*|_build|node_modules|__pycache__")
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tangled")


@dataclass(frozen=True)
class Change:
    """A file to be created, replaced or removed: its bytes before and after."""

    path: str
    old: bytes | None
    new: bytes | None
    was: Generated | None = None  # what the file says of itself, before and after
    will: Generated | None = None
    edited: bool = False  # somebody has changed it since it was generated

    @property
    def unix(self) -> str:
        """What is on the disk, as if its lines ended with a newline only."""
        return (self.old or b"").decode(errors="replace").replace("\r\n", "\n")

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
    kept = {*program.chunks.roots}
    for path, new, will, place in _wanted(program):
        kept.add(path)
        target = root / path
        old = target.read_bytes() if place not in faulty and target.exists() else None
        was = None if old is None else _proof(root, path, old)
        if old not in (None, new) and was is None:
            message = f"{path} is in the way: tangle did not write this file, "
            message += "or not as it is now; move or delete it, then run tangle again"
            plan.problems.append(Problem(place, message))
        elif old != new:
            edited = was is not None and not was.intact and was.body != will.body
            plan.changes.append(Change(path, old, new, was, will, edited))
    for path in (path for path in _generated_files(root) if path not in kept):
        data = (root / path).read_bytes()
        was = _proof(root, path, data)
        edited = was is not None and not was.intact and was.body != b""
        plan.changes.append(Change(path, data, None, was, None, edited))
    return plan


def _wanted(program: Program) -> Iterator[tuple[str, bytes, Generated, Place]]:
    """The files to be, each before what is kept beside it."""
    for output in program.outputs:
        path, place = output.path, output.chunk.head.place
        yield (
            path,
            output.text.encode(),
            Generated(path, digest(output.body), output.body),
            place,
        )
        if output.beside:
            header = f"{output.header.output}\n".encode()
            yield f"{path}{ORIGIN}", header, Generated(path, "", b""), place


def _proof(root: Path, path: str, data: bytes) -> Generated | None:
    """What a file says of itself, if it is where it belongs, or its header beside it."""
    origin = root / f"{path}{ORIGIN}"
    beside = origin.read_bytes() if origin.is_file() else b""
    for found in (read_header(data), read_header(beside + data)):
        if found and path in (found.path, f"{found.path}{ORIGIN}"):
            return found
    return None


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


def _misplaced(program: Program) -> Problems:
    """Outputs at paths where no file may be written."""
    taken = {_folded(path): path for path in reversed(program.chunks.roots)}
    headers = {f"{output.path}{ORIGIN}" for output in program.outputs if output.beside}
    for path, root in program.chunks.roots.items():
        fault = _fault_of_path(path) or _fault_on_disk(program.book.root, path)
        if taken[_folded(path)] != path:
            fault = f"differs from {taken[_folded(path)]} in case only"
        for folder in map(str, PurePosixPath(_folded(path)).parents):
            if folder in taken:
                fault = f"needs a folder where the file {taken[folder]} is"
        if path in headers:
            fault = "is where the header of another file is kept"
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


def _generated_files(root: Path) -> Iterator[str]:
    """Files whose header names their own place, and what a killed run left behind."""
    for file in _files(root):
        path = file.relative_to(root).as_posix()
        with contextlib.suppress(OSError):  # a file that we cannot read is not ours
            with file.open("rb") as stream:
                found = _proof(root, path, stream.read(1 << 16))
            if found or _TEMPORARY.fullmatch(file.name):
                yield path


def _files(root: Path) -> Iterator[Path]:
    """The files among which outputs may lie, in a fixed order."""
    for folder, folders, names in os.walk(root):
        own = HAND_WRITTEN if Path(folder) == root else ()
        folders[:] = sorted(n for n in folders if n not in own and _searched(folder, n))
        files = (Path(folder, name) for name in sorted(names))
        yield from (file for file in files if file.is_file() and not file.is_symlink())


def _searched(folder: str, name: str) -> bool:
    """Whether a folder of this name may hold outputs; an environment may not."""
    environment = Path(folder, name, "pyvenv.cfg").exists()
    return not (environment or _UNSEARCHED.fullmatch(name))
