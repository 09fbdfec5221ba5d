"""One browser for all checks of the built pages; each check runs on every page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

try:
    from playwright.sync_api import Browser, sync_playwright
except ImportError:
    raise pytest.UsageError(
        "these checks need a browser and more: run them with `make test-pages`"
    ) from None

import site_files as site
from rules import AXE

NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = """no Chromium found. Install one (Debian and Ubuntu: apt install chromium; \
elsewhere: python -m playwright install chromium), or name it with CHROMIUM=PATH"""


CHROMIUM = pytest.StashKey[str]()
WEIGHTS = pytest.StashKey[list[tuple[int, str]]]()  # bytes, and a line about a page
RATINGS = pytest.StashKey[list[str]]()


def find_chromium() -> str:
    named = os.environ.get("CHROMIUM")
    found = (
        shutil.which(named)
        if named
        else next(filter(None, map(shutil.which, NAMES)), None)
    )
    if not found and not named:
        with sync_playwright() as playwright:
            own = playwright.chromium.executable_path
            found = own if Path(own).exists() else None
    if not found:
        raise pytest.UsageError(NO_CHROMIUM)
    return found


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CHROMIUM] = find_chromium()
    config.stash[WEIGHTS], config.stash[RATINGS] = [], []
    if not (site.BOOK / "index.html").exists():
        raise pytest.UsageError("the book is not built: run `make test-pages`")
    if not AXE.exists():
        raise pytest.UsageError("axe-core is not installed: run `make test-pages`")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", site.pages(site.BOOK))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures, whether the checks passed or not."""
    stash = terminalreporter.config.stash
    if stash[WEIGHTS]:
        terminalreporter.section(
            "the heaviest pages, as sent on a first visit, without figures"
        )
        for _, line in sorted(stash[WEIGHTS], reverse=True)[:5]:
            terminalreporter.write_line(line)
    if stash[RATINGS]:
        terminalreporter.section("Lighthouse, desktop")
        for line in stash[RATINGS]:
            terminalreporter.write_line(line)


@pytest.fixture
def weights(request: pytest.FixtureRequest) -> list[tuple[int, str]]:
    return request.config.stash[WEIGHTS]


@pytest.fixture
def ratings(request: pytest.FixtureRequest) -> list[str]:
    return request.config.stash[RATINGS]


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> str:
    return request.config.stash[CHROMIUM]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = (
            ["--no-sandbox"] if not hasattr(os, "geteuid") or not os.geteuid() else []
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def http() -> Iterator[str]:
    with site.served(site.BOOK) as address:
        yield address


@pytest.fixture(scope="session")
def files() -> str:
    return site.BOOK.as_uri() + "/"
