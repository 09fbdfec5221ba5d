"""Variants that no longer fit, files that may do without, and several at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Project
from tangle import load, with_variants
from tangle.combine import lines_with_variants
from tangle.variants import Misfit

Page = Callable[[str], Project]
HERE = Path(__file__).parents[2]
LIB = """\
```python {file=lib.py}
<<half>>
```

```python {#half}
def half(x):
    y = x / 2
    return y
```

```python {file=test_lib.py}
VARIANTS = ["a:doubled", "a:nothing"]
```

"""
FREE = """\
```diff {#doubled edits=half}
-    y = x / 2
+    y = x * 2
```

```diff {#nothing edits=doubled}
-    return y
+    <<give-nothing>>
```

```python {#give-nothing}
return None
```
"""
NO_FIT = "the old lines must occur once in half, and occur nowhere"
CHANGED = LIB.replace("x / 2", "x / 2.0")


@pytest.fixture
def stale(page: Page) -> Project:
    """A book whose chapter has changed under variants that no file needs."""
    page(LIB + FREE).tangle()
    return page(CHANGED + FREE)


def test_a_free_variant_that_does_not_fit_is_a_warning(stale: Project):
    """One for all that rests on it, and the package is written."""
    warning = f"book/a.md:15: warning: {NO_FIT}\n"
    assert stale.run() == (0, "tangle: 2 files, 1 written, 1 unchanged\n", warning)
    assert "y = x / 2.0" in stale.read("lib.py")
    assert stale.run("--check") == (1, "", warning)


def test_it_stands_in_the_way_of_nothing(stale: Project):
    stale.run()
    assert stale.run("where", "lib.py:3") == (0, "book/a.md:7\n", "")
    file = stale.root / "lib.py"
    file.write_text(file.read_text().replace("return y", "return -y"))
    result = stale.run("patch")
    assert (result.code, result.problems) == (0, [f"book/a.md:15: warning: {NO_FIT}"])
    assert "    return -y\n```" in (stale.root / "book/a.md").read_text()


def test_a_patch_may_make_it_unfit(page: Page):
    project = page(LIB + FREE)
    project.tangle()
    file = project.root / "lib.py"
    file.write_text(file.read_text().replace("x / 2", "x / 4"))
    result = project.run("patch")
    assert (result.code, result.problems) == (0, [f"book/a.md:15: warning: {NO_FIT}"])
    assert project.run("--check").code == 1


def test_it_cannot_be_put_in_and_neither_can_what_rests_on_it(stale: Project):
    for name in ("a:doubled", "a:nothing"):
        result = stale.run("variant", "lib.py", name)
        assert result == (1, "", f"book/a.md:15: {NO_FIT}\n")


def test_warnings_are_shown_beside_errors_in_the_order_of_the_book(page: Page):
    project = page(CHANGED.replace("<<half>>", "<<half>>\n<<whole>>") + FREE)
    result = project.run()
    assert (result.code, project.outputs()) == (1, {})
    assert result.problems == [
        "book/a.md:3: undefined <<whole>>",
        f"book/a.md:16: warning: {NO_FIT}",
    ]


WRONG = {
    "what it edits does not exist": ("edits=half", "edits=halves", "15: undefined"),
    "what it refers to does not exist": ("<<give-", "<<take-", "22: undefined"),
    "nothing names it": ('"a:nothing"', "", "20: #nothing is never used"),
}


@pytest.mark.parametrize("old, new, problem", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("code", [LIB, CHANGED], ids=["fits", "does not fit"])
def test_its_names_must_be_right_whether_it_fits_or_not(page, old, new, problem, code):
    result = page((code + FREE).replace(old, new)).run()
    assert result.code == 1
    problems = [line for line in result.problems if "warning" not in line]
    assert any(line.startswith(f"book/a.md:{problem}") for line in problems)


def test_an_unfitting_variant_that_a_file_needs_is_an_error(page: Page):
    """Also where the file needs it only for what another variant makes of it."""
    root = "\n```python {file=b.py}\n<<nothing>>\n```\n"
    page(LIB + FREE + root).tangle()
    project = page(CHANGED + FREE + root)
    before = project.outputs()
    assert project.run().problems == [f"book/a.md:15: {NO_FIT}"]
    assert project.outputs() == before


# -- Optional files


OPTIONAL = "\n```python {file=b.py .optional}\n<<doubled>>\n```\n"
STAYS = "book/a.md:29: warning: b.py stays as it is"


def test_an_optional_file_stays_when_its_variant_does_not_fit(page: Page):
    page(LIB + FREE + OPTIONAL).tangle()
    project = page(CHANGED + FREE + OPTIONAL)
    old = (project.root / "b.py").read_bytes()
    assert b"y = x * 2" in old
    for arguments, code in ((), 0), (("--check",), 1), ((), 0):
        result = project.run(*arguments)
        problems = [f"book/a.md:15: warning: {NO_FIT}", STAYS]
        assert (result.code, result.problems) == (code, problems)
    assert (project.root / "b.py").read_bytes() == old
    assert "y = x / 2.0" in project.read("lib.py")


def test_an_optional_file_is_made_again_when_it_can_be(page: Page):
    page(LIB + FREE + OPTIONAL).tangle()
    page(CHANGED + FREE + OPTIONAL).run()
    fitting = FREE.replace("x / 2", "x / 2.0").replace("x * 2", "x * 3")
    page(CHANGED + fitting + OPTIONAL).tangle()
    project = page(CHANGED + fitting)  # and removed when the chapter drops it
    assert "y = x * 3" in project.read("b.py")
    project.tangle()
    assert not (project.root / "b.py").exists()


def test_an_optional_file_that_is_not_there_is_not_made(page: Page):
    project = page(CHANGED + FREE + OPTIONAL)
    assert project.run().code == 0
    assert {*project.outputs()} == {"lib.py", "test_lib.py"}


def test_variants_of_a_file_that_stays_as_it_is(page: Page):
    """Another variant cannot be put in there either, and it says why."""
    other = (
        "\n```python {#other}\nz = 1\n```\n\n```diff {#less edits=other}\n-z = 1\n```\n"
    )
    other += '\n```python {file=test_b.py}\nUSED = "a:less"\n```\n'
    text = FREE + OPTIONAL.replace("<<doubled>>", "<<doubled>>\n<<other>>") + other
    assert page(LIB + text).run("variant", "b.py", "a:less").code == 0
    result = page(CHANGED + text).run("variant", "b.py", "a:less")
    assert result == (1, "", f"book/a.md:15: {NO_FIT}\n")


def test_what_a_variant_makes_of_an_optional_file_may_be_no_python(page: Page):
    free = FREE.replace("+    y = x * 2", "+    while x:")
    text = LIB + free + OPTIONAL
    result = page(text).run()
    fault = "expected an indented block after 'while' statement on line 2 (in b.py)"
    assert (result.code, len(result.problems)) == (0, 2)
    assert result.problems == [f"book/a.md:8: warning: {fault}", STAYS]
    assert page(text.replace(" .optional", "")).run().problems == [
        f"book/a.md:8: {fault}"
    ]


def test_other_errors_of_an_optional_file_are_errors(page: Page):
    text = LIB + FREE + OPTIONAL.replace("<<doubled>>", "<<halved>>\n<<doubled>>")
    result = page(text).run()
    assert result.code == 1
    assert "book/a.md:30: undefined <<halved>>" in result.err


# -- Several at once


ABLATIONS = """\
```python {file=a.py}
<<one>>
<<two>>
```

