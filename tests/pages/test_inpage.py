"""The agent that trains in the page: on a slow phone, by keyboard, and standing still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page
from rules import PALETTE, PHONE, Visit, cut, inaccessible, sideways, visit

PAGE = "start/policy-gradients.html"
SLOWER = 4  # than this machine: a cheap phone
SECONDS = 30  # a reader's patience
PROGRAMS = ("simplest_pg", "reward_to_go", "baseline")
# The time between two pictures, in ms: what a reader who scrolls or types would wait.
WATCH_FRAMES = """() => {
  window.gaps = [];
  let last = performance.now();
  const tick = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""
POLE = "() => document.querySelector('.trains-pole .pole').getAttribute('transform')"


@contextmanager
def figure(
    browser: Browser, files: str, slower: int = 1, **context: object
) -> Iterator[tuple[Visit, Page]]:
    """The chapter, opened from its folder, without a network; its figure in view."""
    with visit(browser, files, offline=True, **context) as tab:
        page = tab.open(PAGE)
        page.locator(".trains-main").scroll_into_view_if_needed()
        speed = page.context.new_cdp_session(page)
        speed.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield tab, page
        assert not tab.faults


def says(page: Page) -> str:
    return page.locator(".trains-now").inner_text()


def press(page: Page, button: str) -> None:
    page.locator(f".trains-{button}").click()


def wait_until(page: Page, words: str, seconds: float = 2 * SECONDS) -> float:
    """Until the line below the pictures says so: after how many seconds."""
    began = time.monotonic()
    told = f"document.querySelector('.trains-now').textContent.includes({words!r})"
    page.wait_for_function(told, timeout=1000 * seconds)
    return time.monotonic() - began


@pytest.mark.parametrize("program", PROGRAMS)
def test_solved_on_a_slow_phone(browser: Browser, files: str, program: str) -> None:
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with figure(browser, files, SLOWER, **phone) as (_, page):
        page.locator(f"[value={program}]").tap()
        page.evaluate(WATCH_FRAMES)
        page.locator(".trains-main").tap()
        assert wait_until(page, "Solved after") < SECONDS
        gaps = sorted(page.evaluate("gaps"))
        assert gaps[len(gaps) // 2] < 100
        assert not sideways(page) and not cut(page)


def test_a_run_ends_where_the_program_ends_and_another_begins(
    browser: Browser, files: str
) -> None:
    with figure(browser, files) as (_, page):
        press(page, "main")
        wait_until(page, "Here the program ends.")
        assert page.locator(".trains-main").inner_text() == "Train another"
        page.locator("[value=baseline]").check()
        press(page, "main")
        wait_until(page, "batches, ")
        assert page.locator(".plot .earlier").count() == 1
        assert page.locator(".plot .run:not(.earlier) .baseline").count() == 1


def test_by_keyboard(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        page.locator(".trains-main").focus()
        page.keyboard.press("Enter")
        wait_until(page, "batches, ")
        page.keyboard.press("Space")
        assert page.locator(".trains-main").inner_text() == "Continue"
        before = says(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # one batch
        page.wait_for_function(
            "before => document.querySelector('.trains-now').textContent !== before",
            arg=before,
        )
        for name, value in (("lr", "0.02"), ("episodes", "32")):
            page.locator(f"[name={name}]").focus()
            page.keyboard.press("ArrowRight")
            slider = page.locator(f"[name={name}]")
            assert slider.get_attribute("aria-valuetext") == value
        page.locator("[value=simplest_pg]").focus()
        page.keyboard.press("ArrowDown")
        assert page.locator("[value=reward_to_go]").is_checked()


def test_pause_stops_everything(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        press(page, "main")
        wait_until(page, "batches, ")
        press(page, "main")
        before = says(page), page.evaluate(POLE)
        page.wait_for_timeout(300)
        assert (says(page), page.evaluate(POLE)) == before
        assert page.locator(".trains-said").inner_text() == before[0]


def test_start_again_keeps_the_curve_and_forgets_the_policy(
    browser: Browser, files: str
) -> None:
    with figure(browser, files) as (_, page):
        press(page, "reset")
        assert page.locator(".plot .earlier").count() == 0  # there was no curve
        press(page, "main")
        wait_until(page, "batches, ")
        press(page, "reset")
        assert "learned nothing" in says(page)
        assert page.locator(".plot .earlier .recent").count() >= 1


def test_the_pole_stands_still_for_who_wants_it_so(
    browser: Browser, files: str
) -> None:
    with figure(browser, files, reduced_motion="reduce") as (_, page):
        before = page.evaluate(POLE)
        press(page, "main")
        wait_until(page, "batches, ")
        assert page.evaluate(POLE) == before
        page.locator(".trains-moving").check()
        page.wait_for_function(f"({POLE})() !== {before!r}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable_while_it_trains(browser: Browser, files: str, scheme: str) -> None:
    with figure(browser, files, color_scheme=scheme) as (tab, page):
        press(page, "main")
        wait_until(page, "batches, ")
        press(page, "main")
        assert not tab.faults
        assert not inaccessible(page, PALETTE if scheme == "dark" else None)
        tab.faults.clear()  # axe asks for the stylesheet, which a folder refuses


def test_without_scripts_the_recorded_curves_are_there(
    browser: Browser, files: str
) -> None:
    with visit(browser, files, java_script_enabled=False) as tab:
        page = tab.open(PAGE)
        curves = page.locator("figure.trains path.recorded")
        assert curves.count() == 3 and curves.first.is_visible()
        assert page.locator("figure.trains button").count() == 0
        assert "Press" not in page.locator("figure.trains figcaption").inner_text()
