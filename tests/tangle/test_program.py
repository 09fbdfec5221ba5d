"""Names, references, continuations, files: how blocks make a program."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import Project
from tangle import load, with_variants
from tangle.chunks import SEARCHES
from tangle.variants import Misfit

Page = Callable[[str], Project]


def block(attributes: str, *lines: str, language: str = "python") -> str:
    return "\n".join([f"```{language} {{{attributes}}}", *lines, "```", ""])


def test_a_file_is_its_chunks(page: Page):
    project = page(
        block("#loss", "def loss(x):", "    return x", "")
        + block("file=lib/a.py", "import os", "", "", "<<loss>>", "print(loss(1))")
    )
    project.tangle()
    assert project.read("lib/a.py") == (
        "import os\n\n\ndef loss(x):\n    return x\n\nprint(loss(1))\n"
    )


def test_a_reference_resolves_where_it_is_written(project: Project):
    """<<x>> in <<shared>> is the x of b.md, though the file is of a.md."""
    project.write(
        {
            "book/a.md": block("file=a.py", "<<b:shared>>", "<<x>>")
            + block("#x", "x = 'a'"),
            "book/b.md": block("#shared", "<<x>>") + block("#x", "x = 'b'"),
        }
    )
    project.tangle()
    assert project.read("a.py") == "x = 'b'\nx = 'a'\n"


def test_a_chapter_is_reached_by_its_stem_in_any_folder(project: Project):
    project.write(
        {
            "book/index.md": block("file=a.py", "<<gae:x>>", "<<index:y>>")
            + block("#y", "y = 2"),
            "book/machinery/gae.md": block("#x", "x = 1"),
        }
    )
    project.tangle()
    assert project.read("a.py") == "x = 1\ny = 2\n"


def test_a_continuation_follows_its_chunk(page: Page):
    project = page(
        block("file=a.py", "<<x>>")
        + block("#x", "a = 1")
        + block("#y", "c = 3")
        + block("#x .extend", "b = 2", "<<y>>")
        + block("#x .extend", "d = 4")
    )
    project.tangle()
    assert project.read("a.py") == "a = 1\nb = 2\nc = 3\nd = 4\n"


def test_a_named_file_is_continued_and_referred_to(page: Page):
    project = page(
        block("#x file=a.py", "a = 1")
        + block("#x .extend", "b = 2")
        + block("file=b.py", "<<x>>")
    )
    project.tangle()
    assert project.read("a.py") == project.read("b.py") == "a = 1\nb = 2\n"


def test_indentation_goes_to_all_lines_that_are_not_empty(page: Page):
    project = page(
        block("file=a.py", "class A:", "    <<method>>")
        + block("#method", "def f(self):", '    """One', "", '    two."""', "  ", "")
        + block("#method .extend", "    if self:", "        <<body>>", "")
        + block("#body", "return 1")
    )
    project.tangle()
    assert project.read("a.py") == (
        'class A:\n    def f(self):\n        """One\n\n        two."""\n      \n\n'
        "        if self:\n            return 1\n\n"
    )


def test_a_reference_is_one_with_blanks_around_it_and_tabs_are_kept(page: Page):
    project = page(
        block("file=Makefile", "all:", "\t<<x>>  ", language="make")
        + block("#x", "echo a", "\techo b", language="make")
    )
    project.tangle()
    assert project.read("Makefile") == "all:\n\techo a\n\t\techo b\n"


def test_an_empty_chunk_and_an_empty_file(page: Page):
    project = page(
        block("file=a.py", "a = 1", "<<x>>", "b = 2") + block("#x") + block("file=b.py")
    )
    project.tangle()
    assert project.read("a.py") == "a = 1\nb = 2\n"
    assert project.read("b.py") == ""


def test_a_literal_reference(page: Page):
    project = page(
        block("file=a.py", 'S = """', "@<<x>>", "    @<<b:y>>", "@<<x>> text", '"""')
    )
    project.tangle()
    assert project.read("a.py") == ('S = """\n<<x>>\n    <<b:y>>\n@<<x>> text\n"""\n')


def test_what_looks_like_a_reference_in_python_text_and_code(page: Page):
    code = [
        'a = "<<b>>"',
        'a = 1 << 2, "<<b>>"',
        "# <<b>>",
        "c = a << b >> c",
        "d = f'{a}<<b>>'",
        '"""',
        "<b>",
    ]
    project = page(block("file=a.py", *code, '"""') + block("#b file=b.py", "b = 1"))
    project.tangle()
    assert project.read("a.py") == "\n".join([*code, '"""', ""])


