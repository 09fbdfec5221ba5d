// A grid world to play with: exact values, the greedy policy and the advantages.
//
//   <div class="gridworld" data-world="..X.X.. S.....G" data-gamma="0.9" data-slip="0.2">
//     a still picture, for those who have no scripts
//   </div>
//   <script src="../_static/gridworld.js" defer></script>
//
// Cells: . free, S free and the start, # wall, G pays 1, X costs 1 (both end the episode),
// ~ a toll of 0.1 to enter. The solver computes what spinup_lit/exact/tabular.py computes;
// a test compares the two.
(() => {
  "use strict";

  // -- The solver: no page needed ------------------------------------------------------

  const MOVES = [[-1, 0], [0, 1], [1, 0], [0, -1]]; // up, right, down, left
  const PAYS = { G: 1, X: -1, "~": -0.1 };
  const END = -1;

  const isState = (kind) => ".S~".includes(kind);

  // The free cells, line by line, and where each action leads from each of them: a list of
  // [probability, state or END, reward].
  function model(rows, slip) {
    const cells = [];
    const number = rows.map((row, y) =>
      [...row].map((kind, x) => (isState(kind) ? cells.push([y, x]) - 1 : END)));
    const step = ([y, x], a) => {
      let to = [y + MOVES[a][0], x + MOVES[a][1]];
      if ((rows[to[0]]?.[to[1]] ?? "#") === "#") to = [y, x];
      return [number[to[0]][to[1]], PAYS[rows[to[0]][to[1]]] ?? 0];
    };
    const turns = [[0, 1 - slip], [1, slip / 2], [3, slip / 2]];
    const steps = cells.map((cell) => MOVES.map((_, a) =>
      turns.map(([turn, p]) => [p, ...step(cell, (a + turn) % 4)])));
    return { cells, steps };
  }

  // One step, then v: what each action is worth in each state.
  const lookahead = (steps, v, gamma) => steps.map((actions) => actions.map((ways) =>
    ways.reduce((sum, [p, next, rew]) => sum + p * (rew + (next === END ? 0 : gamma * v[next])), 0)));

  const best = (row) => row.indexOf(Math.max(...row));
  const sweep = (steps, v, gamma) => lookahead(steps, v, gamma).map((row) => Math.max(...row));
  const greedy = (steps, v, gamma) => lookahead(steps, v, gamma).map(best);

  // The values of a policy, an action for each state: (I - gamma P) v = r, by elimination.
  function evaluate(steps, policy, gamma) {
    const rows = steps.map((actions, s) => {
      const row = new Array(steps.length + 1).fill(0);
      row[s] = 1;
      for (const [p, next, rew] of actions[policy[s]]) {
        if (next !== END) row[next] -= gamma * p;
        row[steps.length] += p * rew;
      }
      return row;
    });
    // No exchange of rows: in each, the diagonal outweighs the rest.
    rows.forEach((pivot, i) => rows.forEach((row, j) => {
      const factor = row[i] / pivot[i];
      if (i === j || factor === 0) return;
      for (let k = i; k < row.length; k++) row[k] -= factor * pivot[k];
    }));
    return rows.map((row, i) => row[steps.length] / row[i]);
  }

  // The best values there are, by policy iteration.
  function solve(steps, gamma) {
    let v = evaluate(steps, steps.map(() => 0), gamma);
    for (let rounds = 0; rounds < 500; rounds++) { // a handful; never without end
      const q = lookahead(steps, v, gamma);
      if (q.every((row, s) => Math.max(...row) - v[s] < 1e-12)) break;
      v = evaluate(steps, q.map(best), gamma);
    }
    return v;
  }

  if (typeof document === "undefined") {
    module.exports = { model, lookahead, sweep, greedy, evaluate, solve };
    return;
  }

  // -- The figure ----------------------------------------------------------------------

  const CYCLE = [".", "#", "G", "X", "~"];
  const NAMES = { ".": "free", S: "start", "#": "wall", G: "plus one, the end", X: "minus one, the end", "~": "toll of a tenth" };
  const LABELS = { G: "+1", X: "−1", "~": "−0.1", S: "start" };
  const WAYS = ["up", "right", "down", "left"];
  const KEYS = { "#": "#", w: "#", "+": "G", g: "G", "-": "X", x: "X", "~": "~", t: "~", ".": ".", Delete: ".", Backspace: "." };
  const FRAME = 220; // ms
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const show = (x, digits = 2) => x.toFixed(digits).replace(/^-(0\.0+)$/, "$1").replace("-", "−");

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  class GridWorld {
    constructor(root) {
      this.first = {
        rows: root.dataset.world.trim().split(/\s+/),
        gamma: Number(root.dataset.gamma ?? 0.9),
        slip: Number(root.dataset.slip ?? 0.2),
      };
      const row = this.first.rows.findIndex((cells) => cells.includes("S"));
      this.at = row < 0 ? [0, 0] : [row, this.first.rows[row].indexOf("S")];
      root.replaceChildren(...this.build());
      root.setAttribute("role", "group");
      root.setAttribute("aria-label", "A grid world to play with");
      this.reset();
    }

    build() {
      const { rows } = this.first;
      this.cells = rows.map((row, y) => [...row].map((_, x) =>
        make("div", { role: "gridcell", class: "gw-cell", tabindex: -1, "data-at": `${y} ${x}` })));
      this.grid = make("div", {
        role: "grid", class: "gw-grid", "aria-label": "World", style: `--gw-columns: ${rows[0].length}`,
        onkeydown: (event) => this.key(event),
        onfocusin: (event) => this.select(event.target),
        onclick: (event) => this.click(event),
        onpointerdown: (event) => this.lift(event),
        onpointermove: (event) => this.drag(event),
        onpointerup: (event) => this.drop(event),
        onpointercancel: () => this.release(),
      }, ...this.cells.map((row) => make("div", { role: "row", class: "gw-row" }, ...row)));

      const button = (text, act) => make("button", { type: "button", onclick: act }, text);
      this.runner = button("Run", () => (this.timer ? this.stop() : this.run()));
      const buttons = make("div", { class: "gw-buttons" },
        button("One sweep", () => this.advance()), this.runner,
        button("Follow the arrows", () => this.follow()),
        button("Values to 0", () => this.clear()),
        button("First world", () => this.reset()));
      this.gamma = this.slider("Discount γ", 0.99, 0.01);
      this.slip = this.slider("Slip", 0.8, 0.05);
      this.advantages = make("input", { type: "checkbox", onchange: () => this.draw() });
      const sliders = make("div", { class: "gw-sliders" }, this.gamma.label, this.slip.label,
        make("label", {}, this.advantages, " show advantages"));
      this.status = make("p", { role: "status", class: "gw-status" });
      this.detail = make("div", { class: "gw-detail" });
      const help = make("p", { class: "gw-help" },
        "Click or tap a cell to change it: free, wall, +1, −1, toll. Drag what stands in a cell to another. " +
        "With the keyboard: arrows to move, space to change, or one of the keys # + - ~ .");
      return [this.grid, buttons, sliders, this.status, this.detail, help];
    }

    slider(name, max, step) {
      const output = make("span");
      const input = make("input", { type: "range", min: 0, max, step, "aria-label": name, oninput: () => this.change() });
      return { input, output, label: make("label", {}, `${name} `, input, " ", output) };
    }

    // What the reader may do to the world. Solved values are solved again; on the way
    // there, the values stay, and the next sweep goes on from them.

    reset() {
      this.stop();
      this.rows = [...this.first.rows];
      this.gamma.input.value = this.first.gamma;
      this.slip.input.value = this.first.slip;
      this.settled = true;
      this.change();
    }

    put(y, x, kind) {
      const row = [...this.rows[y]];
      row[x] = kind;
      this.rows[y] = row.join("");
    }

    change() {
      const old = new Map(this.world?.cells.map((cell, s) => [String(cell), this.v[s]]));
      this.discount = Number(this.gamma.input.value);
      this.world = model(this.rows, Number(this.slip.input.value));
      this.v = this.settled
        ? solve(this.world.steps, this.discount)
        : this.world.cells.map((cell) => old.get(String(cell)) ?? 0);
      this.done = this.settled ? "" : "The world has changed. ";
      this.draw();
    }

    cycle(y, x) {
      const now = this.rows[y][x];
      this.put(y, x, CYCLE[(CYCLE.indexOf(now === "S" ? "." : now) + 1) % CYCLE.length]);
      this.change();
    }

    // What the reader may do with the values.

    clear() {
      this.stop();
      this.v = this.world.cells.map(() => 0);
      this.sweeps = 0;
      this.settled = false;
      this.done = "All values are 0. ";
      this.draw();
    }

    advance() {
      if (this.settled) this.clear();
      this.v = sweep(this.world.steps, this.v, this.discount);
      this.sweeps += 1;
      this.done = this.sweeps === 1 ? "1 sweep. " : `${this.sweeps} sweeps. `;
      this.draw();
    }

    follow() {
      this.stop();
      const policy = greedy(this.world.steps, this.v, this.discount);
      this.v = evaluate(this.world.steps, policy, this.discount);
      this.sweeps = 0;
      this.settled = false;
      this.done = "Now these are the values of the policy that the arrows showed. ";
      this.draw();
    }

    run() {
      if (this.settled) this.clear();
      if (still.matches) return this.finish();
      this.runner.textContent = "Stop";
      let left = 80; // frames; the rest is not worth looking at
      this.timer = setInterval(() => {
        this.advance();
        if (this.off() < 5e-4 || --left === 0) this.finish();
      }, FRAME);
    }

    finish() {
      this.stop();
      this.v = solve(this.world.steps, this.discount);
      this.settled = true;
      this.done = "";
      this.draw();
    }

    stop() {
      clearInterval(this.timer);
      this.timer = 0;
      this.runner.textContent = "Run";
    }

    // How far a value may be from the best: what a sweep would change, over 1 - gamma.
    off() {
      const next = sweep(this.world.steps, this.v, this.discount);
      return Math.max(0, ...next.map((x, s) => Math.abs(x - this.v[s]))) / (1 - this.discount);
    }

    // What the reader sees.

    draw() {
      const { cells, steps } = this.world;
      this.q = lookahead(steps, this.v, this.discount);
      const state = new Map(cells.map((cell, s) => [String(cell), s]));
      this.grid.classList.toggle("gw-advantages", this.advantages.checked);
      this.rows.forEach((row, y) => [...row].forEach((kind, x) =>
        this.paint(this.cells[y][x], kind, state.get(String([y, x])))));
      this.gamma.output.textContent = this.discount.toFixed(2);
      this.slip.output.textContent = Number(this.slip.input.value).toFixed(2);
      const off = this.off();
      this.settled ||= off < 1e-9;
      this.status.setAttribute("aria-live", this.timer ? "off" : "polite"); // only the end of a run
      this.status.textContent = this.done +
        (this.settled ? "These are the values of the best policy." : `No value is off by more than ${show(off, 3)}.`);
      this.explain();
    }

    // The actions that are best, unless all are alike.
    arrows(s) {
      const top = Math.max(...this.q[s]);
      const found = [0, 1, 2, 3].filter((a) => this.q[s][a] > top - 1e-9);
      return found.length < 4 ? found : [];
    }

    // A cell is read out as its contents, some of which only a screen reader is told.
    paint(element, kind, s) {
      const [y, x] = element.dataset.at.split(" ").map(Number);
      const text = (name, words) => make("span", { class: `gw-${name}` }, words);
      const parts = [text("said", `row ${y + 1}, column ${x + 1}: ${LABELS[kind] ? "" : NAMES[kind]}`),
        text("kind", LABELS[kind] ?? "")];
      const worth = s === undefined ? PAYS[kind] ?? 0 : this.v[s];
      if (s !== undefined) {
        const advantages = this.q[s].map((q) => q - this.v[s]);
        const gain = Math.max(...advantages);
        const arrows = this.arrows(s);
        const [name, number] = this.advantages.checked
          ? ["largest advantage", (gain > 0.005 ? "+" : "") + show(gain)]
          : ["value", show(this.v[s])];
        advantages.forEach((adv, a) => parts.unshift(make("i", {
          class: adv < 0 ? "gw-wedge gw-loss" : "gw-wedge",
          style: `rotate: ${90 * a}deg; --gw-worth: ${Math.sqrt(Math.min(1, Math.abs(adv))).toFixed(3)}`,
        })));
        arrows.forEach((a) => parts.push(make("i", { class: "gw-arrow", style: `rotate: ${90 * a}deg` })));
        parts.push(text("said", ` ${name} `), text("number", number),
          text("said", `, best: ${arrows.map((a) => WAYS[a]).join(" or ") || "all alike"}`));
      }
      element.replaceChildren(...parts);
      element.dataset.kind = kind;
      element.style.setProperty("--gw-worth", Math.min(1, Math.abs(worth)).toFixed(3));
      element.classList.toggle("gw-loss", worth < 0);
      element.tabIndex = y === this.at[0] && x === this.at[1] ? 0 : -1;
    }

    explain() {
      const [y, x] = this.at;
      const s = this.world.cells.findIndex((cell) => cell[0] === y && cell[1] === x);
      const place = `Row ${y + 1}, column ${x + 1}: `;
      if (s < 0) return this.detail.replaceChildren(make("p", {}, place + NAMES[this.rows[y][x]]));
      const row = (name, numbers) => make("tr", {}, make("th", { scope: "row" }, name),
        ...numbers.map((n) => make("td", {}, show(n, 3))));
      const head = make("tr", {}, make("td"), ...WAYS.map((way) => make("th", { scope: "col" }, way)));
      this.detail.replaceChildren(make("table", {},
        make("caption", {}, `${place}value ${show(this.v[s], 3)}`),
        make("thead", {}, head),
        make("tbody", {}, row("action value", this.q[s]), row("advantage", this.q[s].map((q) => q - this.v[s])))));
    }

    // Keys, clicks, and dragging.

    select(element) {
      if (!element.dataset.at) return;
      const [y, x] = this.at;
      this.cells[y][x].tabIndex = -1;
      this.at = element.dataset.at.split(" ").map(Number);
      element.tabIndex = 0;
      this.explain();
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const [y, x] = this.at;
      const way = ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"].indexOf(event.key);
      const kind = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (way >= 0) this.cells[y + MOVES[way][0]]?.[x + MOVES[way][1]]?.focus();
      else if (event.key === "Home") this.cells[y][0].focus();
      else if (event.key === "End") this.cells[y].at(-1).focus();
      else if (event.key === " " || event.key === "Enter") this.cycle(y, x);
      else if (kind) { this.put(y, x, kind); this.change(); }
      else return;
      event.preventDefault();
    }

    cell({ clientX, clientY }) {
      const found = document.elementFromPoint(clientX, clientY)?.closest(".gw-cell");
      return this.grid.contains(found) ? found : null;
    }

    click(event) {
      const cell = event.target.closest(".gw-cell");
      if (!cell || this.dragged) return;
      cell.focus();
      this.cycle(...this.at);
    }

    lift(event) {
      this.dragged = false;
      const cell = event.target.closest(".gw-cell");
      this.lifted = cell && cell.dataset.kind !== "." && event.button === 0 ? cell : null;
    }

    drag(event) {
      if (!this.lifted) return;
      const over = this.cell(event);
      if (over !== this.lifted) this.dragged = true;
      this.over?.classList.remove("gw-over");
      this.over = this.dragged ? over : null;
      this.over?.classList.add("gw-over");
      this.lifted.classList.toggle("gw-lifted", this.dragged);
    }

    drop(event) {
      const [from, to] = [this.lifted, this.cell(event)];
      this.release();
      if (!from || !to || from === to) return;
      const [[y, x], [j, i]] = [from, to].map((cell) => cell.dataset.at.split(" ").map(Number));
      this.put(j, i, this.rows[y][x]);
      this.put(y, x, ".");
      to.focus();
      this.change();
    }

    release() {
      this.over?.classList.remove("gw-over");
      this.lifted?.classList.remove("gw-lifted");
      this.over = this.lifted = null;
    }
  }

  for (const root of document.querySelectorAll(".gridworld[data-world]:not([role])")) new GridWorld(root);
})();
