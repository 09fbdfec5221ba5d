"""Who uses what, and where it lands."""

from __future__ import annotations

import pytest

from conftest import Project
from tangle import load
from tangle.model import Block
from tangle.weave.index import Index, title

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
    landings = {
        name: [(path, span.first, span.last) for path, span in index.landings[block]]
        for name, block in blocks.items()
    }
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


def test_files(index):
    index, blocks = index
    files = index.files(blocks["body"], blocks["body+"])
    spans = {path: [span[1:] for span in at] for path, at in files.items()}
    assert spans == {"run": [(3, 5), (8, 10), (6, 6), (11, 11)]}
    assert index.files(blocks["run"]).keys() == {"run"}


def test_code_and_what_it_refers_to(index):
    index, blocks = index
    body, more = index.chunk_of[blocks["body"]], index.chunk_of[blocks["more"]]
    assert list(index.code([blocks["run"]])) == [
        ("#!/bin/sh", None, False),
        ("<<body>>", body, False),
        ("echo end", None, False),
        ("  <<body>>", body, False),
    ]
    assert list(index.code(body.blocks)) == [
        ("echo 1", None, False),
        ("<<more>>", more, False),
        ("echo 4", None, False),
    ]
    assert list(index.shown(blocks["body"])) == list(index.code([blocks["body"]]))


def test_a_diff_is_shown_as_a_diff_and_stands_for_code(index):
    index, blocks = index
    other = blocks["other"]
    assert list(index.shown(other)) == [
        ("-echo 2", None, False),
        ("+echo 5", None, False),
    ]
    assert list(index.code([other])) == [
        ("echo 5", None, True),  # written in the diff
        ("echo 3", None, False),
    ]
    assert index.language(index.chunk_of[other]) == "sh"


def test_assembled(index):
    """Other than in the file, the first line of a block has no indentation."""
    index, blocks = index
    code = {name: list(index.assembled(block)) for name, block in blocks.items()}
    body = ["echo 1", "echo 2", "echo 3"]
    assert code["body"] == body
    assert code["body+"] == ["echo 4"]
    later = [f"  {line}" for line in [*body, "echo 4"]]
    assert code["run"] == ["#!/bin/sh", *body, "echo 4", "echo end", *later]
    assert code["root"] == code["other"] == ["echo 5", "echo 3"]


def test_what_tests_a_block(index):
    index, blocks = index
    assert index.tests(blocks["body"]) == [blocks["body+"]]
    assert index.tests(blocks["more"]) == []


def test_titles(index):
    index, blocks = index
    more, root = (index.chunk_of[blocks[name]] for name in ("more", "root"))
    assert title(more) == title(more, "book/a.md") == "⟨more⟩"
    assert title(more, "book/b.md") == "⟨a: more⟩"
    assert title(root, "book/b.md") == "other.sh"