@pytest.mark.parametrize(
    "line", ["x = <<b>>", "<<b>>  # note", "f(<<b>>)", "a<<b>>c", "<<b>>; <<b>>"]
)
def test_a_reference_beside_python_code(page: Page, line: str):
    project = page(block("file=a.py", "a = 1", line) + block("#b file=b.py", "1"))
    problems = project.run().problems
    assert problems and set(problems) == {
        "book/a.md:3: <<b>> beside code: a reference stands alone on its line "
        "(shifts are written with blanks)"
    }


def test_a_reference_within_a_line_of_another_language(page: Page):
    project = page(
        block("file=a.sh", "echo <<b>>", "cat <<EOF>>out", "@<<b>>", language="sh")
        + block("#b file=b.sh", "b", language="sh")
    )
    assert project.run().problems == [
        "book/a.md:2: <<b>> must stand alone on its line; a literal one is written @<<b>>"
    ]


ERRORS = {
    "undefined": (
        block("file=a.py", "", "<<missing>>"),
        ["3: undefined <<missing>>"],
    ),
    "undefined, near names": (
        block("file=a.py", "<<polcy-loss>>") + block("#policy-loss file=b.py"),
        ["2: undefined <<polcy-loss>>; did you mean <<policy-loss>>?"],
    ),
    "undefined chapter": (
        block("file=a.py", "<<gea:x>>"),
        ["2: no chapter is called gea"],
    ),
    "undefined of a chapter": (
        block("file=a.py", "<<a:y>>") + block("#yy file=b.py"),
        ["2: undefined <<a:y>>; did you mean <<yy>>?"],
    ),
    "cycle of one": (
        block("file=a.py", "<<x>>") + block("#x", "    <<x>>"),
        ["5: cycle: x → x"],
    ),
    "cycle": (
        block("file=a.py", "<<x>>") + block("#x", "<<y>>") + block("#y", "1", "<<x>>"),
        ["9: cycle: x → y → x"],
    ),
    "cycle that no file reaches": (
        block("#x", "<<y>>") + block("#y", "<<x>>"),
        ["5: cycle: x → y → x"],
    ),
    "cycle through a continuation": (
        block("file=a.py", "<<x>>") + block("#x", "1") + block("#x .extend", "<<x>>"),
        ["8: cycle: x → x"],
    ),
    "definition twice": (
        block("file=a.py", "<<x>>") + block("#x") + block("#x"),
        ["6: #x is defined twice, first at book/a.md:4"],
    ),
    "continuation of nothing": (
        block("#x .extend"),
        ["1: extends #x, which this chapter does not define"],
    ),
    "continuation of a near name": (
        block("#loss .extend") + block("#losses file=a.py"),
        [
            "1: extends #loss, which this chapter does not define; "
            "did you mean <<losses>>?"
        ],
    ),
    "continuation before the definition": (
        block("#x .extend") + block("#x file=a.py"),
        ["1: extends #x before its definition at book/a.md:3"],
    ),
    "unused": (block("#x"), ["1: #x is never used"]),
    "used by nobody but an unused chunk": (
        block("#x", "<<y>>") + block("#y"),
        ["1: #x is never used"],
    ),
    "two roots": (
        block("file=a.py") + block("#x file=a.py"),
        ["3: file=a.py is given twice, first at book/a.md:1"],
    ),
    "unknown equation": (
        "$$x$$ (eq-policy)\n\n" + block('file=a.py implements="eq-policy eq-polcy"'),
        ["3: no equation is labelled eq-polcy; did you mean eq-policy?"],
    ),
    "unknown equation of a check": (
        block("file=a.py checks=eq-a"),
        ["1: no equation is labelled eq-a"],
    ),
    "syntax error": (
        block("file=a.py", "a = 1", "<<x>>") + block("#x", "def f(:"),
        ["6: invalid syntax (in a.py)"],
    ),
    "syntax error at the end": (
        block("file=a.py", "f("),
        ["2: '(' was never closed (in a.py)"],
    ),
    "a malformed definition is no second one": (
        block("file=a.py", "<<x>>") + block("#x") + block("#x colour=red"),
        ["6: unknown attribute `colour=red`"],
    ),
    "nothing but the first cause": (
        block("file=a.py", "<<x>>", "f(") + block("#x junk"),
        ["5: malformed attributes: cannot read `junk`"],
    ),
}


