"""The rules for the typefaces and for mathematics, from the npm packages.

The book serves everything itself: nothing is fetched when a page is read, and no
third-party file is kept in the repository.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PACKAGES = Path(__file__).resolve().parents[2] / "node_modules"
FAMILIES = ("source-serif-4", "source-sans-3", "source-code-pro")
SUBSETS = ("latin", "latin-ext", "greek")
STYLES = {"wght.css": "normal", "wght-italic.css": "italic"}
# Arrows and brackets in text. With no face of its own for italics, none is loaded.
SYMBOLS = """@font-face {
  font-family: Symbols;
  src: url(fonts/KaTeX_Main-Regular.woff2) format("woff2");
  unicode-range: U+2100-2BFF;
}"""


def fontsource(family: str) -> str:
    """The `@font-face` rules for the subsets of one family."""
    source = PACKAGES / "@fontsource-variable" / family
    rules = []
    for sheet, style in STYLES.items():
        text = (source / sheet).read_text(encoding="utf-8")
        for subset in SUBSETS:
            file = f"{family}-{subset}-wght-{style}.woff2"
            face = re.search(rf"@font-face \{{[^}}]*{re.escape(file)}[^}}]*\}}", text)
            if face is None:
                raise ExtensionError(f"{source / sheet} has no rule for {file}")
            # Wait a tenth of a second: it is often enough for the lines not to jump.
            rules.append(face[0].replace("display: swap", "display: fallback"))
    return "\n".join(rules)


def katex() -> str:
    """KaTeX's rules, with its fonts in the one format that every browser reads."""
    css = (PACKAGES / "katex/dist/katex.min.css").read_text(encoding="utf-8")
    return re.sub(r',url\([^)]*\.(woff|ttf)\) format\("\w+"\)', "", css)


def originals() -> dict[str, Path]:
    """The font files that rules name, as they were installed."""
    theme = Path(pydata_sphinx_theme.__file__).parent
    return {path.name: path for d in (PACKAGES, theme) for path in d.rglob("*.woff2")}


def write(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    if not PACKAGES.is_dir():
        raise ExtensionError("the pages' typefaces are missing: run `npm ci`")
    rules = [katex(), SYMBOLS, *map(fontsource, FAMILIES)]
    target = Path(app.outdir) / "_static"
    target.mkdir(parents=True, exist_ok=True)
    (target / "fonts.css").write_text("\n".join(rules), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_css_file("fonts.css", priority=400)
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
