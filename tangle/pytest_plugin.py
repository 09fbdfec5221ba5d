"""A plugin for pytest: failures name lines of chapters, and tests may load variants.

After linemap, combine. To be named in a `conftest.py`: `pytest_plugins = ["tangle.pytest_plugin"]`.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest

from tangle import find_root, load, with_variants
from tangle.linemap import LineMap
from tangle.variants import Misfit


@cache
def _line_map(folder: Path) -> LineMap:
    if root := find_root(folder):
        return LineMap(load(root))
    raise pytest.UsageError(f"no book in {folder} or above")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Give each location in the report of a failure as the line of a chapter."""
    return _relocated((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: Any) -> Generator[None, Any, Any]:
    """The same where a file of tests fails before its tests are known."""
    return _relocated((yield), collector.config)


def _relocated(report: Any, config: pytest.Config) -> Any:
    whole = report.longrepr
    if isinstance(text := getattr(whole, "longrepr", None), str):  # of a failed import
        whole.longrepr = _line_map(config.rootpath).translate(text)
    for part in [whole, *(part for part, *_ in getattr(whole, "chain", []))]:
        for entry in getattr(getattr(part, "reprtraceback", part), "reprentries", []):
            _relocate_entry(entry, _line_map(config.rootpath))
    return report


def _relocate_entry(entry: Any, lines: LineMap) -> None:
    location = getattr(entry, "reprfileloc", None)
    if location and (place := lines.place(location.path, location.lineno)):
        location.path, location.lineno = place
    elif location is None:  # as Python writes it
        entry.lines = [lines.translate(line) for line in entry.lines]


@pytest.fixture
def variant(request: pytest.FixtureRequest) -> Callable[..., ModuleType]:
    """Loads the module at a path with variants, `chapter:name`, of what it holds.

    `variant("lib/search.py", "search:off-by-one")` leaves the module itself as it is.
    It may name several. Variants that do not fit fail the test.
    """

    def load_variant(path: str, *names: str) -> ModuleType:
        __tracebackhide__ = True
        program = _line_map(request.config.rootpath).program
        try:
            source = with_variants(program, path, *names)
        except Misfit as misfit:
            raise pytest.fail.Exception(str(misfit)) from None
        return _module(path, f"{path} with {', '.join(names)}", source)

    return load_variant


def _module(path: str, name: str, source: str) -> ModuleType:
    """The module that a source makes, in the package where the path lies."""
    sys.modules[name] = module = ModuleType(name)  # a dataclass looks up names there
    module.__package__ = ".".join(PurePosixPath(path).parts[:-1])
    module.__file__ = file = f"<{name}>"
    lines = [f"{line}\n" for line in source.split("\n")]
    linecache.cache[file] = len(source), None, lines, file
    exec(compile(source, file, "exec"), vars(module))
    return module