@pytest.mark.parametrize("text, problems", ERRORS.values(), ids=ERRORS)
def test_an_error_has_its_line_and_nothing_is_written(page: Page, text, problems):
    project = page(text)
    result = project.run()
    assert result.problems == [f"book/a.md:{problem}" for problem in problems]
    assert (result.code, result.out, project.outputs()) == (1, "", {})


def test_all_errors_at_once_in_the_order_of_the_book(project: Project):
    project.write(
        {
            "book/z.md": block("file=z.py", "<<b:one>>", "<<two>>") + block("#u"),
            "book/b.md": block("#one", "f(", "<<three>>") + block("{"),
        }
    )
    lines = [problem.split(": ")[0] for problem in project.run().problems]
    assert lines == ["book/z.md:3", "book/z.md:5", "book/b.md:3", "book/b.md:5"]


def test_names_of_other_chapters_are_suggested(project: Project):
    project.write(
        {
            "book/a.md": block("file=a.py", "<<gae>>", "<<advantage>>", "<<b:ga>>"),
            "book/b.md": block("#gae file=b.py") + block("#advantages file=c.py"),
        }
    )
    assert project.run().problems == [
        "book/a.md:2: undefined <<gae>>; did you mean <<b:gae>>?",
        "book/a.md:3: undefined <<advantage>>; did you mean <<b:advantages>>?",
        "book/a.md:4: undefined <<b:ga>>; did you mean <<b:gae>>?",
    ]


def test_two_chapters_of_one_stem_matter_only_to_references(project: Project):
    chapters = {
        "book/i.md": block("file=i.py"),
        "book/one/a.md": block("#x file=x.py"),
        "book/two/a.md": block("#x file=y.py"),
    }
    project.write(chapters).tangle()
    project.write({"book/i.md": block("file=i.py", "<<a:x>>")})
    assert project.run().problems == [
        "book/i.md:2: several chapters are called a: book/one/a.md, book/two/a.md"
    ]


def test_a_cycle_over_chapters_names_them(project: Project):
    project.write(
        {
            "book/a.md": block("file=a.py", "<<x>>") + block("#x", "<<b:y>>"),
            "book/b.md": block("#y", "<<a:x>>"),
        }
    )
    assert project.run().problems == ["book/b.md:2: cycle: x → b:y → x"]


def test_an_indented_docstring_moves_with_its_code(page: Page):
    lines = ["def f():", '    """One', '    two."""', "x = 1", '"""Three', 'four."""']
    project = page(block("file=a.py", "class A:", "    <<x>>") + block("#x", *lines))
    project.tangle()
    indented = "".join(f"    {line}\n" for line in lines)
    assert project.read("a.py") == f"class A:\n{indented}"


STRINGS = [
    "y = {}",
    "y = f{}",
    "y = rb{}",
    "y = [1, ('a', {})]",
    "@f({})\ndef g(): ...",
]


@pytest.mark.parametrize("code", STRINGS)
def test_an_indented_string_is_an_error(page: Page, code: str):
    lines = code.format('"""one\ntwo"""').split("\n")
    project = page(
        block("file=a.py", "class A:", "    <<x>>") + block("#x", "a = 1", *lines)
    )
    assert project.run().problems == [
        "book/a.md:7: this string spans lines that a reference indents, which changes "
        "its value (in a.py); write it without line breaks"
    ]


