"""The line by which a generated file proves itself. After model.

It is a comment below the lines that must come first. What has no comments, JSON for
one, keeps it beside itself, in a file of the same name and `.origin`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

BESIDE = "beside"  # instead of a comment
ORIGIN = ".origin"
# How comments begin, and end if not with the line, by the ends of names of files, by
# whole names and, where a name says nothing, by the program that runs a script.
_COMMENTS = {
    "#": ".py .pyi .pyx .sh .bash .zsh .fish .toml .yaml .yml .cfg .conf .properties "
    ".env .txt .mk .cmake .r .jl .rb .pm .tcl .awk .nix .ex .exs .ps1 .tf .hcl .nim "
    ".graphql .ttl .rq .org .gitignore .gitattributes .dockerignore .editorconfig "
    ".bashrc .zshrc .profile .npmrc Makefile GNUmakefile Dockerfile Containerfile "
    "Justfile Snakefile Gemfile Rakefile Procfile meson.build #!sh #!bash #!dash "
    "#!zsh #!ksh #!fish #!python #!perl #!ruby #!Rscript #!julia #!tclsh #!awk #!make "
    "#!elixir #!pwsh #!nix-shell #!uv",
    "//": ".js .mjs .cjs .jsx .ts .mts .cts .tsx .c .h .cc .hh .cpp .hpp .cxx .hxx .cu "
    ".cuh .rs .go .java .kt .kts .swift .scala .cs .dart .zig .php .proto .scss .less "
    ".sass .jsonc .json5 .glsl .wgsl .sol .groovy .gradle .adoc .typ .dot .gv "
    "#!node #!deno #!bun #!tsx #!ts-node #!rust-script #!swift #!scala #!groovy",
    "--": ".sql .lua .hs .elm .purs .adb .ads .vhd .vhdl #!lua #!runghc #!runhaskell "
    "#!stack",
    ";": ".ini .lisp .el .clj .cljs .scm .rkt .asm #!guile #!sbcl #!clojure #!racket",
    "%": ".tex .sty .bib .erl #!escript",
    "%%": ".mmd",
    "!": ".f90 .f95 .f03 .f08",
    "'": ".puml .vb .bas",
    '"': ".vim .vimrc",
    "@rem": ".bat .cmd",
    "/* */": ".css",
    "<!-- -->": ".html .htm .xhtml .xml .xsl .xsd .svg .md .markdown .vue .svelte "
    ".astro .urdf .qmd .Rmd",
    "{/* */}": ".mdx",
    "(* *)": ".ml .mli",
    "{# #}": ".j2 .jinja",
    BESIDE: ".json .jsonl .geojson .ipynb .csv .tsv .rst",
}
_STYLES = {name: style for style, names in _COMMENTS.items() for name in names.split()}
# Lines that say nothing unless they come first: how to run the file, in what encoding,
# as what kind of it to read it, and its front matter.
_FIRST = re.compile(
    r"""
    (?:\#!(?!\s*\[).*\n)* (?:.*-\*-.*\n|[#%;]+.*?coding[:=].*\n|--\ stack\ .*\n)?
    (?:(?:\#[ ]*(?:syntax|escape|check)[ ]*=.*\n)+ | \#lang\ .*\n | %&.*\n
      | <\?php[ ]*\n | @charset[^;]*;[ ]*\n | (---|\+\+\+)[ ]*\n(?:.*\n)*?\1[ ]*\n
      | (?:<\?xml[^>]*\?>[ ]*\n)?(?:<!doctype\ html[^>]*>[ ]*\n)?)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ALONE = re.compile(r"<\?xml|<\?php|@charset", re.IGNORECASE)  # on the line
_MARK = b": generated from "
_HEADER = re.compile(
    rb"^\S+ (?P<path>.+)" + _MARK + rb".+; edit the chapter\. "
    rb"sha256:(?P<digest>[0-9a-f]{16})(?: \S+)?\r?\n",
    re.MULTILINE,
)


class NoPlace(Exception):
    """There is no place for a header. The message says why, and what to do."""


@dataclass(frozen=True)
class Generated:
    """What a file with a header says of itself."""

    path: str
    digest: str  # of the body as it was generated
    body: bytes  # all of it but the header

    @property
    def intact(self) -> bool:
        """Nobody has touched the file since it was generated."""
        return _digest(self.body) == self.digest


def comment_style(path: str, body: str, configured: Mapping[str, str]) -> str:
    """How a comment is written in a file of this name, or that it stands beside.

    Raises:
        NoPlace: this is not known, or a line that must come first has more on it.
    """
    name, runner = PurePosixPath(path), _interpreter(body)
    known = {**_STYLES, **configured}
    keys = (name.name, name.suffix, name.suffix.lower(), runner, name.stem)
    style = next((known[key] for key in keys if key in known), None)
    if style is None:
        raise NoPlace(
            f"tangle does not know how to write a comment in {path}; say it in "
            f'_config.yml, `tangle: {{comments: {{{name.suffix or name.name}: "#"}}}}`, or '
            f"`{BESIDE}` in place of the #: then {path}{ORIGIN} says where it is from"
        )
    alone = _ALONE.match(body) or name.suffix == ".php"
    if style != BESIDE and alone and not _lines_that_come_first(body):
        must = alone[0] if isinstance(alone, re.Match) else "<?php"
        raise NoPlace(f"{path} begins with {must}, which needs a line of its own")
    return style


def _interpreter(body: str) -> str:
    """The program that runs a script, such as `#!python`."""
    words = body.partition("\n")[0].removeprefix("#!").split()
    if not body.startswith("#!") or not words:
        return ""
    names = [PurePosixPath(word).name for word in words]
    given = (name for name in names[1:] if name[0] != "-" and "=" not in name)
    name = next(given, "") if names[0] == "env" else names[0]
    return "#!" + name.rstrip("0123456789.-")


def _lines_that_come_first(body: str) -> str:
    found = _FIRST.match(body)
    return found[0] if found else ""


def place_of_header(body: str, style: str) -> int:
    """How many lines of a body stand above its header."""
    return 0 if style == BESIDE else _lines_that_come_first(body).count("\n")


def make_header(path: str, chapter: str, body: str, style: str) -> str:
    opening, _, closing = style.replace(BESIDE, "#").partition(" ")
    origin = f"{path}{_MARK.decode()}{chapter}"
    if closing:  # which a path could hold, and XML wants no -- in a comment
        origin = re.sub(r"(?<=-)(?=-)|(?<=[*#])(?=[/)}])", r"\\", origin)
    digest = _digest(body.encode())
    return f"{opening} {origin}; edit the chapter. sha256:{digest} {closing}".rstrip()


def read_header(data: bytes) -> Generated | None:
    """What the header says, or None if the file has none."""
    header = _HEADER.search(data) if _MARK in data else None
    if header is None:
        return None
    body = data[: header.start()] + data[header.end() :]
    path, digest = header["path"].decode(errors="replace"), header["digest"].decode()
    return Generated(path.replace("\\", ""), digest, body)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]
