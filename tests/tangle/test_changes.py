"""What changes from one output to another, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import Project
from tangle import load
from tangle.weave.changes import Part, Row, changes

BOOK = """# T

```python {#imports}
import math
import time
```

```python {#gae}
def gae(delta):
    # one
    # two
    return delta
```

```python {#loss}
def loss(adv):
    a = 1
    b = 2
    c = 3
    d = 4
    e = 5
    return -adv
```

```python {#only-old}
def helper():
    pass
```

```python {file=old.py}
<<imports>>


<<gae>>


<<loss>>


<<only-old>>
```

```diff {#clipped-loss edits=loss}
-    return -adv
+    ratio = 1
+    return -min(adv, ratio)
```

```python {#only-new}
def trust():
    return 0
```

```python {file=new.py}
<<imports>>


<<gae>>


<<only-new>>


<<clipped-loss>>
```
"""


Compare = Callable[[str, str], list[Part]]


def comparison(project: Project, text: str) -> Compare:
    program = load(project.write({"book/a.md": text}).root)
    assert not program.problems
    files = {output.path: output for output in program.outputs}
    chunk_of = {b: chunk for chunk in program.chunks.all for b in chunk.blocks}
    return lambda old, new: changes(files[old], files[new], chunk_of)


def said(part: Part) -> str:
    head = part.chunk.head
    return f"{part.kind} {head.name or head.file} {len(part.rows)}"


def lines(part: Part) -> list[str]:
    """As a diff would print it."""
    return [
        f"{row.sign}{row.line.output}" if isinstance(row, Row) else f"({row})"
        for row in part.shown()
    ]


def test_shared_chunks_are_folded_and_the_others_shown_in_the_new_order(project):
    compare = comparison(project, BOOK)
    parts = compare("old.py", "new.py")
    assert [said(part) for part in parts] == [
        "same imports 2",
        "same gae 4",
        "new only-new 2",
        "changed clipped-loss 9",
        "gone only-old 2",
    ]
    assert lines(parts[2]) == ["+def trust():", "+    return 0"]
    assert lines(parts[3]) == [
        "(3)",
        "     c = 3",
        "     d = 4",
        "     e = 5",
        "-    return -adv",
        "+    ratio = 1",
        "+    return -min(adv, ratio)",
    ]


def test_nothing_changes_from_a_file_to_itself(project):
    compare = comparison(project, BOOK)
    (part,) = compare("new.py", "new.py")
    assert said(part) == "same new.py 22"


def test_a_chunk_that_moves_is_folded_in_its_new_place(project):
    shared = "<<imports>>\n\n\n<<gae>>\n\n\n"
    moved = BOOK.replace(f"{shared}<<only-new>>", "<<only-new>>\n\n\n<<gae>>")
    moved = moved.replace("\n<<clipped-loss>>", "\n<<imports>>\n\n\n<<clipped-loss>>")
    compare = comparison(project, moved)
    assert [said(part) for part in compare("old.py", "new.py")] == [
        "new only-new 2",
        "same gae 4",
        "moved imports 2",
        "changed clipped-loss 9",
        "gone only-old 2",
    ]


def test_code_that_was_only_copied_is_compared_by_its_text(project):
    copied = "def loss(adv):\n    a = 1\n    b = 2\n    return -adv\n"
    text = f"# T\n\n```python {{#a}}\n{copied}```\n\n```python {{file=a.py}}\n<<a>>\n```\n\n"
    other = copied.replace("-adv", "adv")
    text += f"```python {{file=b.py}}\nimport x\n\n{other}```\n"
    compare = comparison(project, text)
    (part,) = compare("a.py", "b.py")
    assert said(part) == "changed b.py 7"
    assert lines(part) == [
        "+import x",
        "+",
        " def loss(adv):",
        "     a = 1",
        "     b = 2",
        "-    return -adv",
        "+    return adv",
    ]


def test_a_deletion_is_shown_in_its_chunk(project):
    text = "# T\n\n```python {#f}\na = 1\nb = 2\nc = 3\n```\n\n"
    text += "```diff {#g edits=f}\n b = 2\n-c = 3\n```\n\n"
    text += "```python {file=f.py}\n<<f>>\n```\n\n```python {file=g.py}\n<<g>>\n```\n"
    compare = comparison(project, text)
    (part,) = compare("f.py", "g.py")
    assert said(part) == "changed g 3"
    assert lines(part) == [" a = 1", " b = 2", "-c = 3"]
    (back,) = compare("g.py", "f.py")
    assert said(back) == "changed f 3"


@pytest.mark.parametrize("way", [("old.py", "new.py"), ("new.py", "old.py")])
def test_the_parts_hold_all_lines_once_and_in_order(project, way):
    rows = [row for part in comparison(project, BOOK)(*way) for row in part.rows]
    project.tangle()
    old, new = (project.read(path).splitlines() for path in way)
    shown = [(row.number, row.line.output) for row in rows if row.sign != "-"]
    numbered = [(number, line) for number, line in enumerate(new, 2) if line]
    assert [(number, line) for number, line in shown if line] == numbered
    removed = [row.line.output for row in rows if row.sign == "-"]
    assert len(removed) == len(set(removed))
    assert {*removed} == {*old} - {*new}


def test_the_lines_of_a_file_around_its_chunks_are_one_part(project):
    text = "# T\n\n```python {#step}\nstep()\n```\n\n"
    for name, first in (("a", "old()"), ("b", "new()\n    more()")):
        text += f"```python {{file={name}.py}}\ndef train():\n    {first}\n"
        text += "    for _ in range(2):\n        <<step>>\n    return 1\n```\n\n"
    files, step = comparison(project, text)("a.py", "b.py")
    assert (said(files), said(step)) == ("changed b.py 6", "same step 1")
    assert lines(files) == [
        " def train():",
        "-    old()",
        "+    new()",
        "+    more()",
        "     for _ in range(2):",
        "     return 1",
    ]


def test_a_new_chunk_with_blank_lines_is_new(project):
    text = "# T\n\n```python {#f}\na = 1\n\nb = 2\n```\n\n"
    text += "```python {file=a.py}\n```\n\n```python {file=b.py}\n<<f>>\n```\n"
    compare = comparison(project, text)
    assert [said(part) for part in compare("a.py", "b.py")] == ["new f 3"]
    assert [said(part) for part in compare("b.py", "a.py")] == ["gone f 2"]
