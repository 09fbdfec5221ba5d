// What scrolls sideways inside itself must be reachable with the keyboard.
const wide = ".math-body, .pst-scrollable-table-container, .chunk-result pre, .chunk-check pre";
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
document.querySelectorAll(wide).forEach((element) => watch.observe(element));

// A section chosen in a drawer of contents stands behind it.
document.addEventListener("click", ({ target }) => {
  if (target.closest("dialog a[href*='#']")) target.closest("dialog").close();
});

// A picture that moves can be stopped; for readers who prefer less motion it stands still
// at its end until they start it.
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
document.querySelectorAll("figure.moves").forEach((figure) => {
  const pictures = [...figure.querySelectorAll("svg")];
  const button = document.createElement("button");
  const show = (moving) => {
    for (const svg of pictures) svg[moving ? "unpauseAnimations" : "pauseAnimations"]();
    button.textContent = moving ? "Pause" : "Play";
  };
  button.type = "button";
  button.addEventListener("click", () => show(pictures[0].animationsPaused()));
  (figure.querySelector(".takes") ?? pictures[0]).after(button);
  for (const svg of still ? pictures : []) {
    const first = svg.querySelector("animate");
    if (first) svg.setCurrentTime(0.99 * parseFloat(first.getAttribute("dur")));
  }
  show(!still);
});
