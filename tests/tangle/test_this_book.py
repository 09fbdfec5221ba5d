"""Where this book may use variants: its program is written whole.

With a program written as a chain of diffs, an edit of one chapter was refused because a
diff in another quoted the line, or changed another algorithm in silence.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pytest

from conftest import Project
from tangle import load
from tangle.combine import lines_with_variants
from tangle.expand import Program
from tangle.model import Chunk, Line, Output
from tangle.resolve import reached
from tangle.variants import Misfit

# Each is written as what changes from the one before.
PROGRAMS = {"simplest_pg.py", "reward_to_go.py", "baseline.py"}
SOLUTION = "solution-"  # begins the names of variants that answer an exercise
LONGEST = 12  # lines that a variant may remove, or add


def breaches(program: Program) -> Iterator[str]:
    """Each use of a variant that the rule does not allow."""
    roots = program.chunks.roots
    stepwise = [roots[p] for p in roots if PurePosixPath(p).name in PROGRAMS]
    for path, root in roots.items():
        if root not in stepwise and not root.head.optional:
            for chunk in reached([root], program.elements):
                if chunk.head.edits:
                    yield f"{path} is made with the variant {chunk.full_name}"
    steps = program.needed(*stepwise)
    homes: dict[Chunk, Output] = {}  # of each chunk, the first file that holds it
    for output in program.outputs:
        if output.path.endswith(".py"):
            for chunk in reached([output.chunk], program.elements):
                homes.setdefault(chunk, output)
    for variant, base in program.bases.items():
        if base and variant not in steps | program.misfits.keys():
            faults = _faults(program, variant, base, homes.get(base))
            yield from (f"{variant.full_name} {fault}" for fault in faults)


def _faults(
    program: Program, variant: Chunk, base: Chunk, home: Output | None
) -> Iterator[str]:
    if base.head.edits:
        yield f"edits the variant {base.full_name}"
    signs = [text[:1] for text in variant.head.lines]
    if max(signs.count("-"), signs.count("+")) > LONGEST:
        yield f"changes more than {LONGEST} lines"
    if home is None or str(variant.head.name).startswith(SOLUTION):
        return
    try:
        after = lines_with_variants(program, home.path, variant.full_name)
    except Misfit as misfit:
        yield f"cannot be put in: {misfit}"
        return
    old, new = _promises(home.lines), _promises(after)
    if touched := [name for name in old if old[name] != new.get(name)]:
        yield f"touches what {', '.join(touched)} promises"


def _promises(lines: Sequence[Line]) -> dict[str, str]:
    """The signatures and docstrings of a file's functions, as they are written."""
    found = {}

    def visit(node: ast.AST, above: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", "")
            inner = f"{above}.{name}".strip(".") if name else above
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                promise = [ast.unparse(child.args), ast.get_docstring(child)]
                promise.append(child.returns and ast.unparse(child.returns))
                found[inner] = repr(promise)
            visit(child, inner)

    visit(ast.parse("\n".join(line.output for line in lines)), "")
    return found


def test_the_program_is_written_whole():
    program = load(Path(__file__).parents[2])
    assert not program.problems
    assert "\n".join(sorted(breaches(program))) == ""


# -- The rule itself, on a small book


PAGE = """\
```python {{file={path}}}
<<f>>


<<g>>
```

```python {{#f}}
def f(x: int = 1) -> int:
    \"\"\"One more.\"\"\"
    # It is one.
    return x + 1
```

```python {{#g}}
def g():
    pass
```

```diff {{#{name} edits={edits}}}
{lines}
```

{more}

```python {{file=test_f.py}}
USED = "a:new", "a:solution-new", "a:other"
```
"""
TWELVE = "\n".join(f"+    x += {n}" for n in range(12))
OTHER = "```diff {#other edits=new}\n-    return x + 2\n+    return x + 3\n```"
USER = "```python {file=PATH}\n<<new>>\n```"
BODY = "-    return x + 1\n+    return x + 2"
DEFAULT = "-def f(x: int = 1) -> int:\n+def f(x: int = 2) -> int:"
CASES = {
    "a body": ({}, []),
    "a comment": ({"lines": "-    # It is one.\n+    # Two."}, []),
    "a function more": ({"lines": " def f(x: int = 1) -> int:\n@@\n" + BODY}, []),
    "a default": ({"lines": DEFAULT}, ["a:new touches what f promises"]),
    "a docstring": (
        {"lines": '-    """One more."""\n+    """Two."""'},
        ["a:new touches what f promises"],
    ),
    "a name": (
        {"edits": "g", "lines": "-def g():\n+def h():"},
        ["a:new touches what g promises"],
    ),
    "an answer": ({"name": "solution-new", "lines": DEFAULT}, []),
    "twelve lines": ({"lines": f"     # It is one.\n{TWELVE}"}, []),
    "thirteen lines": (
        {"lines": f"     # It is one.\n{TWELVE}\n+    x += 12"},
        ["a:new changes more than 12 lines"],
    ),
    "a variant of a variant": ({"more": OTHER}, ["a:other edits the variant a:new"]),
    "a file": (
        {"more": USER.replace("PATH", "lib/u.py")},
        ["lib/u.py is made with the variant a:new"],
    ),
    "a program in steps": ({"more": USER.replace("PATH", "lib/baseline.py")}, []),
    "an optional file": ({"more": USER.replace("PATH", "u.py .optional")}, []),
    "a program in steps may be a chain": (
        {
            "more": OTHER
            + "\n\n"
            + USER.replace("new", "other").replace("PATH", "lib/baseline.py")
        },
        [],
    ),
}


@pytest.mark.parametrize("parts, expected", CASES.values(), ids=CASES)
def test_the_rule(project: Project, parts, expected):
    default = {"path": "f.py", "name": "new", "edits": "f", "lines": BODY, "more": ""}
    text = PAGE.format(**{**default, **parts})
    program = load(project.write({"book/a.md": text}).root)
    assert not program.problems and not program.warnings
    assert [*breaches(program)] == expected


# -- The form of a chapter ------------------------------------------------------------

BOOK = Path(__file__).parents[2] / "book"
BACK = ":::{admonition} The back of this chapter\n:class: back-begins\n"
CARD = ":::{admonition} This chapter\n:class: chapter-card\n"
NO_PROSE = re.compile(
    r"^(`{3,}|~{3,}).*?^\1\s*$|\$\$.*?\$\$|^[:#★].*?$|\A---\n.*?^---$",
    re.DOTALL | re.M,
)


def words(text: str) -> int:
    """How many words of prose there are: no code, displays, options or headings, nor
    the line under an exercise that says how hard it is and how to start it."""
    return len(NO_PROSE.sub("", text).split())


def test_words_are_those_of_the_prose():
    text = "---\na: b\n---\n# T\nOne $x$ two.\n$$\na = b\n$$\n\n```python\nx = 1\n```\n"
    text += ":::{note} N\n:class: c\nThree.\n\n★☆ · derive · 5 minutes\n:::\n"
    assert words(text) == 4


@pytest.mark.parametrize(
    "path",
    [path for path in BOOK.rglob("*.md") if BACK in path.read_text()],
    ids=lambda path: path.stem,
)
def test_a_front_is_no_longer_than_2500_words(path: Path):
    front, _ = path.read_text().split(BACK)
    assert front.count(CARD) == 1
    assert words(front) <= 2500
