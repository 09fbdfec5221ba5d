"""What the modules of tangle may know of one another and of the world."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import tangle
from tangle import model

FOLDER = Path(tangle.__file__).parent
TREES = {file.stem: ast.parse(file.read_text()) for file in FOLDER.glob("*.py")}
MODULE = re.compile(r"\w+(?=,|$)", re.M)
ORDER, PAGES = map(MODULE.findall, (model.__doc__ or "").split("and for the pages:"))


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each module that is imported, and the name that is taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def packages(module: str) -> set[str]:
    return {package.split(".")[0] for package, _ in imports(TREES[module])}


def needs(module: str) -> set[str]:
    """The modules of tangle that one of them imports."""
    found = set()
    for package, name in imports(TREES[module]):
        if package == "tangle":
            found.add(name if name in TREES else "__init__")
        elif package.startswith("tangle."):
            found.add(package.removeprefix("tangle."))
    return found


def test_each_module_has_its_place_in_the_order():
    assert {*ORDER, *PAGES} == TREES.keys() - {"__init__", "__main__"}


def test_imports_run_one_way():
    order = list(dict.fromkeys([*ORDER, *PAGES]))
    for place, module in enumerate(order):
        later = needs(module) - {*order[:place], "__init__"}
        assert not later, f"{module} imports {later}, which come later"


def test_there_is_no_way_round_by_the_package_itself():
    TopologicalSorter({module: needs(module) for module in TREES}).prepare()


def test_only_the_pages_need_sphinx():
    for module in TREES.keys() - PAGES:
        assert not packages(module) & {"sphinx", "docutils", "jinja2"}, module
        assert needs(module).isdisjoint({*PAGES} - {*ORDER}), module


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
