"""The title page: what it shows of the chapters is what they say themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from rules import DESKTOP, PHONE, visit

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = ("vpg", "trpo", "ppo", "dqn", "ddpg", "td3", "sac")
ABOVE = {"onpolicy": ("vpg", "trpo", "ppo"), "offpolicy": ("dqn", "ddpg", "td3", "sac")}


def test_minutes_are_those_of_the_cards(browser: Browser, files: str) -> None:
    with visit(browser, files) as tab:
        page = tab.open("index.html")
        for entry in page.locator(".contents li").all():
            to = entry.locator("a").first.get_attribute("href")
            source = (BOOK / str(to)).with_suffix(".md").read_text()
            said = re.search(r"^\*\*Time\*\* (\d+) minutes", source, re.M)
            shown = entry.locator(".minutes").all_inner_texts()
            assert [x.strip() for x in shown] == ([f"{said[1]} min"] if said else [])


def test_pictures_are_there(browser: Browser, files: str) -> None:
    with visit(browser, files) as tab:
        page = tab.open("index.html")
        pictures = page.locator(".contents img")
        assert pictures.count() > 20
        pictures.last.scroll_into_view_if_needed()
        loaded = "(images) => images.every((x) => x.loading === 'lazy' || x.naturalWidth > 0)"
        assert pictures.evaluate_all(loaded)
        assert set(pictures.evaluate_all("(all) => all.map((x) => x.alt)")) == {""}
        assert not tab.faults


def changed(page: Page) -> list[str]:
    """How many lines are added and removed, as the chapter says."""
    text = page.locator(".changes-sum").first.text_content() or ""  # it is folded
    return re.findall(r"(\d+) lines added, (\d+) removed", text)[0]


def test_the_map_says_what_the_chapters_say(browser: Browser, files: str) -> None:
    with visit(browser, files) as tab:
        page = tab.open("index.html")
        shown = {
            str(x.locator("a").get_attribute("href")): x.locator("em").inner_text()
            for x in page.locator(".algorithms li").all()
        }
        for to in ("onpolicy/trpo", "onpolicy/ppo", "offpolicy/td3", "offpolicy/sac"):
            added, removed = changed(tab.open(f"{to}.html"))
            assert f"+{added} −{removed} lines" in shown[f"{to}.html"]
        assert len(shown) == len(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_clip_is_on_the_first_screen(
    browser: Browser, files: str, name: str, size: dict[str, int]
) -> None:
    (folder,) = (folder for folder, names in ABOVE.items() if name in names)
    with visit(browser, files, viewport=size) as tab:
        page = tab.open(f"{folder}/{name}.html")
        box = page.locator("figure.clip .takes").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"]
        assert page.locator("figure.clip button").count() == 1
        line = "document.querySelector('.clip div + div polyline')"
        first = page.evaluate(
            f"{line}.animatedPoints[0].y + {line}.animatedPoints[1].x"
        )
        moved = f"{line}.animatedPoints[0].y + {line}.animatedPoints[1].x !== {first}"
        page.wait_for_function(moved)
        assert not tab.faults


def test_a_clip_stands_still_for_who_wants_it_so(browser: Browser, files: str) -> None:
    with visit(browser, files, reduced_motion="reduce") as tab:
        page = tab.open("onpolicy/vpg.html")
        stopped = "[...document.querySelectorAll('.clip svg')].every((x) => x.animationsPaused())"
        assert page.evaluate(stopped)
        page.locator("figure.clip button").click()
        assert not page.evaluate(stopped)


def test_the_specimen_is_one_spread(browser: Browser, files: str) -> None:
    with visit(browser, files, viewport={"width": 1440, "height": 900}) as tab:
        page = tab.open("index.html")
        spread = page.locator(".eq-code").first
        assert "def clipped_loss(" in spread.inner_text()
        assert "SIX_CASES" in page.locator("main").inner_text()
        assert page.locator(".title-page .doors a").count() == 3
