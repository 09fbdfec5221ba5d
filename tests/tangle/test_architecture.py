"""What the modules of tangle may know of one another and of the world."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tangle
from tangle import model

FOLDER = Path(tangle.__file__).parent
MODULE = re.compile(r"\w+(?=,|$)", re.M)


def name_of(file: Path) -> str:
    parts = file.relative_to(FOLDER.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


TREES = {name_of(file): ast.parse(file.read_text()) for file in FOLDER.rglob("*.py")}


def declared() -> list[str]:
    """The modules in the order in which they may import one another."""
    core, weave = (model.__doc__ or "").split("and in weave:")
    names = [f"tangle.{name}" for name in MODULE.findall(core)]
    names += [f"tangle.weave.{name}" for name in MODULE.findall(weave)]
    return [*names, "tangle.weave"]


def imports(module: str) -> Iterator[str]:
    """Each module, of tangle or others, that one of tangle imports."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (x if x in TREES else node.module or "" for x in names)


def packages(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)}


def test_each_module_has_its_place_in_the_order():
    assert {*declared()} == TREES.keys() - {"tangle", "tangle.__main__"}


def test_imports_run_one_way():
    order = declared()
    for place, module in enumerate(order):
        later = {*imports(module)}.intersection(order[place:])
        assert not later, f"{module} imports {later}, which come later"


def test_there_is_no_way_round_by_the_package_itself():
    graph = {module: TREES.keys() & imports(module) for module in TREES}
    TopologicalSorter(graph).prepare()


def test_only_weave_needs_sphinx():
    for module in TREES:
        if not module.startswith("tangle.weave"):
            assert not packages(module) & {"sphinx", "docutils", "jinja2"}, module
            assert not any(x.startswith("tangle.weave") for x in imports(module))


def test_the_tool_knows_nothing_of_the_book():
    for module in TREES:
        found = packages(module)
        assert not found & {"spinup_lit", "numpy", "torch", "gymnasium"}, module


def test_no_function_is_longer_than_a_screen():
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    for module, tree in TREES.items():
        for function in (node for node in ast.walk(tree) if isinstance(node, kinds)):
            length = (function.end_lineno or 0) - function.lineno + 1
            assert length <= 40, f"{module}.{function.name} has {length} lines"


# Lines of code that each part may have, without templates, styles and scripts.
BUDGETS = {"tangle/*.py": 1450, "tangle/weave/*.py": 950}


def lines_of_code(source: str) -> int:
    """Those that are neither blank nor a comment, a docstring or an import."""
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Import(lineno=first, end_lineno=last)
                | ast.ImportFrom(lineno=first, end_lineno=last)
                | ast.Expr(value=ast.Constant(str()), lineno=first, end_lineno=last)
            ):
                skipped.update(range(first, (last or first) + 1))
    lines = enumerate(map(str.strip, source.splitlines()), 1)
    return sum(bool(x) and x[0] != "#" and n not in skipped for n, x in lines)


def test_lines_of_code_are_counted():
    assert lines_of_code('"""A.\n\nB."""\nimport a\n\n# C\nx = (  # D\n    1\n)\n') == 3


@pytest.mark.parametrize("part", BUDGETS)
def test_a_part_keeps_within_its_budget(part: str):
    files = FOLDER.parent.glob(part)
    assert sum(lines_of_code(file.read_text()) for file in files) <= BUDGETS[part]
