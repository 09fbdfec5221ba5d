// The three programs of the chapter on policy gradients, for a page: the same network, the
// same update and the same defaults as spinup_lit/first/*.py, in plain JavaScript. What
// the reader sees is what the programs do; only the random numbers are others, and numbers
// have twice as many digits. A classic script; after cartpole.js.
globalThis.PolicyGradient = (() => {
  "use strict";
  const { LIMIT, draw, fallen, seeded, start, step } = globalThis.CartPole;

  // -- Policy ------------------------------------------------------------------------

  const SEEN = 4; // what is observed has four numbers; there are two actions

  const tanh = (x) => 1 - 2 / (Math.exp(2 * x) + 1); // twice as fast as Math.tanh

  /**
   * From the observation to the logits of two actions, by one layer of tanh units. Its
   * parameters are one array, in PyTorch's order: weights (hidden, 4) and biases (hidden)
   * of the first layer, then weights (2, hidden) and biases (2) of the second.
   */
  class Policy {
    constructor(random, hidden = 32) {
      this.hidden = hidden;
      this.units = new Float64Array(hidden); // their values at the last observation
      this.output = hidden * (SEEN + 1); // where the second layer begins
      this.theta = new Float64Array(this.output + 2 * (hidden + 1));
      // As nn.Linear does: uniform, up to one over the root of the number of inputs.
      this.theta.forEach((_, i, theta) => {
        theta[i] = (2 * random() - 1) / Math.sqrt(i < this.output ? SEEN : hidden);
      });
    }

    /** The probability of action 1 given four numbers, obs[at] and those that follow. */
    right(obs, at = 0) {
      const { hidden, output, theta, units } = this;
      const bias = hidden * SEEN;
      let logit = theta[output + 2 * hidden + 1] - theta[output + 2 * hidden];
      for (let j = 0; j < hidden; j += 1) {
        const w = j * SEEN;
        units[j] = tanh(
          theta[bias + j] + theta[w] * obs[at] + theta[w + 1] * obs[at + 1] +
            theta[w + 2] * obs[at + 2] + theta[w + 3] * obs[at + 3],
        );
        logit += (theta[output + hidden + j] - theta[output + j]) * units[j];
      }
      return 1 / (1 + Math.exp(-logit)); // the softmax of two logits
    }

    /**
     * Add an episode's share of the gradient of the loss, Eq. (pg-loss): minus the sum of
     * weights times scores, over the number of episodes in the batch.
     */
    addGradient(gradient, episode, weights, episodes) {
      const { hidden, output, theta, units } = this;
      const bias = hidden * SEEN;
      episode.act.forEach((act, t) => {
        const at = SEEN * t;
        // The score in the logit of action 1; in that of action 0 it is minus this.
        const score = act - this.right(episode.obs, at);
        const push = (-weights[t] / episodes) * score;
        for (let j = 0; j < hidden; j += 1) {
          const unit = units[j];
          gradient[output + j] -= push * unit;
          gradient[output + hidden + j] += push * unit;
          const inside =
            push * (theta[output + hidden + j] - theta[output + j]) * (1 - unit * unit);
          gradient[bias + j] += inside;
          for (let i = 0; i < SEEN; i += 1) gradient[SEEN * j + i] += inside * episode.obs[at + i];
        }
        gradient[output + 2 * hidden] -= push;
        gradient[output + 2 * hidden + 1] += push;
      });
    }
  }

  /** Adam, with PyTorch's defaults. */
  class Adam {
    constructor(size) {
      this.mean = new Float64Array(size);
      this.square = new Float64Array(size);
      this.count = 0;
    }

    /** Move the parameters downhill, in place. */
    step(theta, gradient, lr) {
      this.count += 1;
      const ofMean = 1 - 0.9 ** this.count;
      const ofSquare = 1 - 0.999 ** this.count;
      gradient.forEach((g, i) => {
        this.mean[i] += 0.1 * (g - this.mean[i]);
        this.square[i] += 0.001 * (g * g - this.square[i]);
        const size = Math.sqrt(this.square[i] / ofSquare) + 1e-8;
        theta[i] -= (lr * this.mean[i]) / ofMean / size;
      });
    }
  }

  // -- Episodes and their weights ------------------------------------------------------

  // What takes longer is a generator: it stops after a piece of work and says how many
  // steps of the environment were in it, so that a page can do something else meanwhile.
  const PIECE = 50;

  /**
   * Play one episode; `choose` turns a probability of 1 into an action. The result is
   * obs (4 T), act (T) and rew (T), in the precision in which Gymnasium gives them.
   */
  function* play(policy, random, choose = (p) => +(random() < p)) {
    const obs = new Float32Array(SEEN * LIMIT);
    const act = new Uint8Array(LIMIT);
    let state = start(random);
    let t = 0;
    do {
      obs.set(state, SEEN * t);
      act[t] = choose(policy.right(obs, SEEN * t));
      state = step(state, act[t]);
      t += 1;
      if (t % PIECE === 0) yield PIECE;
    } while (t < LIMIT && !fallen(state));
    yield t % PIECE;
    return { obs: obs.slice(0, SEEN * t), act: act.slice(0, t), rew: new Float64Array(t).fill(1) };
  }

  const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);
  const dot = (x, y) => x.reduce((total, each, i) => total + each * y[i], 0);
  const mean = (numbers) => sum(numbers) / numbers.length;

  /** The sum of the rewards from each step on. */
  function rewardsToGo({ rew }) {
    const toGo = rew.slice();
    for (let t = rew.length - 2; t >= 0; t -= 1) toGo[t] += toGo[t + 1];
    return toGo;
  }

  const FEATURES = 2 * SEEN + 4;

  /** What the baseline may use at step t: the observation, its squares, powers of time. */
  function features({ obs }, t) {
    const x = new Float64Array(FEATURES);
    for (let i = 0; i < SEEN; i += 1) {
      x[i] = obs[SEEN * t + i];
      x[SEEN + i] = Math.fround(x[i] * x[i]);
    }
    for (let power = 0; power < 4; power += 1) x[2 * SEEN + power] = (t / 100) ** power;
    return x;
  }

  /**
   * Least squares, a row at a time: each new row is turned (Givens) into an upper
   * triangle, whose last column is the right-hand side.
   */
  class LeastSquares {
    constructor(size) {
      this.rows = Array.from({ length: size }, () => new Float64Array(size + 1));
    }

    /** Add the equation: the features, weighted by the coefficients, should be y. */
    add(x, y) {
      const row = new Float64Array(x.length + 1);
      row.set(x);
      row[x.length] = y;
      for (let i = 0; i < x.length; i += 1) {
        const above = this.rows[i];
        const length = Math.sqrt(above[i] * above[i] + row[i] * row[i]);
        if (length === 0) continue;
        const cos = above[i] / length;
        const sin = row[i] / length;
        for (let j = i; j <= x.length; j += 1) {
          const old = above[j];
          above[j] = cos * old + sin * row[j];
          row[j] = cos * row[j] - sin * old;
        }
      }
    }

    /** The best coefficients; zero where the equations leave one open. */
    solve() {
      const size = this.rows.length;
      const coef = new Float64Array(size);
      for (let i = size - 1; i >= 0; i -= 1) {
        const row = this.rows[i];
        let rest = row[size];
        for (let j = i + 1; j < size; j += 1) rest -= row[j] * coef[j];
        coef[i] = Math.abs(row[i]) > 1e-12 ? rest / row[i] : 0;
      }
      return coef;
    }
  }

  /** What the programs differ in: the weights of an episode's steps, given a baseline. */
  const WEIGHTS = {
    simplest_pg: ({ rew }) => rew.slice().fill(sum(rew)),
    reward_to_go: rewardsToGo,
    baseline: (episode, coef) =>
      rewardsToGo(episode).map((toGo, t) => toGo - dot(features(episode, t), coef)),
  };

  // -- Training ------------------------------------------------------------------------

  const DEFAULTS = { program: "simplest_pg", seed: 1, steps: 150000, episodes: 16, lr: 1e-2 };
  const EVALUATE_EVERY = 3750; // steps, as for the results in the book
  const EVALUATED = 10; // episodes
  const SOLVED = 475; // Gymnasium's threshold

  /** A run of one of the programs; what it learns and how it gets on can be read off. */
  class Run {
    constructor(settings = {}) {
      this.settings = { ...DEFAULTS, ...settings }; // may change between two batches
      this.random = seeded(this.settings.seed);
      this.policy = new Policy(this.random);
      this.optimizer = new Adam(this.policy.theta.length);
      this.coef = new Float64Array(FEATURES); // there is nothing to guess from yet
      this.done = 0; // steps
      this.curve = []; // for each batch: steps so far, its mean return, its program
      this.solved = null; // after how many steps an evaluation reached SOLVED
    }

    /** The program: play, weigh, differentiate, move. */
    *train() {
      while (this.done < this.settings.steps) {
        const { program, episodes, lr } = { ...this.settings };
        const batch = [];
        while (batch.length < episodes) batch.push(yield* play(this.policy, this.random));
        const gradient = yield* this.gradient(batch, WEIGHTS[program]);
        this.optimizer.step(this.policy.theta, gradient, lr);
        if (program === "baseline") this.coef = yield* fit(batch); // for the next batch
        this.log(batch, program);
        if (this.evaluationIsDue()) yield* this.evaluate();
      }
    }

    /** Minus the estimate, Eq. (pg-sample). */
    *gradient(batch, weigh) {
      const gradient = new Float64Array(this.policy.theta.length);
      for (const episode of batch) {
        const weights = Float32Array.from(weigh(episode, this.coef)); // as the programs do
        this.policy.addGradient(gradient, episode, weights, batch.length);
        yield 0;
      }
      return gradient;
    }

    log(batch, program) {
      this.done += sum(batch.map(({ rew }) => rew.length));
      const ret = mean(batch.map(({ rew }) => sum(rew)));
      this.curve.push({ steps: this.done, ret, program });
    }

    /** The mean return of the last ten batches. */
    get recent() {
      return mean(this.curve.slice(-10).map(({ ret }) => ret));
    }

    evaluationIsDue() {
      const before = this.curve.at(-2)?.steps ?? 0;
      const at = (steps) => Math.floor(steps / EVALUATE_EVERY);
      return this.solved === null && at(this.done) > at(before);
    }

    /** Ten episodes with the likeliest action; they do not count as steps of training. */
    *evaluate() {
      const random = seeded(1e6 + this.done);
      const returns = [];
      while (returns.length < EVALUATED) {
        const playing = play(this.policy, random, (p) => +(p > 0.5));
        let piece = playing.next();
        for (; !piece.done; piece = playing.next()) yield 0;
        returns.push(sum(piece.value.rew));
      }
      if (mean(returns) >= SOLVED) this.solved = this.done;
    }
  }

  /** The coefficients with which features predict rewards-to-go best. */
  function* fit(batch) {
    const squares = new LeastSquares(FEATURES);
    for (const episode of batch) {
      rewardsToGo(episode).forEach((toGo, t) => squares.add(features(episode, t), toGo));
      yield 0;
    }
    return squares.solve();
  }

  // -- The figure in the page ----------------------------------------------------------
  //
  // <figure class="trains"> holds a picture of recorded learning curves, which is what a
  // reader without scripts sees. In its <g class="plot">, x counts thousands of steps and y
  // is a return. Here come the pole, the controls, and the reader's own curves.

  const RATES = [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1];
  const EPISODES = [2, 4, 8, 16, 32, 64];
  const NAMES = {
    simplest_pg: "full return",
    reward_to_go: "reward-to-go",
    baseline: "minus a baseline",
  };
  // Half of the time between two pictures is for training, but no more ms than this: the
  // page stays responsive.
  const BUDGET = 25;
  const KEPT = 8; // curves of earlier runs
  const SAID = 5000; // ms between two messages to a screen reader
  const DRAWN = 150; // ms between two curves

  /** Steps per second: slow enough for the first batches to be seen, then faster. */
  const pace = (seconds) => Math.min(10000, 1000 + 2000 * seconds);

  const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

  const CONTROLS = `
    <div class="trains-stage">
      <svg class="trains-pole" role="img" aria-label="The cart and its pole, as the policy of this moment drives them."></svg>
    </div>
    <p class="trains-now" aria-hidden="true"></p>
    <p class="trains-said" role="status"></p>
    <div class="trains-row">
      <button type="button" class="trains-main">Train</button>
      <button type="button" class="trains-batch">One batch</button>
      <button type="button" class="trains-reset">Start again</button>
      <label><input type="checkbox" class="trains-moving"> the pole moves</label>
    </div>
    <div class="trains-row">
      <label class="trains-slider">learning rate <output></output>
        <input type="range" name="lr" min="0" max="${RATES.length - 1}"></label>
      <label class="trains-slider">episodes in a batch <output></output>
        <input type="range" name="episodes" min="0" max="${EPISODES.length - 1}"></label>
    </div>
    <fieldset class="trains-row"><legend>weight of each action</legend>
      ${Object.entries(NAMES)
        .map(([program, name]) => `<label class="${program}"><input type="radio" name="trains-program" value="${program}"> ${name}</label>`)
        .join("")}
    </fieldset>`;

  /** The pole on stage: one episode after another, with the policy as it is by then. */
  class Stage {
    constructor(svg, random) {
      this.picture = new CartPole.Picture(svg);
      this.words = draw("text", { x: 0, y: 0.42, "text-anchor": "middle" }, svg);
      this.random = random;
      this.begin();
    }

    begin() {
      this.state = start(this.random);
      this.steps = 0;
      this.time = 0;
      this.rest = 0; // seconds to look at how it ended
      this.over = false;
      this.show();
    }

    /** Let time pass, in seconds. */
    play(policy, seconds) {
      this.time += seconds;
      while (!this.over && this.time >= CartPole.TAU) {
        this.time -= CartPole.TAU;
        const right = policy.right(Float32Array.from(this.state));
        this.state = step(this.state, +(this.random() < right));
        this.steps += 1;
        this.over = fallen(this.state) || this.steps === LIMIT;
      }
      if (this.over) this.rest += seconds;
      this.show();
    }

    show() {
      const fell = this.over && fallen(this.state);
      this.picture.show(this.state, fell);
      const shown = this.steps - (this.steps % 10); // each new text is work for the browser
      const words = this.over ? `over after ${count(this.steps, "step")}` : `step ${shown}`;
      if (this.words.textContent !== words) this.words.textContent = words;
    }
  }

  /** A figure in which a reader trains one of the programs. */
  class Figure {
    constructor(figure) {
      this.figure = figure;
      this.find = (what) => figure.querySelector(what);
      const recorded = this.find("svg");
      figure.insertAdjacentHTML("afterbegin", CONTROLS);
      this.find(".trains-stage").append(recorded);
      this.plot = this.find(".plot");
      this.settings = { ...DEFAULTS };
      this.stage = new Stage(this.find(".trains-pole"), seeded(1));
      this.find(".trains-moving").checked = !matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.listen();
      this.reset();
      figure.querySelectorAll("[hidden]").forEach((words) => words.removeAttribute("hidden"));
      figure.classList.add("live");
    }

    listen() {
      const on = (what, event, act) => this.find(what).addEventListener(event, act);
      on(".trains-main", "click", () => (this.training ? this.pause() : this.go()));
      on(".trains-batch", "click", () => this.go(this.run.curve.length + 1));
      on(".trains-reset", "click", () => this.again());
      on(".trains-moving", "change", () => (this.moves ? this.wake() : this.stage.begin()));
      this.slide("lr", RATES);
      this.slide("episodes", EPISODES);
      this.figure.querySelectorAll("[type=radio]").forEach((radio) => {
        radio.checked = radio.value === this.settings.program;
        radio.addEventListener("change", () => this.set("program", radio.value));
      });
      this.set("program", this.settings.program);
    }

    /** A slider whose positions stand for these values of a setting. */
    slide(name, values) {
      const slider = this.find(`[name=${name}]`);
      const changed = () => {
        const value = values[slider.value];
        slider.previousElementSibling.textContent = value;
        slider.setAttribute("aria-valuetext", value);
        this.set(name, value);
      };
      slider.value = values.indexOf(this.settings[name]);
      slider.addEventListener("input", changed);
      changed();
    }

    /** A setting counts from the next batch on. */
    set(name, value) {
      this.settings[name] = value;
      if (this.run) this.run.settings[name] = value;
      this.figure.dataset.program = this.settings.program;
    }

    /** The reader may not want the pole to move, or may not have asked for it yet. */
    get moves() {
      return this.find(".trains-moving").checked;
    }

    // -- A run -----------------------------------------------------------------------

    reset() {
      this.run = new Run(this.settings);
      this.work = this.run.train();
      this.training = this.finished = false;
      this.seconds = this.allowance = this.shown = this.drawn = this.said = 0;
      this.lines = draw("g", { class: "run" }, this.plot);
      this.stage.begin();
      this.tell(`A new policy (seed ${this.settings.seed}): it has learned nothing yet.`);
      this.name("Train");
    }

    /** A new policy, other random numbers; the curve so far stays, thinner. */
    again() {
      this.lines.setAttribute("class", "run earlier");
      const earlier = this.plot.querySelectorAll(".earlier");
      if (this.run.curve.length === 0) this.lines.remove();
      else if (earlier.length > KEPT) earlier[0].remove();
      this.settings.seed += 1;
      this.reset();
    }

    /** Train, up to a number of batches or to the end of the program. */
    go(batches = Infinity) {
      if (this.finished) this.again();
      this.batches = batches;
      this.training = true;
      this.name("Pause");
      if (batches === Infinity) this.tell("Training.");
      if (this.stage.over) this.stage.begin();
      this.wake();
    }

    pause() {
      this.training = this.playing = false;
      this.name("Continue");
      this.tell(this.report());
    }

    /** The work is done; the pole shows once more what was learned. */
    stop() {
      this.training = false;
      this.name(this.finished ? "Train another" : "Continue");
      this.tell(this.report());
      this.stage.begin();
    }

    // -- Time ------------------------------------------------------------------------

    wake() {
      this.playing = this.moves;
      if (this.frame) return;
      this.last = performance.now();
      this.frame = requestAnimationFrame((now) => this.tick(now));
    }

    /** One picture: a slice of training, a moment of the pole's life. */
    tick(now) {
      const seconds = Math.min(0.1, Math.max(0, now - this.last) / 1000);
      this.last = now;
      this.frame = 0;
      if (this.training) this.advance(seconds);
      if (this.playing && this.moves) this.move(seconds);
      const late = !this.training || now - this.drawn > DRAWN;
      if (this.run.curve.length > this.shown && late) this.redraw(now);
      if (this.training || (this.playing && this.moves))
        this.frame = requestAnimationFrame((later) => this.tick(later));
    }

    advance(seconds) {
      this.seconds += seconds;
      this.allowance += seconds * pace(this.seconds);
      const end = performance.now() + Math.min(BUDGET, Math.max(8, 500 * seconds));
      while (this.training && this.allowance > 0 && performance.now() < end) {
        const { value, done } = this.work.next();
        this.finished = done;
        if (done || this.run.curve.length >= this.batches) this.stop();
        else this.allowance -= value;
      }
      this.allowance = Math.min(this.allowance, 0); // what could not be done is not made up for
    }

    move(seconds) {
      this.stage.play(this.run.policy, seconds);
      if (this.stage.rest < 0.6) return;
      if (this.training) this.stage.begin();
      else this.playing = false;
    }

    // -- What the reader sees ----------------------------------------------------------

    name(main) {
      this.find(".trains-main").textContent = main;
    }

    report() {
      const { curve, done, recent, solved } = this.run;
      if (curve.length === 0) return "No batch is complete yet.";
      return (
        `${count(curve.length, "batch", "batches")}, ${count(done, "step")}: ` +
        `mean return ${recent.toFixed(0)}.` +
        (solved ? ` Solved after ${count(solved, "step")}.` : "") +
        (this.finished ? " Here the program ends." : "")
      );
    }

    /** Say something to all, at once. */
    tell(words) {
      this.find(".trains-now").textContent = this.find(".trains-said").textContent = words;
    }

    /** After a batch: the line of text and the curve; a screen reader hears of it rarely. */
    redraw(now) {
      this.shown = this.run.curve.length;
      this.drawn = now;
      this.find(".trains-now").textContent = this.report();
      if (now - this.said > SAID) {
        this.find(".trains-said").textContent = this.report();
        this.said = now;
      }
      this.drawCurve(this.run);
    }

    /** Each batch, thin; the mean of the last ten, in the colour of its program. */
    drawCurve({ curve, solved }) {
      this.lines.replaceChildren();
      const at = ({ steps }, ret) => `${(steps / 1000).toFixed(2)} ${ret.toFixed(1)}`;
      draw("path", { class: "each", d: `M${curve.map((point) => at(point, point.ret)).join("L")}` }, this.lines);
      const recent = curve.map((_, i) => mean(curve.slice(Math.max(0, i - 9), i + 1).map(({ ret }) => ret)));
      for (const program of Object.keys(NAMES)) {
        const parts = curve.map((point, i) => {
          if (point.program !== program) return "";
          const from = Math.max(0, i - 1);
          return `M${at(curve[from], recent[from])}L${at(point, recent[i])}`;
        });
        draw("path", { class: `recent ${program}`, d: parts.join("") }, this.lines);
      }
      if (solved) draw("path", { class: "solved", d: `M${solved / 1000} ${SOLVED}h.01` }, this.lines);
    }
  }

  if (typeof document !== "undefined")
    document.querySelectorAll("figure.trains").forEach((figure) => new Figure(figure));

  return { Policy, Adam, LeastSquares, Run, WEIGHTS, play, features, Figure, DEFAULTS, SOLVED };
})();
