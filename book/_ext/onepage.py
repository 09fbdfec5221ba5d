"""Sphinx's `singlehtml`: the whole book as one page, from which the PDF is printed."""

from __future__ import annotations

import re
from types import MethodType
from typing import Any

from docutils import nodes
from pages import Pages
from sphinx.application import Sphinx

CHAPTER = re.compile(r'<span id="document-([^"]+)"></span>')
ID = re.compile(r'(?<= id=")[^"]+(?=")')
LINK = re.compile(r'(?<= href=")[^"#]*#([^"]+)(?=")')
FIRST = '<div class="toctree-wrapper'
HEADING = re.compile(r"(?<=<h)([1-6])(.*?</h)\1(?=>)", re.DOTALL)
SECTION = re.compile(
    r'<section [^>]*id="([^"]+)">\s*(?:<span[^>]*></span>)*<h2>(.*?)<a class="headerlink'
)
ENTRY = re.compile(r'(?<=href="#document-)([^"]+)(">[^\n]*?</a>(?=</li>))')


def is_one_page(app: Sphinx) -> bool:
    return app.builder.name == "singlehtml"


def prepare(app: Sphinx) -> None:
    """Let all extensions write, and links say which chapter they lead to.

    Those that register how to write their parts as `singlehtml` hide, from that
    builder, those of all other extensions, which register them as `html`.
    """
    if is_one_page(app):
        handlers = app.registry.translation_handlers
        handlers["singlehtml"] = {**handlers["html"], **handlers.get("singlehtml", {})}
        keep = MethodType(lambda builder, tree: None, app.builder)
        app.builder.fix_refuris = keep  # type: ignore[attr-defined]


def contents(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """The table of contents before the first chapter."""
    if is_one_page(app) and "toctree" in context:
        tree = context["toctree"](collapse=False, maxdepth=2, includehidden=True)
        table = f'<nav class="contents-of-book"><h2>Contents</h2>{tree}</nav>'
        context["body"] = context["body"].replace(FIRST, table + FIRST, 1)


def unite(page: str) -> str:
    """Make ids that several chapters use different, and links lead to the right one."""
    head, *rest = CHAPTER.split(page)
    texts = {"": head, **dict(zip(rest[::2], rest[1::2]))}
    ids = {chapter: set(ID.findall(text)) for chapter, text in texts.items()}

    def name(chapter: str, target: str) -> str:
        """What an element of a chapter is called now."""
        others = (found for other, found in ids.items() if other != chapter)
        twice = any(target in found for found in others)
        return f"{chapter.replace('/', '-')}-{target}" if chapter and twice else target

    def lead(here: str, target: str) -> str:
        """Where a link in a chapter leads: `#ID`, or `#document-CHAPTER#ID`."""
        chapter, _, inside = target.removeprefix("document-").partition("#")
        if target.startswith("document-"):
            return f"#{name(chapter, inside)}" if inside else f"#{target}"
        return f"#{name(here, target) if target in ids[here] else target}"

    def rewrite(chapter: str, text: str) -> str:
        text = ID.sub(lambda found: name(chapter, found[0]), text)
        text = LINK.sub(lambda found: lead(chapter, found[1]), text)
        return raised(text) if chapter else text

    texts = {chapter: rewrite(chapter, text) for chapter, text in texts.items()}
    texts[""] = ENTRY.sub(lambda entry: with_sections(entry, texts), texts[""])
    marks = (f'<span id="document-{chapter}"></span>' for chapter in texts)
    return "".join("".join(pair) for pair in zip(marks, texts.values()))


def raised(text: str) -> str:
    """A chapter whose title is an `h1`, however deep Sphinx has put it."""
    above = int(found[1]) - 1 if (found := HEADING.search(text)) else 0
    return HEADING.sub(lambda h: f"{(n := int(h[1]) - above)}{h[2]}{n}", text)


def with_sections(entry: re.Match[str], texts: dict[str, str]) -> str:
    """A chapter in the table of contents, and its sections."""
    found = SECTION.findall(texts.get(entry[1], ""))
    items = "".join(f'<li><a href="#{id}">{title}</a></li>' for id, title in found)
    return f"{entry[0]}<ul>{items}</ul>" if items else entry[0]


def unite_chapters(pages: Pages) -> None:
    """Let ids and links of the one page, if it is one, say which chapter they are of."""
    if is_one_page(pages.app):
        index = pages.out / "index.html"
        pages.texts[index] = unite(pages.texts[index])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
