"""Marks in code only what the stylesheet tells apart.

Pygments makes an element of every name, bracket and blank. Most look alike here, and
they were a third of what the code on a page weighs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from pygments import token
from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge

# Each stands for the kinds below it, too; the first that fits is taken.
SHOWN = (
    token.Keyword,
    token.Operator.Word,
    token.String.Doc,
    token.String,
    token.Number,
    token.Comment,
    token.Name.Function,
    token.Name.Class,
    token.Name.Decorator,
    token.Generic.Deleted,
    token.Generic.Inserted,
    token.Generic,
)


def shown(kind: Any) -> Any:
    return next((known for known in SHOWN if kind in known), token.Text)


class Formatter(HtmlFormatter):  # type: ignore[misc]
    def format_unencoded(self, tokensource: Iterable[Any], outfile: IO[str]) -> None:
        tokens = ((shown(kind), text) for kind, text in tokensource)
        super().format_unencoded(tokens, outfile)


def setup(app: Sphinx) -> dict[str, Any]:
    PygmentsBridge.html_formatter = Formatter
    return {"parallel_read_safe": True, "parallel_write_safe": True}
