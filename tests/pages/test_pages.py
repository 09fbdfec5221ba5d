"""Every page of the built book, in a browser: to be read anywhere, by anyone."""

from __future__ import annotations

import pytest
import site_files as site
from playwright.sync_api import Browser
from rules import (
    DESKTOP,
    PALETTE,
    PHONE,
    SMALL_PHONE,
    cut,
    inaccessible,
    sideways,
    unreadable,
    visit,
)

RESIZED = 400  # ms: what scrolls is found again after a while


def none(faults: list[str], *where: object) -> None:
    if faults:
        pytest.fail("\n".join([" ".join(map(str, where)), *faults]), pytrace=False)


def test_links_lead_somewhere(path: str) -> None:
    none(site.broken_links(site.BOOK, path))


def test_ids_are_unique(path: str) -> None:
    none(site.doubled_ids(site.BOOK, path))


def test_works_from_a_folder_without_a_network(
    browser: Browser, files: str, path: str
) -> None:
    with visit(browser, files, offline=True) as tab:
        tab.open(path)
        none(tab.faults)


def test_works_from_a_host_and_asks_no_other(
    browser: Browser, http: str, path: str
) -> None:
    with visit(browser, http) as tab:
        tab.open(path)
        tab.page.wait_for_load_state("networkidle")
        none(tab.faults)


def test_readable_without_scripts(browser: Browser, files: str, path: str) -> None:
    for scheme in ("light", "dark"):
        with visit(
            browser, files, java_script_enabled=False, color_scheme=scheme
        ) as tab:
            none(unreadable(tab.open(path)))


def test_fits_a_phone(browser: Browser, files: str, path: str) -> None:
    with visit(browser, files, viewport=PHONE, has_touch=True) as tab:
        page = tab.open(path)
        for size in (PHONE, SMALL_PHONE):
            page.set_viewport_size(size)
            page.wait_for_timeout(RESIZED)
            none(sideways(page), size)
            none(cut(page), size)


def test_axe_finds_nothing(browser: Browser, files: str, path: str) -> None:
    for scheme, rules in (("light", None), ("dark", PALETTE)):
        with visit(browser, files, color_scheme=scheme) as tab:
            page = tab.open(path)
            for size in (DESKTOP, PHONE):
                page.set_viewport_size(size)
                page.wait_for_timeout(RESIZED)
                none(inaccessible(page, rules), scheme, size)
