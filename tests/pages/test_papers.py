"""What a citation shows, and the page of key papers: its filter, its links, its plain list."""

from __future__ import annotations

import json
import re

import pytest
import site_files as site
from playwright.sync_api import Browser, Locator, Page
from rules import PHONE, visit

PAPERS = "research/key-papers.html"
CITING = "onpolicy/ppo.html"
KEY = 'a[href*="references.html#"]'


def shown(page: Page) -> list[str]:
    """The lines of the card that can be seen."""
    return page.locator("#card-beside:visible p").all_inner_texts()


def says(page: Page, link: Locator) -> list[str]:
    """What the card of a citation must say."""
    data = json.loads(str(page.locator("#works").text_content()))
    title, authors, where, why = data[str(link.get_attribute("href"))]
    return [title, f"{authors}. {where}.", why]


def citation(page: Page) -> Locator:
    return page.locator(f".bd-article {KEY}:visible").first


BUTTON_BEFORE = """link => {
  const button = document.createElement("button");
  link.before(button);
  button.focus();
}"""


def test_a_citation_shows_its_work_to_mouse_and_keyboard(
    browser: Browser, files: str
) -> None:
    with visit(browser, files) as tab:
        page = tab.open(CITING)
        link = citation(page)
        expected = says(page, link)
        link.hover()
        page.locator("#card-beside").wait_for(state="visible")
        assert shown(page) == expected
        page.keyboard.press("Escape")
        assert shown(page) == []
        page.locator(".bd-article h1").hover()
        link.evaluate(BUTTON_BEFORE)
        page.keyboard.press("Tab")
        assert shown(page) == expected
        assert link.get_attribute("aria-describedby") == "card-beside"
        page.keyboard.press("Tab")
        assert shown(page) != expected
        assert tab.faults == []


def test_a_finger_sees_first_and_follows_then(browser: Browser, files: str) -> None:
    with visit(browser, files, viewport=PHONE, has_touch=True) as tab:
        page = tab.open(CITING)
        link = citation(page)
        link.tap()
        assert shown(page) == says(page, link)
        box = page.locator("#card-beside").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        page.locator(".bd-article h1").tap()
        assert shown(page) == []
        link.tap()
        link.tap()
        page.wait_for_url("**/references.html#*")


def test_without_scripts_a_citation_is_a_link(browser: Browser, files: str) -> None:
    with visit(browser, files, java_script_enabled=False) as tab:
        page = tab.open(CITING)
        citation(page).click()
        page.wait_for_url("**/references.html#*")


def entries(page: Page) -> int:
    return page.locator("li.work:visible").count()


def said(page: Page) -> int:
    found = re.match(r"(\d+) of", page.locator(".papers-filter output").inner_text())
    assert found
    return int(found[1])


def test_the_filter_shows_what_was_asked_for(browser: Browser, files: str) -> None:
    with visit(browser, files) as tab:
        page = tab.open(PAPERS)
        every = entries(page)
        assert said(page) == every > 300
        page.get_by_label("core path").check()
        assert said(page) == entries(page) == 30
        page.locator("[name=from]").select_option("2018")
        page.locator("[name=to]").select_option("2018")
        years = page.locator("li.work:visible").evaluate_all(
            "items => items.map(i => i.className.match(/year-(\\d+)/)[1])"
        )
        assert 0 < len(years) < 30 and {*years} == {"2018"}
        page.get_by_role("button", name="Show all").click()
        page.get_by_text(f"{every} of {every} works").wait_for()
        page.locator("[name=topic]").select_option("papers-meta")
        assert page.locator("ul.works:visible").count() == 1
        assert 0 < entries(page) < 20
        page.locator("[name=topic]").select_option("")
        page.get_by_label("contested").check()
        assert page.locator("li.work:visible").count() == (
            page.locator("li.work:visible:has(.work-critique)").count()
        )
        page.get_by_label("Title or author").fill("pong of nobody")
        assert (entries(page), said(page)) == (0, 0)
        assert tab.faults == []


def test_a_link_to_what_is_hidden_shows_it(browser: Browser, files: str) -> None:
    with visit(browser, files) as tab:
        page = tab.open(PAPERS)
        page.locator("[name=topic]").select_option("papers-meta")
        page.locator("ol.core-path a").first.click()
        page.locator("li.work:target").wait_for(state="visible")


def test_without_scripts_there_is_the_plain_list(browser: Browser, files: str) -> None:
    with visit(browser, files, java_script_enabled=False) as tab:
        page = tab.open(PAPERS)
        assert not page.locator(".papers-filter").is_visible()
        assert entries(page) > 300


def test_entries_say_where_the_book_uses_them() -> None:
    text = (site.BOOK / PAPERS).read_text(encoding="utf-8")
    entry = text.split('id="paper-schulman2017ppo"')[1].split("</li>")[0]
    assert "../onpolicy/ppo.html#" in entry
    assert "../listings/spinup_lit/ppo.py.html#L" in entry
    unread = text.split('id="paper-finn2017model"')[1].split("</li>")[0]
    assert "Cited in" not in unread


@pytest.mark.parametrize("page", [PAPERS, CITING])
def test_the_script_is_where_it_has_something_to_do(page: str) -> None:
    script = "papers.js" if page == PAPERS else "cards.js"
    assert script in (site.BOOK / page).read_text(encoding="utf-8")


def test_the_script_is_nowhere_else() -> None:
    assert "papers.js" not in (site.BOOK / "search.html").read_text(encoding="utf-8")
