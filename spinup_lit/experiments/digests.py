# spinup_lit/experiments/digests.py: generated from book/practice/results.md; edit the chapter. sha256:77b6ce410a3a16d2
"""Fingerprints of code: of all that a function reaches in this package."""

import ast
import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from inspect import getsource
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = __name__.partition(".")[0]


class Bare(ast.NodeTransformer):
    """Drops what changes no number: docstrings, annotations, lines of imports."""

    FIELD = ast.Constant(...)  # the annotation of every field of a class

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        text = isinstance(node.value, ast.Constant) and isinstance(
            node.value.value, str
        )
        return None if text else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        for field in node.body:
            if isinstance(field, ast.AnnAssign):
                field.annotation = self.FIELD
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.annotation is self.FIELD:
            return self.generic_visit(node)
        if node.value is None:
            return None
        return self.generic_visit(ast.Assign([node.target], node.value))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "cast":
            x: ast.AST = self.visit(node.args[1])  # its type is an annotation
            return x
        return self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None


class Contents(NamedTuple):
    """What the names at the top of a module stand for."""

    defined: dict[str, list[ast.stmt]]  # the statements that bind a name; "": none
    imported: dict[str, str]  # a name, and the dotted name of what it stands for


@cache
def contents(source: str) -> Contents:
    """The definitions and imports in the source of a module."""
    tree = ast.parse(source)
    imported = dict(imports(tree))
    defined: dict[str, list[ast.stmt]] = defaultdict(list)
    for node in Bare().visit(tree).body:
        if not (isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)):
            for name in bound(node) or [""]:
                defined[name].append(node)
    return Contents(dict(defined), imported)


def bound(node: ast.stmt) -> list[str]:
    """The names that a definition or an assignment binds."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            parts = [x for target in targets for x in ast.walk(target)]
            names = (x for x in parts if isinstance(x, ast.Name))
            return [x.id for x in names if isinstance(x.ctx, ast.Store)]
        case ast.AugAssign(target=ast.Name(id=name)):
            return [name]
    return []


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every name that is imported, and the dotted name of what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def without_defaults(node: ast.stmt) -> ast.stmt:
    """A function without its defaults and the check of its arguments."""
    if not isinstance(node, ast.FunctionDef):
        return node
    node = deepcopy(node)
    args, given = node.args, ast.Constant(...)
    args.defaults = [given for _ in args.defaults]
    args.kw_defaults = [default and given for default in args.kw_defaults]
    node.decorator_list = [
        x for x in node.decorator_list if not ast.unparse(x).startswith("checked(")
    ]
    return node


def dotted_names(node: ast.AST) -> Iterator[list[str]]:
    """The names that occur in a piece of code; `mpi.avg` is one name of two parts."""
    if parts := dotted(node):
        yield parts
    elif isinstance(node, ast.Global):
        yield from ([name] for name in node.names)
    else:
        for child in ast.iter_child_nodes(node):
            yield from dotted_names(child)


def dotted(node: ast.AST) -> list[str]:
    """The parts of a dotted name; none if this is something else."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return [name]
        case ast.Attribute(value=value, attr=attr) if parts := dotted(value):
            return [*parts, attr]
    return []


Place = tuple[str, str]  # a module and a name in it; what is not ours is in module ""


class Code:
    """The modules of this package, some of them perhaps with another source."""

    def __init__(self, instead: Mapping[str, str]) -> None:
        self._instead = instead

    def contents(self, module: str) -> Contents:
        """The definitions and imports in a module."""
        return contents(self._instead.get(module) or source(module))

    def meaning(self, module: str, parts: Sequence[str]) -> list[Place]:
        """What a dotted name in a module stands for; nothing for a local variable."""
        defined, imported = self.contents(module)
        if parts[0] in defined:
            return [(module, parts[0])]
        if parts[0] not in imported:
            return []
        origin = imported[parts[0]].split(".")
        if origin[0] != PACKAGE:
            return [("", f"{parts[0]} is {'.'.join(origin)}")]
        return self.within(PACKAGE, [*origin[1:], *parts[1:]])

    def within(self, module: str, parts: Sequence[str]) -> list[Place]:
        """What a dotted name stands for that begins in a module of ours."""
        if not parts:  # the module as a whole
            return [(module, name) for name in self.contents(module).defined]
        if file_of(f"{module}.{parts[0]}"):
            return self.within(f"{module}.{parts[0]}", parts[1:])
        return self.meaning(module, parts)


@cache
def source(module: str) -> str:
    """The source of a module: one of ours, or one that was loaded from a file."""
    file = file_of(module)
    return file.read_text("utf-8") if file else getsource(sys.modules[module])


@cache
def file_of(module: str) -> Path | None:
    """The file of a module of this package; None if it is none."""
    if module.partition(".")[0] != PACKAGE:
        return None
    path = Path(__file__).parents[2].joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def as_text(tree: object) -> str:
    """A syntax tree as text, without places in the source and without empty fields."""
    if isinstance(tree, list):
        return f"[{', '.join(as_text(x) for x in tree)}]"
    if not isinstance(tree, ast.AST):
        return repr(tree)
    fields = ((k, x) for k, x in ast.iter_fields(tree) if x is not None and x != [])
    inner = ", ".join(f"{name}={as_text(x)}" for name, x in fields)
    return f"{type(tree).__name__}({inner})"


def digest(
    *objects: Callable[..., Any], instead: Mapping[str, str] | None = None
) -> str:
    """A fingerprint of all code that some functions or classes can reach.

    Args:
        objects: functions, whose own defaults do not matter, and classes.
        instead: other sources for some modules, by their names.
    """
    start = {(x.__module__, x.__name__) for x in objects}
    return fingerprint(Code(instead or {}), start)


def fingerprint(code: Code, start: set[Place]) -> str:
    """The digest of what stands in these places, and of all that it reaches."""
    lines, todo, seen = set[str](), list(start), set(start)
    while todo:
        module, name = todo.pop()
        if not module:
            lines.add(name)
            continue
        found = {(module, "")}
        for node in code.contents(module).defined.get(name, []):
            bare = without_defaults(node) if (module, name) in start else node
            lines.add(f"{name}: {as_text(bare)}")
            for parts in dotted_names(bare):
                found.update(code.meaning(module, parts))
        todo += found - seen
        seen |= found
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:12]


def digest_of_cells(source: str) -> str:
    """A fingerprint of the code of a notebook and all that it can reach."""
    start = {("cells", name) for name in contents(source).defined}
    return fingerprint(Code({"cells": source}), start)
