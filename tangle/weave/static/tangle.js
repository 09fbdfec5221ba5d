// On the chunks of a page, buttons that show the code which a reference names in its
// place, or in all places at once, and copy it. The code comes from a script for each
// chapter, loaded when it is first asked for: a page on a disk may not fetch.

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

// The chunk that a reference names: the address of its page, and its HTML.
async function named(link) {
  const { uri, chunks } = await load(link.dataset.page);
  const id = decodeURIComponent(link.getAttribute("href").split("#").at(-1));
  return { uri, html: [id, ...chunks[id].more].map((part) => chunks[part].html).join("") };
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
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
  const { uri, html } = await named(link);
  const tight = html.replace(/(chunk-ref.*)\n\n+(?=.*chunk-ref)/g, "$1\n");
  const region = document.createElement("span");
  region.className = "chunk-unfolded";
  region.role = "group";
  region.ariaLabel = link.textContent;
  region.innerHTML = tight.replace(/^(?=.)/gm, indentation(link));
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

// -- Assembling

// Lines of HTML, each reference replaced by the lines that it stands for.
async function assemble(html) {
  const lines = await Promise.all(html.split("\n").map(async (line) => {
    const link = line.includes("chunk-ref") && parse(line).querySelector("a.chunk-ref");
    if (!link) return line;
    const inner = await assemble((await named(link)).html.replace(/\n$/, ""));
    const [indent] = parse(line).textContent.match(/^\s*/);
    const [before, after] = line.startsWith("<ins>") ? ["<ins>", "</ins>"] : ["", ""];
    return inner.replace(/^.+$/gm, (text) => before + indent + text + after);
  }));
  return lines.join("\n");
}

function addAssembling(chunk, name) {
  const faces = chunk.querySelectorAll(":scope > [class*='highlight-']");
  const texts = ["show assembled", "show as written"];
  const pressed = () => chunk.querySelector(".chunk-faces :checked");
  let view, before;
  const show = (whole) => {
    for (const face of faces) face.hidden = whole;
    if (view) view.hidden = !whole;
    if (whole) before = pressed();
    if (before) (pressed() ?? before).checked = !whole;
    toggle.textContent = texts[Number(whole)];
    toggle.ariaLabel = `${toggle.textContent}: ${name}`;
  };
  const toggle = button(texts[0], `${texts[0]}: ${name}`, async () => {
    view ??= await assembledView(chunk, faces);
    show(view.hidden);
  });
  toggle.className = "chunk-whole";
  chunk.addEventListener("change", () => show(false)); // another face is asked for
  return toggle;
}

async function assembledView(chunk, faces) {
  const { chunks } = await load(chunk.dataset.page);
  const view = faces[faces.length - 1].cloneNode(true);
  const pre = view.querySelector("pre");
  pre.innerHTML = await assemble(chunks[chunk.id].html);
  pre.tabIndex = 0;
  view.classList.remove("chunk-result");
  view.hidden = true;
  faces[faces.length - 1].after(view);
  return view;
}

// -- Copying

function addCopying(chunk, name) {
  const group = document.createElement("span");
  const status = document.createElement("span");
  const add = (text, key) => {
    group.append(button(text, `${text}: ${name}`, async () => {
      const { chunks } = await load(chunk.dataset.page);
      await copy(chunks[chunk.id][key]);
      status.textContent = "copied";
      setTimeout(() => (status.textContent = ""), 2000);
    }), " ");
  };
  const differ = chunk.querySelector("a.chunk-ref, .highlight-diff");
  add(differ ? "copy as written" : "copy", "written");
  if (differ) add("copy assembled", "assembled");
  group.className = "chunk-copy";
  status.role = "status";
  group.prepend(status, " ");
  return group;
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

// -- Folded checks

// A link into something folded opens it; not every browser does so by itself.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folds = [];
  for (let at = target; (at = at?.parentElement?.closest("details")); ) folds.push(at);
  const closed = folds.filter((fold) => !fold.open);
  for (const fold of closed) fold.open = true;
  if (closed.length) target.scrollIntoView();
}

for (const chunk of document.querySelectorAll(".chunk[data-page]")) {
  const title = chunk.querySelector(".chunk-name");
  const written = chunk.querySelector(".chunk-result") ?? chunk;
  const whole = written.querySelector("a.chunk-ref") && !chunk.querySelector(".chunk-misfit");
  for (const code of chunk.querySelectorAll("pre")) addUnfolding(code);
  const buttons = [addCopying(chunk, title.textContent)];
  if (whole) buttons.unshift(addAssembling(chunk, title.textContent));
  (chunk.querySelector(".chunk-faces") ?? title).after(...buttons);
}
addEventListener("hashchange", reveal);
reveal();
