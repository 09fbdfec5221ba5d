"""How things are written in a chapter. All of it, so that it can be changed here.

After model. The reader makes blocks of fences; what this module knows is text.
"""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import yaml

# A name is a slug; a reference to another chapter begins with the stem of its file.
NAME = r"\w+(?:-\w+)*"
REFERENCE = rf"(?:[\w.-]+:)?{NAME}"

# The info string of a fence, `python {#name key=value}`, and its attributes.
INFO = re.compile(r"""([^\s{}]+)\s+\{((?:"[^"]*"|[^"}])*)\}""")
ATTRIBUTE = re.compile(r"""([#.]|[\w-]+=)("[^"]*"|[^\s"'}]+)(?:\s+|$)""")
LISTS = ("implements=", "checks=")
KEYS = ("#", ".extend", ".open", ".optional", "file=", *LISTS, "edits=")
SALVAGE = re.compile(r"(#|file=)([\w./-]*\w)")  # from an info string that is malformed

# Whether an info string is meant to have attributes; also behind a directive, which
# cannot have any, and as Entangled and Quarto write them.
MEANT = re.compile(r"[{}]|\s#|\bfile=")
ON_DIRECTIVE = re.compile(r"\{[^{}`]*(?:#\w|\b(?:file|edits|implements|checks)=)")
AS_OPTION = re.compile(r"\s*(?:(?:#|//|--|%%)\||:)\s*(?:file|id)\s*:\s*\S")
TEXT = ("text", "md", "markdown", "yaml", "console", "myst", "rst")

# A line that opens a fence with a name or a file, if it is not the text of another.
OPENING = re.compile(r"(?:\d+[.)])?[^\w`~]*(`{3,}|~{3,})[^`{]*\{[^`]*(?:#\w|file=)")
BEFORE_FENCE = re.compile(r"[^`~]*")
FENCE_AND_LANGUAGE = re.compile(r"((?:`{3,}|~{3,})\s*)\S+")

# Directives whose body is Markdown, and those whose body is text.
_KNOWN = yaml.safe_load(Path(__file__).with_name("known.yaml").read_text("utf-8"))
COMMENTS: dict[str, str] = _KNOWN["comments"]
MARKDOWN, VERBATIM = (
    re.compile(_KNOWN["directives"][kind].replace(" ", "|"))
    for kind in ("markdown", "text")
)
DIRECTIVE = re.compile(r"\{([\w:+-]+(?:\.[\w-]+)*)\}(?:\s|$)")
SHOWN = re.compile(r"^:?(literal|code):", re.M)  # what is included
LABEL = re.compile(r"""^\s*:?(?:label|name):\s*["']?(.+?)["']?\s*$""", re.M)

# A reference, alone on its line, and the same as text: each @ but the first stays.
REFERENCE_LINE = re.compile(rf"([ \t]*)<<({REFERENCE})>>[ \t]*")
_LITERAL_LINE = re.compile(rf"([ \t]*@*)@(<<{REFERENCE}>>[ \t]*|[<>|]{{7}}(?: .*)?)")
_LITERAL = re.compile(r"@(<<[^<>]{1,80}>>)")
REFERENCE_IN_LINE = re.compile(rf"<<({REFERENCE})>>")
# What may have been meant as one: `<<some words>>` with nothing before it but blanks
# or a bracket, with nothing behind it that a shift or a document in place would need.
ANGLES = re.compile(r"(?<!@)<<([^<>]{1,80})>>")
MISPLACED = re.compile(
    r"(?:^|(?<=[(\[{,=]))\s*<<([^<>]{1,80})>>(?=\s*[;,)\]}]*\s*(?:$|(?:#|//|--|%|/\*)))"
)
# What Git puts around both sides of a merge that it could not do.
CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?\r?$", re.M)

PYTHON = ("python", "py", "python3")


def literal(text: str, language: str) -> str:
    """A line of a block as code: what `@` keeps from being a reference is text.

    In Python that is a line of its own; elsewhere it may stand anywhere.
    """
    if "@" not in text:
        return text
    alone = _LITERAL_LINE.fullmatch(text)
    if alone or language in PYTHON:
        return alone[1] + alone[2] if alone else text
    return _LITERAL.sub(r"\1", text)


def written(text: str, language: str) -> str:
    """A line of code as it must be written in a block, so that `literal` gives it."""
    if re.fullmatch(rf"[ \t]*@*<<{REFERENCE}>>[ \t]*", text):
        return text.replace("<<", "@<<", 1)
    if language in PYTHON:
        return text
    return REFERENCE_IN_LINE.sub(r"@\g<0>", text)


def shifts(source: str) -> set[tuple[int, int]]:
    """Where, by line from 1 and column, Python reads `<<` as an operator.

    Up to the first error, which the parser reports better.
    """
    return {token.start for token in tokens(source) if token.string == "<<"}


def tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
