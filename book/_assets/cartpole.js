// CartPole as it is in Gymnasium's CartPole-v1: how it moves, when an episode is over, and
// a picture of it. A classic script, so that it works in a folder of files, too: all that
// it offers hangs on the one name `CartPole`.
globalThis.CartPole = (() => {
  "use strict";

  // -- Dynamics ----------------------------------------------------------------------

  const GRAVITY = 9.8;
  const CART = 1; // masses
  const POLE = 0.1;
  const HALF = 0.5; // of the pole's length
  const PUSH = 10; // the force of an action
  const TAU = 0.02; // seconds in a step
  const EDGE = 2.4; // the cart has left
  const LEAN = (12 * 2 * Math.PI) / 360; // the pole has fallen
  const LIMIT = 500; // steps in an episode

  /**
   * The state one step later, when a force pushes the cart meanwhile (Euler's method).
   * A state is [position, speed, angle, turning speed]; positive is right, and clockwise.
   */
  function move(state, force) {
    const [x, speed, angle, turning] = state;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const total = CART + POLE;
    const pull = (force + POLE * HALF * turning * turning * sin) / total;
    const spin =
      (GRAVITY * sin - cos * pull) / (HALF * (4 / 3 - (POLE * cos * cos) / total));
    const gain = pull - (POLE * HALF * spin * cos) / total;
    return [x + TAU * speed, speed + TAU * gain, angle + TAU * turning, turning + TAU * spin];
  }

  /** The state after an action: 0 pushes left, 1 pushes right. */
  const step = (state, act) => move(state, act === 1 ? PUSH : -PUSH);

  /** Has the pole fallen, or the cart left? (After LIMIT steps it is over anyway.) */
  const fallen = ([x, , angle]) => Math.abs(x) > EDGE || Math.abs(angle) > LEAN;

  /** A first state: each number up to 0.05 from zero; `random()` is from 0 to 1. */
  const start = (random) => [0, 0, 0, 0].map(() => 0.1 * random() - 0.05);

  /** A generator of numbers from 0 to 1, the same for the same seed (sfc32). */
  function seeded(seed) {
    let a = 0x9e3779b9;
    let b = 0x243f6a88;
    let c = seed | 0;
    let count = 1;
    const next = () => {
      const sum = (((a + b) | 0) + count) | 0;
      count = (count + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return (sum >>> 0) / 2 ** 32;
    };
    for (let i = 0; i < 15; i += 1) next(); // until the seed is in all of it
    return next;
  }

  // -- Picture -----------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";

  /** A new element of a drawing. */
  function draw(name, attributes, parent) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent?.append(element);
    return element;
  }

  /**
   * Cart, pole and track, drawn into an empty <svg> in the units of the world; cart and
   * pole are somewhat larger than they are. Colours come from the page's stylesheet, by the
   * classes cart, pole, track and fallen.
   */
  class Picture {
    constructor(svg) {
      svg.setAttribute("viewBox", "-2.9 -2.15 5.8 2.65");
      this.svg = svg;
      draw("path", { class: "track", d: `M${-EDGE} -.12V.12M${-EDGE} 0H${EDGE}M${EDGE} -.12V.12` }, svg);
      this.cart = draw("g", {}, svg);
      draw("rect", { class: "cart", x: -0.36, y: -0.42, width: 0.72, height: 0.36, rx: 0.04 }, this.cart);
      this.pole = draw("path", { class: "pole", d: "M0 0V-1.6" }, draw("g", { transform: "translate(0 -.42)" }, this.cart));
      this.show([0, 0, 0, 0]);
    }

    /** Draw a state; one in which the episode has ended may look different. */
    show(state, over = false) {
      // As attributes: on a long page, styles would cost the browser more.
      this.cart.setAttribute("transform", `translate(${state[0].toFixed(3)} 0)`);
      this.pole.setAttribute("transform", `rotate(${((180 * state[2]) / Math.PI).toFixed(2)})`);
      this.svg.classList.toggle("fallen", over);
    }
  }

  return { EDGE, LEAN, LIMIT, PUSH, TAU, move, step, fallen, start, seeded, draw, Picture };
})();
