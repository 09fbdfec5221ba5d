"""What is a tangled block, and what is wrong with one that is not quite."""

from __future__ import annotations

import pytest
from myst_parser.config.main import MdParserConfig

from conftest import CONFIG, Project
from tangle.model import Block
from tangle.page import Reader
from tangle.read import DEFAULT_EXTENSIONS

SYNTAX = {*DEFAULT_EXTENSIONS, "dollarmath", "deflist", "amsmath"}


def read(text: str) -> tuple[list[Block], list[str]]:
    chapter = Reader(MdParserConfig(enable_extensions=SYNTAX)).read("a.md", text)
    return list(chapter.blocks), [str(problem) for problem in chapter.problems]


def only(text: str) -> Block:
    blocks, problems = read(text)
    assert problems == []
    (block,) = blocks
    return block


def test_a_block_has_all_that_its_attributes_say():
    block = only(
        "text\n\n```python {#gae file=lib/gae.py implements=eq-gae"
        ' checks="eq-td eq-mc"}\nx = 1\n\n```\n'
    )
    assert (block.language, block.name, block.file) == ("python", "gae", "lib/gae.py")
    assert (block.implements, block.checks) == (("eq-gae",), ("eq-td", "eq-mc"))
    assert block.lines == ("x = 1", "")
    assert str(block.place) == "a.md:3"
    assert str(block.place_of(0)) == "a.md:4"


