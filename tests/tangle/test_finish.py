"""How the pages are finished: one list of steps, and nothing beside it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("fontTools")  # with what the book needs, not with what tests need
pytest.importorskip("pydata_sphinx_theme")

import finish
import slim

EXTENSIONS = Path(finish.__file__).parent
HEAD = """<html data-theme="auto"><head>
<script data-cfasync="false">themes()</script>
<script src="../_static/documentation_options.js?v=1"></script>
<script src="../_static/searchtools.js"></script>
<script src="../_static/clipboard.min.js"></script>
<script src="../_static/scripts/fontawesome.js?digest=1"></script>
</head>"""
NEW = f'{HEAD}<body><pre>x</pre><th class="head"></th></body></html>\n'
OLD = "<html><body>of an earlier build</body></html>\n"


@pytest.fixture
def app(tmp_path: Path) -> Any:
    static = tmp_path / "_static"
    static.mkdir()
    (static / "documentation_options.js").write_text("const OPTIONS = 1;")
    (static / "pygments.css").write_text("")
    macros = '<link href="_static/a.css" rel="stylesheet" />' * 2
    (static / "webpack-macros.html").write_text(macros)
    (tmp_path / "part").mkdir()
    (tmp_path / "part/new.html").write_text(NEW)
    (tmp_path / "old.html").write_text(OLD)
    return SimpleNamespace(
        outdir=str(tmp_path),
        doctreedir=str(tmp_path),
        builder=SimpleNamespace(format="html", name="html"),
        config=SimpleNamespace(html_css_files=[]),
    )


def test_each_step_is_taken_in_a_new_page(app: Any):
    finish.finish(app, None)
    page = (Path(app.outdir) / "part/new.html").read_text()
    assert "const OPTIONS = 1;</script>" in page
    assert "fontawesome" not in page and "searchtools" not in page
    assert '<script defer src="../_static/clipboard.min.js">' in page
    assert 'data-theme="light"' in page
    assert "themes()" not in page and "prefers-color-scheme" in page
    assert '<td class="head"></td>' in page
    left = {path.name for path in (Path(app.outdir) / "_static").iterdir()}
    assert left == {"documentation_options.js"}


def test_pages_of_earlier_builds_stay_as_they_are(app: Any):
    finish.finish(app, None)
    page = Path(app.outdir) / "part/new.html"
    first = page.read_text(), page.stat().st_mtime_ns
    finish.finish(app, None)
    assert (page.read_text(), page.stat().st_mtime_ns) == first
    assert (Path(app.outdir) / "old.html").read_text() == OLD


def test_nothing_happens_after_a_failure_or_to_other_formats(app: Any):
    finish.finish(app, ValueError())
    finish.finish(SimpleNamespace(builder=SimpleNamespace(format="latex")), None)
    assert (Path(app.outdir) / "part/new.html").read_text() == NEW


def test_every_step_of_a_page_is_in_the_list():
    steps = {step.__name__ for step in finish.IN_A_PAGE}
    text = Path(slim.__file__).read_text()
    assert steps == {*re.findall(r"^def (\w+)\(page: str\) -> str:", text, re.M)}


def test_no_other_extension_changes_pages_when_all_are_written():
    for file in EXTENSIONS.glob("*.py"):
        if '"build-finished"' in file.read_text():
            assert file.name in ("finish.py", "katex.py")  # which ends a process
