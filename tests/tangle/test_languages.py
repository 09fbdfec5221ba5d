"""Files in any language are what the language's own readers take them for."""

from __future__ import annotations

import configparser
import json
import shutil
import sqlite3
import subprocess
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from xml.dom import minidom

import pytest
import yaml
from test_write import killed_at_each_write

from conftest import CONFIG, Project
from tangle.header import read_header

FENCE = "````"
MARK = ": generated from book/p.md; edit the chapter. sha256:"


def files(bodies: dict[str, str]) -> str:
    return "".join(
        f"{FENCE}lang {{file={path}}}\n{body}\n{FENCE}\n\n"
        for path, body in bodies.items()
    )


def tangled(project: Project, bodies: dict[str, str]) -> Project:
    project.write({"book/p.md": files(bodies)}).tangle()
    return project


# By the beginning of a comment, and its end, names of files that have it.
COMMENTS = {
    "# ": "a.py a.sh b.R a.r a.jl a.rb a.toml a.yml a.txt requirements.txt a.cmake "
    "CMakeLists.txt Makefile Makefile.am Dockerfile Dockerfile.dev a.ps1 a.nix .bashrc",
    "// ": "a.js a.mjs a.jsx a.ts a.tsx a.c a.h a.hpp a.cc a.cu a.rs a.go a.java a.kt "
    "a.swift a.scala a.cs a.dart a.proto a.scss a.jsonc",
    "-- ": "a.sql a.lua a.hs a.elm",
    "; ": "a.ini a.lisp a.el a.clj",
    "% ": "a.tex a.sty a.bib",
    "! ": "a.f90",
    "@rem ": "a.bat",
    "/* ": "a.css",
    "<!-- ": "a.html a.xml a.svg a.md a.vue",
    "(* ": "a.ml",
}
ENDS = {"/* ": " */", "<!-- ": " -->", "(* ": " *)"}


def test_a_header_is_a_comment_of_the_language(project: Project):
    names = {name: start for start, all in COMMENTS.items() for name in all.split()}
    tangled(project, dict.fromkeys(names, "body"))
    for name, start in names.items():
        header, body = (project.root / name).read_text().splitlines()
        assert header.startswith(f"{start}{name}{MARK}"), name
        assert header[-16:].isalnum() if start not in ENDS else True
        assert header.endswith(ENDS.get(start, "")), name
        assert body == "body"
    project.write({"book/p.md": "text\n"}).tangle()
    assert project.outputs() == {}


# A file without a known ending, by the program that runs it.
SCRIPTS = {
    "#!/bin/sh": "# ",
    "#!/usr/bin/env -S FOO=1 python3.12 -u": "# ",
    "#!/usr/bin/Rscript": "# ",
    "#!/usr/bin/env node": "// ",
    "#!/usr/bin/env -S deno run": "// ",
    "#!/usr/bin/lua5.4": "-- ",
    "#! /usr/bin/guile \\": "; ",
}


def test_a_script_is_commented_as_its_interpreter_wants(project: Project):
    names = {f"bin/s{n}": first for n, first in enumerate(SCRIPTS)}
    tangled(project, {name: f"{first}\nbody" for name, first in names.items()})
    for name, first in names.items():
        lines = (project.root / name).read_text().splitlines()
        assert (lines[0], lines[2]) == (first, "body")
        assert lines[1].startswith(f"{SCRIPTS[first]}{name}{MARK}")


# Names of files, and the lines that stay first in them.
FIRST = {
    "tool.mjs": ["#!/usr/bin/env node"],
    "nix.sh": ["#!/usr/bin/env nix-shell", "#!nix-shell -i bash"],
    "coded.py": ["#!/usr/bin/env python", "# -*- coding: utf-8 -*-"],
    "second.py": ["# vim: set fileencoding=utf-8 :"],
    "lexical.el": [";;; lexical.el --- words -*- lexical-binding: t; -*-"],
    "Stack.hs": ["#!/usr/bin/env stack", "-- stack script --resolver lts-22.0"],
    "Dockerfile": ["# syntax=docker/dockerfile:1", "# escape=`"],
    "lang.rkt": ["#lang racket/base"],
    "post.md": ["---", "title: First", "date: 2020-01-01", "---"],
    "hugo.md": ["+++", 'title = "First"', "+++"],
    "site.scss": ["---", "---"],
    "pic.svg": ['<?xml version="1.0" encoding="utf-8"?>'],
    "page.html": ["<!DOCTYPE html>"],
    "old.html": ['<?xml version="1.0"?>', "<!DOCTYPE html PUBLIC 'a' 'b'>"],
    "style.css": ['@charset "utf-8";'],
    "page.php": ["<?php"],
    "plain.tex": ["%&latex"],
    # These only look like such lines.
    "attribute.rs": [],
    "rule.md": [],
    "comment.py": [],
}
LOOKALIKES = {
    "attribute.rs": "#![allow(dead_code)]",
    "rule.md": "---\n\ntext",
    "comment.py": "# syntax is free",
}


