"""Checks a tangled Python file, and reports at the lines of the chapters.

After model, reader, chunks.
"""

from __future__ import annotations

import ast
import contextlib
import io
import token as kinds
import tokenize
import warnings
from collections.abc import Iterator, Sequence

from tangle.chunks import REFERENCE_IN_LINE
from tangle.model import Line, Problem

_STRINGS = {kinds.STRING} | {
    getattr(kinds, name, kinds.STRING) for name in ("FSTRING_MIDDLE", "TSTRING_MIDDLE")
}


def check_python(path: str, lines: Sequence[Line]) -> Iterator[Problem]:
    """Syntax errors, references beside code, strings changed by indentation."""
    source = "".join(f"{line.output}\n" for line in lines)
    suspicious = any(line.indent or "<<" in line.text for line in lines)
    tokens = list(_tokens(source)) if suspicious else []
    if misplaced := list(_references_beside_code(lines, tokens)):
        yield from misplaced
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        number = min(getattr(error, "lineno", None) or 1, len(lines))
        message = getattr(error, "msg", str(error))
        yield Problem(lines[number - 1].origin, f"{message} (in {path})")
        return
    if changed := list(_indented_strings(lines, tokens)):
        docstrings = _docstring_lines(tree)
        for number in changed:
            if number not in docstrings:
                message = "this string spans lines that a reference indents, which "
                message += (
                    f"changes its value (in {path}); write it without line breaks"
                )
                yield Problem(lines[number - 1].origin, message)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to the first error, which the parser reports better."""
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(io.StringIO(source).readline)


def _references_beside_code(
    lines: Sequence[Line], tokens: Sequence[tokenize.TokenInfo]
) -> Iterator[Problem]:
    shifts = {token.start for token in tokens if token.string == "<<"}
    for number in sorted({row for row, _ in shifts}):
        line = lines[number - 1]
        for reference in REFERENCE_IN_LINE.finditer(line.output):
            if (number, reference.start()) in shifts:
                message = f"{reference[0]} beside code: a reference stands alone on "
                message += "its line (shifts are written with blanks)"
                yield Problem(line.origin, message)


def _indented_strings(
    lines: Sequence[Line], tokens: Sequence[tokenize.TokenInfo]
) -> Iterator[int]:
    """Where string literals begin that an expansion has indented inside."""
    for token in tokens:
        if token.type in _STRINGS:
            continued = lines[token.start[0] : token.end[0]]
            if any(line.indent and line.text for line in continued):
                yield token.start[0]


def _docstring_lines(tree: ast.Module) -> set[int]:
    """The lines of docstrings, and of strings that stand alone to describe a name."""
    return {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
