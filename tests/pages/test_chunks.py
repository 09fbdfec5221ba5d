"""What a page does with its chunks: folds, faces, assembled code, the ends of proofs."""

from __future__ import annotations

import pytest
import site_files as site
from playwright.sync_api import Browser, Page
from rules import visit


def with_most(what: str) -> str:
    """The page that has most of something, by its HTML; chapters come and move."""
    found = [p for p in site.pages(site.BOOK) if not p.startswith("listings/")]
    return max(found, key=lambda page: (site.BOOK / page).read_text().count(what))


ASSEMBLED = """async () => {
  const wrong = [];
  for (const button of document.querySelectorAll(".chunk-whole")) {
    const chunk = button.closest(".chunk");
    const shown = () => [...chunk.querySelectorAll(":scope > div:not([hidden]) pre")];
    const before = shown();
    button.click();
    for (let tries = 0; shown().some((pre) => before.includes(pre)) && tries < 50; tries++)
      await new Promise((done) => setTimeout(done, 20));
    const text = shown().map((pre) => pre.textContent.trimEnd()).join();
    const { chunks } = await load(chunk.dataset.page);
    if (text !== chunks[chunk.id].assembled.trimEnd()) wrong.push(chunk.id);
    button.click();
    if (shown().join() !== before.join()) wrong.push(`${chunk.id} again`);
  }
  return wrong;
}"""


def test_a_chunk_shows_what_is_copied_as_assembled(
    browser: Browser, files: str
) -> None:
    with visit(browser, files) as tab:
        page = tab.open(with_most("chunk-ref"))
        assert page.locator(".chunk-whole").count() > 3
        assert page.evaluate(ASSEMBLED) == []
        assert tab.faults == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_into_a_fold_opens_it(
    browser: Browser, files: str, scripts: bool
) -> None:
    with visit(browser, files, java_script_enabled=scripts) as tab:
        page = tab.open(with_most('class="eq-code-links"'))
        inside = page.locator(".chunk-check .chunk")
        ids = [str(chunk.get_attribute("id")) for chunk in inside.all()]
        links = ", ".join(f'.eq-code-links a[href="#{id}"]' for id in ids)
        visible = next(a for a in page.locator(links).all() if a.is_visible())
        target = page.locator(str(visible.get_attribute("href")))
        assert not target.is_visible()
        visible.click()
        assert target.locator("pre").first.is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_variant_turns_to_its_result_and_back(
    browser: Browser, files: str, scripts: bool
) -> None:
    with visit(browser, files, java_script_enabled=scripts) as tab:
        page = tab.open(with_most('class="chunk-faces"'))
        chunk = page.locator(".chunk:has(.chunk-faces):visible").first
        change, result = (chunk.locator(f".chunk-{x}") for x in ("change", "result"))
        assert (change.is_visible(), result.is_visible()) == (True, False)
        chunk.locator(".show-change").focus()
        page.keyboard.press("ArrowRight")
        assert (change.is_visible(), result.is_visible()) == (False, True)
        chunk.locator("label", has_text="change").click()
        assert (change.is_visible(), result.is_visible()) == (True, False)


MARKS = """() => [...document.querySelectorAll(".proof:not(:has(> .admonition-title))")]
  .map((proof) => [proof, proof.querySelector(":scope > p:last-child")])
  .map((ends) => ends.filter((e) => e && getComputedStyle(e, "::after").borderTopWidth !== "0px"
    && getComputedStyle(e, "::after").content !== "none").length)"""


def marks(page: Page) -> set[int]:
    return set(page.evaluate(MARKS))


def test_each_proof_ends_with_one_mark(browser: Browser, files: str) -> None:
    with visit(browser, files) as tab:
        page = tab.open(with_most('class="proof admonition"'))
        assert marks(page) == {1}
        page.emulate_media(media="print")
        assert marks(page) == {1}


def test_on_paper_a_fold_is_a_line_that_says_where(
    browser: Browser, files: str
) -> None:
    with visit(browser, files) as tab:
        page = tab.open(with_most('class="chunk-check"'))
        page.emulate_media(media="print")
        check = page.locator(".chunk-check").first
        assert not check.locator("pre").first.is_visible()
        after = "e => getComputedStyle(e, '::after').content"
        assert ".py " in check.locator("summary").evaluate(after)