@pytest.mark.parametrize(
    "lines", [['y = """one', 'two"""'], ["class A:", '    y = """one', '    two"""']]
)
def test_a_string_that_no_reference_indents_is_as_written(page: Page, lines: list[str]):
    project = page(block("file=a.py", "<<x>>") + block("#x", *lines))
    project.tangle()
    assert project.read("a.py") == "\n".join([*lines, ""])


@pytest.mark.parametrize("code", ["y = ('one'\n'two')", 'y = f"""{\n1\n}"""'])
def test_an_expression_over_lines_may_be_indented(page: Page, code: str):
    text = block("file=a.py", "class A:", "    <<x>>") + block("#x", *code.split("\n"))
    page(text).tangle()


def test_code_that_is_too_much_for_the_parser(page: Page):
    text = block("file=a.py", f"x = {100_000 * '-'}1")
    assert page(text).run().problems[0].startswith("book/a.md:2: ")


def test_near_names_are_sought_for_the_first_of_many_undefined(page: Page):
    wrong = [f"<<step{n}>>" for n in range(100)]
    text = block("file=a.py", *wrong) + block("#step file=b.py")
    hints = ["did you mean <<step>>?" in line for line in page(text).run().problems]
    assert hints == [True] * SEARCHES + [False] * (100 - SEARCHES)


def variant(edits: str, *lines: str) -> str:
    return block(f"#new edits={edits}", *lines, language="diff")


OLD = ["a = 1", "b = 2", "", "c = 3"]
FITTING = {
    "a replacement": (["-b = 2", "+b = 7"], "a = 1\nb = 7\n\nc = 3\n"),
    "context": (
        [" a = 1", "-b = 2", " ", "+d = 4", " c = 3"],
        "a = 1\n\nd = 4\nc = 3\n",
    ),
    "a context line left empty": (["-b = 2", "", " c = 3"], "a = 1\n\nc = 3\n"),
    "an addition": ([" c = 3", "+", "+d = 4"], "a = 1\nb = 2\n\nc = 3\n\nd = 4\n"),
    "a removal": (["-a = 1", "-b = 2", "-", "-c = 3"], ""),
}


@pytest.mark.parametrize("lines, new", FITTING.values(), ids=FITTING)
def test_a_variant_is_the_chunk_with_lines_replaced(page: Page, lines, new):
    project = page(
        block("#old file=a.py", *OLD[:2])
        + block("#old .extend", *OLD[2:])
        + variant("old", *lines)
        + block("file=b.py", "<<new>>")
    )
    project.tangle()
    assert project.read("a.py") == "a = 1\nb = 2\n\nc = 3\n"
    assert project.read("b.py") == new


def test_references_of_a_variant_resolve_where_each_line_was_written(project: Project):
    project.write(
        {
            "book/a.md": block("file=a.py", "<<new>>")
            + variant("b:old", "-a = 1", "+<<x>>")
            + block("#x", "a = 'a'"),
            "book/b.md": block("#old file=b.py", "a = 1", "if a:", "    <<x>>")
            + block("#x", "x = 'b'"),
        }
    )
    project.tangle()
    assert project.read("a.py") == "a = 'a'\nif a:\n    x = 'b'\n"
    assert project.run("where", "a.py:2").out == "book/a.md:9\n"
    assert project.run("where", "a.py:4").out == "book/b.md:7\n"


def test_the_parts_of_a_diff_fit_each_on_its_own(page: Page):
    project = page(
        block("file=a.py", "<<new>>")
        + block("#old file=b.py", *"abcdefg")
        + variant("old", "@@ -1 +1 @@", " a", "-b", "+B", "@@", "-d", "@@", "+F", " g")
    )
    project.tangle()
    assert project.read("a.py") == "\n".join("aBcefFg") + "\n"
    places = [project.run("where", f"a.py:{n + 2}").out for n in range(7)]
    rows = [5, 17, 7, 9, 10, 21, 11]
    assert places == [f"book/a.md:{row}\n" for row in rows]


def test_a_variant_of_a_variant_whatever_their_order(page: Page):
    project = page(
        block("file=a.py", "<<third>>")
        + block("#third edits=second", "-b", "+c", language="diff")
        + block("#second edits=first", "-a", "+b", language="diff")
        + block("#first", "a", "z")
    )
    project.tangle()
    assert project.read("a.py") == "c\nz\n"


