"""The checks find what they look for: on small pages, each with one thing wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import site_files as site
from playwright.sync_api import Browser, Page
from rules import cut, inaccessible, sideways, unreadable, visit

HEAD = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,">"""
SOUND = """<nav id="pst-primary-sidebar" aria-label="Book"><a href="#x">Contents</a></nav>
<main><h1 id="x">A title</h1><article class="bd-article"><p>Text.</p>{}</article></main>"""
WIDE = '<div style="width: 900px">wide</div>'


@pytest.fixture
def show(browser: Browser, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Open a page with something in it, on a phone."""

    def open_page(inside: str) -> Page:
        (tmp_path / "a.html").write_text(HEAD + SOUND.format(inside), encoding="utf-8")
        tab.open("a.html")
        return tab.page

    size = {"width": 390, "height": 800}
    with visit(browser, tmp_path.as_uri() + "/", viewport=size) as tab:
        yield open_page


RULES = (sideways, cut, unreadable, inaccessible)


def test_a_sound_page_passes(show) -> None:  # type: ignore[no-untyped-def]
    scrolls = '<div style="overflow-x: auto" tabindex="0">{}</div>'.format
    folded = "<details><summary>More</summary>Folded away.</details>"
    page = show(scrolls(WIDE) + folded)
    assert [fault for rule in RULES for fault in rule(page)] == []


@pytest.mark.parametrize(
    "rule, inside",
    [
        (sideways, WIDE),
        (sideways, "<table><tr><td>" + "wide" * 100 + "</table>"),
        (cut, f'<div style="overflow-x: auto">{WIDE}</div>'),
        (cut, f'<div style="overflow: hidden">{WIDE}</div>'),
        (unreadable, '<p style="display: none">A proof.</p>'),
        (unreadable, '<p style="opacity: 0">A proof.</p>'),
        (unreadable, '<span class="math">x^2</span>'),
        (unreadable, '<figure><img alt="Curves" style="height: 2px"></figure>'),
        (inaccessible, "<button></button>"),
        (inaccessible, '<img src="data:,">'),
        (inaccessible, '<p style="color: #999; background: #fff">Pale.</p>'),
    ],
)
def test_a_fault_is_found(show, rule, inside: str) -> None:  # type: ignore[no-untyped-def]
    assert rule(show(inside))


@pytest.mark.parametrize(
    "inside, fault",
    [
        ('<a href="b.html">', "no such file"),
        ('<a href="#nowhere">', "no such id"),
        ('<a href="../a.html">', "leaves the folder"),
        ('<img src="https://example.org/a.png">', "<img> loads"),
        ('<script src="//example.org/a.js"></script>', "<script> loads"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(
    tmp_path: Path, inside: str, fault: str
) -> None:
    page = HEAD + '<a href="?q=1#here" id="here"><a href="https://example.org">'
    (tmp_path / "good.html").write_text(page)
    (tmp_path / "bad.html").write_text(page + inside)
    assert site.broken_links(tmp_path, "good.html") == []
    (found,) = site.broken_links(tmp_path, "bad.html")
    assert fault in found


@pytest.mark.parametrize(
    "inside",
    [
        '<img src="missing.png" alt="">',
        "<script>undefined.x</script>",
        '<script>console.error("oh")</script>',
        '<script>fetch("http://127.0.0.1:9/x").catch(() => 0)</script>',
    ],
)
def test_what_goes_wrong_while_loading_is_found(
    browser: Browser, tmp_path: Path, inside: str
) -> None:
    (tmp_path / "sound.html").write_text(HEAD)
    (tmp_path / "broken.html").write_text(HEAD + inside)
    with site.served(tmp_path) as home, visit(browser, home) as tab:
        tab.open("sound.html")
        assert not tab.faults
        tab.open("broken.html")
        tab.page.wait_for_load_state("networkidle")
        assert tab.faults
