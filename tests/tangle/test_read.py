"""Which files are chapters, and what may be wrong with the files of a book."""

from __future__ import annotations

import pytest

from conftest import CONFIG, TOC, Project
from tangle import find_root

A = "```python {file=a.py}\n```\n"


def test_chapters_of_a_nested_table_of_contents_are_read_in_its_order(project: Project):
    names = ["index", "z/one", "z/two", "b", "z/three", "a"]
    missing = "```python {file=%s.py}\n<<missing>>\n```\n"
    project.write({f"book/{name}.md": missing % name for name in names})
    toc = (
        "format: jb-book\nroot: index\nparts:\n- caption: One\n  chapters:\n"
        "  - file: z/one\n    sections:\n    - file: z/two.md\n    - file: b\n"
        "  - url: https://example.org\n- caption: Two\n  chapters:\n"
        "  - file: z/three\n  - file: a\n"
    )
    problems = project.write({TOC: toc}).run().problems
    assert problems == [f"book/{name}.md:2: undefined <<missing>>" for name in names]


def test_a_block_in_a_file_that_is_not_listed(project: Project):
    project.write(
        {
            "book/index.md": "# Book\n",
            "book/draft.md": "text\n\n- ```python {file=a.py}\n  ```\n",
            "book/notes.md": "```python\nx = 1\n```\n",
            "book/example.md": f"`````markdown\n{A}`````\n",
            "book/_build/copy.md": A,
            "book/.hidden/copy.md": A,
            "book/latin.md": b"\xe9",
            TOC: "root: index\n",
        }
    )
    assert project.run().problems == [
        "book/draft.md:3: a tangled block, but book/_toc.yml does not list the file"
    ]


def test_pages_of_other_kinds_are_left_alone(project: Project):
    project.write(
        {
            "book/index.md": A,
            "book/nb.ipynb": "{}",
            "book/old.rst": "Old\n===\n",
            TOC: "root: index\nentries:\n- file: nb\n- file: old.rst\n",
        }
    ).tangle()


FAULTS = {
    "missing chapter": (
        {TOC: "root: a\nentries:\n- file: b\n- file: 'c.md'\n"},
        [
            "book/_toc.yml:3: no chapter book/b.md",
            "book/_toc.yml:4: no chapter book/c.md",
        ],
    ),
    "no mapping": (
        {TOC: "- a\n"},
        ["book/_toc.yml:1: malformed table of contents: toc is not a mapping: "
         "<class 'list'>"],
    ),
    "empty": (
        {TOC: ""},
        ["book/_toc.yml:1: malformed table of contents: toc is not a mapping: "
         "<class 'NoneType'>"],
    ),
    "no root": (
        {TOC: "format: jb-book\n"},
        ["book/_toc.yml:1: malformed table of contents: 'root' key not found @ '/'"],
    ),
    "a file twice": (
        {TOC: "root: a\nentries:\n- file: a\n"},
        ["book/_toc.yml:1: malformed table of contents: document file used multiple "
         "times: 'a'"],
    ),
    "glob": (
        {TOC: "root: a\nentries:\n- glob: b*\n"},
        ["book/_toc.yml:1: list the chapters by name instead of b*"],
    ),
    "no YAML": (
        {TOC: "root: a\nentries: [\n"},
        ["book/_toc.yml:3: not YAML: expected the node content, but found "
         "'<stream end>'"],
    ),
    "a date that is none": (
        {TOC: "root: a\nmeta: {printed: 2026-13-01}\n"},
        ["book/_toc.yml:1: not YAML: month must be in 1..12"],
    ),
    "not UTF-8": (
        {TOC: b"root: a\n# \xe9\n"},
        ["book/_toc.yml:2: not UTF-8; save the file as UTF-8"],
    ),
    "configuration that is a list": (
        {"_config.yml": "- a\n"},
        ["_config.yml:1: not the configuration of a book: 'list' object has no "
         "attribute 'get'"],
    ),
    "unknown extension": (
        {"_config.yml": CONFIG.replace("deflist", "defliszt")},
        ["_config.yml:1: not the configuration of a book: 'enable_extensions' items "
         "not recognised: {'defliszt'}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("files, problems", FAULTS.values(), ids=FAULTS)
def test_a_fault_in_the_files_of_a_book(project: Project, files, problems):
    project.write({"book/a.md": A}).tangle()
    before = project.outputs()
    result = project.write(files).run()
    assert (result.code, result.problems) == (1, problems)
    assert project.outputs() == before


@pytest.mark.parametrize("path", ["_config.yml", TOC])
def test_a_root_that_is_none(project: Project, path: str):
    project.write({"book/a.md": A})
    (project.root / path).unlink()
    assert project.run().problems == [
        f"{path}:1: cannot be read: No such file or directory"
    ]


def test_a_chapter_that_is_not_text_hides_no_other_error(project: Project):
    project.write({"book/a.md": b"\xff", "book/b.md": A.replace("a.py", "../a.py")})
    assert project.run().problems == [
        "book/a.md:1: not UTF-8; save the file as UTF-8",
        "book/b.md:1: file=../a.py leads outside the project",
    ]


def test_extensions_set_for_sphinx_come_before_those_of_the_parser(project: Project):
    project.write({"book/a.md": ":::{note}\n" + A + ":::\n\n$$x$$ (eq)\n"})
    sphinx = "sphinx: {config: {myst_enable_extensions: [dollarmath]}}\n"
    project.write({"_config.yml": CONFIG + sphinx}).tangle()
    assert project.outputs()


def test_the_root_is_the_nearest_folder_above_with_a_book(project: Project):
    project.write({"book/a.md": A, "lib/deep/x": "", "lib/_config.yml": ""})
    assert find_root(project.root / "lib/deep") == project.root
    assert find_root(project.root.parent) is None
