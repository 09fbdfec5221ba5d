"""Signatures in the documentation: types without their ranges, an argument a line.

The ranges of arguments are data in their annotations. The text below a signature states
them in words.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_ANNOTATED = re.compile(r"~?(?:typing\.)?Annotated\[(.+?), [\[(][^\[\]()]*[\])]\]")


def plain(
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """The signature of a function with types only."""
    return signature and _ANNOTATED.sub(r"\1", signature), returns


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-signature", plain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
