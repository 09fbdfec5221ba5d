"""The agents in the page: pushed, taken over from, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from rules import PALETTE, PHONE, Visit, cut, inaccessible, sideways, visit

PAGES = ("index.html", "start/policy-gradients.html")
BOTH = pytest.mark.parametrize("where", PAGES)
# The state on stage as it is drawn: where the cart is, and how the pole leans.
CART = "document.querySelector('.agent-pole g').getAttribute('transform')"
POLE = "document.querySelector('.agent-pole .pole').getAttribute('transform')"
LEAN = f"parseFloat({POLE}.slice(7))"  # in degrees, to the right
SAID = "document.querySelector('.agent-now').textContent"
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
def test_it_plays_and_stops(browser: Browser, files: str, where: str) -> None:
    with figure(browser, files, where) as (_, page):
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


def fallen(side: int) -> str:
    """Whether the pole has fallen, for a page's script: to the right, or the left (-1)."""
    return f"{SAID}.includes('balanced it for') && {side} * {LEAN} > 11"


@pytest.mark.parametrize("side", [-1, 1])
def test_many_pushes_are_too_many(browser: Browser, files: str, side: int) -> None:
    with figure(browser, files) as (_, page):
        name = "right" if side > 0 else "left"
        # At once: from pushes with a pause between them it recovers.
        button(page, name).evaluate(
            "(x) => { for (let i = 0; i < 6; i += 1) x.click(); }"
        )
        page.wait_for_function(fallen(side))


def test_one_push_is_survived(browser: Browser, files: str) -> None:
    with figure(browser, files) as (_, page):
        page.wait_for_timeout(1500)
        page.locator(".agent-stage").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(3000)
        assert "balanced it for" not in says(page)
        page.locator(".agent-stage").evaluate(
            """(x) => { for (let i = 0; i < 6; i += 1)
              x.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" })); }"""
        )
        page.wait_for_function(fallen(1))


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
              const pole = document.querySelector(".agent-pole .pole");
              const key = (name, key) => stage.dispatchEvent(new KeyboardEvent(name, { key }));
              let last = 0;
              let seen = performance.now();
              new MutationObserver(() => {
                const lean = parseFloat(pole.getAttribute("transform").slice(7));
                const now = performance.now();
                if (lean === last) return;
                const rate = (lean - last) / (Math.min(100, now - seen) / 2000);
                [last, seen] = [lean, now];
                const right = lean + 0.25 * rate > 0;
                key("keyup", right ? "ArrowLeft" : "ArrowRight");
                key("keydown", right ? "ArrowRight" : "ArrowLeft");
              }).observe(pole, { attributes: true });
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
        page.touchscreen.tap(box["x"] + 10, box["y"] + box["height"] / 2)
        page.evaluate("Element.prototype.setPointerCapture = () => {}")
        page.locator(".agent-stage").evaluate(
            """(x) => { for (let i = 0; i < 6; i += 1)
              x.dispatchEvent(new PointerEvent("pointerdown", { clientX: innerWidth - 30 })); }"""
        )
        page.wait_for_function(fallen(1))
        button(page, "hand").tap()
        stage = page.locator(".agent-stage")
        touch = {"pointerId": 7, "pointerType": "touch", "isPrimary": True, "button": 0}
        box = stage.bounding_box()
        assert box is not None
        before = page.evaluate(PLACE)
        stage.dispatch_event("pointerdown", {**touch, "clientX": box["x"] + 5})
        page.wait_for_function(f"{PLACE} < {before} - 0.05")
        stage.dispatch_event("pointerup", touch)
        assert not sideways(page) and not cut(page)


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable(browser: Browser, files: str, where: str, scheme: str) -> None:
    with figure(browser, files, where, color_scheme=scheme) as (tab, page):
        button(page, "play").click()
        assert not tab.faults
        assert not inaccessible(page, PALETTE if scheme == "dark" else None)
        tab.faults.clear()  # axe asks for the stylesheet, which a folder refuses


@BOTH
def test_without_scripts_there_are_bars(
    browser: Browser, files: str, where: str
) -> None:
    with visit(browser, files, java_script_enabled=False) as tab:
        page = tab.open(where)
        bars = page.locator(".agent-bars rect")
        assert bars.count() == 4 and bars.first.is_visible()
        widths = [float(bar.get_attribute("width") or 0) for bar in bars.all()]
        assert widths == sorted(widths)
        assert page.locator("figure.agent button").count() == 0
        assert "slider" not in page.locator("figure.agent figcaption").inner_text()
