"""A small book on the disk, and tangle run on it as from the command line."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from tangle.cli import main

# A shell's job in the background ignores Ctrl-C, and so would what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
CONFIG = "parse: {myst_enable_extensions: [colon_fence, dollarmath, deflist]}\n"


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        return self.err.splitlines()


class Project:
    """A folder with a book; chapters are listed in the order they are written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chapters: list[str] = []

    def write(self, files: dict[str, str | bytes]) -> Project:
        for path, text in {"_config.yml": CONFIG, **files}.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode() if isinstance(text, str) else text)
            if path.startswith("book/") and path not in (*self.chapters, TOC):
                self.chapters.append(path)
        if TOC not in files and self.chapters:
            self._list_chapters()
        return self

    def _list_chapters(self) -> None:
        names = [path.removeprefix("book/") for path in self.chapters]
        lines = ["format: jb-book", f"root: {names[0]}", "chapters:"]
        lines += [f"- file: {name}" for name in names[1:]] or ["- url: https://a.org"]
        (self.root / TOC).write_text("\n".join(lines) + "\n")

    def run(self, *arguments: str) -> Result:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main(["--root", str(self.root), *arguments])
            except SystemExit as exit:
                code = int(exit.code or 0)
        return Result(code, out.getvalue(), err.getvalue())

    def tangle(self) -> Result:
        """Run, and expect no complaint."""
        result = self.run()
        assert (result.code, result.err) == (0, "")
        return result

    def read(self, path: str) -> str:
        """A generated file without its header."""
        lines = (self.root / path).read_text().splitlines(keepends=True)
        header = 1 if lines[0].startswith("#!") else 0
        assert ": generated from book/" in lines[header]
        return "".join(lines[:header] + lines[header + 1 :])

    def outputs(self) -> dict[str, bytes]:
        """All files except the hand-written ones, by path."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        named = {path.relative_to(self.root).as_posix(): path for path in files}
        return {
            name: path.read_bytes()
            for name, path in sorted(named.items())
            if name != "_config.yml" and not name.startswith("book/")
        }


TOC = "book/_toc.yml"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def page(project: Project) -> Callable[[str], Project]:
    """A project whose only chapter, book/a.md, has the given text."""
    return lambda text: project.write({"book/a.md": text})
