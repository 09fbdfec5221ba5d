"""A page's cells run again when the code that they reach has changed, or their data."""

from __future__ import annotations

from pathlib import Path

import pkgdeps
import pytest

from spinup_lit.experiments import digests

CHAPTER = """\
# A chapter

```{code-cell} python
:tags: [hide-input]
%matplotlib inline
from spinup_lit import ppo
plt.style.use("../book.style")
print(ppo.normalise(read(f"../data/{name}.txt")), "..", "*", "no such file")
```

Text, and `{code-cell}` in it.

```python {#chunk}
open("../data/c.md")
```

```{code-cell} python
open("../folder/")
```
"""
FILES = ("book.style", "data/a.txt", "data/b.txt", "data/c.md", "folder/x/y")


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """A folder of chapters, with files of data around it."""
    for name in (*FILES, "part/other.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path / "part"


def digest(folder: Path) -> str:
    return pkgdeps.needs(pkgdeps.cells(CHAPTER), folder).total


@pytest.mark.parametrize("name", [*FILES, "part/other.txt", "data/new.txt"])
def test_what_cells_name_counts_and_nothing_else(part: Path, name: str):
    before = digest(part)
    (part.parent / name).write_text("changed")
    assert (digest(part) == before) is (name in ("data/c.md", "part/other.txt"))


@pytest.mark.parametrize(
    ("module", "old", "new", "counts"),
    [
        ("ppo", "(adv - mean)", "(mean - adv)", True),
        ("machinery.mpi", "mean = float(total / count)", "mean = float(total)", True),
        ("ppo", "Shift and scale", "Scale and shift", False),
        ("ppo", "delta[t] + carry[t] * later", "delta[t] + later", False),
    ],
)
def test_the_code_that_cells_reach_counts_and_no_other(
    part: Path, monkeypatch, module: str, old: str, new: str, counts: bool
):
    before, source = digest(part), digests.source
    assert source(f"spinup_lit.{module}").count(old) == 1
    monkeypatch.setattr(digests, "source", lambda name: source(name).replace(old, new))
    assert (digest(part) != before) is counts


def test_a_page_without_cells_depends_on_nothing():
    assert pkgdeps.cells("# A chapter\n\n```python\nx = 1\n```\n") == ""
