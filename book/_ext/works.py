"""Works and where the book uses them: the page of key papers, and what a citation shows.

From references.bib and papers.yml come the lists of the page, each entry with the chapters
that cite it and the lines of code that stand beside the citations; and, on every page with
citations, the data from which cards.js makes a card beside one.
"""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import bibfile
from bibfile import CITATION, Guide, Work, split
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from tangle import Program
from tangle.model import Block, Output

BIBLIOGRAPHY = "references.bib"
GUIDE = "research/papers.yml"
PACKAGE = "spinup_lit/"
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
HEADING = re.compile(r"(#{1,6}) ")
CODE = (tokenize.COMMENT, tokenize.STRING)  # what may name a work


class Lines(NamedTuple):
    """Lines of a file of the package, counted from 1."""

    path: str
    first: int
    last: int

    def __str__(self) -> str:
        end = f"–{self.last}" if self.last > self.first else ""
        return f"{self.path.removeprefix(PACKAGE)} {self.first}{end}"


class Library:
    """The works, and where chapters and code use them, as of one build."""

    def __init__(self, source: Path, program: Program) -> None:
        files = [source / BIBLIOGRAPHY, source / GUIDE]
        self.works: dict[str, Work] = bibfile.read_works(files[0])
        self.guide: Guide = bibfile.read_guide(files[1])
        self.code = code_of(program, self.works.values())
        read = b"".join(file.read_bytes() for file in files)
        self.data = sha256(read).hexdigest()
        self.rank = {key: place for place, key in enumerate(self.guide.core, 1)}


# -- Where works are used --------------------------------------------------------------


def beside(text: str, blocks: Iterable[Block]) -> dict[Block, set[str]]:
    """The works cited before each block in the prose of its section.

    A citation in the opening of a chapter, above its first section, is for the files
    that the chapter puts together.

    Args:
        text: a chapter.
        blocks: its tangled blocks.
    """
    at = {block.place.line: block for block in blocks}
    found: dict[Block, set[str]] = {}
    section: set[str] = set()
    opening: set[str] | None = None
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if block := at.get(number):
            found[block] = {*section, *(opening or () if block.file else ())}
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        elif mark:
            fence = mark[1]
        elif heading := HEADING.match(line):
            if opening is None and len(heading[1]) > 1:
                opening = section
            section = set()
        else:
            section |= {key for keys in CITATION.findall(line) for key in split(keys)}
    return found


def mentioned(code: str, works: Iterable[Work]) -> Iterator[tuple[str, int]]:
    """The works that comments and docstrings name, by key or by author and year."""
    texts = [
        (token.start[0] + row, line)
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type in CODE
        for row, line in enumerate(token.string.splitlines())
    ]
    for work in works:
        if work.key not in code and work.surnames[0] not in code:
            continue  # nearly always, and soon said
        name = rf"\b{re.escape(work.surnames[0])}\b[^.]*(et al\.)?[^.]*\b{work.year}\b"
        named = re.compile(rf"\b{work.key}\b|{name}")
        yield from ((work.key, number) for number, line in texts if named.search(line))


def code_of(program: Program, works: Iterable[Work]) -> dict[str, list[Lines]]:
    """The lines of the package that use each work.

    That is: those that stand beside a citation of it, and those whose comments or
    docstrings name it.
    """
    found: dict[str, set[Lines]] = defaultdict(set)
    package = [o for o in program.outputs if o.path.startswith(PACKAGE)]
    lands: dict[Block, list[Lines]] = defaultdict(list)
    for output in package:
        for span in output.spans:
            lands[span.block].append(Lines(output.path, span.first, span.last))
    for chapter in program.book.chapters:
        text = (program.book.root / chapter.path).read_text(encoding="utf-8")
        for block, keys in beside(text, chapter.blocks).items():
            for key in keys:
                found[key].update(lands[block])
    for output in filter(_is_python, package):
        for key, number in mentioned(output.text, works):
            found[key].add(Lines(output.path, number, number))
    return {key: outermost(lines) for key, lines in found.items()}


def outermost(lines: Iterable[Lines]) -> list[Lines]:
    """Those that are not part of others, in order."""
    kept: list[Lines] = []
    for one in sorted(lines, key=lambda one: (one.path, one.first, -one.last)):
        if not kept or kept[-1].path != one.path or kept[-1].last < one.last:
            kept.append(one)
    return kept