```python {#one}
a = 1
b = 2
c = 3
```

```python {#one .extend}
d = 4
<<one-more>>
```

```python {#one-more}
e = 5
```

```python {#two}
f = 6
```

```python {file=test_a.py}
USED = "a:b" "a:c" "a:d" "a:ab" "a:bc" "a:after-a" "a:above-b" "a:not-c" "a:end" "a:f"
USED = "a:b-of-c" "a:with-reference" "a:open" "a:close" "a:e" "a:b-again"
```

"""


def diff(name: str, edits: str, *lines: str) -> str:
    return "\n".join([f"```diff {{#{name} edits={edits}}}", *lines, "```", "", ""])


ABLATIONS += "".join(
    [
        diff("b", "one", " a = 1", "-b = 2", "+b = 20", " c = 3"),
        diff("c", "one", "-c = 3", "+c = 30"),
        diff("d", "one", "-d = 4"),
        diff("ab", "one", "-a = 1", "-b = 2", "+ab = 12"),
        diff("bc", "one", "-b = 2", "-c = 3", "+bc = 23"),
        diff("after-a", "one", " a = 1", "+aa = 11"),
        diff("above-b", "one", "+bb = 22", " b = 2"),
        diff("not-c", "one", "-c = 3", "@@", "-d = 4"),
        diff("end", "one", " <<one-more>>", "+g = 7"),
        diff("f", "two", "-f = 6", "+<<one-more>>"),
        diff("b-of-c", "c", "-b = 2", "+b = 200"),
        diff("with-reference", "one", "-b = 2", "+<<two>>"),
        diff("open", "one", "-b = 2", "+b = ("),
        diff("close", "one", "-c = 3", "+)"),
        diff("e", "one-more", "-e = 5", "+e = 50"),
        diff("b-again", "one", "-b = 2", "+b = 20"),
    ]
)
FITTING = {
    "of one chunk": (["b", "d"], "a = 1|b = 20|c = 3|e = 5|f = 6"),
    "side by side": (["b", "c"], "a = 1|b = 20|c = 30|d = 4|e = 5|f = 6"),
    "of different chunks": (["b", "f"], "a = 1|b = 20|c = 3|d = 4|e = 5|e = 5"),
    "beside lines that one quotes": (
        ["after-a", "b"],
        "a = 1|aa = 11|b = 20|c = 3|d = 4|e = 5|f = 6",
    ),
    "three": (["end", "d", "b"], "a = 1|b = 20|c = 3|e = 5|g = 7|f = 6"),
    "a chain and another": (["b-of-c", "d"], "a = 1|b = 200|c = 30|e = 5|f = 6"),
    "a link of a chain and the chain": (
        ["c", "b-of-c"],
        "a = 1|b = 200|c = 30|d = 4|e = 5|f = 6",
    ),
    "one that another refers to": (
        ["with-reference", "f"],
        "a = 1|e = 5|c = 3|d = 4|e = 5|e = 5",
    ),
    "python only together": (
        ["open", "close"],
        "a = 1|b = (|)|d = 4|e = 5|f = 6",
    ),
    "below another": (["f", "e"], "a = 1|b = 2|c = 3|d = 4|e = 50|e = 50"),
    "one, twice": (["b", "b"], "a = 1|b = 20|c = 3|d = 4|e = 5|f = 6"),
    "none": ([], "a = 1|b = 2|c = 3|d = 4|e = 5|f = 6"),
}


@pytest.mark.parametrize("names, text", FITTING.values(), ids=FITTING)
def test_variants_are_put_in_together_in_any_order(page: Page, names, text):
    program = load(page(ABLATIONS).root)
    assert not program.problems and not program.warnings
    given = [f"a:{name}" for name in names]
    expected = text.replace("|", "\n") + "\n"
    assert with_variants(program, "a.py", *given) == expected
    assert with_variants(program, "a.py", *reversed(given)) == expected


MEETING = {
    "the same lines": (["b", "b-again"], "a:b and a:b-again"),
    "some lines": (["ab", "bc"], "a:ab and a:bc"),
    "new lines in one place": (["after-a", "above-b"], "a:above-b and a:after-a"),
    "one of many": (["end", "b", "bc"], "a:b and a:bc"),
    "of a chain": (["b-of-c", "b"], "a:b and a:b-of-c"),
    "one of two parts": (["bc", "not-c"], "a:bc and a:not-c"),
}


@pytest.mark.parametrize("names, both", MEETING.values(), ids=MEETING)
def test_variants_whose_lines_meet_are_named(page: Page, names, both):
    project = page(ABLATIONS)
    for order in (names, names[::-1]):
        result = project.run("variant", "a.py", *(f"a:{name}" for name in order))
        assert (result.code, result.out, len(result.problems)) == (1, "", 1)
        message = f"{both} edit the same lines of a:one\n"
        assert result.err.startswith("book/a.md:") and result.err.endswith(message)


def test_variants_of_a_variant_that_a_file_holds(page: Page):
    """They meet in the variant, though not in the chunk that it edits."""
    text = "```python {file=a.py}\n<<new>>\n```\n\n```python {#old}\na = 1\n```\n\n"
    text += '```python {file=b.py}\nUSED = "a:x" "a:y"\n```\n\n'
    text += diff("new", "old", "-a = 1", "+a = 2", "+b = 3")
    text += diff("x", "new", "-a = 2", "+a = 4") + diff("y", "new", "-b = 3", "+b = 5")
    program = load(page(text).root)
    assert with_variants(program, "a.py", "a:x", "a:y") == "a = 4\nb = 5\n"


def test_lines_know_where_they_were_written(page: Page):
    program = load(page(LIB + FREE).root)
    lines = lines_with_variants(program, "lib.py", "a:nothing")
    assert [line.origin.line for line in lines] == [6, 17, 26]


# -- The command


def test_a_file_with_variants_is_printed_and_nothing_is_written(page: Page):
    project = page(LIB + FREE)
    result = project.run("variant", "lib.py", "a:doubled")
    assert result == (0, "def half(x):\n    y = x * 2\n    return y\n", "")
    assert project.outputs() == {}


def test_a_path_from_a_folder_of_the_project(page: Page, monkeypatch):
    project = page(LIB + FREE)
    (project.root / "sub").mkdir()
    monkeypatch.chdir(project.root / "sub")
    assert project.run("variant", "../lib.py", "a:doubled").code == 0


NAMES = {
    "of no file": (["lob.py", "a:doubled"], "lob.py:1: no chapter makes this file"),
    "a near file": (["libs.py", "a:doubled"], "this file; did you mean lib.py"),
    "of nothing": (["lib.py", "a:xyz"], "lib.py:1: no variant is called a:xyz\n"),
    "misspelt": (["lib.py", "a:dubled"], "a:dubled; did you mean a:doubled?\n"),
    "without a chapter": (["lib.py", "doubled"], "doubled; did you mean a:doubled?\n"),
    "of a chunk": (["lib.py", "a:half"], "called a:half; did you mean a:doubled?\n"),
    "not in the file": (
        ["test_lib.py", "a:doubled"],
        "test_lib.py:1: holds nothing that a:doubled edits\n",
    ),
    "one of two not in the file": (["a.py", "a:b", "b:z"], "nothing that b:z edits\n"),
}


@pytest.mark.parametrize("arguments, problem", NAMES.values(), ids=NAMES)
def test_a_wrong_name_gets_one_line(project: Project, arguments, problem):
    other = ABLATIONS.replace("a:", "b:").replace("file=", "file=z")
    other += diff("z", "two", "-f = 6")
    other = other.replace('USED = "', 'USED = "b:z" "', 1)
    files = {"book/a.md": LIB + FREE, "book/b.md": other}
    if arguments[0] == "a.py":
        files["book/a.md"] = ABLATIONS
    result = project.write(files).run("variant", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert problem in result.err


def test_a_name_in_two_chapters_of_one_stem(project: Project):
    project.write({f"book/{folder}/a.md": LIB + FREE for folder in "xy"})
    project.write({"book/y/a.md": (LIB + FREE).replace("file=", "file=y/")})
    result = project.run("variant", "lib.py", "a:doubled")
    problem = "several chapters are called a: book/x/a.md, book/y/a.md"
    assert result == (1, "", f"lib.py:1: {problem}\n")


def test_a_variant_that_is_no_python(page: Page):
    """It is free, so tangle does not mind; who puts it in sees the chapter's line."""
    project = page(LIB + FREE.replace("+    y = x * 2", "+    y = x *"))
    project.tangle()
    result = project.run("variant", "lib.py", "a:doubled")
    assert result == (1, "", "book/a.md:17: invalid syntax (in lib.py)\n")


def test_of_a_book_with_errors(page: Page):
    project = page(LIB.replace("<<half>>", "<<hlf>>") + FREE)
    result = project.run("variant", "lib.py", "a:doubled")
    assert result.code == 1
    assert "undefined <<hlf>>" in result.err


def test_without_a_name(page: Page):
    assert page(LIB + FREE).run("variant", "lib.py").code == 2


def test_what_is_printed_is_utf_8_whatever_the_locale(page: Page):
    project = page(LIB + FREE.replace("+    y = x * 2", "+    y = x * 2  # λ"))
    run = subprocess.run(
        [sys.executable, "-m", "tangle", "variant", "lib.py", "a:doubled"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert run.stdout.decode() == "def half(x):\n    y = x * 2  # λ\n    return y\n"


def test_a_misfit_says_where_and_why(stale: Project):
    with pytest.raises(Misfit, match=rf"^book/a.md:15: {NO_FIT}$"):
        with_variants(load(stale.root), "lib.py", "a:doubled")
