"""Documentation of a function, as its file has it: nothing is imported to be shown.

To import one means to load PyTorch, which takes longer than all else that a build does
after an edit. A signature shows types without the ranges of arguments, which are data in
their annotations; the text below it states them in words.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.domains.python import PyFunction
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sphinx.util.docstrings import prepare_docstring
from sphinx.util.inspect import signature_from_ast, stringify_signature

DOTTED = re.compile(r"(?<![\w.'])([A-Za-z_]\w*\.)+[A-Za-z_]\w*")


class Plain(ast.NodeTransformer):
    """Makes annotations and defaults look as a reader says them."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """A type without its range."""
        if ast.unparse(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
            return node.slice.elts[0]
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Infinity."""
        is_inf = ast.unparse(node) == "float('inf')"
        return ast.Name("inf", ast.Load()) if is_inf else node


def signature(function: ast.FunctionDef) -> str:
    """The arguments and what comes back; of a name with dots the last part is shown."""
    plain = Plain().visit(function)
    return DOTTED.sub(r"~\g<0>", stringify_signature(signature_from_ast(plain)))


class Function(PyFunction):
    """A function of the package by its full name, `package.module.function`."""

    required_arguments = 1
    has_content = False
    final_argument_whitespace = False
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        module, _, name = self.arguments[0].rpartition(".")
        path = Path(self.env.srcdir).parent / f"{module.replace('.', '/')}.py"
        self.env.note_dependency(str(path))
        try:
            body = ast.parse(path.read_text(encoding="utf-8")).body
        except OSError as error:
            raise self.error(f"{path}: {error.strerror}") from error
        found = (x for x in body if isinstance(x, ast.FunctionDef) and x.name == name)
        function = next(found, None)
        if function is None or not (text := ast.get_docstring(function)):
            raise self.error(f"{path} has no function {name} with a docstring")
        docstring = GoogleDocstring(prepare_docstring(text), what="function")
        self.name = "py:function"
        self.arguments = [name + signature(function)]
        self.options = {"module": module}
        self.content = StringList(docstring.lines(), source=str(path))
        return list(super().run())


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("autofunction", Function)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
