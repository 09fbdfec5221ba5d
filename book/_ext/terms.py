"""Each chapter's first use of a term of the glossary leads there, and shows what it means.

A term that is also a word of everyday English, such as *step*, is linked where it is first
emphasised, that is, where a chapter introduces it: no program can tell which of its
other uses are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

# Text in these is a name, a formula or a link already, or not yet the text of the chapter.
CLOSED = (
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.reference,
    nodes.title,
    nodes.rubric,
    addnodes.glossary,
    addnodes.toctree,
)


def meanings(env: BuildEnvironment, page: str) -> dict[str, tuple[str, str]]:
    """The terms of the glossary on this page: their anchors and what they mean."""
    found = {}
    for item in env.get_doctree(page).findall(nodes.definition_list_item):
        first = next(item.findall(nodes.paragraph))
        for term in item.findall(nodes.term):
            found[term.astext()] = (term["ids"][0], in_words(first))
    return found


def in_words(definition: nodes.paragraph) -> str:
    """A definition without the formula that may follow it after a semicolon."""
    text = "".join(
        "" if isinstance(x, nodes.math) else str(x)
        for x in definition.findall(lambda x: isinstance(x, nodes.math | nodes.Text))
        if not isinstance(x.parent, nodes.math)
    )
    return re.sub(r"[;, ]+\.$", ".", " ".join(text.split()))


@cache
def pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Matches a term, or several such things; of two that begin alike the longer one."""
    words = []
    for term in sorted(terms, key=len, reverse=True):
        stem, plural = (
            (term[:-1], "(?:y|ies)") if term[-1] == "y" else (term, "(?:e?s)?")
        )
        first, rest = re.escape(stem[0]), re.escape(stem[1:]).replace(r"\ ", r"\s+")
        words.append(
            f"(?P<_{terms.index(term)}>[{first}{first.upper()}]{rest}{plural})"
        )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])")


def texts(doctree: nodes.document) -> Iterator[nodes.Text]:
    """What a reader reads, in order, without the card and what links or runs."""
    for text in list(doctree.findall(nodes.Text)):
        above, node = [], text.parent
        while node is not None:
            above.append(node)
            node = node.parent
        cards = any("chapter-card" in x.get("classes", ()) for x in above)
        if not cards and not any(isinstance(x, CLOSED) for x in above):
            yield text


def link_first_uses(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Link the first use of each term on this page."""
    home, env = app.config.glossary_page, app.env
    if app.builder.format != "html" or page.startswith(
        tuple(app.config.glossary_spares)
    ):
        return
    if home not in env.found_docs:
        return
    known = meanings(env, home)
    everyday, left = set(app.config.glossary_everyday), dict(known)
    for text in texts(doctree):
        emphasised = isinstance(text.parent, nodes.emphasis | nodes.strong)
        new: list[nodes.Node] = []
        rest = str(text)
        while terms := tuple(x for x in left if emphasised or x not in everyday):
            match = pattern(terms).search(rest)
            if not match:
                break
            term = terms[int(str(match.lastgroup)[1:])]
            anchor, meaning = known[term]
            left = {x: y for x, y in left.items() if y[1] != meaning}
            uri = app.builder.get_relative_uri(page, home) + "#" + anchor
            link = nodes.reference("", match[0], internal=True, refuri=uri)
            link["classes"].append("term")
            link["reftitle"] = meaning
            new += [nodes.Text(rest[: match.start()]), link]
            rest = rest[match.end() :]
        if new:
            text.parent.replace(text, [*new, nodes.Text(rest)])


def all_if_it_changed(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], _: set[str]
) -> list[str]:
    """Every page shows meanings: when the glossary changes, all are read again."""
    return sorted(env.found_docs) if app.config.glossary_page in changed else []


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("glossary_page", "", "env", [str])
    app.add_config_value("glossary_everyday", [], "env", [list])
    app.add_config_value("glossary_spares", [], "env", [list])
    app.connect("doctree-resolved", link_first_uses)
    app.connect("env-get-outdated", all_if_it_changed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
