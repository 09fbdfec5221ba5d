"""What happens to the files on the disk, and what never does."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Project
from tangle import Program, make_plan
from tangle.write import Plan

FENCE = "```"
HERE = Path(__file__).parents[2]


def files(*names: str, body: str = "x = 1", language: str = "python") -> str:
    return "".join(
        f"{FENCE}{language} {{file={name}}}\n{body}\n{FENCE}\n" for name in names
    )


@pytest.fixture
def tangled(project: Project) -> Project:
    """A project with a.py and lib/b.py, tangled."""
    project.write({"book/p.md": files("a.py", "lib/b.py")}).tangle()
    return project


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_header(tangled: Project):
    """The digest is of `printf 'x = 1\\n' | sha256sum`."""
    header = (
        "# lib/b.py: generated from book/p.md; edit the chapter. sha256:"
        "9e26bf369911c45c"
    )
    text = (tangled.root / "lib/b.py").read_text()
    assert text == f"{header}\nx = 1\n"


@pytest.mark.parametrize(
    "path, start, end",
    [
        ("a.toml", "# a.toml: ", ""),
        ("Makefile", "# Makefile: ", ""),
        ("a.ts", "// a.ts: ", ""),
        ("a.css", "/* a.css: ", " */"),
        ("a.md", "<!-- a.md: ", " -->"),
    ],
)
def test_the_header_is_a_comment_that_tangle_knows_again(project, path, start, end):
    project.write({"book/p.md": files(path)}).tangle()
    header = (project.root / path).read_text().splitlines()[0]
    assert header.startswith(start) and header.endswith(end)
    project.write({"book/p.md": "text\n"}).tangle()
    assert project.outputs() == {}


def test_a_script_keeps_its_first_line_and_may_be_run(project: Project):
    old = os.umask(0o027)
    try:
        text = files("run", body="#!/bin/sh\necho a", language="sh") + files("a.py")
        project.write({"book/p.md": text}).tangle()
    finally:
        os.umask(old)
    lines = (project.root / "run").read_text().splitlines()
    assert lines[0] == "#!/bin/sh" and lines[1].startswith("# run: generated from")
    assert lines[2] == "echo a"
    assert mode(project.root / "run") == 0o750
    assert mode(project.root / "a.py") == 0o640


@pytest.mark.parametrize(
    "path, first", [("a.svg", '<?xml version="1.0"?>'), ("a.css", '@charset "utf-8";')]
)
def test_a_line_that_must_be_the_first_stays_it(project: Project, path, first):
    text = files(path, body=f"{first}\nend", language="text")
    project.write({"book/p.md": text}).tangle()
    lines = (project.root / path).read_text().splitlines()
    assert (lines[0], lines[2]) == (first, "end")
    edit(project, path, "more\n")
    assert project.run("patch").code == 0
    project.write({"book/p.md": "text\n"}).tangle()
    assert project.outputs() == {}


def test_a_mode_is_kept(tangled: Project):
    (tangled.root / "a.py").chmod(0o604)
    tangled.write({"book/p.md": files("a.py", "lib/b.py", body="x = 2")}).tangle()
    assert mode(tangled.root / "a.py") == 0o604
    assert tangled.read("a.py") == "x = 2\n"


def test_the_same_again_touches_nothing(tangled: Project):
    before = {path: (tangled.root / path).stat() for path in tangled.outputs()}
    result = tangled.tangle()
    assert result.out == "tangle: 2 files, 0 written, 2 unchanged\n"
    assert before == {path: (tangled.root / path).stat() for path in before}


def test_a_file_that_is_missing_or_that_no_chapter_makes(tangled: Project):
    (tangled.root / "a.py").unlink()
    tangled.write({"book/p.md": files("a.py", "c.py")})
    check = tangled.run("--check")
    assert (check.code, check.err) == (1, "")
    headings = [line for line in check.out.splitlines() if line[:3] in ("---", "+++")]
    assert [line[4:8] for line in headings[::2]] == ["a.py", "c.py", "lib/"]
    assert sorted(tangled.outputs()) == ["lib/b.py"]
    result = tangled.tangle()
    assert result.out == "tangle: 2 files, 2 written, 0 unchanged, 1 removed\n"
    assert sorted(tangled.outputs()) == ["a.py", "c.py"]
    assert not (tangled.root / "lib").exists()
    assert tangled.run("--check") == (0, "", "")


def test_a_check_shows_what_would_change(tangled: Project):
    tangled.write({"book/p.md": files("a.py", "lib/b.py", body="x = 2")})
    result = tangled.run("--check")
    assert result.code == 1
    assert result.out.startswith("--- a.py (on disk)\n+++ a.py (from the chapters)\n")
    lines = result.out.splitlines()
    assert lines.count("-x = 1") == lines.count("+x = 2") == 2
    assert tangled.read("a.py") == "x = 1\n"


def test_a_check_of_an_edit_at_the_end_of_the_file(tangled: Project):
    edit(tangled, text="y = 2")
    lines = tangled.run("--check").out.splitlines()
    assert lines[-2:] == ["-y = 2", "\\ No newline at end of file"]


def edit(project: Project, path: str = "a.py", text: str = "y = 2\n") -> bytes:
    with (project.root / path).open("a") as file:
        file.write(text)
    return (project.root / path).read_bytes()


def test_an_edited_file_stops_everything(tangled: Project):
    edited = edit(tangled)
    tangled.write({"book/p.md": files("a.py", "lib/b.py", body="x = 3")})
    result = tangled.run()
    assert result.code == 1
    assert result.problems[0] == (
        "a.py:1: edited by hand, and would be overwritten; `python -m tangle "
        "patch` carries the edits into the chapters, `--force a.py` drops them"
    )
    assert "-y = 2" in result.problems and "+x = 3" in result.problems
    assert (tangled.root / "a.py").read_bytes() == edited
    assert tangled.read("lib/b.py") == "x = 1\n"


def test_force_drops_the_edits_of_one_file(tangled: Project):
    edit(tangled)
    edited = edit(tangled, "lib/b.py")
    assert tangled.run("--force", "a.py").problems[0].startswith("lib/b.py:1: edited")
    result = tangled.run("--force", "a.py", "--force", str(tangled.root / "lib/b.py"))
    assert (result.code, result.err) == (0, "")
    assert tangled.read("a.py") == tangled.read("lib/b.py") == "x = 1\n"
    assert edited not in tangled.outputs().values()


def test_force_is_for_generated_files(tangled: Project):
    tangled.write({"mine.py": "z = 1\n"})
    result = tangled.run("--force", "mine.py")
    assert result.problems == ["mine.py:1: tangle does not generate this file"]


def test_an_edit_that_the_chapter_has_taken_over_is_none(tangled: Project):
    edit(tangled)
    tangled.write({"book/p.md": files("a.py", body="x = 1\ny = 2")}).tangle()
    assert tangled.read("a.py") == "x = 1\ny = 2\n"
    assert tangled.run("--check").code == 0


def test_an_edited_file_that_no_chapter_makes_stays(tangled: Project):
    edited = edit(tangled, "lib/b.py")
    tangled.write({"book/p.md": files("a.py")})
    problems = tangled.run().problems
    assert problems[0].startswith("lib/b.py:1: edited by hand, and would be removed")
    assert "-y = 2" in problems
    assert (tangled.root / "lib/b.py").read_bytes() == edited
    assert tangled.run("--force", "lib/b.py").code == 0
    assert sorted(tangled.outputs()) == ["a.py"]


def test_a_file_of_somebody_else_is_never_touched(tangled: Project):
    """Neither a copy under another name, nor a file in the way, even by force."""
    copy = (tangled.root / "a.py").read_bytes()
    (tangled.root / "mine.py").write_bytes(copy)
    (tangled.root / "note.py").write_text("print()\n")
    tangled.write({"book/p.md": files("lib/b.py", "mine.py", "note.py")})
    for arguments in ([], ["--force", "mine.py", "--force", "note.py"], ["--check"]):
        result = tangled.run(*arguments)
        assert result.code == 1
        reasons = [problem.partition("; ")[0] for problem in result.problems]
        assert reasons == [
            f"book/p.md:{line}: {name} is in the way: "
            "tangle did not write this file, or not as it is now"
            for line, name in ((4, "mine.py"), (7, "note.py"))
        ]
    tangled.write({"book/p.md": files("lib/b.py")}).tangle()
    assert (tangled.root / "mine.py").read_bytes() == copy
    assert (tangled.root / "note.py").read_text() == "print()\n"


def test_tangle_looks_for_its_files_nowhere_else(tangled: Project):
    """Not in folders of tools, nor of the book's sources."""
    generated = (tangled.root / "a.py").read_text()
    places = ["book", ".git", "_build", "node_modules", "__pycache__", "tangle", "env"]
    for place in places:
        copy = generated.replace("# a.py", f"# {place}/a.py")
        tangled.write({f"{place}/a.py": copy})
    tangled.write({"env/pyvenv.cfg": ""})
    tangled.chapters = ["book/p.md"]
    tangled.write({"book/p.md": files("lib/b.py")}).tangle()
    assert not (tangled.root / "a.py").exists()
    assert all((tangled.root / place / "a.py").exists() for place in places)


