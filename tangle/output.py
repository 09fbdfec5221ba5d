"""Brings the disk in line with a program, and loses nothing that it did not write.

After model, syntax, header, book, expand. First everything is planned and checked, then each
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
from tangle.header import ORIGIN, Generated, read_header
from tangle.model import Problem
from tangle.syntax import CONFLICT

HAND_WRITTEN = ("book", "tangle")
_UNSEARCHED = re.compile(r"\..*|_build|node_modules|__pycache__")
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tangled")


@dataclass(frozen=True)
class Change:
    """A file to be created, replaced or removed: its bytes before and after.

    Where a header is kept beside the file, both begin with it.
    """

    path: str
    old: bytes | None
    new: bytes | None
    edited: bool = False  # somebody has changed it since it was generated
    beside: bool = False  # the header belongs there

    @property
    def unix(self) -> bytes:
        """What is on the disk, as if its lines ended with a newline only."""
        return (self.old or b"").replace(b"\r\n", b"\n")

    @property
    def conflict(self) -> bool:
        """Whether the two sides of a merge are in it."""
        lines = self.unix.decode(errors="replace").split("\n")
        return any(map(CONFLICT.fullmatch, lines))

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
        new, beside = output.proof, output.beside is not None
        kept, origin = f"{output.path}{ORIGIN}", _origin(root, output.path)
        taken = kept in program.chunks.roots or ((root / kept).exists() and not origin)
        if output.beside and taken:
            message = f"{kept} is in the way: it is to hold the header of {output.path}"
            plan.problems.append(Problem(place, message))
        old = _stored(root, output.path) if place not in faulty else None
        generated = read_header(old or b"")
        ours = generated is not None and generated.path == output.path
        if not (old is None or ours or old == output.text.encode()):
            message = f"{output.path} is in the way: tangle did not write this file, "
            message += "or not as it is now; move or delete it, then run tangle again"
            plan.problems.append(Problem(place, message))
        elif old != new or beside != (origin is not None):
            edited = generated is not None and _loses(generated, new)
            plan.changes.append(Change(output.path, old, new, edited, beside))
    for path in dict.fromkeys(_generated_files(root)):
        if path not in program.chunks.roots:
            data = _stored(root, path)
            generated = read_header(data or b"")
            edited = generated is not None and not generated.intact
            edited &= not _TEMPORARY.fullmatch(PurePosixPath(path).name)
            plan.changes.append(Change(path, data, None, edited))
    return plan


def _stored(root: Path, path: str) -> bytes | None:
    """A file on the disk, after the header that is kept beside it, if it is."""
    if not (root / path).exists():
        return None
    origin = _origin(root, path)
    return (origin.read_bytes() if origin else b"") + (root / path).read_bytes()


def _origin(root: Path, path: str) -> Path | None:
    """Where the header of a file is kept, if it is not in the file."""
    origin = root / f"{path}{ORIGIN}"
    found = read_header(origin.read_bytes()) if origin.is_file() else None
    return origin if found and found.path == path else None


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
    if _stored(root, change.path) != change.old:
        raise OSError(errno.EBUSY, "has changed in the meantime", str(target))
    origin = _origin(root, change.path)
    if change.new is None:
        for path in filter(None, (target, origin)):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the first folder that is not empty
            for folder in PurePosixPath(change.path).parents[:-1]:
                (root / folder).rmdir()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if not change.beside:
        write_whole(target, change.new)
        if origin:
            origin.unlink()
        return
    header, end, body = change.new.partition(b"\n")
    files = [(target, body), (target.with_name(target.name + ORIGIN), header + end)]
    # A file without its header is in the way; one with an older header is completed.
    for path, data in files if target.exists() else reversed(files):
        write_whole(path, data)


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


def _generated_files(root: Path) -> Iterator[str]:
    """Files whose header names their own place, and what a killed run left behind."""
    for file in _files(root):
        path = file.relative_to(root).as_posix()
        with contextlib.suppress(OSError):  # a file that we cannot read is not ours
            with file.open("rb") as stream:
                found = read_header(stream.read(1 << 16))
            if (found and found.path == path) or _TEMPORARY.fullmatch(file.name):
                yield path
            elif found and f"{found.path}{ORIGIN}" == path:
                yield found.path


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
