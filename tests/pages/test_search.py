"""Search, which needs no server: the index is a script among the pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page
from rules import visit

WORDS = ("baseline", "checkpoint", "bootstrap")


def search(page: Page, word: str) -> list[str]:
    """The addresses of what is found."""
    page.locator(".bd-search input:visible").first.fill(word)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/search.html?q={word}*")
    page.locator("#search-results li a").first.wait_for()
    page.get_by_text(re.compile("Search finished|finished, found")).first.wait_for()
    return page.eval_on_selector_all(
        "#search-results li > a", "all => all.map(a => a.href)"
    )


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("where", ["http", "files"])
def test_finds_a_word(
    browser: Browser, where: str, word: str, request: pytest.FixtureRequest
) -> None:
    with visit(
        browser, request.getfixturevalue(where), offline=where == "files"
    ) as tab:
        found = search(tab.open("search.html"), word)
        assert found
        tab.settle()  # excerpts come after the search has finished
        tab.page.goto(found[0])
        assert word in tab.page.locator("main").inner_text().lower()
        assert not tab.faults


def test_excerpts_are_prose(browser: Browser, http: str) -> None:
    with visit(browser, http) as tab:
        search(tab.open("search.html"), "advantage")
        tab.page.locator("#search-results li p.context").first.wait_for()
        tab.settle()
        excerpts = tab.page.locator("#search-results li p.context").all_inner_texts()
        assert [e for e in excerpts if re.search(r"\\[a-z]+|\$|¶", e)] == []