def test_lines_that_must_come_first_stay_first(project: Project):
    def whole(name: str) -> list[str]:
        return [*FIRST[name], *LOOKALIKES.get(name, "body").split("\n")]

    tangled(project, {name: "\n".join(whole(name)) for name in FIRST})
    for name, first in FIRST.items():
        lines = (project.root / name).read_text().splitlines()
        assert MARK in lines[len(first)], name
        del lines[len(first)]
        assert lines == whole(name)
        edited = (project.root / name).read_text() + "more\n"
        (project.root / name).write_text(edited)
    assert project.run("patch").code == 0
    project.write({"book/p.md": "text\n"}).tangle()
    assert project.outputs() == {}


@pytest.mark.parametrize(
    "path, body, start",
    [
        ("a.svg", '<?xml version="1.0"?><svg>\n</svg>', "<?xml"),
        ("a.css", '@charset "utf-8"; b {\n}', "@charset"),
        ("a.php", "<?php if ($x): ?>\nb\n<?php endif; ?>", "<?php"),
        ("a.php", "<b>\n</b>", "<?php"),
    ],
)
def test_a_line_that_leaves_no_place_for_a_header(project: Project, path, body, start):
    project.write({"book/p.md": files({path: body})})
    assert project.run().problems == [
        f"book/p.md:1: {path} begins with {start}, which needs a line of its own"
    ]


def events(text: str) -> list[object]:
    """What a browser makes of a page, in order, without comments."""
    found: list[object] = []
    parser = HTMLParser()
    parser.handle_decl = lambda decl: found.append(("decl", decl))  # type: ignore
    parser.handle_starttag = lambda *tag: found.append(tag)  # type: ignore
    parser.handle_data = lambda data: found.append(data.strip())  # type: ignore
    parser.feed(text)
    return [event for event in found if event]


