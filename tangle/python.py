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
from tangle.model import Chunk, Line, Problem

_STRINGS = {kinds.STRING} | {
    getattr(kinds, name, kinds.STRING) for name in ("FSTRING_MIDDLE", "TSTRING_MIDDLE")
}


def is_python(path: str, root: Chunk) -> bool:
    """Whether a file is Python, by its name or the language of its root."""
    return path.endswith((".py", ".pyi")) or root.head.language == "python"


def check_python(path: str, lines: Sequence[Line]) -> Iterator[Problem]:
    """Syntax errors, references beside code, strings changed by indentation."""
    source = "".join(f"{line.output}\n" for line in lines)
    if misplaced := list(_references_beside_code(lines, source)):
        yield from misplaced
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        number = min(getattr(error, "lineno", None) or 1, len(lines))
        message = getattr(error, "msg", str(error)) or "too deeply nested"
        yield Problem(lines[number - 1].origin, f"{message} (in {path})")
        return
    for number in _indented_strings(lines, source, tree):
        message = "this string spans lines that a reference indents, which "
        message += f"changes its value (in {path}); write it without line breaks"
        yield Problem(lines[number - 1].origin, message)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to the first error, which the parser reports better."""
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        yield from tokenize.generate_tokens(io.StringIO(source).readline)


def _references_beside_code(lines: Sequence[Line], source: str) -> Iterator[Problem]:
    if not REFERENCE_IN_LINE.search(source):  # mostly: spares the tokens
        return
    shifts = {token.start for token in _tokens(source) if token.string == "<<"}
    for number in sorted({row for row, _ in shifts}):
        line = lines[number - 1]
        for reference in REFERENCE_IN_LINE.finditer(line.output):
            if (number, reference.start()) in shifts:
                message = f"{reference[0]} beside code: a reference stands alone on "
                message += "its line (shifts are written with blanks)"
                yield Problem(line.origin, message)


def _indented_strings(
    lines: Sequence[Line], source: str, tree: ast.Module
) -> Iterator[int]:
    """Where string literals begin that an expansion has indented inside."""

    def changed(first: int, last: int) -> bool:
        return any(line.indent and line.text for line in lines[first:last])

    tall = [s for s in _strings(tree) if changed(s.lineno, s.end_lineno or 0)]
    # One may be several literals side by side, each on a line of its own.
    numbers = {n for s in tall for n in range(s.lineno, (s.end_lineno or 0) + 1)}
    for token in _tokens(source) if tall else ():
        first, last = token.start[0], token.end[0]
        if token.type in _STRINGS and first in numbers and changed(first, last):
            yield first


def _strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Strings over several lines, but not docstrings and others that stand alone."""
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Constant):
            yield node
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        elif not isinstance(node, ast.expr) or node.lineno != node.end_lineno:
            nodes += ast.iter_child_nodes(node)
