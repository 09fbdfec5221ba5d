"""What changes from one output to another, chunk by chunk."""

from __future__ import annotations

import pytest

from conftest import Project
from tangle import load
from tangle.model import Output
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


def outputs(project: Project, text: str) -> dict[str, Output]:
    program = load(project.write({"book/a.md": text}).root)
    assert not program.problems
    return {output.path: output for output in program.outputs}


def said(part: Part) -> str:
    return f"{part.kind} {part.block.name or part.block.file} {len(part.rows)}"


def lines(part: Part) -> list[str]:
    """As a diff would print it."""
    return [
        f"{row.sign}{row.line.output}" if isinstance(row, Row) else f"({row})"
        for row in part.shown()
    ]


def test_shared_chunks_are_folded_and_the_others_shown_in_the_new_order(project):
    files = outputs(project, BOOK)
    parts = changes(files["old.py"], files["new.py"])
    assert [said(part) for part in parts] == [
        "same imports 2",
        "same gae 4",
        "changed only-new 2",
        "changed clipped-loss 9",
        "gone only-old 2",
    ]
    assert lines(parts[2]) == ["+def trust():", "+    return 0"]
    assert lines(parts[3]) == [
        "(3)",
        "=    c = 3",
        "=    d = 4",
        "=    e = 5",
        "-    return -adv",
        "+    ratio = 1",
        "+    return -min(adv, ratio)",
    ]


def test_nothing_changes_from_a_file_to_itself(project):
    files = outputs(project, BOOK)
    (part,) = changes(files["new.py"], files["new.py"])
    assert said(part) == "same new.py 22"


def test_a_chunk_that_moves_is_folded_in_its_new_place(project):
    shared = "<<imports>>\n\n\n<<gae>>\n\n\n"
    moved = BOOK.replace(f"{shared}<<only-new>>", "<<only-new>>\n\n\n<<gae>>")
    moved = moved.replace("\n<<clipped-loss>>", "\n<<imports>>\n\n\n<<clipped-loss>>")
    files = outputs(project, moved)
    assert [said(part) for part in changes(files["old.py"], files["new.py"])] == [
        "changed only-new 2",
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
    files = outputs(project, text)
    (part,) = changes(files["a.py"], files["b.py"])
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
    files = outputs(project, text)
    (part,) = changes(files["f.py"], files["g.py"])
    assert said(part) == "changed g 3"
    assert lines(part) == ["=a = 1", "=b = 2", "-c = 3"]
    (back,) = changes(files["g.py"], files["f.py"])
    assert said(back) == "changed f 3"


@pytest.mark.parametrize("way", [("old.py", "new.py"), ("new.py", "old.py")])
def test_the_parts_hold_all_lines_of_the_new_file_once_and_in_order(project, way):
    old, new = map(outputs(project, BOOK).get, way)
    rows = [row for part in changes(old, new) for row in part.rows]
    numbers = [row.number for row in rows if row.sign != "-"]
    assert numbers == sorted(set(numbers))
    left_out = {*range(1, len(new.lines) + 1)} - {*numbers}
    assert not any(new.lines[n - 1].text for n in left_out if n > 1)
    removed = [row.line for row in rows if row.sign == "-"]
    assert len(removed) == len({(line.block, line.row) for line in removed})
    gone = {line.output for line in old.lines[1:]} - {line.output for line in new.lines}
    assert {line.output for line in removed} >= gone
