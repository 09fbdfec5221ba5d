"""The palette: that of the reader's machine until the reader chooses another."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from rules import visit

THEME = "() => document.documentElement.dataset.theme"
PAPER = "() => getComputedStyle(document.body).backgroundColor"
COLOURS = "all => [...new Set(all.map(e => getComputedStyle(e).color))]"


def other_than(page: Page, theme: str) -> str:
    """Press the button until the palette is another; its name."""
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").first.click()
        if page.evaluate(THEME) != theme:
            break
    return str(page.evaluate(THEME))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_follows_the_machine(browser: Browser, files: str, scheme: str) -> None:
    with visit(browser, files, color_scheme=scheme) as tab:
        assert tab.open("index.html").evaluate(THEME) == scheme


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_remembers_a_choice(browser: Browser, http: str, scheme: str) -> None:
    with visit(browser, http, color_scheme=scheme) as tab:
        page = tab.open("index.html")
        before = page.evaluate(PAPER)
        chosen = other_than(page, scheme)
        assert chosen != scheme
        for path in ("index.html", "onpolicy/vpg.html"):
            page = tab.open(path)
            assert page.evaluate(THEME) == chosen
            assert page.evaluate(PAPER) != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_links_look_alike_in_text_and_tables(
    browser: Browser, files: str, scheme: str
) -> None:
    with visit(browser, files, color_scheme=scheme) as tab:
        page = tab.open("start/policy-gradients.html")
        in_text = page.eval_on_selector_all("section > p > a.reference", COLOURS)
        assert len(in_text) == 1
        assert page.eval_on_selector_all("main table a", COLOURS) == in_text
