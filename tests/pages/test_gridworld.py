"""The grid world to play with: what a reader does to it, and what the oracle says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import site_files as site
from playwright.sync_api import Browser, Locator, Page, expect
from rules import PHONE, visit

from spinup_lit.exact import tabular

PAGE = "depth/tabular.html"
WORLD = "..X.X.. S.....G .#####. ......."
GAMMA, SLIP = 0.9, 0.2
DIGITS = 0.0051  # values are shown with two


@pytest.fixture
def page(browser: Browser, files: str) -> Iterator[Page]:
    with visit(browser, files, offline=True, reduced_motion="reduce") as tab:
        yield tab.open(PAGE)
        assert not tab.faults


def numbers(page: Page) -> np.ndarray:
    texts = page.locator(".gw-number").all_text_contents()
    return np.array([float(text.replace("−", "-")) for text in texts])


def cell(
    page: Page, row: int, column: int
) -> Locator:  # counted from 1, as readers are told
    return page.locator(f'.gw-cell[data-at="{row - 1} {column - 1}"]')


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def best(drawing: str = WORLD, gamma: float = GAMMA, slip: float = SLIP) -> np.ndarray:
    return tabular.value_iteration(tabular.gridworld(drawing, slip), gamma)


def agrees(page: Page, values: np.ndarray) -> None:
    np.testing.assert_allclose(numbers(page), values, atol=DIGITS)


def status(page: Page) -> str:
    return (
        page.get_by_role("group", name="grid world")
        .get_by_role("status")
        .text_content()
        or ""
    )


def test_begins_with_the_best_values(page: Page) -> None:
    agrees(page, best())
    assert "the best policy" in status(page)
    expect(cell(page, 2, 1)).to_have_accessible_name(
        "row 2, column 1: start value 0.29 , best: down"
    )
    expect(cell(page, 2, 7)).to_have_accessible_name("row 2, column 7: +1")


def test_without_scripts_there_is_a_picture(browser: Browser, files: str) -> None:
    with visit(browser, files, java_script_enabled=False) as tab:
        picture = tab.open(PAGE).locator(".gridworld > svg")
        expect(picture).to_be_visible()
        assert (picture.bounding_box() or {})["height"] > 200


def test_clicks_go_through_the_kinds(page: Page) -> None:
    place = cell(page, 4, 4)
    for kind in "#GX~.":
        place.click()
        expect(place).to_have_attribute("data-kind", kind)
        agrees(page, best(WORLD[:-4] + kind + WORLD[-3:]))


def test_what_stands_in_a_cell_can_be_dragged(page: Page) -> None:
    cell(page, 2, 7).drag_to(cell(page, 4, 1))
    agrees(page, best("..X.X.. S...... .#####. G......"))
    cell(page, 3, 3).drag_to(cell(page, 1, 1))  # a wall
    agrees(page, best("#.X.X.. S...... .#.###. G......"))
    cell(page, 2, 3).drag_to(cell(page, 2, 4))  # nothing there to drag
    agrees(page, best("#.X.X.. S...... .#.###. G......"))


def test_discount_and_slip(page: Page) -> None:
    page.get_by_label("Discount").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    agrees(page, best(gamma=0.95))
    page.get_by_label("Slip").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    agrees(page, best(gamma=0.95, slip=0.1))
    page.get_by_label("Slip").press("Home")
    agrees(page, best(gamma=0.95, slip=0))
    press(page, "First world")
    agrees(page, best())


def test_sweep_by_sweep(page: Page) -> None:
    world = tabular.gridworld(WORLD, SLIP)
    press(page, "Values to 0")
    v = np.zeros(20)
    agrees(page, v)
    for k in range(1, 4):
        press(page, "One sweep")
        v = tabular.best_backup(world, v, GAMMA)
        agrees(page, v)
        off = abs(tabular.best_backup(world, v, GAMMA) - v).max() / (1 - GAMMA)
        words = f"{k} sweep{'s' if k > 1 else ''}. No value is off by more than"
        assert status(page) == f"{words} {off:.3f}."
    cell(page, 1, 3).click()  # the pit becomes a toll; the sweeps go on from here
    world = tabular.gridworld(WORLD.replace("X", "~", 1), SLIP)
    assert "has changed" in status(page)
    v = np.insert(v, 2, 0)
    agrees(page, v)
    press(page, "One sweep")
    agrees(page, tabular.best_backup(world, v, GAMMA))


def test_run_ends_at_the_best(browser: Browser, files: str, page: Page) -> None:
    press(page, "Values to 0")
    press(page, "Run")  # with less motion: at once
    agrees(page, best())
    with visit(browser, files) as tab:
        moving = tab.open(PAGE)
        press(moving, "Run")
        expect(moving.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        press(moving, "Stop")
        assert abs(numbers(moving) - best()).max() > 0.05
        press(moving, "Run")
        end = moving.get_by_text("These are the values of the best policy.")
        expect(end).to_be_visible(timeout=15_000)
        agrees(moving, best())


def test_from_policy_to_policy(page: Page) -> None:
    world = tabular.gridworld(WORLD, SLIP)
    press(page, "Values to 0")
    v = np.zeros(20)
    for _ in range(4):
        press(page, "Follow the arrows")
        pi = tabular.greedy(tabular.q_from_v(world, v, GAMMA))
        v = tabular.evaluate(world, pi, GAMMA).v
        agrees(page, v)
    assert "the best policy" in status(page)


def test_advantages(page: Page) -> None:
    world, v = tabular.gridworld(WORLD, SLIP), np.zeros(20)
    press(page, "Values to 0")
    press(page, "One sweep")
    v = tabular.best_backup(world, v, GAMMA)
    page.get_by_label("show advantages").check()
    q = tabular.q_from_v(world, v, GAMMA)
    agrees(page, q.max(axis=1) - v)
    cell(page, 2, 6).focus()
    shown = page.locator(".gw-detail td").all_text_contents()[1:]
    s = 10  # seven free cells less two pits, and six of the second line
    found = [float(text.replace("−", "-")) for text in shown]
    np.testing.assert_allclose(found, [*q[s], *(q[s] - v[s])], atol=0.00051)


def test_with_the_keyboard_alone(page: Page) -> None:
    cells = page.locator('.gw-cell[tabindex="0"]')
    assert cells.count() == 1  # one stop for the tabulator, then arrows
    cells.focus()
    expect(cells).to_have_attribute("data-at", "1 0")  # the start
    for key in ("ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(cell(page, 2, 2)).to_be_focused()
    outline = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    assert cell(page, 2, 2).evaluate(outline) == "solid3px"
    page.keyboard.press("Space")
    agrees(page, best("..X.X.. S#....G .#####. ......."))
    page.keyboard.press("+")
    agrees(page, best("..X.X.. SG....G .#####. ......."))
    page.keyboard.press("Delete")
    agrees(page, best())
    expect(cell(page, 2, 2)).to_be_focused()
    page.keyboard.press("End")
    expect(cell(page, 2, 7)).to_be_focused()
    page.keyboard.press("ArrowRight")  # the edge
    expect(cell(page, 2, 7)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="One sweep", exact=True)).to_be_focused()


def test_with_a_finger(browser: Browser, files: str) -> None:
    with visit(browser, files, viewport=PHONE, has_touch=True, is_mobile=True) as tab:
        page = tab.open(PAGE)
        box = cell(page, 4, 4).bounding_box() or {}
        assert min(box["width"], box["height"]) >= 44
        cell(page, 4, 4).tap()
        agrees(page, best(WORLD[:-4] + "#" + WORLD[-3:]))
        cell(page, 4, 4).tap()
        agrees(page, best(WORLD[:-4] + "G" + WORLD[-3:]))
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_script_is_small() -> None:
    assert (site.BOOK / "_static/gridworld.js").stat().st_size <= 20_000
