# spinup_lit/exercises/catalogue.py: generated from book/practice/exercises.md; edit the chapter. sha256:caaac608c148b285
"""Finds the exercises of the book, and what belongs to each."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from spinup_lit.exercises.form import Answer, Book, Exercise, Known, Mistake, Variants
from spinup_lit.machinery.errors import require

HERE = Path(__file__).parent
PROGRAM = "python -m spinup_lit.exercises"
CHAPTERS = (
    "start/key-concepts",
    "start/kinds",
    "start/policy-gradients",
    "onpolicy/advantages",
    "onpolicy/vpg",
    "onpolicy/trpo",
    "onpolicy/ppo",
    "offpolicy/dqn",
    "offpolicy/ddpg",
    "offpolicy/td3",
    "offpolicy/sac",
    "practice/running",
    "practice/results",
    "depth/tabular",
    "depth/variance",
    "depth/discounted-gradient",
    "depth/trust-region-bounds",
    "depth/boundaries",
    "depth/advantage-bias",
    "depth/parallel",
    "machinery/environments",
    "machinery/logging",
    "machinery/training",
)


@dataclass(frozen=True)
class Entry:
    """An exercise and its three files: what is asked, the checks, the known answers."""

    name: str  # such as "ppo-clipped-loss"
    stub: ModuleType
    checks: ModuleType

    @property
    def exercise(self) -> Exercise:
        """Title, kind, difficulty and hints."""
        found: Exercise = self.checks.EXERCISE
        return found

    @property
    def file(self) -> str:
        """How the reader's file is called."""
        return f"{module_name(self.name)}.py"

    @cached_property
    def known(self) -> list[type[Known]]:
        """The answers that are known beforehand.

        None if they no longer fit a chapter that the reader has edited.
        """
        try:
            module = import_module(f"{__package__}.known.{module_name(self.name)}")
        except Exception:
            return []
        return [
            known
            for known in vars(module).values()
            if inspect.isclass(known)
            and issubclass(known, Known)
            and known.__module__ == module.__name__
        ]

    @property
    def book(self) -> type[Book]:
        """The answer of the book.

        Raises:
            UserError: it no longer fits a chapter that the reader has edited.
        """
        books = [known for known in self.known if issubclass(known, Book)]
        require(
            bool(books),
            f"{self.name}: the book's answer no longer fits its chapter, which has been "
            "edited; `python -m tangle --check` says where",
        )
        return books[0]

    def mistakes(self) -> Iterator[type[Mistake]]:
        """The wrong answers that are known."""
        yield from (known for known in self.known if issubclass(known, Mistake))

    def answer(self, known: type[Known]) -> Answer:
        """A known answer; what it does not define is the book's."""
        names = {**vars(self.book), **vars(known)}
        return Answer({k: v for k, v in names.items() if k[0] != "_" and k != "rung"})

    def task(self) -> str:
        """The text of the file in which a reader begins: the stub, without its header."""
        text = Path(str(self.stub.__file__)).read_text(encoding="utf-8")
        header, rest = text.split("\n", 1)
        return rest if header.startswith("#") else text


def module_name(name: str) -> str:
    """What the modules of an exercise are called."""
    return name.replace("-", "_")


def names() -> list[str]:
    """The names of all exercises, without importing any."""
    files = (HERE / "checks").glob("[!_]*.py")
    return sorted(file.stem.replace("_", "-") for file in files)


def load(name: str) -> Entry:
    """An exercise, by its name."""
    modules = (f"{__package__}.{x}.{module_name(name)}" for x in ("stubs", "checks"))
    return Entry(name, *map(import_module, modules))


def entries() -> list[Entry]:
    """All exercises, in the order of the chapters and of their difficulty."""
    found = map(load, names())
    return sorted(found, key=lambda entry: (place(entry), entry.exercise.difficulty))


def place(entry: Entry) -> int:
    """The number of the chapter that an exercise belongs to."""
    return CHAPTERS.index(entry.exercise.chapter)


def find(what: str) -> list[Entry]:
    """The exercises that are meant by a name, by a chapter, or by "all".

    Raises:
        UserError: nothing is called so, or the chapter has none.
    """
    if what in names():
        return [load(what)]
    chapters = {chapter.split("/")[1]: chapter for chapter in CHAPTERS}
    known = [*names(), *chapters, "all"]
    near = get_close_matches(what, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"`{PROGRAM} list` shows them"
    chapter = chapters.get(what.split("/")[-1].removesuffix(".md"))
    require(bool(chapter) or what == "all", f"no exercise is called {what!r}; {hint}")
    found = [x for x in entries() if what == "all" or x.exercise.chapter == chapter]
    require(
        bool(found), f"{chapter} has no exercise to check; `{PROGRAM} list` shows all"
    )
    return found


def one(name: str) -> Entry:
    """The one exercise of this name.

    Raises:
        UserError: there is none; a chapter will not do.
    """
    found = find(name)
    require(
        [x.name for x in found] == [name],
        f"{name} is no single exercise; `{PROGRAM} list {name}` shows which there are",
    )
    return found[0]


def load_file(path: Path, name: str) -> ModuleType:
    """The module in a file, which need not be installed."""
    spec = spec_from_file_location(name, path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def module_of(what: str | Variants) -> ModuleType:
    """The module that an answer names: one of the package, a file, or variants of one."""
    if isinstance(what, Variants):
        command = [sys.executable, "-m", "tangle", "variant", what.file, *what.names]
        root = HERE.parents[1]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        require(not done.returncode, f"{what.file}: {done.stderr.strip()}")
        module = ModuleType("variant")
        sys.modules["variant"] = module
        exec(compile(done.stdout, what.file, "exec"), vars(module))
        return module
    if what.endswith(".py"):
        require(Path(what).is_file(), f"there is no file {what}")
        return load_file(Path(what), "changed")
    spec = find_spec(what)  # read anew: the reader has edited it
    require(bool(spec and spec.origin), f"there is no module {what}")
    return load_file(Path(str(spec and spec.origin)), "changed")
