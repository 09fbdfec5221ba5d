// Agents that balance CartPole in a page, at four moments of their training, and a reader
// who may push the pole, take the cart over, and hand it back. A classic script; after
// cartpole.js. The figure holds the policies, as spinup_lit/experiments/agents.py packed them.
globalThis.Agents = (() => {
  "use strict";
  const { LIMIT, PUSH, TAU, draw, fallen, move, seeded, start, Picture } = globalThis.CartPole;

  // -- Policies ----------------------------------------------------------------------

  /** A network of tanh layers, from one signed byte for each parameter. */
  class Policy {
    constructor(sizes, { factors, bytes }) {
      const packed = Int8Array.from(atob(bytes), (c) => c.charCodeAt(0));
      let at = 0;
      const take = (count, factor) =>
        Float64Array.from(packed.subarray(at, (at += count)), (x) => x * factor);
      this.layers = sizes.slice(1).map((width, i) => ({
        weights: take(width * sizes[i], factors[2 * i]),
        biases: take(width, factors[2 * i + 1]),
      }));
    }

    /** The probability of pushing right, given a state. */
    right(state) {
      let x = state;
      this.layers.forEach(({ weights, biases }, i) => {
        const inputs = x;
        x = Array.from(biases, (bias, row) => {
          let sum = bias;
          for (let j = 0; j < inputs.length; j += 1) sum += weights[row * inputs.length + j] * inputs[j];
          return i < this.layers.length - 1 ? Math.tanh(sum) : sum;
        });
      });
      return 1 / (1 + Math.exp(x[0] - x[1])); // the softmax of two logits
    }
  }

  // -- What happens on stage -----------------------------------------------------------

  const SHOVE = 0.7; // rad/s: what a push adds to the turning speed of the pole
  const REST = 1; // seconds to look at how it ended

  /** An attempt after the other; who drives and what the reader does is set from outside. */
  class Show {
    constructor(random) {
      this.random = random;
      this.policy = null;
      this.byHand = false;
      this.hand = 0; // -1, 0 or 1: where the reader drives the cart
      this.best = 0; // of the reader, in steps
      this.begin();
    }

    begin() {
      this.state = start(this.random);
      this.steps = 0;
      this.time = this.rest = 0;
      this.over = false;
      this.touched = false; // the reader has driven in this attempt
    }

    /** The force on the cart in the next step. */
    force() {
      if (this.byHand) return PUSH * this.hand;
      return this.random() < this.policy.right(this.state) ? PUSH : -PUSH;
    }

    /** Give the pole a push to the right, or the left (-1). */
    shove(side) {
      if (this.over) return;
      const [x, speed, angle, turning] = this.state;
      this.state = [x, speed, angle, turning + SHOVE * side];
    }

    /** Let time pass, in seconds. */
    play(seconds) {
      this.time += seconds;
      while (!this.over && this.time >= TAU) {
        this.time -= TAU;
        this.touched ||= this.byHand;
        this.state = move(this.state, this.force());
        this.steps += 1;
        this.over = fallen(this.state);
      }
      if (!this.over) return;
      if (this.touched && this.byHand) this.best = Math.max(this.best, this.steps);
      this.rest += seconds;
    }
  }

  // -- The figure in the page ----------------------------------------------------------

  const CONTROLS = `
    <div class="agent-stage" tabindex="0" role="group" aria-label="Cart and pole. Arrow keys push the pole; once you have taken over, they drive the cart.">
      <svg class="agent-pole" role="img" aria-label="A cart with a pole, driven by the agent or by you."></svg>
    </div>
    <p class="agent-now" aria-hidden="true"></p>
    <p class="agent-said" role="status"></p>
    <label class="agent-slider">training <output></output><input type="range" min="0" step="1"></label>
    <div class="agent-row">
      <button type="button" class="agent-left">← push</button>
      <button type="button" class="agent-right">push →</button>
      <button type="button" class="agent-hand">Take over</button>
      <button type="button" class="agent-play">Pause</button>
    </div>`;
  const KEYS = { ArrowLeft: -1, a: -1, ArrowRight: 1, d: 1 };

  class Figure {
    constructor(figure) {
      this.figure = figure;
      this.find = (what) => figure.querySelector(what);
      const { sizes, stages } = JSON.parse(this.find("script").textContent);
      this.stages = stages.map((stage) => ({ ...stage, policy: new Policy(sizes, stage) }));
      this.find(".agent-bars").insertAdjacentHTML("beforebegin", CONTROLS);
      const svg = this.find(".agent-pole");
      this.picture = new Picture(svg);
      this.words = draw("text", { x: 0, y: 0.42, "text-anchor": "middle" }, svg);
      this.show = new Show(seeded(1));
      this.held = new Map(); // what the reader holds down: keys and fingers, by side
      this.listen();
      this.choose(this.stages.length - 1);
      figure.classList.add("live");
      figure.querySelectorAll("[hidden]").forEach((words) => words.removeAttribute("hidden"));
      this.play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
    }

    listen() {
      const on = (what, event, act) => this.find(what).addEventListener(event, act);
      const slider = this.find("input");
      slider.max = this.stages.length - 1;
      slider.value = slider.max;
      slider.addEventListener("input", () => this.choose(Number(slider.value)));
      on(".agent-hand", "click", () => this.handOver(!this.show.byHand));
      on(".agent-play", "click", () => this.play(!this.playing));
      this.holds(".agent-left", () => -1);
      this.holds(".agent-right", () => 1);
      this.holds(".agent-stage", (event, box) => (event.clientX < box.left + box.width / 2 ? -1 : 1));
      on(".agent-stage", "keydown", (event) => {
        const side = KEYS[event.key];
        if (!side || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        if (!event.repeat) this.press(event.key, side);
      });
      on(".agent-stage", "keyup", ({ key }) => this.release(key));
      // Keys that are up elsewhere; a finger or a mouse says itself when it lets go.
      on(".agent-stage", "blur", () => Object.keys(KEYS).forEach((key) => this.release(key)));
      // Nobody looks: it waits.
      new IntersectionObserver(([{ isIntersecting }]) => {
        this.seen = isIntersecting;
        this.wake();
      }).observe(this.find(".agent-stage"));
    }

    /** An element that a finger, a mouse or a key can hold; `side` says which way. */
    holds(what, side) {
      const element = this.find(what);
      const end = ({ pointerId }) => this.release(pointerId);
      element.addEventListener("pointerdown", (event) => {
        if (event.button > 0) return;
        element.setPointerCapture(event.pointerId);
        this.press(event.pointerId, side(event, element.getBoundingClientRect()));
      });
      for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, end);
      // A button pressed by Enter or by a screen reader gives no pointer: a short push.
      element.addEventListener("click", (event) => {
        if (event.detail > 0 || element.tagName !== "BUTTON") return;
        this.press("click", side(event));
        setTimeout(() => this.release("click"), 100);
      });
    }

    press(key, side) {
      if (this.show.byHand) {
        this.held.set(key, side);
        this.steer();
      } else this.show.shove(side);
      this.render();
    }

    release(key) {
      if (this.held.delete(key)) this.steer();
    }

    letGo() {
      this.held.clear();
      this.steer();
    }

    steer() {
      this.show.hand = Math.sign([...this.held.values()].reduce((sum, side) => sum + side, 0));
    }

    /** Give the cart to the reader, or back to the agent, wherever the pole is. */
    handOver(byHand) {
      this.show.byHand = byHand;
      this.letGo();
      const words = byHand ? ["Hand over to the agent", "← drive", "drive →"] : ["Take over", "← push", "push →"];
      ["hand", "left", "right"].forEach((name, i) => (this.find(`.agent-${name}`).textContent = words[i]));
      this.figure.classList.toggle("by-hand", byHand);
      if (this.show.over) this.show.begin();
      if (byHand) this.find(".agent-stage").focus({ preventScroll: true });
      this.tell(byHand ? "You drive: hold ← or →." : "The agent drives.");
      this.render();
    }

    /** Let an agent of another moment of the training drive. */
    choose(i) {
      const { epoch, policy, sampling, mode } = this.stages[i];
      this.show.policy = policy;
      const name = epoch === 0 ? "before training" : `after ${epoch} epochs`;
      this.find("output").textContent = name;
      this.find("input").setAttribute("aria-valuetext", name);
      this.about = `Mean of 100 episodes: ${sampling.toFixed(0)} steps; by its likeliest actions ${mode.toFixed(0)}.`;
      if (!this.show.byHand) this.show.begin();
      this.tell(this.about);
      this.render();
    }

    // -- Time --------------------------------------------------------------------------

    play(playing) {
      this.playing = playing;
      this.find(".agent-play").textContent = playing ? "Pause" : "Play";
      this.wake();
    }

    wake() {
      if (this.frame || !this.playing || !this.seen) return;
      this.last = performance.now();
      this.frame = requestAnimationFrame((now) => this.tick(now));
    }

    tick(now) {
      const seconds = Math.min(0.1, Math.max(0, now - this.last) / 1000);
      this.last = now;
      this.frame = 0;
      const { show } = this;
      const before = show.over;
      // By hand at half speed: a pole of a metre falls fast.
      show.play(show.byHand ? seconds / 2 : seconds);
      if (show.over && !before) this.end();
      if (show.over && show.rest > REST) show.begin();
      this.render();
      this.wake();
    }

    // -- What the reader sees ------------------------------------------------------------

    end() {
      const who = this.show.byHand ? "You" : "The agent";
      const best = this.show.byHand ? ` Your best: ${this.show.best}.` : ` ${this.about}`;
      this.tell(`${who} balanced it for ${this.show.steps} steps.${best}`);
    }

    tell(words) {
      this.find(".agent-now").textContent = this.find(".agent-said").textContent = words;
    }

    render() {
      const { state, steps, over } = this.show;
      this.picture.show(state, over);
      const shown = over ? steps : steps - (steps % 10);
      const long = steps >= LIMIT ? ", a whole episode" : "";
      const words = over ? `over after ${steps} steps` : `step ${shown}${long}`;
      if (this.words.textContent !== words) this.words.textContent = words;
    }
  }

  if (typeof document !== "undefined")
    document.querySelectorAll("figure.agent").forEach((figure) => new Figure(figure));

  return { Policy, Show, Figure, SHOVE };
})();
