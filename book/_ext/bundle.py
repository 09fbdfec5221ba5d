"""One small stylesheet for all pages, and fonts that hold what the pages show.

The theme and its extensions come with 600 KB of styles, for a hundred pages that this
book does not have; a typeface comes with every letter of its alphabet. When all pages
are written, the rules that fit none of them go, and the characters that none of them
shows. Names hold a digest, so that a browser never keeps an old one.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path

from assets import originals
from fontTools import subset
from fontTools.varLib import instancer
from katex import find_node
from pages import Pages
from sphinx.errors import ExtensionError

LINK = re.compile(r'[ ]*<link (?=[^>]*rel="stylesheet")(?![^>]*media=)[^>]*>\n?')
SHEET = re.compile(r'href="([^"]*?_static/)([^"?]+)')
IMPORT = re.compile(r'@import "([^"]+)";')
FONT = re.compile(r"@font-face\s*\{[^}]*?([\w-]+\.woff2)[^}]*\}")
SOURCE = re.compile(r"src:[^;}]*")
WEIGHT = re.compile(r"font-weight:[^;}]*")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
ESCAPE = re.compile(r"\\([0-9a-f]{2,6})")
TYPED = "".join(map(chr, range(32, 127)))  # what a reader may type into a field
# What book.css needs of a variable font; the few bold italics are the browser's work.
WEIGHTS = (400, 700)
ITALIC = 400
FEATURES = ["ccmp", "kern", "liga"]
# The letters of formulas, with their classes, and the fonts of these; the last is that
# of all others.
LETTERS = re.compile(r'<span class="(m[^"]*)"[^>]*>([^<]+)')
MATHS = {
    "mathnormal": "KaTeX_Math-Italic",
    "mathcal": "KaTeX_Caligraphic",
    "mathbb": "KaTeX_AMS",
    "amsrm": "KaTeX_AMS",
    "": "KaTeX_Main-Regular",
}
NAME = "book-{}.css"


def sheets(page: str) -> list[str]:
    """The stylesheets of a page, below _static."""
    links = (SHEET.search(link) for link in LINK.findall(page))
    return [link[2] for link in links if link]


def read(static: Path, name: str) -> str:
    """A stylesheet with those that it imports."""
    path = static / name
    text = path.read_text(encoding="utf-8")
    return IMPORT.sub(lambda found: read(path.parent, found[1]), text)


def purge(css: str, pages: Path) -> str:
    """The rules that fit something in a page, or something that a script may make."""
    script = str(Path(__file__).with_name("purge.mjs"))
    content = [str(pages / "**/*.html"), str(pages / "_static/**/*.js")]
    done = subprocess.run(
        [find_node(), script],
        input=json.dumps({"css": css, "content": content}),
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ExtensionError(
            f"PurgeCSS stopped (is it installed? npm ci): {done.stderr}"
        )
    return done.stdout


def is_italic(source: Path) -> bool:
    return source.stem.endswith("-italic")


def shrink(source: Path, text: str) -> bytes:
    """A font with the characters of a text; empty if it has none of them."""
    options = subset.Options(flavor="woff2", hinting=False, layout_features=FEATURES)
    font = subset.load_font(str(source), options)
    if not {ord(letter) for letter in text} & font.getBestCmap().keys():
        return b""
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    if "fvar" in font:
        weights = ITALIC if is_italic(source) else WEIGHTS
        font = instancer.instantiateVariableFont(font, {"wght": weights})
    file = BytesIO()
    subset.save_font(font, file, options)
    return file.getvalue()


class Fonts:
    """Writes the fonts that rules name, with the characters that the pages show."""

    def __init__(self, folder: Path, shown: dict[str, str]) -> None:
        self.folder, self.shown = folder, shown
        self.sources = originals()
        self.made: set[str] = set()
        folder.mkdir(exist_ok=True)

    def rule(self, found: re.Match[str]) -> str:
        source = self.sources[found[1]]
        text = next(t for kind, t in self.shown.items() if source.stem.startswith(kind))
        made_of = source.read_bytes(), text.encode(), Path(__file__).read_bytes()
        digest = sha256(b"".join(made_of)).hexdigest()[:8]
        name = f"{source.stem}-{digest}.woff2"
        if not (self.folder / name).exists():
            font = shrink(source, text)
            if not font:
                return ""
            (self.folder / name).write_bytes(font)
        self.made.add(name)
        rule = SOURCE.sub(f'src:url(fonts/{name}) format("woff2")', found[0], count=1)
        return WEIGHT.sub(f"font-weight:{ITALIC}", rule) if is_italic(source) else rule

    def tidy(self) -> None:
        for path in self.folder.iterdir():
            if path.name not in self.made:
                path.unlink()


def characters(pages: Iterable[str], css: str) -> dict[str, str]:
    """What the pages show in fonts whose names begin so, sorted; the first counts."""
    escaped = {chr(int(code, 16)) for code in ESCAPE.findall(css)}
    shown = set(TYPED).union(*pages, css, escaped)
    icons = {letter for letter in shown if "\ue000" <= letter <= "\uf8ff"}
    maths = {font: set[str]() for font in MATHS.values()}
    # Its symbols serve text, too.
    maths[MATHS[""]] |= {letter for letter in shown if letter > "\u2100"}
    for page in pages:
        for classes, text in LETTERS.findall(page):
            kind = next((word for word in classes.split() if word in MATHS), "")
            maths[MATHS[kind]].update(unescape(text))
    # A font of icons has letters, too, but nobody reads them in it.
    found = {"fa-": icons, **maths, "": shown}
    return {font: "".join(sorted(letters)) for font, letters in found.items()}


def bundle_styles(pages: Pages) -> None:
    """Put what the pages need of all stylesheets into one, and link them to it."""
    out, static = pages.out, pages.static
    names = next((x for x in map(sheets, pages.texts.values()) if len(x) > 1), [])
    if not names:  # no page is new
        return
    own = {name for name, _ in pages.config.html_css_files}  # written for these pages
    css = purge("\n".join(read(static, name) for name in names if name not in own), out)
    css += "\n".join(read(static, name) for name in names if name in own)
    css = COMMENT.sub("", css)
    fonts = Fonts(static / "fonts", characters(pages.texts.values(), css))
    css = FONT.sub(fonts.rule, css)
    fonts.tidy()
    name = NAME.format(sha256(css.encode()).hexdigest()[:8])
    for old in (*static.glob(NAME.format("*")), *(static / name for name in names)):
        old.unlink()
    (static / name).write_text(css, encoding="utf-8")
    pages.change(lambda page: linked(page, name))


def linked(page: str, name: str) -> str:
    """A page with a link to the one stylesheet, in place of the first of many."""
    links = LINK.findall(page)
    root = SHEET.search(links[0]) if links else None
    if root is None:
        return page
    before, after = page.split(links[0], 1)
    one = f'  <link rel="stylesheet" href="{root[1]}{name}" />\n'
    return before + one + LINK.sub("", after)
