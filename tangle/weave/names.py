"""The names that the Python files of a program define. After chunks, expand.

They are found by reading the code, not by running it. What a variable holds is known
where an annotation or a call says so; where it is not known, nothing is said.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import NamedTuple

from tangle.chunks import did_you_mean
from tangle.expand import Program
from tangle.model import Block, Output

_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(\(.*\))?", re.DOTALL)
_PATH = re.compile(r"([\w-]+)/[\w./-]*")


class Said(NamedTuple):
    """A name as the code of a module says it; a part `()` is a call."""

    module: str
    text: str


@dataclass
class Definition:
    """A public name, once for each block that defines it."""

    name: str
    block: Block
    paths: list[str] = field(default_factory=list)
    users: list[Block] = field(default_factory=list)


class Names:
    """Knows full names such as `package.module.Class.method`."""

    def __init__(self, program: Program) -> None:
        self.modules: set[str] = set()
        self.defined: dict[str, tuple[str, Block, str]] = {}  # short name, where
        self.bases: dict[str, list[Said]] = {}  # of the classes
        self.means: dict[str, set[Said]] = defaultdict(set)  # of imports, values, calls
        self.uses: list[tuple[Said, Block]] = []
        self.words: set[str] = set(dir(builtins))
        self._followed: dict[str, str] = {}
        self._root = program.book.root
        self._paths = [output.path for output in program.outputs]
        for output in program.outputs:
            if output.path.endswith(".py"):
                _Reader(self, output)
            else:
                self.words |= words(output.text)

    def fault(self, text: str) -> str | None:
        """Why a text, or a word of it, looks like a name of the program but is none."""
        if (name := _NAME.fullmatch(text)) and "." not in name[1]:
            like_code = name[2] or "_" in name[1].strip("_")
            if like_code and name[1] not in self.words:
                return f"no code has the name {name[1]}{_near(name[1], self.words)}"
            return None
        faults = map(self._fault_of_word, [text] if name else text.split())
        return next(filter(None, faults), None)

    def _fault_of_word(self, word: str) -> str | None:
        if path := _PATH.fullmatch(word):
            return self._fault_of_path(word.rstrip("/"), path[1])
        name = _NAME.fullmatch(word)
        dotted = name and "." in name[1] and name[1] not in self.words
        return self._fault_of_dotted(name[1]) if name and dotted else None

    def definitions(self) -> list[Definition]:
        """All public names in alphabetical order, but those of files `test_*`."""
        entries: dict[str, Definition] = {}
        merged: dict[tuple[str, Block], Definition] = {}
        for full, (name, block, path) in self.defined.items():
            hidden = any(part.startswith("_") for part in name.split("."))
            if not hidden and not PurePosixPath(path).match("test_*"):
                entry = merged.setdefault((name, block), Definition(name, block))
                entry.paths.append(path)
                entries[full] = entry
        for said, block in self.uses:
            used = entries.get(self._resolve(said))
            if used and used.block is not block:
                used.users.append(block)
        return sorted(merged.values(), key=lambda entry: entry.name.lower())

    def _resolve(self, said: Said) -> str:
        """The full name of what is said, if that is known."""
        first, *rest = said.text.split(".")
        name = self._member(said.module, first) or f"{said.module}:{first}"
        for part in rest:
            above = self._follow(name)
            name = self._member(above, part) if above else ""
        return name if name in self.defined else self._follow(name)

    def _follow(self, name: str) -> str:
        """What an import stands for, or the class of a value."""
        if name in self.means and name not in self._followed:
            self._followed[name] = ""  # if the search leads back to it
            found = {self._resolve(said) for said in self.means[name]}
            self._followed[name] = found.pop() if len(found) == 1 else "?"
        return self._followed.get(name, name)

    def _member(self, above: str, part: str) -> str:
        if part == "()" and above in self.bases:
            return above
        name = f"{above}.{part}".removeprefix(".")
        if any(name in known for known in (self.defined, self.means, self.modules)):
            return name
        found = (self._member(base, part) for base in self._bases(above))
        return next(filter(None, found), "")

    def _bases(self, name: str) -> list[str]:
        """The bases of a class. One that has its own name came from elsewhere."""
        bases = map(self._resolve, self.bases.get(name, []))
        return [base if base != name else "?" for base in bases]

    def _is_whole(self, name: str) -> bool:
        """Whether all is known that is below a name."""
        if self._member(name, "*") or self._member(name, "__getattr__"):
            return False
        known = name in self.modules or name in self.bases
        return known and all(map(self._is_whole, self._bases(name)))

    def _fault_of_path(self, path: str, folder: str) -> str | None:
        inside = [p for p in self._paths if p.startswith(f"{folder}/")]
        found = any(f"{p}/".startswith(f"{path}/") for p in inside)
        if found or not inside or (self._root / path).exists():
            return None
        return f"there is no file {path}{_near(path, inside)}"

    def _fault_of_dotted(self, name: str) -> str | None:
        if any(f"/{path}".endswith(f"/{name}") for path in self._paths):
            return None
        first, *rest = name.split(".")
        all_names = (*self.modules, *self.bases)
        starts = sorted(n for n in all_names if f".{n}".endswith(f".{first}"))
        faults = [self._missing(start, rest) for start in starts]
        return faults[0] if faults and all(faults) else None

    def _missing(self, name: str, parts: Iterable[str]) -> str | None:
        """What is not there on the way down from a name."""
        for part in parts:
            above = self._follow(name)
            name = self._member(above, part)
            if not name:
                if part.startswith("__") or not self._is_whole(above):
                    return None
                full = f"{above}."
                names = (
                    n for n in (*self.modules, *self.defined) if n.startswith(full)
                )
                near = [n.removeprefix(full) for n in names]
                return f"{above} has no {part}{_near(part, near)}"
        return None


class _Reader:
    """Reads a file: what it defines, imports and uses, and the types it states."""

    def __init__(self, names: Names, output: Output) -> None:
        self.names = names
        self.output = output
        *package, stem = PurePosixPath(output.path).with_suffix("").parts
        self.package = package
        parts = package if stem == "__init__" else [*package, stem]
        self.module = ".".join(parts)
        names.modules.update(".".join(parts[: n + 1]) for n in range(len(parts)))
        self.owner = ""  # such as `Class.`
        self.local = False  # inside a function
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._read(ast.parse(output.text))

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring is not code
        around = self.owner, self.local
        texts = (text for _, text in ast.iter_fields(node) if isinstance(text, str))
        self.names.words.update(*map(words, texts))
        self._note(node)
        for child in ast.iter_child_nodes(node):
            self._read(child)
        self.owner, self.local = around

    def _note(self, node: ast.AST) -> None:
        """Take in what is said here, and enter the scope that is opened here."""
        match node:
            case ast.ClassDef(name=text, bases=bases):
                name = self._define(self._name(text), node)
                self.names.bases[name] = [self._said(base) for base in bases]
                self.owner += f"{text}."
            case ast.FunctionDef(name=text) | ast.AsyncFunctionDef(name=text):
                name = self._define(self._name(text), node)
                self._mean(f"{name}.()", node.returns)
                self.local = True
            case ast.Lambda() | ast.comprehension():
                self.local = True
            case ast.Import(names=aliases):
                self._import("", aliases)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                above = self.package[: len(self.package) + 1 - level] if level else []
                parts = (*above, *filter(None, [module]), "")
                self._import(".".join(parts), aliases)
            case ast.Name(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store()):
                self._define(self._target(node), node)
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                block = self.output.lines[(node.end_lineno or 1) - 1].block
                self.names.uses.append((self._said(node), block))
                self.names.words |= words(ast.unparse(node))
            case ast.arg(arg=text, annotation=type_):
                self._mean(self._name(text), type_)
            case (
                ast.AnnAssign(target=target, annotation=type_)
                | ast.Assign(targets=[target], value=type_)
                | ast.withitem(optional_vars=target, context_expr=type_)
            ):
                self._mean(self._target(target), type_)

    def _import(self, above: str, aliases: list[ast.alias]) -> None:
        for alias in aliases:
            target = alias.name if alias.asname or above else alias.name.split(".")[0]
            name = self._name(alias.asname or target)
            self.names.means[name].add(Said("", above + target))

    def _name(self, text: str) -> str:
        """The full name of what is called so here; with a colon inside a function."""
        return f"{self.module}:{text}" if self.local else self._public(text)

    def _public(self, text: str) -> str:
        return f"{self.module}.{self.owner}{text}"

    def _target(self, node: ast.AST | None) -> str:
        match node:
            case ast.Name(id=text):
                return self._name(text)
            case ast.Attribute(value=ast.Name(id="self"), attr=text) if self.owner:
                return self._public(text)
        return ""

    def _define(self, name: str, node: ast.stmt | ast.expr) -> str:
        if name and ":" not in name:
            short = name.removeprefix(f"{self.module}.")
            block = self.output.lines[node.lineno - 1].block
            self.names.defined.setdefault(name, (short, block, self.output.path))
        return name

    def _mean(self, name: str, type_: ast.expr | None) -> None:
        if name and type_:
            self.names.means[name].add(self._said(type_))

    def _said(self, node: ast.expr) -> Said:
        return Said(self.module, self._text(node))

    def _text(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id="self") if self.owner:
                return self.owner.removesuffix(".")
            case ast.Name(id=text):
                return text
            case ast.Attribute(value=value, attr=attr):
                return f"{self._text(value)}.{attr}"
            case ast.Call(func=func):
                return f"{self._text(func)}.()"
            case ast.BinOp(left=left, op=ast.BitOr()):  # as in `Logger | None`
                return self._text(left)
        return "?"


def words(text: str) -> set[str]:
    """The names in a text, whole and in parts."""
    found = re.findall(r"\w[\w.]*\b", text)
    return {word for name in found for word in (name, *name.split("."))}


def _near(name: str, known: Iterable[str]) -> str:
    return did_you_mean(get_close_matches(name, sorted(known)))
