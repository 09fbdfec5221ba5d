# tests/book/test_house.py: generated from book/appendix/program.md; edit the chapter. sha256:fd22aa16a12b1186
"""Who may import whom in the package, and how long an algorithm may be."""

import ast
from pathlib import Path

import pytest

import spinup_lit
from spinup_lit import run

PACKAGE = Path(spinup_lit.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
ALGORITHMS = list(run.algorithms())
ALLOWED = {
    "algorithm": {"machinery"},
    "first": set(),
    "machinery": {"machinery"},
    "exact": {"exact", "machinery"},
    "experiments": {"experiments", "machinery", "first", "algorithm"},
    "run": {"experiments", "machinery"},
    "exercises": {
        "exercises",
        "experiments",
        "machinery",
        "exact",
        "first",
        "algorithm",
    },
    "__init__": set(),
}


def room(module):
    """Where a module lives, given as `folder.name` or `name`."""
    first = module.split(".")[0]
    return "algorithm" if first in ALGORITHMS else first


def imported(file):
    """The modules of the package that a file imports, without the package's name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "an import says the whole name of the module"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        ours = (name for name in names if name.startswith("spinup_lit."))
        yield from (name.removeprefix("spinup_lit.") for name in ours)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_everybody_imports_only_what_they_may(file):
    home = room(".".join(file.relative_to(PACKAGE).with_suffix("").parts))
    found = {room(name) for name in imported(file)} - {"__version__"}
    assert found <= ALLOWED[home]


def test_at_the_top_are_the_algorithms_and_little_else():
    names = {file.stem for file in PACKAGE.glob("*.py")}
    assert names == {*ALGORITHMS, "run", "__init__"}
    assert set(ALGORITHMS) == {"vpg", "trpo", "ppo", "dqn", "ddpg", "td3", "sac"}


def code_lines(node, source):
    """The numbers of the lines that hold code, of a file or of a part of it."""
    skipped = set()
    for part in ast.walk(node):
        match part:
            case ast.Import() | ast.ImportFrom():
                skipped.update(range(part.lineno, part.end_lineno + 1))
            case ast.Expr(value=ast.Constant(value=str())):
                skipped.update(range(part.lineno, part.end_lineno + 1))
    lines = source.splitlines()
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", len(lines))
    return [
        number
        for number, line in enumerate(lines[first - 1 : last], start=first)
        if line.strip() and not line.strip().startswith("#") and number not in skipped
    ]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_an_algorithm_can_be_read_in_ten_minutes(name):
    source = (PACKAGE / f"{name}.py").read_text()
    tree = ast.parse(source)
    count = len(code_lines(tree, source))
    assert count <= 260, f"{name}.py has {count} lines of code; the book promises 260"
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        if node.name != name:
            assert len(code_lines(node, source)) <= 40, node.name
            continue
        (loop,) = (part for part in node.body if isinstance(part, ast.For))
        assert len(code_lines(loop, source)) <= 25
