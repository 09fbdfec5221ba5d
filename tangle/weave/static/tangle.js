// On the chunks of a page, buttons that show the code which a reference names in its
// place, and copy code as it is written or assembled. The code comes from a script for
// each chapter, loaded when it is first asked for: a page on a disk may not fetch.

const root = new URL(document.documentElement.dataset.content_root ?? "./", document.baseURI);
const loading = {};
window.tangled = {}; // filled in by the scripts, by page

function load(page) {
  loading[page] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`_static/chunks/${encodeURI(page)}.js`, root);
    script.onload = () => resolve(window.tangled[page]);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading[page];
}

function button(text, label, press) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.ariaLabel = label;
  element.addEventListener("click", () => press(element));
  return element;
}

// -- Unfolding

function addUnfolding(element) {
  for (const link of element.querySelectorAll("a.chunk-ref")) {
    let region;
    const toggle = button("", `Show ${link.textContent} here`, async () => {
      const open = toggle.getAttribute("aria-expanded") === "false";
      toggle.setAttribute("aria-expanded", open);
      region ??= unfold(link);
      const code = await region.catch(() => link.click());
      if (code) code.hidden = !open;
    });
    toggle.className = "chunk-unfold";
    toggle.setAttribute("aria-expanded", false);
    link.after(toggle);
  }
}

async function unfold(link) {
  const { uri, chunks } = await load(link.dataset.page);
  const { html } = chunks[decodeURIComponent(link.hash.slice(1))];
  const region = document.createElement("span");
  region.className = "chunk-unfolded";
  region.role = "group";
  region.ariaLabel = link.textContent;
  region.innerHTML = html.replace(/^(?=.)/gm, indentation(link));
  for (const a of region.querySelectorAll("a")) {
    a.href = new URL(a.getAttribute("href"), new URL(uri, root));
  }
  addUnfolding(region);
  insertBelow(link, region);
  return region;
}

function indentation(link) {
  const before = document.createRange();
  before.setStartBefore(link.closest("pre"));
  before.setEndBefore(link);
  return before.toString().split("\n").at(-1).replace(/\S/g, " ");
}

function insertBelow(link, region) {
  const texts = document.createTreeWalker(link.closest("pre"), NodeFilter.SHOW_TEXT);
  texts.currentNode = link;
  while (texts.nextNode() && !texts.currentNode.data.includes("\n"));
  const text = texts.currentNode;
  text.splitText(text.data.indexOf("\n") + 1);
  text.after(region);
}

// -- Copying

function addCopying(chunk) {
  const group = document.createElement("span");
  const status = document.createElement("span");
  const name = chunk.querySelector(".chunk-name").textContent;
  const add = (text, key) => {
    group.append(button(text, `${text}: ${name}`, async () => {
      const { chunks } = await load(chunk.dataset.page);
      await copy(chunks[chunk.id][key]);
      status.textContent = "copied";
      setTimeout(() => (status.textContent = ""), 2000);
    }), " ");
  };
  const differ = chunk.querySelector("a.chunk-ref, .highlight-diff");
  add(differ ? "copy as shown" : "copy", "written");
  if (differ) add("copy assembled", "assembled");
  group.className = "chunk-copy";
  status.role = "status";
  group.prepend(status, " ");
  chunk.querySelector(".chunk-name").after(group);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // the page came over plain HTTP
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

for (const chunk of document.querySelectorAll(".chunk")) {
  addUnfolding(chunk.querySelector("pre"));
  addCopying(chunk);
}
