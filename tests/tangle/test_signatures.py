"""The documentation of a function, read from its file without importing it."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
import signatures

BOOK = Path(__file__).parents[2] / "book"
SHOWN = re.compile(r"^\.\. autofunction:: (\S+)$", re.M)
FUNCTION = """
def train(
    env: str = "A.b-v1",
    *,
    steps: Annotated[int, at_least(1)] = 100_000,
    sizes: Annotated[tuple[int, ...], between(1, 9)] = (64, 64),
    limit: Annotated[float, POSITIVE] = float("inf"),
    folder: Path | None = None,
    net: dict[str, nn.Module] = {},
) -> tuple[nn.Module, list[int]]: ...
"""


def read(text: str, name: str) -> ast.FunctionDef:
    found = ast.parse(text).body
    return next(x for x in found if isinstance(x, ast.FunctionDef) and x.name == name)


def test_a_signature_shows_types_without_ranges_and_the_last_part_of_a_name():
    assert signatures.signature(read(FUNCTION, "train")) == (
        "(env: str = 'A.b-v1', *, steps: int = 100000, "
        "sizes: tuple[int, ...] = (64, 64), limit: float = inf, "
        "folder: Path | None = None, net: dict[str, ~nn.Module] = {}) "
        "-> tuple[~nn.Module, list[int]]"
    )


def functions() -> list[str]:
    texts = (page.read_text(encoding="utf-8") for page in BOOK.rglob("*.md"))
    return sorted(name for text in texts for name in SHOWN.findall(text))


@pytest.mark.long  # it imports PyTorch
@pytest.mark.parametrize("full", functions())
def test_it_says_what_python_says_of_the_imported_function(full: str):
    home, _, name = full.rpartition(".")
    module = import_module(home)
    shown = signatures.signature(read(inspect.getsource(module), name))
    imported = inspect.signature(getattr(module, name))
    of_python = re.findall(r"(\w+): .*? = (.*?)(?=, \w+: |, \*, |\)(?: ->|$))", shown)
    assert of_python == [(k, repr(x.default)) for k, x in imported.parameters.items()]
    assert "Annotated" not in shown
