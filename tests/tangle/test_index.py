"""Who uses what, and where it lands."""

from __future__ import annotations

import pytest

from conftest import Project
from tangle import Index, load
from tangle.model import Block

A = """\
$$x$$ (eq-x)

```sh {#run file=run}
#!/bin/sh
<<body>>
echo end
  <<body>>
```

```sh {#body implements=eq-x}
echo 1
<<more>>
```

```sh {#body .extend checks=eq-x}
echo 4
```

```sh {#more}
echo 2
echo 3
```

```diff {#other edits=more}
-echo 2
+echo 5
```

```sh {file=other.sh}
<<other>>
```
"""


@pytest.fixture
def index(project: Project) -> tuple[Index, dict[str, Block]]:
    program = load(project.write({"book/a.md": A}).root)
    assert program.problems == []
    (chapter,) = program.book.chapters
    names = ["run", "body", "body+", "more", "other", "root"]
    return Index(program), dict(zip(names, chapter.blocks, strict=True))


def test_landings(index):
    """Lines are those of the file with its header, which is line 2 of a script."""
    index, blocks = index
    landings = {name: index.landings[block] for name, block in blocks.items()}
    assert landings == {
        "run": [("run", 1, 11)],
        "body": [("run", 3, 5), ("run", 8, 10)],
        "body+": [("run", 6, 6), ("run", 11, 11)],
        "more": [("run", 4, 5), ("run", 9, 10)],
        "other": [("other.sh", 2, 3)],
        "root": [("other.sh", 2, 3)],
    }


def test_users_parts_and_variants(index):
    index, blocks = index
    chunks = {name: index.chunk_of[block] for name, block in blocks.items()}
    assert chunks["body"] is chunks["body+"]
    assert chunks["body"].blocks == [blocks["body"], blocks["body+"]]
    assert index.users[chunks["body"]] == [chunks["run"]]
    assert index.users[chunks["more"]] == [chunks["body"]]
    assert index.users[chunks["run"]] == []
    assert index.variants[chunks["more"]] == [chunks["other"]]


def test_equations(index):
    index, blocks = index
    assert index.implementing["eq-x"] == [blocks["body"]]
    assert index.checking["eq-x"] == [blocks["body+"]]
    assert index.implementing["eq-y"] == []


def test_origins(index):
    index, _ = index
    origins = [str(index.origin("run", n)) for n in range(1, 7)]
    numbers = [4, 3, 11, 20, 21, 16]  # the header comes from the opening fence
    assert origins == [f"book/a.md:{number}" for number in numbers]
    assert index.origin("run", 12) is None
    assert index.origin("missing", 1) is None
