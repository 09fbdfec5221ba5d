"""The names that a program defines, and those that prose gets wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Project
from tangle import load
from tangle.weave.names import Names

BOOK = """# T

```python {#gae}
def gae(delta):
    old_word = delta
    return old_word
```

```python {#log}
class Log(Base):
    rows: int = 0
    '''In stale_docstring.'''

    def __init__(self, path: str) -> None:
        self.path = path
        self._hidden = {"a_key": 1}

    def save(self) -> None:
        self.write()
```

```python {#open-log}
def open_log() -> "Log":
    return Log("x")


def make() -> Log:
    return Log("x")
```

```python {file=lib/log.py}
from abc import ABC


class Base:
    def write(self): ...


class Other(ABC):
    pass


<<log>>


<<open-log>>
```

```python {file=lib/vpg.py}
import lib.log as record
from lib.log import Log, make

<<gae>>


def train(log: Log, more: Log | None = None):
    log.save()
    other = make()
    other.rows += gae(1)
    with Log("y") as third:
        third.path.upper()
    return record.Log
```

```python {file=lib/ppo.py}
from .log import *
from lib.vpg import Other as Log


<<gae>>


class Log(Log):
    def steps(self):
        return gae(2)


class More(Log):
    pass
```

```python {file=tests/test_vpg.py}
from lib import vpg


def test_gae():
    assert vpg.gae(1) == gae(1)
```

```toml {file=lib/a.toml}
toml_key = 1
```
"""


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Names:
    project = Project(tmp_path_factory.mktemp("names")).write({"book/a.md": BOOK})
    (project.root / "lib").mkdir()
    (project.root / "lib/by_hand.py").touch()
    program = load(project.root)
    assert not program.problems
    return Names(program)


@pytest.mark.parametrize(
    "text",
    [
        "lib.vpg.gae",
        "vpg.gae(delta, …)",
        "lib.log.Log.save",
        "Log.save()",
        "Log.path",
        "Log.rows",
        "Log.write",  # inherited
        "vpg.Log.save",  # imported
        "vpg.record.make",
        "log.save",  # the code says so: there `log` is a variable
        "vpg.gae.cache_clear",  # nobody knows what a function has
        "Other.register",  # nor what a class from elsewhere brings
        "ppo.whatever",  # nor what `import *` does
        "More.any",  # nor a class made from one of the same name
        "vpg.__name__",
        "torch.no_grad",
        "lib/vpg.py",
        "lib/by_hand.py",  # on the disk
        "lib/",
        "tests",
        "vpg.py",
        "lib/*.py",
        "docs/a.py",
        "open_log",
        "old_word",
        "a_key",
        "toml_key",
        "print()",
        "gae(1)",
        "Discrete",
        "--old-word",
        "x = wrong_name + 1",
        "python -m lib.vpg --lam 1",
    ],
)
def test_what_is_a_name_of_the_program_or_does_not_look_like_one(names, text):
    assert names.fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lib.vgp.gae", "lib has no vgp; did you mean vpg?"),
        ("vpg.gea", "lib.vpg has no gea; did you mean gae?"),
        ("vpg.gea(1)", "lib.vpg has no gea; did you mean gae?"),
        ("Base.wriet()", "lib.log.Base has no wriet; did you mean write?"),
        ("vpg.Log.zzz", "lib.log.Log has no zzz"),
        ("vpg.other", "lib.vpg has no other"),  # a variable of a function
        ("lib/vgp.py", "there is no file lib/vgp.py; did you mean lib/vpg.py"),
        ("lib/more/", "there is no file lib/more"),
        ("old_wrod", "no code has the name old_wrod; did you mean old_word?"),
        ("geae(1)", "no code has the name geae; did you mean gae?"),
        ("stale_docstring", "no code has the name stale_docstring"),
        ("python -m lib.vgp", "lib has no vgp; did you mean vpg?"),
    ],
)
def test_what_looks_like_a_name_but_is_none(names, text, fault):
    assert (names.fault(text) or "").startswith(fault)


def test_each_public_name_is_listed_once_for_its_chunk(names):
    found = [(entry.name, [*entry.paths]) for entry in names.definitions]
    assert found == [
        ("Base", ["lib/log.py"]),
        ("Base.write", ["lib/log.py"]),
        ("gae", ["lib/vpg.py", "lib/ppo.py"]),
        ("Log", ["lib/log.py"]),
        ("Log", ["lib/ppo.py"]),
        ("Log.path", ["lib/log.py"]),
        ("Log.rows", ["lib/log.py"]),
        ("Log.save", ["lib/log.py"]),
        ("Log.steps", ["lib/ppo.py"]),
        ("make", ["lib/log.py"]),
        ("More", ["lib/ppo.py"]),
        ("open_log", ["lib/log.py"]),
        ("Other", ["lib/log.py"]),
        ("train", ["lib/vpg.py"]),
    ]


def test_a_name_is_used_where_it_is_known_what_is_meant(names):
    entries = {(e.name, next(iter(e.paths))): e for e in names.definitions}

    def users(name: str, path: str) -> set[str]:
        users = entries[name, path].users
        return {block.name or Path(block.file or "").stem for block in users}

    assert users("gae", "lib/vpg.py") == {"vpg", "ppo", "test_vpg"}
    assert users("Log", "lib/log.py") == {"open-log", "vpg"}
    assert users("Log.save", "lib/log.py") == {"vpg"}
    assert users("Log.path", "lib/log.py") == {"vpg"}
    assert users("make", "lib/log.py") == {"vpg"}
    assert users("Base.write", "lib/log.py") == {"log"}
    assert users("Log.steps", "lib/ppo.py") == set()


def read(project: Project, **files: str) -> Names:
    """The names in files of a package `lib`."""
    blocks = (
        f"```python {{file=lib/{stem}.py}}\n{code}```\n" for stem, code in files.items()
    )
    program = load(project.write({"book/a.md": "# T\n\n" + "\n".join(blocks)}).root)
    assert not program.problems
    return Names(program)


A = "class Net:\n    def weight(self): ...\n    def copy(self): ...\n"


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("from lib.a import Net\nmake().weight()\n", {"Net.weight"}),
        ("import lib.a as a\nx[0].weight()\n", {"Net.weight"}),
        ("from lib import a\ny.copy()\n", set()),  # so may any list
        ("y.weight()\n", set()),  # nobody here knows of the class
        ("import numpy as np\nfrom lib.a import Net\nnp.f(1).weight()\n", set()),
        ("from lib.a import Net\nclass B:\n    weight = 1\nx().weight\n", set()),
    ],
)
def test_the_use_of_a_member_counts_where_only_one_class_can_be_meant(
    project, code, used
):
    names = read(project, a=A, b=code)
    found = {e.name for e in names.definitions if e.users and e.name.startswith("Net.")}
    assert found == used


def test_what_is_inside_a_function_is_not_listed(project):
    code = """
def f():
    import math
    class Inner:
        def g(self):
            self.x = 1
    y = [z for z in range(3)]
"""
    names = read(project, a=code)
    assert [entry.name for entry in names.definitions] == ["f"]


def test_classes_made_from_one_another_in_a_circle(project):
    code = "class A:\n    x = 1\nclass B(A): ...\nclass A(B):\n    y = 1\n"
    names = read(project, a=code, b="from lib.c import D\n", c="from lib.b import D\n")
    assert names.fault("A.x") is names.fault("B.y") is None
    assert names.fault("A.z") == "lib.a.A has no z"
    assert names.fault("b.D") is None
