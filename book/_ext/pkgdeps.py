"""Executed cells run again when the package code that they import changed.

jupyter-cache knows a notebook by its cells and its kernelspec. A digest of the modules
that the cells import, directly or not, and of the files that they name goes into the
kernelspec's display name, so that what they depend on is part of what they are.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[2]
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
OPTIONS = re.compile(r"\A(---\n.*?\n---\n|(:[\w-]+:.*\n)+)", re.DOTALL)
MAGICS = re.compile(r"^\s*[%!].*$", re.MULTILINE)


def cells(chapter: str) -> Iterator[str]:
    for token in MarkdownIt().parse(chapter):
        if token.type == "fence" and token.info.startswith("{code-cell}"):
            yield MAGICS.sub("", OPTIONS.sub("", token.content))


def imported(tree: ast.AST, package: str = "") -> Iterator[str]:
    """Names that may be modules: `from a import b` may mean `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))


def files(name: str, packages: tuple[str, ...]) -> Iterator[Path]:
    """The file of a module of ours, and of each package on the way to it."""
    parts = name.split(".")
    if parts[0] in packages:
        for n in range(1, len(parts) + 1):
            path = ROOT.joinpath(*parts[:n])
            for file in (path / "__init__.py", path.with_suffix(".py")):
                if file.is_file():
                    yield file


@cache
def imports_of(file: Path, packages: tuple[str, ...]) -> frozenset[Path]:
    package = ".".join(file.relative_to(ROOT).parent.parts)
    names = imported(ast.parse(file.read_bytes()), package)
    return frozenset(found for name in names for found in files(name, packages))


def data(name: str, folder: Path) -> Iterator[Path]:
    """The files that a string in a cell names: one, or those of a folder of data."""
    if len(name) > 200 or "\0" in name or Path(name).is_absolute():
        return
    path = folder / name
    if path.is_file():
        yield path
    elif path.is_dir() and not folder.resolve().is_relative_to(path.resolve()):
        files = (file for file in path.rglob("*") if file.is_file())
        yield from (file for file in files if "__pycache__" not in file.parts)


def depends_on(chapter: str, folder: Path, packages: tuple[str, ...]) -> set[Path]:
    """The files that the output of the chapter's cells depends on."""
    found: set[Path] = set()
    modules: set[Path] = set()
    for cell in cells(chapter):
        try:
            tree = ast.parse(cell)
        except SyntaxError:  # not Python, or broken: running it will tell
            continue
        for name in imported(tree):
            modules.update(files(name, packages))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(data(node.value, folder))
    while modules - found:
        found |= (todo := modules - found)
        modules = {file for module in todo for file in imports_of(module, packages)}
    return found


def digest(chapter: str, folder: Path, packages: tuple[str, ...]) -> str:
    """What the chapter's cells depend on, in a word; empty if on no file."""
    total = hashlib.sha256()
    needed = sorted(depends_on(chapter, folder, packages))
    for file in needed:
        total.update(f"{os.path.relpath(file, ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16] if needed else ""


def of_document(app: Sphinx, docname: str, chapter: str) -> str:
    folder = Path(app.env.doc2path(docname)).parent
    return digest(chapter, folder, tuple(app.config.pkgdeps_packages))


def stamp(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put the digest into the front matter, which keeps its number of lines."""
    match = FRONT_MATTER.match(content[0])
    if match is None or not (found := of_document(app, docname, content[0])):
        return
    known(app.env)[docname] = found
    meta = yaml.safe_load(match[1]) or {}
    meta.setdefault("kernelspec", {})["display_name"] = found
    padding = "\n" * match[1].count("\n")
    head = f"---\n{json.dumps(meta)}{padding}\n---\n"
    content[0] = head + content[0][match.end() :]


def outdated(
    app: Sphinx,
    env: BuildEnvironment,
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> list[str]:
    imports_of.cache_clear()
    return [
        name
        for name, before in known(env).items()
        if name not in removed
        and before
        != of_document(app, name, Path(env.doc2path(name)).read_text(encoding="utf-8"))
    ]


def known(env: BuildEnvironment) -> dict[str, str]:
    """The digests of the last build, by chapter: kept in Sphinx's environment."""
    if not hasattr(env, "pkgdeps"):
        env.pkgdeps = {}  # type: ignore[attr-defined]
    digests: dict[str, str] = env.pkgdeps  # type: ignore[attr-defined]
    return digests


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    known(env).pop(docname, None)


def merge(
    app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment
) -> None:
    known(env).update({d: known(other)[d] for d in docnames if d in known(other)})


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("pkgdeps_packages", [], "env", [list])
    app.connect("source-read", stamp)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True}
