"""What must hold of a page in a browser. Each rule returns what is wrong, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
DESKTOP = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
# Those of axe's rules that a palette can break.
PALETTE = ["color-contrast", "link-in-text-block"]

# Screen readers read MathML, but axe sees no text in a heading that is a formula.
FORMULA = "th:has(> p > .math:only-child)"


class Visit:
    """A page in a tab of its own, and what went wrong while it was open."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home
        self.faults: list[str] = []
        self.requests: list[Request] = []
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("requestfailed", lambda r: self.faults.append(f"failed: {r.url}"))
        page.on("response", self._response)

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.faults.append(f"leaves the folder: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def open(self, path: str) -> Page:
        self.page.goto(self.home + path)
        self.page.evaluate("document.fonts.ready.then(() => 0)")
        return self.page

    def settle(self) -> None:
        """Wait for all that was asked for: who leaves earlier calls it off, a fault."""
        for request in self.requests:
            if response := request.response():
                response.finished()


@contextmanager
def visit(browser: Browser, home: str, **context: Any) -> Iterator[Visit]:
    """A first visit: nothing is remembered from another."""
    with browser.new_context(**{"viewport": DESKTOP, **context}) as tabs:
        yield Visit(tabs.new_page(), home)


DESCRIBE = """
const describe = (e) => {
  const words = (e.id ? "#" + e.id : [...e.classList].map((c) => "." + c).join(""));
  return `<${e.tagName.toLowerCase()}${words}> ${e.textContent.trim().slice(0, 40)}`;
};
"""

SIDEWAYS = f"""() => {{ {DESCRIBE}
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = (e) => e && e !== document.body && e !== root &&
    (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter((e) =>
    e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e.parentElement));
  return [`the page is ${{root.scrollWidth}} px wide`, ...wide.slice(0, 5).map(describe)];
}}"""


def sideways(page: Page) -> list[str]:
    """The page scrolls sideways: how wide it is, and what makes it so."""
    return list(page.evaluate(SIDEWAYS))


CUT = f"""() => {{ {DESCRIBE}
  const scrolls = (e, until) => e !== until &&
    (["auto", "scroll"].includes(getComputedStyle(e).overflowX) ||
     scrolls(e.parentElement, until));
  const inside = "a[href], button, input, select, summary, [tabindex]";
  return [...document.querySelectorAll("main *")].filter((e) => {{
    const style = getComputedStyle(e);
    if (e.scrollWidth <= e.clientWidth + 1 || !e.clientWidth || style.display === "inline")
      return false;
    if (["auto", "scroll"].includes(style.overflowX))
      return e.tabIndex < 0 && !e.querySelector(inside);
    const edge = e.getBoundingClientRect().right + 1;
    const over = (inner) => inner.getBoundingClientRect().right > edge &&
      !inner.matches(".headerlink") && !scrolls(inner.parentElement, e);
    return ["hidden", "clip"].includes(style.overflowX) && e.clientWidth > 1 &&
      [...e.querySelectorAll("*")].some(over);
  }}).map(describe);
}}"""


def cut(page: Page) -> list[str]:
    """What is wider than its box, and hidden or out of a keyboard's reach."""
    return list(page.evaluate(CUT))


HIDDEN = f"""() => {{ {DESCRIBE}
  // Folded away, for those who ask; and what is there for a pointer, or for a script.
  const may = "details:not([open]) > :not(summary), .headerlink, button, script, style, " +
    "template, noscript, dialog, [hidden], .katex-mathml, .katex-html, .pst-js-only, " +
    "svg, .visually-hidden, .eq-code-links, .citation > .label, .backrefs, " +
    ".sd-tab-content, .chunk-result";
  const root = document.querySelector(".bd-article") ?? document.querySelector("main");
  const walk = document.createTreeWalker(root, 4);
  const found = new Set();
  while (walk.nextNode()) {{
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest(may)) continue;
    if (!e.checkVisibility({{opacityProperty: true, visibilityProperty: true}})) found.add(e);
  }}
  return [...found].map((e) => `hidden: ${{describe(e)}}`);
}}"""

MATHS = """() => [...document.querySelectorAll("main .math")]
  .filter((e) => e.checkVisibility() && e.textContent.trim() &&
                 !e.querySelector(".katex-html")?.getClientRects().length)
  .map((e) => `no mathematics in: ${e.textContent.slice(0, 40)}`)"""

# Such as one that is a thousand times as wide as the column.
PICTURES = """() => [...document.querySelectorAll("main figure img")]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 40)
  .map((e) => `no picture: ${e.alt.slice(0, 40)}`)"""

BARE = """() => [
  ["main :is(h1, h2)", "no title"],
  ["#pst-primary-sidebar a[href]", "no table of contents"],
].filter(([what]) => ![...document.querySelectorAll(what)].length).map(([, why]) => why)"""


READING = (BARE, HIDDEN, MATHS, PICTURES)


def unreadable(page: Page) -> list[str]:
    """What a reader without scripts misses."""
    return [fault for rule in READING for fault in page.evaluate(rule)]


def inaccessible(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds: its rule, and the first elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    run = "([context, options]) => axe.run(context, options)"
    found = page.evaluate(run, [{"exclude": [FORMULA]}, options])["violations"]
    return [
        f"{v['id']}: {node['html'][:150]} {node['failureSummary'].splitlines()[1]}"
        for v in found
        for node in v["nodes"][:3]
    ]
