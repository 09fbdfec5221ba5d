"""The works that the book names, read from references.bib and papers.yml, and the rules
that both must keep. Knows nothing of pages.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pybtex.database import Person, parse_file  # type: ignore[import-untyped]
from pybtex.richtext import Text  # type: ignore[import-untyped]

ARXIV = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.(\d{4,5})")  # numbers since April 2007
FIVE_DIGITS = 1501  # the first month whose numbers have five digits after the dot
DOI = re.compile(r"10\.\d{4,9}/[^\s{}]+")
LATEX = re.compile(r"[\\{}$~'`]|--")
ARXIV_ONLY = "arXiv"  # the venue of what appeared nowhere else
VENUES = ["booktitle", "journal", "publisher", "school", "organization", "howpublished"]
CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")


@dataclass(frozen=True)
class Work:
    """One entry of the bibliography, in plain text."""

    key: str
    title: str
    authors: tuple[str, ...]
    surnames: tuple[str, ...]
    more: bool  # authors than are named
    year: int
    venue: str
    eprint: str
    doi: str
    isbn: str
    url: str
    noid: str
    posted: str
    checked: str

    @property
    def address(self) -> str:
        """Where the work is found; nowhere, if all that is known is a book's number."""
        if self.eprint:
            return f"https://arxiv.org/abs/{self.eprint}"
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def identifier(self) -> str:
        """The same in the words of a list of references."""
        if self.eprint:
            return f"arXiv:{self.eprint}"
        if self.doi:
            return f"doi:{self.doi}"
        return f"ISBN {self.isbn}" if self.isbn else self.url.split("/")[2]

    @property
    def short(self) -> str:
        """Authors and year, as the text cites them."""
        first, *rest = self.surnames
        if len(rest) > 1 or self.more:
            names = f"{first} et al."
        else:
            names = " and ".join([first, *rest])
        return f"{names} ({self.year})"

    def names(self, most: int) -> str:
        """The authors, at most so many by name."""
        shown = [*self.authors[:most]]
        if self.more or len(self.authors) > most:
            return ", ".join(shown) + " and others"
        *first, last = shown
        return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Topic:
    name: str
    title: str
    papers: dict[str, str]  # what each is for, by key


@dataclass(frozen=True)
class Guide:
    """What papers.yml says of the works."""

    core: list[str]
    contested: dict[str, dict[str, str]]
    topics: dict[str, Topic]
    unprinted: dict[str, str]

    @property
    def why(self) -> dict[str, str]:
        return {key: why for t in self.topics.values() for key, why in t.papers.items()}


class Citation(NamedTuple):
    place: str
    key: str


def _plain(latex: str) -> str:
    """Text without LaTeX; most has none, and to parse it takes its time."""
    return str(Text.from_latex(latex)) if LATEX.search(latex) else latex


def _name(person: Person) -> str:
    given = [*person.first_names, *person.middle_names]
    family = [*person.prelast_names, *person.last_names, *person.lineage_names]
    return _plain(" ".join([*given, *family]))


def _surname(person: Person) -> str:
    return _plain(" ".join([*person.prelast_names, *person.last_names]))


def read_works(file: Path) -> dict[str, Work]:
    """The works of a bibliography by key; pybtex refuses what is no BibTeX."""
    works = {}
    for key, entry in parse_file(str(file)).entries.items():
        people = entry.persons.get("author", [])
        named = [person for person in people if str(person) != "others"]
        text = {name: _plain(value) for name, value in entry.fields.items()}
        venue = next((text[name] for name in VENUES if name in text), ARXIV_ONLY)
        rest = ("title", "eprint", "doi", "isbn", "url", "noid", "posted", "checked")
        works[key] = Work(
            key=key,
            authors=tuple(map(_name, named)),
            surnames=tuple(map(_surname, named)),
            more=len(named) < len(people),
            year=int(text.get("year", 0)),
            venue=venue,
            **{name: text.get(name, "") for name in rest},
        )
    return works


def read_guide(file: Path) -> Guide:
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    data["topics"] = {k: Topic(k, **topic) for k, topic in data["topics"].items()}
    return Guide(**{field.name: data[field.name] for field in fields(Guide)})