USE = block("file=a.py", "<<new>>") + block("#old file=b.py", "a = 1", "b = 2", "a = 1")
MISFITS = {
    "nowhere": (["-c"], "9: the old lines must occur once in old, and occur nowhere"),
    "not together": (
        ["-a = 1", "-a = 1"],
        "9: the old lines must occur once in old, and occur nowhere",
    ),
    "twice": (["-a = 1"], "9: the old lines must occur once in old, and occur 2 times"),
    "no old lines": (["+a"], "9: a diff shows at least one line of what it edits"),
    "no diff": (
        ["-b = 2", "c = 3"],
        "11: a line of a diff begins with -, + or a blank; @@ divides parts",
    ),
    "one of two parts": (
        ["-b = 2", "@@", "-c"],
        "11: the old lines must occur once in old, and occur nowhere",
    ),
    "parts in the wrong order": (
        [" b = 2", "-a = 1", "@@", "-a = 1", " b = 2"],
        "12: this part belongs before the one above: their old lines do",
    ),
    "only a division": (["@@"], "9: a diff shows at least one line of what it edits"),
}


@pytest.mark.parametrize("lines, problem", MISFITS.values(), ids=MISFITS)
def test_a_diff_that_does_not_fit(page: Page, lines, problem):
    assert page(USE + variant("old", *lines)).run().problems == [f"book/a.md:{problem}"]


def test_variants_that_edit_one_another_or_nothing(page: Page):
    project = page(
        block("file=a.py", "<<x>>", "<<z>>")
        + block("#x edits=y", "-a", language="diff")
        + block("#y edits=x", "-a", language="diff")
        + block("#z edits=missing", "-a", language="diff")
    )
    assert project.run().problems == [
        "book/a.md:8: cycle of variants: x → y → x",
        "book/a.md:11: undefined <<missing>>",
    ]


def test_a_variant_that_nobody_uses(page: Page):
    text = block("#old", "a") + variant("old", "-a", "+b")
    assert page(text).run().problems == ["book/a.md:4: #new is never used"]


def test_a_long_chain_and_many_continuations(page: Page):
    size = 5000
    text = block("file=a.txt.py", "<<c-0>>")
    for n in range(size):
        text += block(f"#c-{n}", f"<<c-{n + 1}>>")
    text += block(f"#c-{size}", "x = 0")
    for n in range(size):
        text += block(f"#c-{size} .extend", f"x = {n}")
    project = page(text)
    project.tangle()
    assert project.read("a.txt.py").count("\n") == size + 1


@pytest.mark.parametrize("end", ["", "x"])
def test_doubling_chunks_do_not_fill_the_memory(page: Page, end: str):
    text = block("file=a.sh", "<<c-0>>")
    for n in range(40):
        text += block(f"#c-{n}", f"<<c-{n + 1}>>", f"<<c-{n + 1}>>")
    assert page(text + block("#c-40", end)).run().problems == [
        "book/a.md:1: file=a.sh expands to more than 1,000,000 lines and references"
    ]


def test_a_variant_that_refers_to_what_it_replaces(page: Page):
    text = block("file=a.py", "<<old>>") + block("#old", "x = 1")
    text += variant("old", " x = 1", "+<<old>>") + block("file=b.py", "<<new>>")
    project = page(text)
    project.tangle()
    assert project.read("b.py") == "x = 1\nx = 1\n"
    with pytest.raises(Misfit, match=r"^a.py:1: with a:new expands to more than"):
        with_variants(load(project.root), "a.py", "a:new")


def test_doubling_chunks_are_checked_once_each(page: Page):
    """The cycle below 2**60 paths is found at once."""
    text = block("file=a.py", "<<c-0>>")
    for n in range(60):
        text += block(f"#c-{n}", f"<<c-{n + 1}>>", f"<<c-{n + 1}>>")
    assert page(text + block("#c-60", "<<c-60>>")).run().problems == [
        "book/a.md:245: cycle: c-60 → c-60"
    ]
