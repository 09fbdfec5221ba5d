"""What a first visit to each page transfers, and what Lighthouse says of three."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import site_files as site
from playwright.sync_api import Browser
from rules import visit

MOST = 300_000  # bytes
LEAST = 95  # of Lighthouse's 100 points
LIGHTHOUSE = Path(__file__).parent / "node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices")


def transferred(browser: Browser, http: str, path: str) -> dict[str, int]:
    """The files that a first visit loads, without figures, and their sizes as sent."""
    with visit(browser, http) as tab:
        tab.open(path)
        tab.page.wait_for_load_state("networkidle")
        asked = [r for r in tab.requests if r.resource_type != "image"]
    files = {unquote(urlsplit(r.url).path).lstrip("/") for r in asked}
    return {file: len(site.sent(site.BOOK / file)) for file in files}


def test_is_light(
    browser: Browser, http: str, path: str, weights: list[tuple[int, str]]
) -> None:
    files = transferred(browser, http, path)
    total = sum(files.values())
    heavy = sorted(files, key=lambda file: -files[file])[:3]
    parts = ", ".join(f"{file} {files[file] / 1000:.0f}" for file in heavy)
    weights.append((total, f"{total / 1000:4.0f} kB  {path} (of which {parts})"))
    assert total <= MOST, parts


def scores(chromium: str, address: str) -> dict[str, int]:
    root = [] if hasattr(os, "geteuid") and os.geteuid() else ["--no-sandbox"]
    flags = " ".join(["--headless=new", *root])
    done = subprocess.run(
        ["node", str(LIGHTHOUSE), address, "--preset=desktop", "--output=json",
         "--quiet", f"--only-categories={','.join(CATEGORIES)}",
         f"--chrome-flags={flags}"],
        env={**os.environ, "CHROME_PATH": chromium},
        capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"Lighthouse stopped: {done.stderr[-2000:]}", pytrace=False)
    found = json.loads(done.stdout)["categories"]
    return {name: round(100 * found[name]["score"]) for name in CATEGORIES}


def listing() -> list[str]:
    """A page that shows a generated file, if the book has any."""
    return [page for page in site.pages(site.BOOK) if page.startswith("listings/")][:1]


@pytest.mark.parametrize("page", ["index.html", "onpolicy/vpg.html", *listing()])
def test_lighthouse(chromium: str, http: str, page: str, ratings: list[str]) -> None:
    found = scores(chromium, http + page)
    ratings.append(f"{page}: {found}")
    assert min(found.values()) >= LEAST, found
