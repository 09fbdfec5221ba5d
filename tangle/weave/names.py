"""The names that the Python files of a program define. After chunks, expand.

They are found by reading the code, not by running it. Where it is not known what a
name means, nothing is said.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property, reduce
from pathlib import PurePosixPath

from tangle.chunks import did_you_mean
from tangle.expand import Program
from tangle.model import Block, Output

_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(\(.*\))?", re.DOTALL)
_PATH = re.compile(r"([\w-]+)/[\w./-]*")
_TYPES = (str, bytes, int, float, list, tuple, dict, set, io.TextIOWrapper)
_COMMON = {name for kind in _TYPES for name in dir(kind)}  # members of anything


@dataclass(eq=False)
class Definition:
    """A name, once for each block that defines it."""

    name: str
    block: Block
    paths: dict[str, str] = field(default_factory=dict)  # of files, to modules
    users: list[Block] = field(default_factory=list)


class Names:
    """Knows full names such as `package.module.Class.method`."""

    def __init__(self, program: Program) -> None:
        self.modules: set[str] = set()
        self.defined: dict[str, Definition] = {}
        self.imported: dict[str, str] = {}
        self.bases: dict[str, list[tuple[str, str]]] = {}  # module, what it calls them
        self.uses: list[tuple[str, str, Block]] = []  # module, what it says, where
        self.sees: dict[str, set[str]] = defaultdict(set)  # modules that one imports
        self.words: set[str] = set(dir(builtins))
        self.merged: dict[tuple[str, Block], Definition] = {}
        self.on_disk: set[str] = set()  # paths in prose that no chapter makes
        self._root = program.book.root
        self._paths = [output.path for output in program.outputs]
        for output in program.outputs:
            if output.path.endswith(".py"):
                _Reader(self, output)
            else:
                self.words |= words(output.text)

    @cached_property
    def definitions(self) -> list[Definition]:
        """All public names in alphabetical order, with their uses."""
        members: dict[str, Definition | None] = {}  # none where a name is of several
        for entry in self.merged.values():
            if "." in entry.name:
                member = entry.name.rpartition(".")[2]
                ambiguous = member in members or member in _COMMON
                members[member] = None if ambiguous else entry
        for module, text, block in self.uses:
            first, *rest = text.split(".")
            known = self._member(module, first)
            used = self.defined.get(reduce(self._member, rest, known))
            if rest and not known:  # only the name of the member can tell
                used = members.get(rest[-1])
                if used and self.sees[module].isdisjoint(used.paths.values()):
                    continue
            if used and used.block is not block:
                used.users.append(block)
        found = (
            entry
            for entry in self.merged.values()
            if not re.search(r"\b_", entry.name)
            if not all(PurePosixPath(path).match("test_*") for path in entry.paths)
        )
        return sorted(found, key=lambda entry: entry.name.lower())

    def fault(self, text: str) -> str | None:
        """Why a text, or a word of it, looks like a name of the program but is none."""
        if (name := _NAME.fullmatch(text)) and "." not in name[1]:
            like_code = name[2] or "_" in name[1].strip("_")
            if like_code and name[1] not in self.words:
                return f"no code has the name {name[1]}{_near(name[1], self.words)}"
            return None
        for word in [text] if name else text.split():
            if fault := self._fault_of_path(word) or self._fault_of_dotted(word):
                return fault
        return None

    def _fault_of_path(self, word: str) -> str | None:
        found = _PATH.fullmatch(word)
        inside = [p for p in self._paths if found and p.startswith(f"{found[1]}/")]
        path = word.rstrip("/")
        known = any(f"{p}/".startswith(f"{path}/") for p in inside)
        if not inside or known:
            return None
        if (self._root / path).exists():
            self.on_disk.add(path)
            return None
        return f"there is no file {path}{_near(path, inside)}"

    def _fault_of_dotted(self, word: str) -> str | None:
        name = _NAME.fullmatch(word)
        if not name or name[1] in self.words:
            return None
        if any(f"/{path}".endswith(f"/{name[1]}") for path in self._paths):
            return None
        first, *rest = name[1].split(".")
        all_names = (*self.modules, *self.bases)
        starts = sorted(n for n in all_names if f".{n}".endswith(f".{first}"))
        faults = [self._missing(start, rest) for start in starts]
        return faults[0] if faults and all(faults) else None

    def _missing(self, name: str, parts: list[str]) -> str | None:
        """What is not there on the way down from a name."""
        for part in parts:
            above, name = name, self._member(name, part)
            if not name:
                if part.startswith("__") or not self._is_whole(above):
                    return None
                full = f"{above}."
                known = (
                    n for n in (*self.modules, *self.defined) if n.startswith(full)
                )
                near = _near(part, (n.removeprefix(full) for n in known))
                return f"{above} has no {part}{near}"
        return None

    def _member(self, above: str, part: str) -> str:
        """The full name of what a module has, or a class and those it is made from."""
        found = (self._own(each, part) for each in self._made_from(above))
        return next(filter(None, found), "")

    def _own(self, above: str, part: str) -> str:
        """What a module or class itself calls so; for an import, what it stands for."""
        name = f"{above}.{part}"
        passed: set[str] = set()
        while name in self.imported and not (name in self.defined or name in passed):
            passed.add(name)
            name = self.imported[name]
        known = passed or name in self.defined or name in self.modules
        return name if known else ""

    def _made_from(self, name: str) -> list[str]:
        """A class and those above it, empty for one that is not known."""
        line = [name]
        for each in line:
            for module, text in self.bases.get(each, []):
                base = reduce(self._own, text.split("."), module)
                if base == each:  # a class of the same name, from elsewhere
                    base = ""
                line += [base] if base not in line else []
        return line

    def _is_whole(self, name: str) -> bool:
        """Whether all is known that is below a name."""
        more = self._member(name, "*") or self._member(name, "__getattr__")
        known = (n in self.bases or n in self.modules for n in self._made_from(name))
        return not more and all(known)


class _Reader:
    """Reads a file: what it defines, imports and uses."""

    def __init__(self, names: Names, output: Output) -> None:
        self.names = names
        self.output = output
        *self.package, stem = PurePosixPath(output.path).with_suffix("").parts
        parts = self.package if stem == "__init__" else [*self.package, stem]
        self.module = ".".join(parts)
        names.modules.update(".".join(parts[: n + 1]) for n in range(len(parts)))
        names.sees[self.module].add(self.module)
        self.owner = ""  # such as `Class.`
        self.local = False  # inside a function
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._read(ast.parse(output.text))

    def _read(self, node: ast.AST) -> None:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring is not code
        around = self.owner, self.local
        self._note(node)
        for name in node._fields:
            value = getattr(node, name, None)
            for part in value if isinstance(value, list) else (value,):
                if isinstance(part, str):
                    self.names.words |= words(part)
                elif isinstance(part, ast.AST) and part._fields:  # not only a mark
                    self._read(part)
        self.owner, self.local = around

    def _note(self, node: ast.AST) -> None:
        """Take in what is said here, and enter the scope that is opened here."""
        match node:
            case ast.ClassDef() if self.local:
                self.owner = ""
            case ast.ClassDef(name=name, bases=bases):
                full = self._define(name, node)
                self.names.bases[full] = [(self.module, _text(base)) for base in bases]
                self.owner += f"{name}."
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not self.local:
                    self._define(name, node)
                self.local = True
            case ast.comprehension():
                self.local = True
            case ast.Import(names=aliases):
                self._import("", aliases)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                above = self.package[: len(self.package) + 1 - level] if level else []
                self._import(".".join((*above, *filter(None, [module]), "")), aliases)
            case ast.Name(id=name, ctx=ast.Store()) if not self.local:
                self._define(name, node)
            case ast.Attribute(ast.Name("self"), name, ast.Store()) if self.owner:
                self._define(name, node)
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                block = self.output.lines[(node.end_lineno or 1) - 1].block
                text = _text(node)
                self.names.words |= words(text)
                if self.owner:
                    text = re.sub(r"^self\b", self.owner.removesuffix("."), text)
                self.names.uses.append((self.module, text, block))

    def _import(self, above: str, aliases: list[ast.alias]) -> None:
        for alias in aliases:
            target = alias.name if alias.asname or above else alias.name.split(".")[0]
            name = f"{self.module}.{alias.asname or target}"
            self.names.imported.setdefault(name, above + target)
            self.names.sees[self.module] |= {above[:-1], above + alias.name}

    def _define(self, name: str, node: ast.stmt | ast.expr) -> str:
        name = self.owner + name
        block = self.output.lines[node.lineno - 1].block
        entry = self.names.merged.setdefault((name, block), Definition(name, block))
        full = f"{self.module}.{name}"
        if self.names.defined.setdefault(full, entry) is entry:
            entry.paths[self.output.path] = self.module
        return full


def _text(node: ast.expr) -> str:
    """A name with dots, as it is said. What a call gives has a name of nothing."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_text(value)}.{name}"
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return f"{_text(inner)}()"
    return "?"


@cache
def words(text: str) -> frozenset[str]:
    """The names in a text, whole and in parts."""
    found = re.findall(r"\w[\w.]*\b", text)
    return frozenset(word for name in found for word in (name, *name.split(".")))


def _near(name: str, known: Iterable[str]) -> str:
    return did_you_mean(get_close_matches(name, sorted(known)))
