// Beside a citation, a card with its work; beside a term of the glossary, what it means.
(() => {
  const line = (className, textContent) =>
    Object.assign(document.createElement("p"), { className, textContent });
  const works = JSON.parse(document.getElementById("works")?.textContent ?? "{}");

  // What to show for a link, if anything. A title is the browser's own card: slower, and not
  // for fingers.
  const contents = new Map();
  for (const link of document.querySelectorAll(".bd-article a[href*='#']")) {
    const work = works[link.getAttribute("href")];
    if (work) {
      const [title, authors, where, why] = work;
      const lines = [["work-title", title], ["work-by", `${authors}. ${where}.`], ["work-why", why]];
      contents.set(link, lines);
    } else if (link.classList.contains("term")) {
      contents.set(link, [["term-meaning", link.title]]);
    } else continue;
    link.removeAttribute("title");
  }
  if (!contents.size) return;

  // The card stands at the end of the page and is described by, not in, the link: a click
  // goes where it went before. A finger's first tap shows the card, the second one follows.
  const card = document.createElement("div");
  Object.assign(card, { className: "card-beside", id: "card-beside", hidden: true });
  card.setAttribute("role", "tooltip");
  document.body.append(card);
  let shown = null;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    card.hidden = true;
  };
  const place = (link) => {
    const at = link.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(at.left, room - card.offsetWidth - 8));
    const below = at.bottom + card.offsetHeight + 8 < innerHeight || at.top < card.offsetHeight;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(below ? at.bottom + 4 : at.top - card.offsetHeight - 4) + scrollY}px`;
  };
  const show = (link) => {
    clearTimeout(timer);
    if (shown === link) return;
    hide();
    card.replaceChildren(...contents.get(link).map((each) => line(...each)));
    card.hidden = false;
    place(link);
    shown = link;
    link.setAttribute("aria-describedby", card.id);
  };
  const later = (what, wait) => {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  };

  for (const link of contents.keys()) {
    let tapped = false;
    link.addEventListener("pointerdown", ({ pointerType }) => {
      tapped = pointerType === "touch" && shown !== link;
    });
    link.addEventListener("click", (event) => {
      if (tapped) event.preventDefault();
      if (tapped) show(link);
      tapped = false;
    });
    link.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse") later(() => show(link), 120);
    });
    link.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") later(hide, 200);
    });
    link.addEventListener("focus", () => {
      if (link.matches(":focus-visible")) show(link);
    });
    link.addEventListener("blur", hide);
  }
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => later(hide, 200));
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  addEventListener("resize", hide);
  addEventListener("pointerdown", ({ target }) => {
    if (shown && !shown.contains(target) && !card.contains(target)) hide();
  });
})();