def _is_python(output: Output) -> bool:
    return output.path.endswith(".py")


def citing(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """For each work the pages that cite it, in the book's order, and the first place."""
    domain: Any = env.get_domain("cite")
    order = {page: place for place, page in enumerate(_pages(env))}
    refs = sorted(domain.citation_refs, key=lambda ref: order.get(ref.docname, -1))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for ref in refs:
        for target in ref.targets:
            found[target.key].setdefault(ref.docname, ref.citation_ref_id)
    return found


def _pages(env: BuildEnvironment) -> list[str]:
    """All pages in the order of the table of contents."""
    seen: dict[str, None] = {}

    def walk(page: str) -> None:
        if page not in seen:
            seen[page] = None
            for below in env.toctree_includes.get(page, []):
                walk(below)

    walk(env.config.root_doc)
    return [*seen]


# -- The page of key papers ------------------------------------------------------------


class uses(nodes.General, nodes.Element):
    """Stands for where a work is used until all chapters are read."""


class Papers(SphinxDirective):
    """The papers of a topic, oldest first; of `core`, the core path; `counts`, a table."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        library = library_of(self.env)
        for file in (BIBLIOGRAPHY, GUIDE):
            self.env.note_dependency(str(Path(self.env.srcdir) / file))
        self.env.works_page = self.env.docname  # type: ignore[attr-defined]
        name = self.arguments[0]
        if name == "core":
            return [core_path(library)]
        if name == "counts":
            return [counts(library)]
        if name not in library.guide.topics:
            raise self.error(f"papers.yml has no topic {name}")
        return [topic(library, name)]


def anchor(key: str) -> str:
    return f"paper-{key}"


def inside(key: str, text: str) -> nodes.reference:
    """A link to the entry of another work on the page."""
    return nodes.reference("", text, internal=True, refid=anchor(key))


def paragraph(kind: str, *parts: nodes.Node | str) -> nodes.paragraph:
    texts = (nodes.Text(part) if isinstance(part, str) else part for part in parts)
    return nodes.paragraph("", "", *texts, classes=[f"work-{kind}"])


def core_path(library: Library) -> nodes.enumerated_list:
    path = nodes.enumerated_list(enumtype="arabic", classes=["core-path"])
    for key in library.guide.core:
        work = library.works[key]
        names = f", {work.short}"
        line = nodes.paragraph("", "", inside(key, work.title), nodes.Text(names))
        path += nodes.list_item("", line)
    return path


def counts(library: Library) -> nodes.bullet_list:
    """The topics, how many papers each has, and how many of them of the core path."""
    rows = nodes.bullet_list(classes=["work-counts"])
    for found in library.guide.topics.values():
        link = nodes.reference(
            "", found.title, internal=True, refid=f"papers-{found.name}"
        )
        core = sum(key in library.rank for key in found.papers)
        of_core = f", {core} of the core path" if core else ""
        number = nodes.Text(f" {len(found.papers)}{of_core}")
        rows += nodes.list_item("", nodes.paragraph("", "", link, number))
    return rows


def topic(library: Library, name: str) -> nodes.bullet_list:
    keys = sorted(
        library.guide.topics[name].papers, key=lambda k: library.works[k].year
    )
    entries = nodes.bullet_list(classes=["works"], ids=[f"papers-{name}"])
    for key in keys:
        entries += entry(library, key)
    return entries


def entry(library: Library, key: str) -> nodes.list_item:
    """A work with all that is said of it; its classes are what papers.js filters by."""
    work, critiques = library.works[key], library.guide.contested.get(key, {})
    kinds = ["work", f"year-{work.year}"]
    title: nodes.Node = nodes.Text(work.title)
    if work.address:
        title = nodes.reference("", work.title, internal=False, refuri=work.address)
    head = paragraph("title", title)
    if key in library.rank:
        kinds.append("core")
        head += nodes.inline(
            "", f" core path, {library.rank[key]}", classes=["work-core"]
        )
    where = "" if work.venue == bibfile.ARXIV_ONLY else f"{work.venue}, "
    by = f"{work.names(8)}. {where}{work.year}. {work.identifier}"
    item = nodes.list_item("", head, paragraph("by", by), ids=[anchor(key)])
    item += paragraph("why", library.guide.why[key])
    for critic, says in critiques.items():
        link = inside(critic, library.works[critic].short)
        item += paragraph("critique", nodes.strong("", "Contested: "), link, f" {says}")
    item["classes"] = [*kinds, "contested"] if critiques else kinds
    item += uses(key=key)
    return item


def resolve_uses(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Say under each work which chapters cite it, and which code stands beside."""
    marks = [*doctree.findall(uses)]
    if not marks:
        return
    library, cited = library_of(app.env), citing(app.env)
    for mark in marks:
        key = mark["key"]
        cites = [
            nodes.reference(
                "",
                app.env.titles[of].astext(),
                internal=True,
                refuri=f"{app.builder.get_relative_uri(page, of)}#{place}",
            )
            for of, place in cited.get(key, {}).items()
            if of != page
        ]
        code = [code_link(app, page, lines) for lines in library.code.get(key, [])]
        parts = [*said("Cited in", cites), *said("Code beside the citation", code)]
        mark.replace_self(paragraph("uses", *parts) if parts else [])


def code_link(app: Sphinx, page: str, lines: Lines) -> nodes.Node:
    if app.builder.name not in ("html", "dirhtml"):  # on one page there are no listings
        return nodes.Text(str(lines))
    uri = app.builder.get_relative_uri(page, f"listings/{lines.path}")
    uri = f"{uri}#L{lines.first}"
    return nodes.reference("", str(lines), internal=True, refuri=uri)


def said(what: str, links: list[Any]) -> Iterator[nodes.Node | str]:
    """`what: this, that. `, or nothing."""
    for place, link in enumerate(links):
        yield ", " if place else f"{what}: "
        yield link
    if links:
        yield ". "


# -- What a citation shows -------------------------------------------------------------


def shown(library: Library, key: str) -> list[str]:
    """What a card says: title, authors, where and when, and why to read it."""
    work = library.works[key]
    why = library.guide.why[key]
    return [work.title, work.names(6), f"{work.venue}, {work.year}", why]


def cards(app: Sphinx, page: str, doctree: nodes.document) -> dict[str, list[str]]:
    """The cards of the citations on a page, by the address that each links to."""
    domain: Any = app.env.get_domain("cite")
    library = library_of(app.env)
    keys = {
        f"{app.builder.get_relative_uri(page, c.bibliography_key.docname)}#{c.citation_id}": c.key
        for c in domain.citations
        if c.key in library.works
    }
    links = (link.get("refuri", "") for link in doctree.findall(nodes.reference))
    return {to: shown(library, keys[to]) for to in links if to in keys}


def embed(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Put what the cards of a page say into it, and the filter where there is a list."""
    if app.builder.name not in ("html", "dirhtml") or doctree is None:
        return
    found = cards(app, pagename, doctree)
    if found:
        data = json.dumps(found, ensure_ascii=False).replace("</", r"<\/")
        script = f'<script type="application/json" id="works">{data}</script>'
        context["body"] += script
    if pagename == getattr(app.env, "works_page", None):
        app.add_js_file("papers.js", loading_method="defer")


# -- The stages of a build -------------------------------------------------------------


def library_of(env: BuildEnvironment) -> Library:
    """Read once in a build; a forked writer has that of its parent."""
    found: Library = env.app.works_library  # type: ignore[attr-defined]
    return found


def read(app: Sphinx, program: Program) -> None:
    app.works_library = Library(Path(app.srcdir), program)  # type: ignore[attr-defined]


def to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that say something new although nobody touched them."""
    library = library_of(env)
    cited = citing(env)
    titles = {
        page: env.titles[page].astext() for pages in cited.values() for page in pages
    }
    now = (library.data, repr((cited, titles, sorted(library.code.items()))))
    before = getattr(env, "works_written", ("", ""))
    env.works_written = now  # type: ignore[attr-defined]
    pages = set()
    if now != before and hasattr(env, "works_page"):
        pages.add(env.works_page)
    if now[0] != before[0]:
        pages |= {page for places in cited.values() for page in places}
    return sorted(pages & env.found_docs)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(uses)
    app.add_directive("papers", Papers)
    app.setup_extension("tangle.weave")
    app.connect("program-read", read)
    app.connect("env-updated", to_write)
    app.connect("doctree-resolved", resolve_uses)
    app.connect("html-page-context", embed)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
