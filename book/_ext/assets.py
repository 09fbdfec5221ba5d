"""Typefaces and KaTeX's stylesheet, from the npm packages into the pages' `_static`.

The book serves everything itself: nothing is fetched when a page is read, and no
third-party file is kept in the repository.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PACKAGES = Path(__file__).resolve().parents[2] / "node_modules"
FAMILIES = ("source-serif-4", "source-sans-3", "source-code-pro")
SUBSETS = ("latin", "latin-ext", "greek")
STYLES = {"wght.css": "normal", "wght-italic.css": "italic"}


def fontsource(family: str, target: Path) -> str:
    """Copy the subsets of one family; return their `@font-face` rules."""
    source = PACKAGES / "@fontsource-variable" / family
    rules = []
    for sheet, style in STYLES.items():
        text = (source / sheet).read_text(encoding="utf-8")
        for subset in SUBSETS:
            file = f"{family}-{subset}-wght-{style}.woff2"
            shutil.copyfile(source / "files" / file, target / file)
            face = re.search(rf"@font-face \{{[^}}]*{re.escape(file)}[^}}]*\}}", text)
            if face is None:
                raise ExtensionError(f"{source / sheet} has no rule for {file}")
            rules.append(face[0].replace("./files/", ""))
    return "\n".join(rules)


def katex(target: Path) -> str:
    """Copy KaTeX's fonts, in the one format every browser reads; return its rules."""
    source = PACKAGES / "katex" / "dist"
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copyfile(font, target / font.name)
    css = (source / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\([^)]*\.(woff|ttf)\) format\("\w+"\)', "", css)
    return css.replace("url(fonts/", "url(")


def copy(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    if not PACKAGES.is_dir():
        raise ExtensionError("the pages' typefaces are missing: run `npm ci`")
    target = Path(app.outdir) / "_static" / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    rules = [katex(target), *(fontsource(family, target) for family in FAMILIES)]
    (target / "fonts.css").write_text("\n".join(rules), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_css_file("fonts/fonts.css", priority=400)
    app.connect("builder-inited", copy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