def split(keys: str) -> list[str]:
    """The keys in one citation, without what stands before or after them in braces."""
    return [re.sub(r"\{[^}]*\}", "", key).strip() for key in keys.split(",")]


def citations(folder: Path) -> Iterator[Citation]:
    """Each citation in the chapters below a folder, and where it stands."""
    for file in sorted(folder.rglob("*.md")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for found in CITATION.findall(line):
                for key in split(found):
                    yield Citation(f"{file.relative_to(folder)}:{number}", key)


def of_work(work: Work) -> Iterator[str]:
    """What is wrong with an entry by itself."""
    for name in ("title", "authors", "year", "checked"):
        if not getattr(work, name):
            yield f"has no {name}"
    identified = work.eprint or work.doi or work.isbn
    if not identified and not (work.noid and work.url):
        yield "has no identifier (eprint, doi, isbn), nor why (noid) and where it is (url)"
    if identified and work.noid:
        yield "has an identifier and says why it has none"
    if work.doi and not DOI.fullmatch(work.doi):
        yield f"has a malformed DOI, {work.doi}"
    if work.isbn and not is_isbn(work.isbn):
        yield f"has a malformed ISBN, {work.isbn}"
    if work.eprint:
        yield from of_eprint(work)


def is_isbn(text: str) -> bool:
    """Ten or thirteen digits with the right last one."""
    digits = [10 if x == "X" else int(x) for x in re.findall(r"\d|X$", text)]
    if len(digits) == 10:
        return sum(n * x for n, x in zip(range(10, 0, -1), digits)) % 11 == 0
    weighted = sum(digits[::2]) + 3 * sum(digits[1::2])
    return len(digits) == 13 and weighted % 10 == 0


def of_eprint(work: Work) -> Iterator[str]:
    found = ARXIV.fullmatch(work.eprint)
    if not found:
        yield f"has a malformed number of arXiv, {work.eprint}"
        return
    year, month, number = found.groups()
    if (len(number) == 5) != (int(year + month) >= FIVE_DIGITS):
        yield f"has a number of arXiv with too many digits or too few, {work.eprint}"
    if work.year < 2000 + int(year) and not work.posted:
        yield f"is of {work.year}, and came to arXiv in 20{year}"


def doubles(works: Iterable[Work]) -> Iterator[str]:
    """Works that are there twice, by their title or identifier."""
    same: dict[str, Callable[[Work], str]] = {
        "title": lambda work: re.sub(r"\W", "", work.title).lower(),
        "eprint": lambda work: work.eprint,
        "doi": lambda work: work.doi.lower(),
        "isbn": lambda work: work.isbn.replace("-", ""),
    }
    for name, of in same.items():
        keys = defaultdict(list)
        for work in works:
            if of(work):
                keys[of(work)].append(work.key)
        for found in keys.values():
            if len(found) > 1:
                yield f"{', '.join(found)}: the same {name}"


def faults(works: dict[str, Work], cited: Iterable[Citation] = ()) -> list[str]:
    """All that is wrong with a bibliography and what cites it."""
    found = [f"{w.key} {fault}" for w in works.values() for fault in of_work(w)]
    found += doubles(works.values())
    lost = [f"{c.place}: no entry {c.key}" for c in cited if c.key not in works]
    return found + lost


def faults_of_guide(guide: Guide, works: dict[str, Work]) -> list[str]:
    """Where papers.yml and the bibliography do not name the same works."""
    keys = [key for topic in guide.topics.values() for key in topic.papers]
    known = set(works)
    says = {key for critique in guide.contested.values() for key in critique}
    found = [f"{key} stands in two topics" for key in {*keys} if keys.count(key) > 1]
    found += [f"{key} has no sentence" for key in known - {*keys}]
    named = {*keys, *guide.core, *guide.contested, *says}
    found += [f"{key} has no entry" for key in named - known]
    found += [f"{key} is printed" for key in known & {*guide.unprinted}]
    texts = [
        *guide.why.values(),
        *(s for c in guide.contested.values() for s in c.values()),
    ]
    found += [f"no sentence: {text!r}" for text in texts if not text.endswith(".")]
    if len(guide.core) != 30 or len({*guide.core}) != 30:
        found.append("the core path is not of thirty works")
    return sorted(found)