FOUND = {
    "tilde fence": "~~~python {#x}\nCODE\n~~~\n",
    "long fence": "`````python {#x}\nCODE\n`````\n",
    "longer closing fence": "```python {#x}\nCODE\n``````\n\nprose\n",
    "blanks": "   ```   python   {  #x  }  \n   CODE\n   ```\n",
    "carriage returns": "text\r\n\r\n```python {#x}\r\nCODE\r\n```\r\n",
    "front matter": "---\ntitle: t\n---\n\n```python {#x}\nCODE\n```\n",
    "list": "- item\n\n  ```python {#x}\n  CODE\n  ```\n",
    "ordered list": "1. item\n   ```python {#x}\n   CODE\n   ```\n",
    "list by tab": "-\titem\n\n\t```python {#x}\n\tCODE\n\t```\n",
    "on the bullet line": "- ```python {#x}\n  CODE\n  ```\n",
    "block quote": "> ```python {#x}\n> CODE\n> ```\n",
    "note of colons": ":::{note}\n```python {#x}\nCODE\n```\n:::\n",
    "note of backticks": "````{note}\n```python {#x}\nCODE\n```\n````\n",
    "options": "````{tip}\n:class: c\n:name: n\n\n```python {#x}\nCODE\n```\n````\n",
    "YAML options": "````{tip}\n---\nname: n\n---\n```python {#x}\nCODE\n```\n````\n",
    "tabs": (
        "`````{tab-set}\n````{tab-item} A\n:sync: a\n```python {#x}\nCODE\n```\n"
        "````\n`````\n"
    ),
    "tabs of colons": (
        "::::{tab-set}\n:::{tab-item} A\n```python {#x}\nCODE\n```\n:::\n::::\n"
    ),
    "div": "::: aside\n```python {#x}\nCODE\n```\n:::\n",
    "proof": "````{prf:proof}\n- ```python {#x}\n  CODE\n  ```\n````\n",
    "solution": "````{solution} ex\n```python {#x}\nCODE\n```\n````\n",
    "upper case": "````{Note}\n```python {#x}\nCODE\n```\n````\n",
    "footnote": "a[^1]\n\n[^1]:\n    ```python {#x}\n    CODE\n    ```\n",
    "definition": "term\n: ```python {#x}\n  CODE\n  ```\n",
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_a_block_is_found_with_its_place(text):
    block = only(text)
    assert (block.name, block.lines) == ("x", ("CODE",))
    rows = text.replace("\r", "").split("\n")
    assert "CODE" in rows[block.place_of(0).line - 1]
    assert "python" in rows[block.place.line - 1]


TEXT = {
    "illustration": "```python\nx = 1\n```\n",
    "no language": "```\nx\n```\n",
    "cell": "```{code-cell} ipython3\nx = 1\n```\n",
    "longer fence": "````markdown\n```python {#x}\nCODE\n```\n````\n",
    "fence of tildes": "~~~text\n```python {#x}\nCODE\n```\n~~~\n",
    "comment": "<!--\n```python {#x}\nCODE\n```\n-->\n",
    "indented code": "text\n\n    ```python {#x}\n    CODE\n    ```\n",
    "code-block": "````{code-block} markdown\n```python {#x}\nCODE\n```\n````\n",
    "eval-rst": "````{eval-rst}\n```python {#x}\nCODE\n```\n````\n",
    "longer fence in a note": (
        "`````{note}\n````markdown\n```python {#x}\nCODE\n```\n````\n`````\n"
    ),
    "inline code": "`` ```python {#x} ``\n",
    "unknown directive without a block": "```{unknown}\n```\n\n```{other}\ntext\n```\n",
}


@pytest.mark.parametrize("text", TEXT.values(), ids=TEXT)
def test_text_is_not_a_block(text):
    assert read(text) == ([], [])


EXPECTED = "expected only a language, a blank and attributes in braces, python {#name}"
NEEDS_NAME = "a tangled block needs a name, `#name`, or a file, `file=path`"
CONTINUATION = "a continuation is `#name .extend`, without `file` or `edits`"
VARIANT = "a variant is written ```diff {#name edits=other-name}"
MALFORMED = {
    "python {#x": f"malformed fence `python {{#x`: {EXPECTED}",
    "python {#x} text": f"malformed fence `python {{#x}} text`: {EXPECTED}",
    "python {#x} {y}": f"malformed fence `python {{#x}} {{y}}`: {EXPECTED}",
    'python {file="a b}': f'malformed fence `python {{file="a b}}`: {EXPECTED}',
    "python{#x}": f"malformed fence `python{{#x}}`: {EXPECTED}",
    "{#x}": f"malformed fence `{{#x}}`: {EXPECTED}",
    "{.python #x}": f"malformed fence `{{.python #x}}`: {EXPECTED}",
    "{file=a.py}": f"malformed fence `{{file=a.py}}`: {EXPECTED}",
    "{note": f"malformed fence `{{note`: {EXPECTED}",
    "python #x": f"malformed fence `python #x`: {EXPECTED}",
    "python file=a.py": f"malformed fence `python file=a.py`: {EXPECTED}",
    "python #x}": f"malformed fence `python #x}}`: {EXPECTED}",
    "python {#x #y}": "attribute `#` is given twice",
    "python {#x .extend .extend}": "attribute `.extend` is given twice",
    "python {file=a.py file=a.py}": "attribute `file=` is given twice",
    "python {#x colour=red}": "unknown attribute `colour=red`",
    "python {#x .numbered}": "unknown attribute `.numbered`",
    "python {}": NEEDS_NAME,
    "python {implements=eq}": NEEDS_NAME,
    "python {.extend}": NEEDS_NAME,
    "python {file=a.py .extend}": CONTINUATION,
    "python {#x .optional}": "only a file can be optional: `file=path .optional`",
    "python {file=a.py .optional .optional}": "attribute `.optional` is given twice",
    "python {#x .extend file=a.py}": CONTINUATION,
    "diff {#x .extend edits=y}": CONTINUATION,
    "python {#x edits=y}": VARIANT,
    "diff {file=a.py edits=y}": VARIANT,
    "diff {#x edits=a:b:c}": "`edits=a:b:c` is not the name of a chunk",
    "python {#x file=}": "malformed attributes: cannot read `file=`",
    'python {#x file=""}': "attribute `file=` is empty",
    "python {#x file='a.py'}": "malformed attributes: cannot read `file='a.py'`",
    "python {#x %%%}": "malformed attributes: cannot read `%%%`",
    "python {1,3}": "malformed attributes: cannot read `1,3`",
    "python {#x-}": "`#x-` is not a name: words joined by hyphens",
    "python {#a.b/c}": "`#a.b/c` is not a name: words joined by hyphens",
}


@pytest.mark.parametrize("info", MALFORMED)
def test_a_malformed_fence_is_an_error_at_its_line(info):
    _, problems = read(f"text\n\n```{info}\n```\n")
    assert problems == [f"a.md:3: {MALFORMED[info]}"]


def test_quoted_values_and_paths_without_quotes():
    assert only('```python {file="a b/c.py"}\n```\n').file == "a b/c.py"
    assert only("```python {file=a-b/c_{d.py}\n```\n").file == "a-b/c_{d.py"
    assert only("```python {#größe}\n```\n").name == "größe"
    assert only('```python {#x implements="a}b"}\n```\n').implements == ("a}b",)


UNTERMINATED = {
    "to the end": ("text\n\n```python {#x}\ncode\n", 3),
    "to the end, empty": ("text\n\n```python {#x}", 3),
    "to the end of an item": ("- ```python {#x}\n  code\n\nprose\n", 1),
    "under-indented": ("- a\n\n  ```python {#x}\n under\n  ```\n", 3),
    "to the end of a quote": ("> ```python {#x}\n> code\n\nprose\n", 1),
    "colons": ("text\n\n:::{note}\n```python {#x}\n```\n", 3),
    "closed by the next block": (
        "```python {#x}\ncode\n\nprose\n\n```python {#y}\n```\n",
        1,
    ),
    "an illustration closed by a block": ("```python\n\n~~~\n```python {#y}\n```\n", 1),
    "a cell closed by a block": ("```{code-cell}\n1\n\n```python {#y}\n```\n", 1),
    "a bare fence in the body": ("```python {#x}\n```\n\n```\n", 4),
}


@pytest.mark.parametrize("text, line", UNTERMINATED.values(), ids=UNTERMINATED)
def test_an_unterminated_fence_is_an_error_at_its_line(text, line):
    _, problems = read(text)
    assert problems[0].startswith(f"a.md:{line}: unterminated fence")


def test_one_fault_of_a_fence_is_one_error():
    _, problems = read("```{code-cell}\n1\n\n```python {#y}\n")
    assert problems == ["a.md:1: unterminated fence"]


def test_a_note_closed_by_the_fence_in_it():
    _, problems = read("```{note}\n```python {#x}\ncode\n```\n\nprose\n\n```\n")
    assert problems == ["a.md:2: unterminated fence", "a.md:8: unterminated fence"]


def test_a_block_in_an_unknown_directive_names_the_directive():
    blocks, problems = read("````{unknown}\n\n```python {#x}\n```\n````\n")
    assert blocks == []
    message = "tangle does not know whether `{unknown}` holds Markdown"
    assert problems == [f"a.md:1: {message}"]


def test_a_block_of_colons_is_an_error():
    _, problems = read(":::python {#x}\n:::\n")
    assert problems == [
        "a.md:1: a tangled block is fenced by backticks or tildes, not colons"
    ]


def test_options_do_not_hide_a_block_that_follows_them():
    text = "````{note}\n---\nname: n\n---\n\n---\n\n```python {#x}\nCODE\n```\n````\n"
    assert str(only(text).place_of(0)) == "a.md:9"


def test_equation_labels():
    text = (
        "$$\nx\n$$ (eq-a)\n\n```{math}\n:label: eq-b\ny\n```\n\n"
        ":::{note}\n$$z$$ (eq-c)\n:::\n\n"
        "````{prf:theorem}\n- ```{math}\n  ---\n  label: eq-d\n  ---\n  z\n  ```\n"
        "````\n\n````text\n$$z$$ (eq-e)\n````\n"
    )
    chapter = Reader(MdParserConfig(enable_extensions=SYNTAX)).read("a.md", text)
    assert chapter.labels == {"eq-a", "eq-b", "eq-c", "eq-d"}


def test_the_syntax_is_that_of_the_book(project: Project):
    """A block under colons is in a directive, unless the book does not know colons."""
    project.write({"book/a.md": ":::{unknown}\n```python {#x file=a.py}\n```\n:::\n"})
    assert project.run().problems == [
        "book/a.md:1: tangle does not know whether `{unknown}` holds Markdown"
    ]
    project.write({"_config.yml": CONFIG.replace("colon_fence, ", "")})
    project.tangle()
    assert list(project.outputs()) == ["a.py"]