PATHS = {
    "../a.py": "leads outside the project",
    "lib/../../a.py": "leads outside the project",
    "lib/../a.py": "leads outside the project",
    "/etc/a.py": "leads outside the project",
    "./a.py": "is not a plain path such as folder/file.py",
    "lib//a.py": "is not a plain path such as folder/file.py",
    "lib/": "is not a plain path such as folder/file.py",
    ".": "is not a plain path such as folder/file.py",
    "~/a.py": "is not a plain path such as folder/file.py",
    "C:a.py": "is not a plain path such as folder/file.py",
    "lib\\a.py": "is not a plain path such as folder/file.py",
    "lib\x07a.py": "is not a plain path such as folder/file.py",
    "book/a.py": "lies in book/, which is written by hand",
    "Book/a.py": "lies in Book/, which is written by hand",
    "tangle/a.py": "lies in tangle/, which is written by hand",
    ".git/hooks/a.py": "lies in .git/, where tangle does not look after its files",
    "a/_build/a.py": "lies in _build/, where tangle does not look after its files",
    "folder": "is in the way: it is not a regular file on the disk",
    "file/a.py": "needs a folder where the file file is",
    "link.py": "is in the way: it is not a regular file on the disk",
    "linked/a.py": "passes through linked, a symbolic link",
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_where_nothing_may_be_written(project: Project, tmp_path_factory, path):
    outside = tmp_path_factory.mktemp("outside")
    project.write({"file": "", "folder/file": "", "real.py": ""})
    (project.root / "link.py").symlink_to(project.root / "real.py")
    (project.root / "linked").symlink_to(outside)
    project.write({"book/p.md": files(path, body="#!/bin/sh", language="sh")})
    before = project.outputs()
    assert project.run().problems == [f"book/p.md:1: file={path} {PATHS[path]}"]
    assert (project.outputs(), list(outside.iterdir())) == (before, [])


def test_paths_that_clash(project: Project):
    project.write({"book/p.md": files("lib/a.py", "lib/A.py", "d.py/d.py", "d.py")})
    assert project.run().problems == [
        "book/p.md:4: file=lib/A.py differs from lib/a.py in case only",
        "book/p.md:7: file=d.py/d.py needs a folder where the file d.py is",
    ]


WRITES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod")


def in_child(project: Project, *arguments: str, stop_at: int = -1) -> int:
    """Run tangle in a process of its own, killed at a write; the exit status."""
    child = os.fork()
    if child == 0:
        count = itertools.count()

        def audit(event: str, details: tuple[object, ...]) -> None:
            flags = details[2] if event == "open" else 0
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if (event in WRITES or writes) and next(count) == stop_at:
                os._exit(9)

        sys.addaudithook(audit)
        os._exit(project.run(*arguments).code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at_each_write(project: Project, *arguments: str) -> Iterator[None]:
    """Before each write a process dies, on a project that is as it was at first."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(project.root, folder, dirs_exist_ok=True)
        for stop_at in itertools.count():
            status = in_child(project, *arguments, stop_at=stop_at)
            if status != 9:
                assert (status, stop_at > 5) == (0, True)
                return
            yield
            shutil.rmtree(project.root)
            shutil.copytree(folder, project.root)


def test_a_run_that_is_killed_leaves_whole_files(tangled: Project):
    """All that a run does: files are created, replaced and removed, folders too."""
    tangled.write({"book/p.md": files("a.py", "c.py", "lib/b.py", "z.py")}).tangle()
    old = tangled.outputs()
    tangled.write({"book/p.md": files("a.py", "c.py", "new/d.py", body="x = 2")})
    for _ in killed_at_each_write(tangled):
        found = tangled.outputs()
        for path, data in found.items():
            is_whole = data == old.get(path) or data.endswith(b"\nx = 2\n")
            assert is_whole or path.endswith(".tangled")
        unfinished = tangled.run("--check").code
        tangled.tangle()
        assert unfinished == (tangled.outputs() != found)
        assert sorted(tangled.outputs()) == ["a.py", "c.py", "new/d.py"]
        assert tangled.run("--check").code == 0


def test_a_patch_that_is_killed_loses_nothing(tangled: Project):
    """The edit is in the file, or in the chapter, and the next run goes on from there."""
    edit(tangled)
    chapter = (tangled.root / "book/p.md").read_bytes()
    for _ in killed_at_each_write(tangled, "patch"):
        patched = (tangled.root / "book/p.md").read_bytes()
        assert patched in (chapter, chapter.replace(b"x = 1\n", b"x = 1\ny = 2\n", 1))
        assert (tangled.root / "a.py").read_bytes().endswith(b"\nx = 1\ny = 2\n")
        assert tangled.run("patch").code == 0
        assert tangled.read("a.py") == "x = 1\ny = 2\n"
        assert tangled.run("--check").code == 0


def test_a_check_names_an_empty_file_that_a_killed_run_left(tangled: Project):
    tangled.write({"lib/.b.py.01234567.tangled": ""})
    check = tangled.run("--check")
    assert (check.code, check.err) == (1, "")
    assert check.out.startswith("--- lib/.b.py.01234567.tangled (on disk)\n")


def test_runs_at_the_same_time(tangled: Project):
    """They wait for each other, so that none takes another's files for rubbish."""
    names = [f"{n}.py" for n in range(40)]
    command = [sys.executable, "-m", "tangle", "--root", str(tangled.root)]
    for body in ("x = 2", "x = 3"):
        tangled.write({"book/p.md": files(*names, body=body)})
        runs = [subprocess.Popen(command, cwd=HERE) for _ in range(3)]
        assert [run.wait() for run in runs] == [0, 0, 0]
        assert tangled.run("--check").code == 0
        assert sorted(tangled.outputs()) == sorted(names)


def test_a_file_saved_while_tangle_runs(tangled: Project, monkeypatch):
    """It is not overwritten, whether it was there before or not."""

    def plan_before_somebody_saves(program: Program) -> Plan:
        plan = make_plan(program)
        tangled.write({"a.py": "mine\n", "lib/c.py": "mine\n"})
        return plan

    tangled.write({"book/p.md": files("lib/c.py", "lib/b.py", body="x = 2")})
    monkeypatch.setattr("tangle.cli.make_plan", plan_before_somebody_saves)
    assert tangled.run().problems == [
        "lib/c.py:1: has changed in the meantime; run tangle again"
    ]
    assert (tangled.root / "a.py").read_text() == "mine\n"
    assert (tangled.root / "lib/c.py").read_text() == "mine\n"


def test_a_folder_that_may_not_be_written(tangled: Project, monkeypatch):
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(os, "replace", refuse)
    result = tangled.write({"book/p.md": files("a.py", body="x = 2")}).run()
    assert (result.code, result.out) == (1, "")
    assert result.problems == ["a.py:1: Permission denied; run tangle again"]
    assert tangled.read("a.py") == "x = 1\n"
