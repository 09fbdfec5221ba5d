"""The agents in the page: pushed, taken over from, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from rules import PALETTE, PHONE, Visit, cut, inaccessible, sideways, visit

PAGES = ("index.html", "start/policy-gradients.html")
BOTH = pytest.mark.parametrize("path", PAGES)
# The state on stage as it is drawn: where the cart is, and how the pole leans.
CART = "document.querySelector('.agent-pole g').getAttribute('transform')"
POLE = "document.querySelector('.agent-pole .pole').getAttribute('transform')"
LEAN = f"parseFloat({POLE}.slice(7))"  # in degrees, to the right
PLACE = f"parseFloat({CART}.slice(10))"


@contextmanager
def figure(
    browser: Browser, files: str, path: str = "index.html", **context: object
) -> Iterator[tuple[Visit, Page]]:
    """A page opened from its folder, without a network; its agent in view."""
    with visit(browser, files, offline=True, **context) as tab:
        page = tab.open(path)
        page.locator(".agent-stage").scroll_into_view_if_needed()
        yield tab, page
        assert not tab.faults


def button(page: Page, name: str) -> Locator:
    return page.locator(f".agent-{name}")


def says(page: Page) -> str:
    return page.locator(".agent-now").inner_text()


@BOTH
def test_it_plays_and_stops(browser: Browser, files: str, path: str) -> None:
    with figure(browser, files, path) as (_, page):
        first = page.evaluate(POLE)
        page.wait_for_function(f"{POLE} !== {first!r}")
        button(page, "play").click()
        held = page.evaluate(POLE)
        page.wait_for_timeout(300)
        assert page.evaluate(POLE) == held


def test_less_motion(browser: Browser, files: str) -> None:
    with figure(browser, files, reduced_motion="reduce") as (_, page):
        first = page.evaluate(POLE)
        page.wait_for_timeout(300)
        assert page.evaluate(POLE) == first
        assert button(page, "play").inner_text() == "Play"
        button(page, "play").click()
        page.wait_for_function(f"{POLE} !== {first!r}")


def test_the_slider_goes_through_the_training(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        slider = page.locator(".agent-slider input")
        slider.focus()
        texts = []
        for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
            texts.append(
                (page.locator(".agent-slider output").inner_text(), says(page))
            )
        names = ["before training", *(f"after {n} epochs" for n in (5, 20, 100))]
        assert [name for name, _ in texts] == names
        means = [float(said.split("episodes: ")[1].split()[0]) for _, said in texts]
        assert means == sorted(means)
        page.keyboard.press("Home")
        expect(page.locator(".agent-now")).to_contain_text(
            "balanced it for", timeout=9000
        )


@pytest.mark.parametrize("side", [-1, 1])
def test_a_push_is_seen_and_survived(browser: Browser, files: str, side: int) -> None:
    with figure(browser, files) as (_, page):
        page.wait_for_timeout(1500)
        button(page, "right" if side > 0 else "left").click()
        page.wait_for_function(f"{side} * {LEAN} > 3", timeout=2000)
        page.wait_for_timeout(3000)
        assert abs(page.evaluate(LEAN)) < 6
        assert "over" not in page.locator(".agent-pole text").text_content()


def test_many_pushes_are_too_many(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        for _ in range(6):
            button(page, "right").click()
        expect(page.locator(".agent-now")).to_contain_text("balanced it for")


def test_driven_by_keys_and_handed_back(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        button(page, "hand").focus()
        page.keyboard.press("Enter")
        stage = page.locator(".agent-stage")
        expect(stage).to_be_focused()
        before = page.evaluate(PLACE)
        page.keyboard.down("ArrowRight")
        page.wait_for_function(f"{PLACE} > {before} + 0.05")
        page.keyboard.up("ArrowRight")
        expect(page.locator(".agent-now")).to_contain_text(
            "You balanced it", timeout=9000
        )
        button(page, "hand").click()
        page.wait_for_timeout(2500)
        assert button(page, "hand").inner_text() == "Take over"
        assert abs(page.evaluate(LEAN)) < 6  # the agent balances again


def test_driven_by_a_button_that_is_held(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        button(page, "hand").click()
        before = page.evaluate(PLACE)
        button(page, "left").hover()
        page.mouse.down()
        page.wait_for_function(f"{PLACE} < {before} - 0.1")
        page.mouse.up()


def test_a_reader_can_balance_it(browser: Browser, files: str) -> None:
    """By keys: drive to the side to which the pole leans, and before it does."""
    with figure(browser, files) as (_, page):
        button(page, "hand").click()
        page.evaluate(
            """() => {
              const stage = document.querySelector(".agent-stage");
              const key = (name, key) => stage.dispatchEvent(new KeyboardEvent(name, { key, bubbles: true }));
              const transform = () => document.querySelector(".agent-pole .pole").getAttribute("transform");
              let last = 0;
              setInterval(() => {
                const lean = parseFloat(transform().slice(7));
                const side = lean + 6 * (lean - last) > 0;
                last = lean;
                key("keyup", side ? "ArrowLeft" : "ArrowRight");
                key("keydown", side ? "ArrowRight" : "ArrowLeft");
              }, 20);
            }"""
        )
        steps = (
            "parseInt(document.querySelector('.agent-pole text').textContent.slice(5))"
        )
        page.wait_for_function(f"{steps} >= 100", timeout=30_000)


def test_by_touch_on_a_phone(browser: Browser, files: str) -> None:
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with figure(browser, files, **phone) as (_, page):
        box = page.locator(".agent-stage").bounding_box()
        assert box is not None
        height = box["y"] + box["height"] / 2
        page.wait_for_timeout(1000)
        page.touchscreen.tap(box["x"] + 0.8 * box["width"], height)
        page.wait_for_function(f"{LEAN} > 3", timeout=2000)
        button(page, "hand").tap()
        stage = page.locator(".agent-stage")
        touch = {"pointerId": 7, "pointerType": "touch", "isPrimary": True, "button": 0}
        box = stage.bounding_box()
        assert box is not None
        page.evaluate("Element.prototype.setPointerCapture = () => {}")
        before = page.evaluate(PLACE)
        stage.dispatch_event("pointerdown", {**touch, "clientX": box["x"] + 5})
        page.wait_for_function(f"{PLACE} < {before} - 0.05")
        stage.dispatch_event("pointerup", touch)
        assert not sideways(page) and not cut(page)


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable(browser: Browser, files: str, path: str, scheme: str) -> None:
    with figure(browser, files, path, color_scheme=scheme) as (tab, page):
        button(page, "play").click()
        assert not tab.faults
        assert not inaccessible(page, PALETTE if scheme == "dark" else None)
        tab.faults.clear()  # axe asks for the stylesheet, which a folder refuses


@BOTH
def test_without_scripts_there_are_bars(
    browser: Browser, files: str, path: str
) -> None:
    with visit(browser, files, java_script_enabled=False) as tab:
        page = tab.open(path)
        bars = page.locator(".agent-bars rect")
        assert bars.count() == 4 and bars.first.is_visible()
        widths = [float(bar.get_attribute("width") or 0) for bar in bars.all()]
        assert widths == sorted(widths)
        assert page.locator("figure.agent button").count() == 0
        assert "slider" not in page.locator("figure.agent figcaption").inner_text()
