"""The command as it is typed."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Project
from tangle.cli import main

HERE = Path(__file__).parents[2]
A = "text\n\n```python {file=lib/a.py}\n<<x>>\n```\n\n```python {#x}\nx = 1\n```\n"


@pytest.fixture
def book(project: Project) -> Project:
    return project.write({"book/a.md": A, "lib/readme": ""})


def shell(folder: Path, *arguments: str, **environment: str):
    return subprocess.run(
        [sys.executable, "-m", "tangle", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_from_a_folder_of_the_project(book: Project):
    run = shell(book.root / "lib")
    assert (run.returncode, run.stdout, run.stderr) == (
        0,
        "tangle: 1 files, 1 written, 0 unchanged\n",
        "",
    )
    with (book.root / "lib/a.py").open("a") as file:
        file.write("y = 1\n")
    assert shell(book.root / "lib", "--force", "a.py").returncode == 0
    assert book.read("lib/a.py") == "x = 1\n"


def test_outside_of_a_project(tmp_path: Path):
    run = shell(tmp_path)
    assert run.returncode == 2
    assert "no _config.yml with book/_toc.yml here or above; give --root" in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["nonsense"],
        ["--check", "--force", "lib/a.py"],
        ["--check", "map"],
    ],
)
def test_wrong_usage(book: Project, arguments: list[str]):
    result = book.run(*arguments)
    assert result.code == 2
    assert result.err.startswith("usage: python -m tangle")


def test_locale_and_hash_seed_change_nothing(book: Project):
    text = A.replace("x>>", "größe>>").replace("#x", "#größe")
    errors = "".join(f"```python {{#u-{n}}}\n<<m>>\n```\n" for n in range(5))
    results = set()
    for seed, locale in [("0", "C"), ("1", "C.UTF-8"), ("2", "POSIX")]:
        book.write({"book/a.md": text})
        assert shell(book.root, PYTHONHASHSEED=seed, LC_ALL=locale).returncode == 0
        book.write({"book/a.md": errors})
        run = shell(
            book.root, PYTHONHASHSEED=seed, LC_ALL=locale, PYTHONIOENCODING="utf-8"
        )
        results.add((run.stderr, (book.root / "lib/a.py").read_bytes()))
        (book.root / "lib/a.py").unlink()
    assert len(results) == 1


def test_where_a_line_was_written(book: Project):
    book.tangle()
    assert book.run("where", "lib/a.py:1") == (0, "book/a.md:3\n", "")  # the header
    assert book.run("where", "lib/a.py:2") == (0, "book/a.md:8\n", "")
    assert book.run("where", str(book.root / "lib/a.py:2")).out == "book/a.md:8\n"


def test_where_of_a_path_from_a_folder_of_the_project(book: Project, monkeypatch):
    book.tangle()
    (book.root / "tests").mkdir()
    monkeypatch.chdir(book.root / "tests")
    assert book.run("where", "../lib/a.py:2").out == "book/a.md:8\n"


@pytest.mark.parametrize(
    "place",
    [
        "lib/a.py:3",
        "lib/a.py:0",
        "lib/a.py",
        "x.py:1",
        "lib/a.py:" + 5000 * "1",
        300 * "a" + ":1",
    ],
)
def test_where_of_no_line(book: Project, place: str):
    book.tangle()
    result = book.run("where", place)
    assert result.code == 1
    assert result.err.endswith(f"{place} is not FILE:LINE of a generated file\n")


def test_where_the_lines_of_a_script_were_written(book: Project):
    """The header, its second line, comes from the opening fence."""
    text = (
        "```sh {file=run}\n#!/bin/sh\n  <<x>>\necho\n```\n\n```sh {#x}\necho 1\n```\n"
    )
    book.write({"book/a.md": text}).tangle()
    origins = [book.run("where", f"run:{n}").out for n in range(1, 5)]
    assert origins == [f"book/a.md:{n}\n" for n in (2, 1, 8, 4)]


def test_a_line_of_a_file_that_is_not_as_the_chapters_make_it(book: Project):
    book.tangle()
    book.write({"book/a.md": A.replace("x = 1", "y = 0\nx = 1")})
    result = book.run("where", "lib/a.py:2")
    assert result.code == 1
    assert result.err == (
        "lib/a.py:2: not as the chapters make it; run tangle, then ask again\n"
    )


MESSAGES = """\
Traceback (most recent call last):
  File "{root}/lib/a.py", line 3, in f
  File "/usr/lib/python/re.py", line 2, in g
