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
from hashlib import sha256
from html import unescape
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from assets import PACKAGES, originals
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
WORD = re.compile(r"[A-Za-z0-9_-]+")  # what PurgeCSS looks for
MEMORY = ".styles.json"  # what each page asks of styles and fonts
TOOLS = (Path(__file__), PACKAGES / ".package-lock.json")  # and the fonts' versions


def sheets(page: str) -> list[str]:
    """The stylesheets of a page, below _static."""
    links = (SHEET.search(link) for link in LINK.findall(page.partition("</head>")[0]))
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


class Shown(NamedTuple):
    """What a file asks of styles and fonts."""

    words: list[str]  # those that styles name, too, in order
    letters: str  # each once, in order
    maths: dict[str, str]  # letters by their fonts


def shown(text: str, known: set[str]) -> Shown:
    maths: dict[str, set[str]] = {font: set() for font in MATHS.values()}
    for classes, letters in LETTERS.findall(text):
        kind = next((word for word in classes.split() if word in MATHS), "")
        maths[MATHS[kind]].update(unescape(letters))
    by_font = {font: "".join(sorted(letters)) for font, letters in maths.items()}
    words = known.intersection(WORD.findall(text))
    return Shown(sorted(words), "".join(sorted(set(text))), by_font)


def all_shown(pages: Pages, css: str) -> Shown:
    """What all pages and scripts ask for, kept from build to build by their texts."""
    memory = Path(pages.app.doctreedir) / MEMORY
    try:
        before = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    known = set(WORD.findall(css))
    salt = sha256(repr(sorted(known)).encode() + Path(__file__).read_bytes()).digest()
    found: dict[str, Shown] = {}
    # A head is to be changed, to name the stylesheet; what follows it stays.
    halves = (page.partition("</head>")[::2] for page in pages.texts.values())
    for text in chain(*halves):
        key = sha256(salt + text.encode()).hexdigest()
        found[key] = Shown(*before[key]) if key in before else shown(text, known)
    for path in pages.static.rglob("*.js"):  # makes elements, but shows no letters
        text = path.read_text(encoding="utf-8")
        key = sha256(salt + text.encode()).hexdigest()
        words = before[key][0] if key in before else shown(text, known).words
        found[key] = Shown(words, "", dict.fromkeys(MATHS.values(), ""))
    memory.write_text(json.dumps(found), encoding="utf-8")
    words = set().union(*(each.words for each in found.values()))
    letters = set().union(*(each.letters for each in found.values()))
    maths = {
        font: "".join(
            sorted(set().union(*(each.maths[font] for each in found.values())))
        )
        for font in MATHS.values()
    }
    return Shown(sorted(words), "".join(sorted(letters)), maths)


def characters(pages: Shown, css: str) -> dict[str, str]:
    """What the pages show in fonts whose names begin so, sorted; the first counts."""
    escaped = {chr(int(code, 16)) for code in ESCAPE.findall(css)}
    letters = {*TYPED, *pages.letters, *css, *escaped}
    icons = {letter for letter in letters if "\ue000" <= letter <= "\uf8ff"}
    maths = {font: set(text) for font, text in pages.maths.items()}
    # Its symbols serve text, too.
    maths[MATHS[""]] |= {letter for letter in letters if letter > "\u2100"}
    # A font of icons has letters, too, but nobody reads them in it.
    found = {"fa-": icons, **maths, "": letters}
    return {font: "".join(sorted(letters)) for font, letters in found.items()}


def bundle_styles(pages: Pages) -> None:
    """Put what the pages need of all stylesheets into one, and link them to it.

    Its name is a digest of what it is made from, so that it is made only once.
    """
    static = pages.static
    names = next((x for x in map(sheets, pages.texts.values()) if len(x) > 1), [])
    if not names:  # no page is new
        return
    own = {name for name, _ in pages.config.html_css_files}  # written for these pages
    theirs, ours = (
        "\n".join(read(static, name) for name in names if (name in own) == mine)
        for mine in (False, True)
    )
    asked = all_shown(pages, theirs)
    made_of = repr((theirs, ours, asked)).encode(), *map(Path.read_bytes, TOOLS)
    name = NAME.format(sha256(b"".join(made_of)).hexdigest()[:8])
    if not (static / name).exists():
        css = COMMENT.sub("", purge(theirs, pages.out) + ours)
        fonts = Fonts(static / "fonts", characters(asked, css))
        css = FONT.sub(fonts.rule, css)
        fonts.tidy()
        (static / name).write_text(css, encoding="utf-8")
    for old in {*static.glob(NAME.format("*")), *(static / x for x in names)}:
        if old.name != name:
            old.unlink()
    pages.change(lambda page: linked(page, name))


def linked(page: str, name: str) -> str:
    """A page with a link to the one stylesheet, in place of the first of many."""
    head, end, body = page.partition("</head>")
    links = LINK.findall(head)
    root = SHEET.search(links[0]) if links else None
    if root is None:
        return page
    before, after = head.split(links[0], 1)
    one = f'  <link rel="stylesheet" href="{root[1]}{name}" />\n'
    return before + one + LINK.sub("", after) + end + body
