"""Executed cells run again when what they depend on changed.

jupyter-cache knows a notebook by its cells and its kernelspec. A digest of the code that
the cells reach in the package, and of the files that they name, goes into the
kernelspec's display name, so that what they depend on is part of what they are.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from glob import escape, glob
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from markdown_it import MarkdownIt
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from spinup_lit.experiments import digests

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
OPTIONS = re.compile(r"\A(---\n.*?\n---\n|(:[\w-]+:[^\n]*\n)+)", re.DOTALL)
MAGICS = re.compile(r"^\s*[%!].*$", re.MULTILINE)


def cells(chapter: str) -> str:
    """The code in the cells of a chapter, as that of a module."""
    tokens = MarkdownIt().parse(chapter) if "{code-cell}" in chapter else []
    found = [x.content for x in tokens if x.info.startswith("{code-cell}")]
    return "\n".join(MAGICS.sub("", OPTIONS.sub("", cell)) for cell in found)


def names_of_files(node: ast.AST) -> Iterator[str]:
    """Strings that may name files. What an f-string puts in may be anything."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            texts = (getattr(part, "value", "") for part in parts)
            yield "".join(x if isinstance(x, str) else "*" for x in texts)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from names_of_files(child)


def data(name: str, folder: Path) -> Iterator[Path]:
    """The files that a string in a cell names, or that lie in folders it names."""
    if len(name) > 200 or "\0" in name or not name.strip("./*"):
        return
    for found in map(Path, glob(os.path.normpath(f"{escape(str(folder))}/{name}"))):
        if found.is_file():
            yield found
        elif not folder.is_relative_to(found):
            files = (file for file in found.rglob("*") if file.is_file())
            yield from (file for file in files if "__pycache__" not in file.parts)


class Needs(NamedTuple):
    """What the code in a page's cells depends on."""

    code: str
    package: str  # a digest of the whole package: while it is the same, so is `reached`
    reached: str  # a digest of the part of it that the code reaches
    total: str  # a digest of that and of all files that the code names


def needs(code: str, folder: Path, before: Needs | None = None) -> Needs:
    """What code depends on, if it runs in a folder; `before` saves time."""
    package = digest_of_package()
    if before and before[:2] != (code, package):
        before = None
    try:
        reached = before.reached if before else digests.digest_of_cells(code)
        tree = ast.parse(code)
    except SyntaxError:  # not Python, or broken: running it will tell
        return Needs(code, package, "", "")
    files = {file for name in names_of_files(tree) for file in data(name, folder)}
    total = hashlib.sha256((reached + digest_of_files(files, folder)).encode())
    return Needs(code, package, reached, total.hexdigest()[:16])


@cache
def digest_of_package() -> str:
    modules = Path(digests.__file__).parents[1]
    return digest_of_files(modules.rglob("*.py"), modules)


def digest_of_files(files: Iterable[Path], folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{os.path.relpath(file, folder)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def stamp(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put the digest into the front matter, which keeps its number of lines."""
    match = FRONT_MATTER.match(content[0])
    before = known(app.env).pop(docname, None)
    if match is None or not (code := cells(content[0])):
        return
    found = needs(code, Path(app.env.doc2path(docname)).parent, before)
    known(app.env)[docname] = found
    meta = yaml.safe_load(match[1]) or {}
    meta.setdefault("kernelspec", {})["display_name"] = found.total
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
    """The pages whose cells, though the same, depend on what is not."""
    digests.source.cache_clear()
    digest_of_package.cache_clear()
    return [
        name
        for name, before in known(env).items()
        if name in env.found_docs - changed
        and before.total
        != needs(before.code, Path(env.doc2path(name)).parent, before).total
    ]


def known(env: BuildEnvironment) -> dict[str, Needs]:
    """What the cells of each chapter needed in the last build, kept in Sphinx's memory."""
    if not hasattr(env, "pkgdeps"):
        env.pkgdeps = {}  # type: ignore[attr-defined]
    found: dict[str, Needs] = env.pkgdeps  # type: ignore[attr-defined]
    return found


def merge(
    app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment
) -> None:
    known(env).update({d: known(other)[d] for d in docnames if d in known(other)})


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", stamp)
    app.connect("env-get-outdated", outdated)
    app.connect("env-merge-info", merge)
    return {"version": "3", "env_version": 3, "parallel_read_safe": True}