lib/a.py:3:7: E501 line too long, see lib/a.py:99 and b.py:2
lib/a.py:3: AssertionError
 --> lib/a.py:3:1
nothing of ours: 12:30:15 (a.py:2)
"""
MAPPED = """\
Traceback (most recent call last):
  File "book/a.md", line 9, in f
  File "/usr/lib/python/re.py", line 2, in g
book/a.md:9:3: E501 line too long, see lib/a.py:99 and b.py:2
book/a.md:9: AssertionError
 --> book/a.md:9:1
nothing of ours: 12:30:15 (a.py:2)
"""


def test_messages_with_lines_of_the_chapters(book: Project, monkeypatch):
    text = A.replace("<<x>>", "if 1:\n    <<x>>")
    book.write({"book/a.md": text}).tangle()
    messages = MESSAGES.format(root=book.root)
    monkeypatch.setattr("sys.stdin", io.StringIO(messages))
    assert book.run("map") == (0, MAPPED, "")


def test_messages_on_a_file_that_is_not_as_the_chapters_make_it(book, monkeypatch):
    book.tangle()
    (book.root / "lib/a.py").write_text("x = 1\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("lib/a.py:1: a\nlib/a.py:2: b"))
    code, out, err = book.run("map")
    assert (code, out) == (0, "lib/a.py:1: a\nlib/a.py:2: b")
    assert err.count("its lines are not mapped") == 1


@pytest.mark.parametrize(
    "line", [300 * "a" + ":1", 300_000 * "a", "lib/a.py:" + 5000 * "1", "a\0b:1"]
)
def test_messages_that_are_no_names_of_lines(book: Project, monkeypatch, line: str):
    """Names too long for the disk, numbers too long for Python, and much of nothing."""
    book.tangle()
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    assert book.run("map") == (0, line, "")


def test_messages_that_are_not_text(book: Project):
    """What can be shown of them is; the ends of lines stay."""
    book.tangle()
    run = subprocess.run(
        [sys.executable, "-m", "tangle", "map"],
        cwd=book.root,
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONIOENCODING": "utf-8"},
        input=b"50%\r99%\r\ncaf\xe9, lib/a.py:2\r\n",
        capture_output=True,
        check=False,
    )
    assert (run.stdout, run.stderr) == (
        b"50%\r99%\r\ncaf\\xe9, book/a.md:8\r\n",
        b"",
    )


def test_messages_that_are_interrupted(book: Project):
    command = [sys.executable, "-m", "tangle", "map"]
    process = subprocess.Popen(
        command,
        cwd=book.root,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdin.write(b"begun\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate() == (b"", b"")
    assert process.returncode == 130


def test_watching_without_the_package_for_it(book: Project, monkeypatch):
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(SystemExit, match="needs the package watchfiles"):
        main(["--root", str(book.root), "watch"])


def test_watching_a_folder_that_does_not_exist(book: Project):
    result = shell(book.root, "--root", "nowhere", "watch")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == ".:1: No path was found.; run tangle again\n"


def test_a_book_that_is_watched(book: Project):
    """Each save is tangled, errors are shown, and the watch goes on."""
    command = [sys.executable, "-m", "tangle", "watch", "sh", "-c", "echo built"]
    process = subprocess.Popen(
        command,
        cwd=book.root,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout.readline() == "tangle: 1 files, 1 written, 0 unchanged\n"
        assert process.stdout.readline() == "built\n"
        book.write({"book/a.md": A.replace("<<x>>", "<<y>>")})
        assert "undefined <<y>>" in process.stdout.readline()
        assert "#x is never used" in process.stdout.readline()
        book.write({"book/a.md": A.replace("x = 1", "x = 2")})
        assert process.stdout.readline() == "tangle: 1 files, 1 written, 0 unchanged\n"
        assert process.stdout.readline() == "built\n"
        assert book.read("lib/a.py") == "x = 2\n"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
