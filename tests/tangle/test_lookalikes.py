"""What looks like a reference, a tangled block or a chapter, and is none.

Nothing of it may be lost, or written out as it is, without a word.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import CONFIG, Project
from tangle import syntax

Page = Callable[[str], Project]
ESCAPE = "a literal one is written @"


def block(attributes: str, *lines: str, language: str = "sh") -> str:
    return "\n".join([f"```{language} {{{attributes}}}", *lines, "```", ""])


USED = block("file=used.sh", "<<load-data>>") + block("#load-data", "load")

# Lines of C and a shell that name the chunk load-data, or nearly so, or seem to.
MEANT = [
    "<<laod-data>>;",
    "  f(<<load-dat>>, 3)",
    "<<load_data>> # words",
    "<<Load Data>>",
    "  <<load.data()>>",
    "x = <<load-data>>",
    "run <<load-dat>> <<load-data>>",
    # With no name near, but where no shift and no document in place can stand.
    "<<first steps>>",
    "<<Main.Loop>>",
    "<<something>>;  // later",
    "call(<<something-else>>)",
    "<<q:r>>, -- words",
]


@pytest.mark.parametrize("line", MEANT)
def test_what_looks_like_a_reference_is_an_error_at_its_line(page: Page, line: str):
    project = page(USED + block("file=a.c", "int x;", line, language="c"))
    problems = project.run().problems
    assert problems and project.outputs() == {}
    assert all(problem.startswith("book/a.md:9: <<") for problem in problems)


def test_a_misspelt_reference_names_what_it_may_have_meant(page: Page):
    project = page(USED + block("file=a.sh", "go <<load-dat>>; stop"))
    assert project.run().problems == [
        "book/a.md:8: <<load-dat>> looks like a reference, alone on its line; did you "
        f"mean <<load-data>>?; {ESCAPE}<<load-dat>>"
    ]


CODE = [
    "cat <<EOF>>out.txt",
    "cat <<EOF >>out.txt",
    "std::cout << a<<b>>c;",
    "y = x<<n>>m;",
    "class A <<interface>> {",
    "x <<= 2; y >>= 2;",
    '"<<" and ">>"',
    "read <<<word >>log",
    "@decorated",
    "user@host",
]


@pytest.mark.parametrize("line", CODE)
def test_the_languages_own_signs_are_code(page: Page, line: str):
    page(USED + block("file=a.cpp", line, language="cpp")).tangle()
    assert page(USED).root.joinpath("a.cpp").read_text().split("\n")[1] == line


# What is written in a block, and the line that it becomes; elsewhere than in Python.
ESCAPED = {
    "cat @<<load-data>>log.txt": "cat <<load-data>>log.txt",
    "@<<load-data>> # words": "<<load-data>> # words",
    "  @<<load-data>>": "  <<load-data>>",
    "@@<<load-data>>": "@<<load-data>>",
    "a@@<<load-data>> @<<load-data>>": "a@<<load-data>> <<load-data>>",
    "f(@<<some words>>)": "f(<<some words>>)",
    "@<<<<<<< HEAD": "<<<<<<< HEAD",
    "@>>>>>>> branch": ">>>>>>> branch",
}


def test_an_at_sign_makes_it_literal(page: Page):
    """And an edit of such a line is carried back, the sign with it."""
    project = page(USED + block("file=a.sh", *ESCAPED))
    project.tangle()
    assert project.read("a.sh").splitlines() == [*ESCAPED.values()]
    text = (project.root / "a.sh").read_text()
    (project.root / "a.sh").write_text(text.replace("log.txt", "new.txt"))
    assert project.run("patch").code == 0
    chapter = (project.root / "book/a.md").read_text()
    assert "\ncat @<<load-data>>new.txt\n" in chapter
    assert project.run("--check").code == 0


def test_in_python_only_a_line_of_its_own_needs_the_sign(page: Page):
    lines = ['"<<load-data>> @<<load-data>>"', 's = """', "@<<load-data>>", '"""']
    project = page(USED + block("file=a.py", *lines, language="python"))
    project.tangle()
    assert project.read("a.py") == (
        '"<<load-data>> @<<load-data>>"\ns = """\n<<load-data>>\n"""\n'
    )


@pytest.mark.parametrize("language", ["python", "sh"])
@pytest.mark.parametrize(
    "text", ["x", "<<a>>", "@<<b:c-d>>", " @@<<a>> ", "x <<a>> y@"]
)
def test_written_is_undone_by_literal(text: str, language: str):
    given = syntax.written(text, language)
    assert syntax.REFERENCE_LINE.fullmatch(given) is None
    assert syntax.literal(given, language) == text


# Conflicts.

SIDES = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> branch"


@pytest.mark.parametrize("language", ["python", "sh", "yaml", "text"])
def test_a_conflict_in_code(page: Page, language: str):
    project = page(block("file=a.txt", SIDES, language=language))
    assert project.run().problems == [
        "book/a.md:2: a conflict of a merge, <<<<<<<: choose a side",
        "book/a.md:6: a conflict of a merge, >>>>>>>: choose a side",
    ]
    assert project.outputs() == {}


def test_a_conflict_around_code_and_in_prose(page: Page):
    one, two = block("file=a.sh", "1"), block("file=b.sh", "2")
    sides = f"<<<<<<< HEAD\n{one}||||||| base\n=======\n{two}>>>>>>> branch\n"
    lines = [problem.split(":")[1] for problem in page(sides).run().problems]
    assert lines == ["1", "5", "10"]


def test_a_conflict_that_is_an_example(page: Page):
    shown = f"```text\n{SIDES}\n```\n\n````{{code-block}} text\n{SIDES}\n````\n"
    page(f"Title\n=======\n\n> quoted\n\n{shown}{USED}").tangle()


def test_a_conflict_in_a_generated_file(page: Page):
    """In its header, as after a merge of two branches, or in its code."""
    project = page(block("file=a.sh", "x = 1"))
    project.tangle()
    text = (project.root / "a.sh").read_text()
    header, line = text.splitlines()
    for broken in (
        f"<<<<<<< HEAD\n{header}\n=======\n{header[:-1]}x\n>>>>>>> b\n{line}\n",
        f"{header}\n<<<<<<< HEAD\n{line}\n=======\ny\n>>>>>>> b\n",
    ):
        (project.root / "a.sh").write_text(broken)
        assert project.run().problems[0] == (
            "a.sh:1: holds a conflict of a merge; `--force a.sh` makes it from the "
            "chapters"
        )
        before = (project.root / "book/a.md").read_text()
        assert project.run("patch").code == 1
        assert (project.root / "book/a.md").read_text() == before
        assert project.run("--force", "a.sh").code == 0
        assert (project.root / "a.sh").read_text() == text


# Line endings.


def test_a_checkout_that_ends_lines_otherwise(page: Page):
    project = page(block("file=a.py", "x = 1", language="python"))
    project.tangle()
    before = project.outputs()
    dos = before["a.py"].replace(b"\n", b"\r\n")
    (project.root / "a.py").write_bytes(dos)
    message = (
        "a.py:1: has lines that end in \\r\\n, as an editor or Git's core.autocrlf "
        "makes them; `--force a.py` ends them in \\n, and drops other edits"
    )
    for command in ((), ("patch",)):
        assert project.run(*command).problems[0] == message
    assert project.run("--check").code == 1
    chapter = (project.root / "book/a.md").read_text()
    page(chapter.replace("x = 1", "x = 2"))
    assert project.run("patch").problems[0] == message
    page(chapter)
    assert project.outputs() == {"a.py": dos}
    assert project.run("--force", "a.py").code == 0
    assert project.outputs() == before


def test_an_edit_in_such_a_file_is_carried_back(page: Page):
    project = page(block("file=a.py", "x = 1", language="python"))
    project.tangle()
    dos = project.outputs()["a.py"].replace(b"\n", b"\r\n")
    (project.root / "a.py").write_bytes(dos.replace(b"x = 1", b"x = 2"))
    assert "a.py:1: has lines that end in" in project.run("patch").err
    assert "\nx = 2\n" in (project.root / "book/a.md").read_text()
    assert project.run("--force", "a.py").code == 0
    assert project.read("a.py") == "x = 2\n"


# Blocks where tangle takes no notice of them.

PART = "text\n\n```python {file=h.py}\nx = 1\n```\n"


@pytest.mark.parametrize(
    "fence",
    ["```{include} ../../parts/p.md\n```\n", ":::{include} /../parts/p.md\n:::\n"],
)
def test_a_file_that_is_included_may_hold_no_block(project: Project, fence: str):
    project.write({"parts/p.md": PART, "book/part/a.md": f"text\n\n{fence}"})
    assert project.run().problems == [
        "book/part/a.md:3: `{include}` of parts/p.md, which holds a tangled block"
    ]


def test_neither_may_one_that_it_includes(project: Project):
    include = "```{{include}} {}\n```\n"
    project.write(
        {
            "parts/p.md": include.format("q/r.md") + include.format("p.md"),
            "parts/q/r.md": include.format("../p.md") + PART,
            "book/a.md": f"> {include.format('../parts/p.md')[:-1].replace('`', '~')}",
            "book/b.md": include.format("a.md"),
        }
    )
    project.write({"book/a.md": include.format("../parts/p.md")})
    lines = [problem.split(",")[0] for problem in project.run().problems]
    assert lines == [
        "book/a.md:1: `{include}` of parts/q/r.md",
        "book/b.md:1: `{include}` of parts/q/r.md",
    ]


def test_an_included_file_that_holds_none(project: Project):
    """Or is shown as text, or is not there, which is for Sphinx to say."""
    project.write(
        {
            "parts/p.md": "text\n\n```python\nx = 1\n```\n",
            "parts/q.md": PART,
            "book/a.md": "```{include} ../parts/p.md\n```\n\n"
            "```{include} ../parts/q.md\n:literal:\n```\n\n"
            f"```{{include}} none.md\n```\n\n{USED}",
        }
    ).tangle()


NOT_TANGLED = {
    "a cell": (
        "```{code-cell} python {file=x.py}\nx = 1\n```\n",
        "1: `{code-cell}` is",
    ),
    "code": ("text\n\n```{code} c {#x}\nx\n```\n", "3: `{code}` is not tangled"),
    "colons": (":::{code-block} python {edits=x}\n1\n:::\n", "1: `{code-block}` is"),
    "an option": ("```python\n:file: x.py\nx = 1\n```\n", "1: not tangled"),
    "Quarto": ("```r\n#| file: x.R\nx\n```\n", "1: not tangled"),
    "Entangled": ("```js\n//| id: x\nx\n```\n", "1: not tangled"),
    "a reference in a cell": (
        "```{code-cell} python\n---\ntags: [a]\n---\nx = 1\nif x:\n    <<y>>\n```\n",
        "7: a reference in a cell",
    ),
}


@pytest.mark.parametrize("text, problem", NOT_TANGLED.values(), ids=NOT_TANGLED)
def test_code_that_looks_tangled_is_an_error(page: Page, text: str, problem: str):
    (found,) = page(text).run().problems
    assert found.startswith(f"book/a.md:{problem}")


def test_what_may_be_said_of_directives_and_examples(page: Page):
    project = page(
        ":::{admonition} On {eq}`x` and {#this}\n:::\n\n"
        "```{code-cell} python\ns = '''\n<<y>>\n'''\nx = 1 <<y>> 2\n```\n\n"
        "```yaml\n:file: x\n```\n\n```python\nfile: str = 'x'\n```\n\n"
        f"```{{figure}} a.png\n:name: x\n```\n\n{USED}"
    )
    project.write({"_config.yml": CONFIG}).tangle()
