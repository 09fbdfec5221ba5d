"""Checks a file before it is written, and reports at the lines of the chapters.

After resolve.
"""

from __future__ import annotations

import ast
import token as kinds
import warnings
from collections.abc import Iterator

from tangle import syntax
from tangle.chunks import Chunks, Unresolved, did_you_mean
from tangle.model import Chunk, Line, Lines, Problem, Problems

_NAMES = ("STRING", "FSTRING_MIDDLE", "TSTRING_MIDDLE")  # some since Python 3.12
_STRINGS = {getattr(kinds, name, kinds.STRING) for name in _NAMES}


def check_file(chunks: Chunks, path: str, root: Chunk, lines: Lines) -> Problems:
    """What is wrong with a file; it is Python by its name, or as its root says."""
    if path.endswith((".py", ".pyi")) or root.head.language in syntax.PYTHON:
        return _check_python(path, lines)
    return _check_other(chunks, lines)


def _check_other(chunks: Chunks, lines: Lines) -> Problems:
    """What looks like a reference in another language, and is none."""
    for line in lines:
        text = line.block.lines[line.row][bool(line.block.edits) :]  # with its @
        if "<<" not in text or line.block.language in syntax.PYTHON:
            continue
        for found in syntax.ANGLES.finditer(text):
            if fault := _fault_of_reference(chunks, line, found[1], text):
                escape = f"; a literal one is written @{found[0]}"
                yield Problem(line.origin, found[0] + fault + escape)


def _fault_of_reference(chunks: Chunks, line: Line, name: str, text: str) -> str | None:
    try:
        chunks.find(line.block.chapter, name)
    except Unresolved:
        near = chunks.resembling(line.block.chapter, name)
        if near or name in syntax.MISPLACED.findall(text):
            hint = did_you_mean(near) or ", and no chunk is called so"
            return f" looks like a reference, alone on its line{hint}"
        return None
    return " must stand alone on its line"


def _check_python(path: str, lines: Lines) -> Problems:
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


def _references_beside_code(lines: Lines, source: str) -> Problems:
    seen = syntax.REFERENCE_IN_LINE.search(source)  # mostly not: spares the tokens
    shifts = syntax.shifts(source) if seen else set()
    for number in sorted({row for row, _ in shifts}):
        line = lines[number - 1]
        for reference in syntax.REFERENCE_IN_LINE.finditer(line.output):
            if (number, reference.start()) in shifts:
                message = f"{reference[0]} beside code: a reference stands alone on "
                message += "its line (shifts are written with blanks)"
                yield Problem(line.origin, message)


def _indented_strings(lines: Lines, source: str, tree: ast.Module) -> Iterator[int]:
    """Where string literals begin that an expansion has indented inside."""

    def changed(first: int, last: int) -> bool:
        return any(line.indent and line.text for line in lines[first:last])

    tall = [s for s in _strings(tree) if changed(s.lineno, s.end_lineno or 0)]
    # One may be several literals side by side, each on a line of its own.
    numbers = {n for s in tall for n in range(s.lineno, (s.end_lineno or 0) + 1)}
    for token in syntax.tokens(source) if tall else ():
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
