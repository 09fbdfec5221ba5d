"""Fifty inputs on which other tools lost code, or wrote what no page shows.

Each, the 18th in test_cli.py, has the files that it makes, or the problems that it has in book/a.md.
"""

from __future__ import annotations

import os

import pytest

from conftest import Project

F, T = "```", "````"
X = f"{F}python {{file=a.py}}\n<<x>>\n{F}\n"  # lines 1 to 3
Y = f"{F}python {{#x}}\nx = 1\n{F}\n"
B = Y.replace("1", "2")
OK = {"a.py": "x = 1\n"}

Expected = dict[str, str] | list[str]
INPUTS: dict[str, tuple[str | bytes, Expected]] = {
    "01 references, a continuation, another chapter": (
        f"{F}python {{file=a.py}}\n<<x>>\n<<b:x>>\n{F}\n{Y}"
        f"{F}python {{#x .extend}}\n<<y>>\n{F}\n{F}python {{#y}}\ny = 3\n{F}\n",
        {"a.py": "x = 1\ny = 3\nx = 2\n"},
    ),
    "02 indented reference, blank lines": (
        f"{F}python {{file=a.py}}\nif 1:\n  <<x>>\n{F}\n"
        f"{F}python {{#x}}\na\n\nb\n{F}\n",
        {"a.py": "if 1:\n  a\n\n  b\n"},
    ),
    "03 undefined reference": (X, ["2: undefined <<x>>"]),
    "04 cycle": (
        f"{X}{F}python {{#x}}\n<<y>>\n{F}\n{F}python {{#y}}\n<<x>>\n{F}\n",
        ["8: cycle: x → y → x"],
    ),
    "05 one file twice": (
        X + Y + X.replace("<<x>>", "pass"),
        ["7: file=a.py is given twice, first at book/a.md:1"],
    ),
    "06 two names with one file": (
        f"{F}python {{#x file=a.py}}\n{F}\n{F}python {{#y file=a.py}}\n{F}\n",
        ["3: file=a.py is given twice, first at book/a.md:1"],
    ),
    "07 unused chunk": (Y, ["1: #x is never used"]),
    "08 no closing brace": (
        f"{F}python {{file=a.py\nx = 1\n{F}\n",
        [
            "1: malformed fence `python {file=a.py`: expected only a language, a blank "
            "and attributes in braces, python {#name}"
        ],
    ),
    "09 a quotation mark not closed": (
        f'{F}python {{file="a b.py}}\nx = 1\n{F}\n',
        [
            '1: malformed fence `python {file="a b.py}`: expected only a language, a '
            "blank and attributes in braces, python {#name}"
        ],
    ),
    "10 an attribute that is none": (
        f"{F}python {{file=a.py %%%}}\nx = 1\n{F}\n",
        ["1: malformed attributes: cannot read `%%%`"],
    ),
    "11 brace in a value": (
        f'{F}python {{file="{{}}.py"}}\nx = 1\n{F}\n',
        {"{}.py": OK["a.py"]},
    ),
    "12 unknown language": (f"{F}Python3.11 {{file=a.py}}\nx = 1\n{F}\n", OK),
    "13 no language": (
        f"{F}{{file=a.py}}\nx = 1\n{F}\n",
        [
            "1: malformed fence `{file=a.py}`: expected only a language, a blank and "
            "attributes in braces, python {#name}"
        ],
    ),
    "14 unterminated": (
        f"{Y}{F}python {{file=a.py}}\n<<x>>\n",
        ["4: unterminated fence"],
    ),
    "15 carriage returns": ((X + Y).replace("\n", "\r\n"), OK),
    "17 names beyond ASCII": (
        (X + Y).replace("x>>", "größe>>").replace("#x", "#größe"),
        OK,
    ),
    "19 Latin-1": (b"line\n\xe9t\xe9\n", ["2: not UTF-8; save the file as UTF-8"]),
    "20 byte order mark": ("\ufeff" + X + Y, OK),
    "21 tabs": (
        f"{F}make {{file=Makefile}}\na:\n\t<<x>>\n{F}\n{F}make {{#x}}\nb\n\tc\n{F}\n",
        {"Makefile": "a:\n\tb\n\t\tc\n"},
    ),
    "22 shifts": (
        f"{F}python {{file=a.py}}\na << b >> c\n{F}\n"
        f"{F}cpp {{file=a.cpp}}\nstd::cout << b << c;\na<<b>>c;\n{F}\n",
        {"a.py": "a << b >> c\n", "a.cpp": "std::cout << b << c;\na<<b>>c;\n"},
    ),
    "23 a reference line in a string": (
        f'{F}python {{file=a.py}}\ns = """\n@<<x>>\n<<x>>\n"""\n{F}\n{Y}',
        {"a.py": 's = """\n<<x>>\nx = 1\n"""\n'},
    ),
    "24 in a string, in a comment": (
        f'{F}python {{file=a.py}}\n<<x>>\n"<<x>>"  # <<x>>\n{F}\n{Y}',
        {"a.py": 'x = 1\n"<<x>>"  # <<x>>\n'},
    ),
    "25 within a line": (
        f"{F}python {{file=a.py}}\n<<x>>\ny = <<x>>\n{F}\n{Y}",
        [
            "3: <<x>> beside code: a reference stands alone on its line "
            "(shifts are written with blanks)"
        ],
    ),
    "26 a name with a blank": (
        f"{F}python {{file=a.py}}\n<<my chunk>>\n{F}\n",
        ["2: invalid syntax (in a.py)"],
    ),
    "27 list by tab": (f"1.\titem\n\n\t{F}python {{file=a.py}}\n\tx = 1\n\t{F}\n", OK),
    "28 on the bullet line": (f"- {F}python {{file=a.py}}\n  x = 1\n  {F}\n", OK),
    "29 under-indented in a list": (
        f"- {F}python {{file=a.py}}\n  x = 1\n y = 2\n",
        ["1: unterminated fence"],
    ),
    "30 block quote": (f"> {F}python {{file=a.py}}\n> x = 1\n> {F}\n", OK),
    "31 note of colons": (f":::{{note}}\n{X}{Y}:::\n", OK),
    "32 note of backticks": (f"{T}{{tip}}\n{X}{T}\n\n{T}{{note}}\n{Y}{T}\n", OK),
    "33 example in a longer fence": (f"{X}{Y}{T}markdown\n{X}{T}\n", OK),
    "33 example in tildes": (f"{X}{Y}~~~text\n{X}~~~\n", OK),
    "33 example in a comment": (f"{X}{Y}\n<!--\n{X}-->\n", OK),
    "34 tilde fence": ("~~~python {file=a.py}\nx = 1\n~~~\n", OK),
    "35 longer fence": (f"{T}python {{file=a.py}}\nx = 1\n{T}\n", OK),
    "36 longer closing fence": (f"{F}python {{file=a.py}}\nx = 1\n{T}`\n\nprose\n", OK),
    "37 indented code": (f"{X}{Y}\ntext\n\n    {F}python {{file=b.py}}\n    {F}\n", OK),
    "38 a bare fence in the body": (
        f"{F}python {{file=a.py}}\nx = 1\n{F}\ny = 2\n{F}\n",
        ["5: unterminated fence"],
    ),
    "39 empty file": (f"{F}python {{file=a.py}}\n{F}\n", {"a.py": ""}),
    "40 empty chunk": (
        f"{F}python {{file=a.py}}\nx = 1\n<<x>>\n{F}\n{F}python {{#x}}\n{F}\n",
        OK,
    ),
    "41 blanks at the end of a line": (
        f"{F}python {{file=a.py}}\nx = 1  \n{F}\n",
        {"a.py": "x = 1  \n"},
    ),
    "42 blank lines at the end of a chunk": (
        f"{F}python {{file=a.py}}\n<<x>>\n<<x>>\n{F}\n{F}python {{#x}}\na\n\n\n{F}\n",
        {"a.py": "a\n\n\na\n\n\n"},
    ),
    "43 outside": (
        f"{F}python {{file=../a.py}}\n{F}\n",
        ["1: file=../a.py leads outside the project"],
    ),
    "44 absolute": (
        f"{F}python {{file=/tmp/a.py}}\n{F}\n",
        ["1: file=/tmp/a.py leads outside the project"],
    ),
    "45 a file and a folder": (
        f"{F}python {{file=x.py}}\n{F}\n{F}python {{file=x.py/y.py}}\n{F}\n",
        ["3: file=x.py/y.py needs a folder where the file x.py is"],
    ),
    "48 names with dots and slashes": (
        Y.replace("#x", "#a.b/c"),
        ["1: `#a.b/c` is not a name: words joined by hyphens"],
    ),
}