def ini(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def rows(text: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(":memory:")
    database.executescript(text)
    return list(database.execute("select * from t"))


def tree(text: str) -> str:
    root = minidom.parseString(text).documentElement
    assert root is not None
    return root.toxml()


READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "data/a.json": (json.loads, '{"a": [1]}'),
    "empty.json": (json.loads, "0"),
    "a--b---c.svg": (tree, "<svg>\n<g/></svg>"),
    "a--b/c.xml": (tree, '<?xml version="1.0"?>\n<a>\n</a>'),
    "p.html": (events, "<!doctype html>\n<p>text</p>"),
    "a.ini": (ini, "[a]\nb = 1"),
    "a.cfg": (ini, "[a]\nb = 1"),
    "a.toml": (tomllib.loads, "[a]\nb = 1"),
    "a.yaml": (lambda text: [*yaml.safe_load_all(text)], "---\na: 1\n---\nb: 2"),
    "a.sql": (rows, "create table t (x);\ninsert into t values (3);"),
}


def test_what_reads_a_language_reads_the_same_with_a_header(project: Project):
    tangled(project, {name: body for name, (_, body) in READERS.items()})
    for name, (read, body) in READERS.items():
        assert read((project.root / name).read_text()) == read(body), name


NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_node_runs_a_script(project: Project):
    script = "#!/usr/bin/env node\nconsole.log('hello');"
    tangled(project, {"a.mjs": script, "run": script, "a/*/b.css": "b {}"})
    for name in ("a.mjs", "run"):
        command = [str(NODE), project.root / name]
        assert subprocess.run(command, capture_output=True).stdout == b"hello\n"


def test_a_path_that_would_end_its_comment(project: Project):
    tangled(project, {"a*/b.css": "b {}"})
    text = (project.root / "a*/b.css").read_text()
    assert text.index("*/") == text.index(" */\n") + 1
    assert project.run("--check").code == 0


UNKNOWN = (
    "book/p.md:1: tangle does not know how to write a comment in {0}; say it in "
    '_config.yml, `tangle: {{comments: {{{1}: "#"}}}}`, or `beside` in place of #'
)


@pytest.mark.parametrize(
    "path, key, body",
    [
        ("a.xyz", ".xyz", "b"),
        ("lib/NOTES", "NOTES", "b"),
        ("run", "run", "#!/opt/my/tool\nb"),
        ("hello", "hello", "#!"),
    ],
)
def test_an_unknown_language_has_a_way_out(project: Project, path, key, body):
    project.write({"book/p.md": files({path: body})})
    assert project.run().problems == [UNKNOWN.format(path, key)]
    tangle = f"tangle: {{comments: {{{key}: '[- -]'}}}}\n"
    project.write({"_config.yml": f"{CONFIG}{tangle}"}).tangle()
    lines = (project.root / path).read_text().splitlines()
    header = next(line for line in lines if MARK in line)
    assert header.startswith(f"[- {path}{MARK}") and header.endswith(" -]")
    assert project.run("--check").code == 0


def test_the_setting_says_otherwise_of_a_known_language(project: Project):
    """And a file may change from one to the other."""
    tangled(project, {"a.txt": "b"})
    beside = f"{CONFIG}tangle: {{comments: {{.txt: beside}}}}\n"
    for config, names in ((beside, ["a.txt", "a.txt.origin"]), (CONFIG, ["a.txt"])) * 2:
        project.write({"_config.yml": config}).tangle()
        assert list(project.outputs()) == names
        assert project.run("--check").code == 0
        assert (project.root / "a.txt").read_text().endswith("b\n")
    assert project.read("a.txt") == "b\n"


@pytest.mark.parametrize("value", ["5", "{.a: 1}", "{.a: ''}", "{.a: a b c}", "[.a]"])
def test_a_setting_that_is_none(project: Project, value: str):
    config = f"{CONFIG}tangle: {{comments: {value}}}\n"
    project.write({"_config.yml": config, "book/p.md": files({"a.py": "b"})})
    (problem,) = project.run().problems
    assert problem.startswith("_config.yml:1: not the configuration of a book: ")
    assert project.outputs() == {}


# JSON and its like: the header is beside the file.


@pytest.fixture
def data(project: Project) -> Project:
    return tangled(project, {"lib/a.json": '{"a": 1}', "b.py": "x = 1"})


def test_a_format_without_comments_keeps_its_header_beside(data: Project):
    origin = data.outputs()["lib/a.json.origin"].decode()
    assert origin.startswith(f"# lib/a.json{MARK}")
    assert data.outputs()["lib/a.json"] == b'{"a": 1}\n'
    assert data.run("where", "lib/a.json:1").out == "book/p.md:2\n"
    assert data.run("--check").code == 0


def test_it_is_written_again_and_removed_with_its_header(data: Project):
    tangled(data, {"lib/a.json": '{"a": 2}', "b.py": "x = 1"})
    assert data.outputs()["lib/a.json"] == b'{"a": 2}\n'
    tangled(data, {"b.py": "x = 1"})
    assert list(data.outputs()) == ["b.py"]
    assert not (data.root / "lib").exists()


def test_an_edit_of_it_is_seen_and_carried_back(data: Project):
    (data.root / "lib/a.json").write_text('{"a": 3}\n')
    assert data.run().problems[0].startswith("lib/a.json:1: edited by hand, and would")
    assert data.run("patch").code == 0
    assert '{"a": 3}\n' in (data.root / "book/p.md").read_text()
    assert data.run("--check").code == 0
    (data.root / "lib/a.json").write_text('{"a": 4}\n')
    assert data.run("--force", "lib/a.json").code == 0
    assert data.outputs()["lib/a.json"] == b'{"a": 3}\n'


def test_files_that_are_not_tangles_are_never_touched(data: Project):
    """A file without a header beside it, a copy, something else of that name."""
    data.write({"lib/c.json": "mine\n", "lib/c.json.origin": "mine too\n"})
    (data.root / "copy.json").write_bytes(data.outputs()["lib/a.json"])
    (data.root / "copy.json.origin").write_bytes(data.outputs()["lib/a.json.origin"])
    before = data.outputs()
    data.tangle()
    bodies = {"lib/a.json": '{"a": 1}', "b.py": "x = 1", "lib/c.json": "2"}
    data.write({"book/p.md": files({**bodies, "copy.json": "3"})})
    problems = data.run().problems
    assert [problem.split(":")[2].split(" is")[0].strip() for problem in problems] == [
        "lib/c.json",
        "lib/c.json.origin",
        "copy.json",
        "copy.json.origin",
    ]
    assert data.outputs() == before


def test_two_that_want_the_same_place(project: Project):
    config = f"{CONFIG}tangle: {{comments: {{.origin: '#'}}}}\n"
    text = files({"a.json": "1", "a.json.origin": "2"})
    project.write({"_config.yml": config, "book/p.md": text})
    assert project.run().problems == [
        "book/p.md:5: file=a.json.origin is where the header of another file is kept"
    ]


def test_a_file_that_is_there_already_gets_its_header(project: Project):
    project.write({"a.json": "1\n"})
    tangled(project, {"a.json": "1"})
    found = read_header(
        b"".join(project.outputs()[n] for n in ("a.json.origin", "a.json"))
    )
    assert found and found.intact


def test_a_run_that_is_killed_is_completed(data: Project):
    """Written anew, created, removed: two files each, in an order that loses nothing."""
    tangled(data, {"a.json": "1", "b.json": "2", "c.json": "3"})
    data.write({"book/p.md": files({"a.json": "9", "d.json": "4", "c.json": "3"})})
    for _ in killed_at_each_write(data):
        data.tangle()
        texts = {name: text for name, text in data.outputs().items() if name[-1] == "n"}
        origins = [name for name in data.outputs() if name.endswith(".origin")]
        assert data.run("--check").code == 0
        assert origins == ["a.json.origin", "c.json.origin", "d.json.origin"]
        assert [texts[f"{n}.json"] for n in "acd"] == [b"9\n", b"3\n", b"4\n"]
