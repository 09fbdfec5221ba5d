"""What pytest reports of a book's tests, and the variants that they load."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Project

BOOK = """\
```python {file=lib.py}
<<half>>
```

```python {#half}
def half(x):
    return x / 2
```

```diff {#doubled edits=half}
-    return x / 2
+    return x * 2
```

```diff {#doubled-twice edits=doubled}
-    return x * 2
+    return x * 4
```

- A list, which indents:

  ```python {file=test_lib.py}
  from lib import half


  def test_variant(variant):
      assert variant("lib.py", "a:doubled").half(2) == 4
      assert variant("lib.py", "a:doubled-twice").half(2) == 8
      assert half(2) == 1


  def test_nothing_to_edit(variant):
      variant("test_lib.py", "a:doubled")


  def test_wrong():
      assert half("x") == 1
  ```
"""
HERE = Path(__file__).parents[2]
CONFTEST = 'pytest_plugins = ["tangle.pytest_plugin"]\n'


@pytest.fixture
def report(project: Project):
    """Runs pytest on the book's tests; returns what it prints."""
    project.write({"book/a.md": BOOK, "conftest.py": CONFTEST}).tangle()

    def report(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=project.root,
            env={**os.environ, "PYTHONPATH": str(HERE)},
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    return report


def test_variants_are_loaded_beside_the_module(report):
    output = report()
    assert "1 passed, 2 failed" in output or "2 failed, 1 passed" in output
    assert "Failed: test_lib.py:1: holds nothing that a:doubled edits" in output


@pytest.mark.parametrize(
    "style, places",
    [
        ("long", ["book/a.md:37: ", "book/a.md:7: TypeError"]),
        pytest.param(
            "short",
            ["book/a.md:37: in test_wrong", "book/a.md:7: in half"],
            marks=pytest.mark.long,
        ),
        pytest.param(
            "native",
            ['File "book/a.md", line 37, in', 'File "book/a.md", line 7, in'],
            marks=pytest.mark.long,
        ),
    ],
)
def test_failures_name_lines_of_the_chapter(report, style: str, places: list[str]):
    output = report(f"--tb={style}", "-k", "wrong")
    for place in places:
        assert place in output


@pytest.mark.parametrize(
    "style", ["short", pytest.param("native", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("mistake", ["half(missing)", "import nothing_of_this_name"])
def test_a_file_that_cannot_be_imported_names_lines_of_the_chapter(
    project: Project, report, style: str, mistake: str
):
    broken = BOOK.replace("  def test_variant", f"  {mistake}\n\n\n  def test_variant")
    project.write({"book/a.md": broken}).tangle()
    output = report(f"--tb={style}")
    line = broken.split("\n").index(f"  {mistake}") + 1
    assert f"book/a.md:{line}: in" in output or f'"book/a.md", line {line}' in output
    assert "test_lib.py:" not in output and 'test_lib.py", line' not in output


def test_a_file_that_is_not_as_generated_is_named_itself(project: Project, report):
    """Its lines are no longer those of the chapter."""
    with (project.root / "lib.py").open("a") as file:
        file.write("\n")
    output = report("-k", "wrong")
    assert "lib.py:3: TypeError" in output
    assert "book/a.md:37: " in output


SEVERAL = '''\
```python {file=pkg/__init__.py}
"""A package."""
```

```python {file=pkg/part.py}
zero = 0
```

```python {file=pkg/lib.py}
from __future__ import annotations

from dataclasses import dataclass
from typing import get_type_hints

from pkg import part
from pkg.part import zero
from .part import zero as same


<<pair>>


def total(pair: Pair) -> int:
    return pair.left + pair.right + zero


assert get_type_hints(total)["pair"] is Pair
```

```python {#pair}
@dataclass
class Pair:
    left: int = 1
    right: int = 1
```

```diff {#two edits=pair}
-    left: int = 1
+    left: int = 2
```

```diff {#three edits=pair}
-    right: int = 1
+    right: int = 3
```

```diff {#four edits=pair}
-    left: int = 1
+    left: int = 4
```

```diff {#five edits=pair}
-    left: int = 0
+    left: int = 5
```

```diff {#not-python edits=pair}
-    left: int = 1
+    left: int = (
```

```python {file=test_pkg.py}
import sys

from pkg.lib import Pair


def test_several(variant):
    modules = [
        variant("pkg/lib.py", *names)
        for names in (["a:two"], ["a:three"], ["a:two", "a:three"], ["a:four"])
    ]
    assert [m.total(m.Pair()) for m in modules] == [3, 4, 5, 5]
    assert len({m.__name__ for m in modules}) == 4
    assert all(sys.modules[m.__name__] is m for m in modules)
    assert Pair() == Pair(1, 1)


def test_meeting(variant):
    variant("pkg/lib.py", "a:two", "a:four")


def test_unfitting(variant):
    variant("pkg/lib.py", "a:five")


def test_no_python(variant):
    variant("pkg/lib.py", "a:not-python")


def test_misspelt(variant):
    variant("pkg/lib.py", "a:tow")
```
'''


def test_several_variants_in_a_package_and_what_is_wrong_with_others(project, report):
    project.write({"book/a.md": SEVERAL})
    assert project.run().code == 0
    output = report("test_pkg.py")
    assert "4 failed, 1 passed" in output
    for problem in (
        "book/a.md:47: a:four and a:two edit the same lines of a:pair",
        "book/a.md:52: the old lines must occur once in pair, and occur nowhere",
        "book/a.md:59: '(' was never closed (in pkg/lib.py)",
        "pkg/lib.py:1: no variant is called a:tow; did you mean a:two?",
    ):
        assert f"Failed: {problem}" in output
    assert "pytest_plugin" not in output  # the traceback ends at the test
    assert "combine.py" not in output


FAILING = """\
```python {file=lib.py}
<<one>>
```

```python {#one}
one = "\f\u2028"
```

```diff {#none edits=one}
 one = "\f\u2028"
+one /= 0
```

```python {file=test_lib.py}
def test_variant(variant):
    variant("lib.py", "a:none")
```
"""


def test_a_variant_that_fails_shows_its_line(project: Project, report):
    """Counted as Python does, for which a form feed does not end a line."""
    project.write({"book/a.md": FAILING}).tangle()
    assert "    one /= 0\n" in report("--tb=native")
