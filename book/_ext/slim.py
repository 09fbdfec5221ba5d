"""Take out of the theme's pages what this book does not need.

The theme ships 1.5 MB of script to draw icons that its fonts draw already, a client of
an online notebook service (twice, which is an error in the console), and the search
index and more scripts on every page though few pages use them. None of that has an
option. Each step is a function here; `finish` has the list of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from docutils import nodes
from pages import Pages
from sphinx.application import Sphinx

UNUSED = [  # files below _static
    "scripts/fontawesome.js*",
    "scripts/*.map",
    "styles/*.map",
    "sphinx-thebe.*",
    "locales/**/*",
    "images/logo_*",
    "*webpack-macros.html",
    "*.mplstyle",
    "vendor/**/*",
    "scripts/bootstrap.js*",
    "pygments.css",
]
DROPPED = re.compile(
    r"""<script[^>]*fontawesome\.js[^>]*></script>
      | <script[^>]*sphinx-thebe\.js[^>]*></script>
      | <script>const\ THEBE_JS_URL.*?</script>
      | <script\ type="text/x-thebe-config">.*?</script>
      | <script>kernelName\ =.*?</script>
      | <link[^>]*(?:sphinx-thebe|pygments)\.css[^>]*/>
      | <(?:script|link)[^>]*bootstrap\.js[^>]*>(?:</script>)?
      | <button[^>]*id="pst-back-to-top".*?</button>
      | <i\ class="fa-brands.*?</i>
      | <div\ id="ethical-ad-placement".*?</div>
      | <meta\ name="docsearch:\w+"[^>]*/>
      | [ ]id="(?:proof|exercise|solution)-content"  # the same in each of them,
      | (?<="proof\ admonition")\ id="proof"  # and this, unless it has a label
      """,
    re.VERBOSE | re.DOTALL,
)
# Scripts, and what a page must have for them to do anything.
USED = {
    "(searchtools|language_data|searchindex)": r'id="search-results"',
    r"(clipboard\.min|copybutton)": "<pre",
    "togglebutton": r'class="([^"]* )?(toggle|dropdown)[ "]',
    "design-tabs": "sd-tab-set",
}
# Inline scripts need these at once.
OPTIONS = re.compile(r"<script[^>]*/documentation_options\.js[^>]*>")
BLOCKING = re.compile(r"<script (?=[^>]*src=)(?![^>]*(?:defer|async))")
# For screen readers: a sidebar that is a landmark, a button named as it looks, entries
# of the bibliography that its list may hold, corners of tables that head nothing.
RENAMED = {
    '<div id="pst-primary-sidebar" class=': '<div id="pst-primary-sidebar" '
    'role="navigation" aria-label="Book" class=',
    'search-button-field search-button__button pst-js-only" title="Search" '
    'aria-label="Search"': 'search-button-field search-button__button pst-js-only"',
    **{
        f'<th class="head{align}">{empty}</th>': f'<td class="head{align}"></td>'
        for align in ("", " text-left", " text-center", " text-right")
        for empty in ("", "<p></p>")
    },
    'role="doc-biblioentry"': 'role="listitem"',
    # The theme hides the page's contents beside what it knows to take the margin.
    '<div class="eq-code ': '<div class="popout eq-code ',
}
# An excerpt shows formulas once, and a folder of files (`file:`) lets no script read them.
EXCERPTS = {
    '[".headerlink", "script", "style"]': '[".headerlink", "script", "style", '
    '"annotation", ".katex-html", ".chunk-faces", ".chunk-result", ".chunk-foot"]',
    "DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY": '(location.protocol !== "file:")',
}
# The parts of the book in the sidebar, and the sections of the page that is open.
PART = re.compile(
    r'<p aria-level="2" class="caption" role="heading">(<span.*?</span>)</p>\s*'
    r'(<ul class="(?:nav|current nav) bd-sidenav">.*?</ul>)',
    re.DOTALL,
)
SECTION = re.compile(
    r'<li class="toc-h2 [^>]*>(<a [^>]*href="#[^>]*>.*?</a>)', re.DOTALL
)
HERE = '<a class="current reference internal" href="#">'
# The lines of a signature: a list of definitions that defines nothing.
SIGNATURE = re.compile(
    r'(?<=<span class="sig-paren">\(</span>)\s*<dl>(.*?)</dl>', re.DOTALL
)
THEME = re.compile(r'<script data-cfasync="false">.*?</script>', re.DOTALL)
# The palette before the first paint: the theme leaves "auto" to a later script.
PALETTE = """<script>
    (({ dataset }) => {
      dataset.mode = localStorage.getItem("mode") || "auto";
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      dataset.theme = dataset.mode !== "auto" ? dataset.mode : dark ? "dark" : "light";
    })(document.documentElement);
  </script>"""


def each_new(pages: Pages, steps: Iterable[Callable[[str], str]]) -> None:
    """Take the pages of this build through some steps: those that name their options."""
    options = (pages.static / "documentation_options.js").read_text(encoding="utf-8")

    def finished(page: str) -> str:
        page, new = OPTIONS.subn(lambda _: f"<script>{options}", page)
        for step in steps if new else ():
            page = step(page)
        return page

    pages.change(finished)


def drop_parts(page: str) -> str:
    return DROPPED.sub("", page)


def drop_idle_scripts(page: str) -> str:
    for script, sign in USED.items():
        if not re.search(sign, page):
            page = re.sub(rf'<script[^>]*[/"]{script}\.js[^>]*></script>', "", page)
    return page


def defer_scripts(page: str) -> str:
    return BLOCKING.sub("<script defer ", page)


def begin_light(page: str) -> str:
    return page.replace('data-theme="auto"', 'data-theme="light"', 1)


def fold_parts(page: str) -> str:
    """Let the parts in the sidebar unfold; the one of this page is open."""
    sections = dict.fromkeys(SECTION.findall(page))  # they stand in a drawer, too
    links = "".join(f"<li>{link}</li>" for link in sections)

    def part(found: re.Match[str]) -> str:
        caption, entries = found.groups()
        before, here, after = entries.partition(HERE)
        if here:
            after = after.replace("</a>", f'</a><ul class="sections">{links}</ul>', 1)
        state = " open" if here or HERE not in page else ""
        return f"<details{state}><summary>{caption}</summary>{before}{here}{after}</details>"

    return PART.sub(part, page)


def line_up_signatures(page: str) -> str:
    def lines(found: re.Match[str]) -> str:
        return re.sub(
            r"<(/?)dd>", r"<\1span>", f'<span class="sig-lines">{found[1]}</span>'
        )

    return SIGNATURE.sub(lines, page)


def rename(page: str) -> str:
    return replace(page, RENAMED)


def choose_palette(page: str) -> str:
    return THEME.sub(PALETTE, page, count=1)


def replace(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def describe(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """The first paragraph, for search engines and link previews."""
    first = next(iter(doctree.findall(nodes.paragraph)), None) if doctree else None
    if first is not None:
        text = escape(" ".join(first.astext().split())[:300])
        context["metatags"] += f'<meta name="description" content="{text}" />\n'


def drop_files(pages: Pages) -> None:
    for pattern in UNUSED:
        for path in pages.static.glob(pattern):
            if path.is_file():
                path.unlink()
                pages.texts.pop(path, None)
    (pages.out / ".nojekyll").touch()  # else GitHub Pages leaves out what begins with _


def mend_search(pages: Pages) -> None:
    for path in pages.static.glob("searchtools.js"):
        before = path.read_text(encoding="utf-8")
        if (after := replace(before, EXCERPTS)) != before:
            path.write_text(after, encoding="utf-8")