@pytest.mark.parametrize("text, expected", INPUTS.values(), ids=INPUTS)
def test_input(project: Project, text: str | bytes, expected: Expected):
    encoded = text.encode() if isinstance(text, str) else text
    project.write({"book/a.md": text, "book/b.md": B if b"<<b:" in encoded else ""})
    result = project.run()
    if isinstance(expected, list):
        assert result.problems == [f"book/a.md:{problem}" for problem in expected]
        assert (result.code, project.outputs()) == (1, {})
    else:
        assert (result.code, result.err) == (0, "")
        assert {path: project.read(path) for path in project.outputs()} == expected


def test_16_carriage_returns_and_an_edit_carried_back(project: Project):
    text = (X + Y).replace("\n", "\r\n")
    project.write({"book/a.md": text}).tangle()
    path = project.root / "a.py"
    path.write_text(path.read_text().replace("x = 1", "x = 2"))
    assert project.run("patch").code == 0
    chapter = (project.root / "book/a.md").read_bytes()
    assert chapter == text.replace("x = 1", "x = 2").encode()


def test_46_modes_are_those_that_umask_leaves(project: Project):
    old = os.umask(0o027)
    try:
        project.write({"book/a.md": X + Y}).tangle()
    finally:
        os.umask(old)
    assert (project.root / "a.py").stat().st_mode & 0o777 == 0o640


def test_47_a_link_where_a_file_is_to_be(project: Project):
    target = project.root / "mine"
    target.write_text("mine")
    (project.root / "a.py").symlink_to(target)
    assert project.write({"book/a.md": X + Y}).run().problems == [
        "book/a.md:1: file=a.py is in the way: it is not a regular file on the disk"
    ]
    assert target.read_text() == "mine"


def test_49_a_chain_of_references(project: Project):
    links = (f"{F}python {{#x-{n}}}\n<<x-{n + 1}>>\n{F}\n" for n in range(400))
    text = X.replace("<<x>>", "<<x-0>>") + "".join(links)
    project.write({"book/a.md": text + Y.replace("#x", "#x-400")}).tangle()
    assert project.read("a.py") == "x = 1\n"


def test_50_the_order_is_that_of_the_table_of_contents(project: Project):
    """And not that of names or of the folder."""
    names = ["b", "10", "9", "a"]
    chapters = {
        f"book/{name}.md": f"{F}python {{file={name}.py}}\n<<x>>\n{F}\n"
        for name in names
    }
    problems = project.write(chapters).run().problems
    assert problems == [f"book/{name}.md:2: undefined <<x>>" for name in names]
