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
document.querySelectorAll("figure.moves svg").forEach((svg) => {
  const button = document.createElement("button");
  const show = (moving) => {
    if (moving) svg.unpauseAnimations();
    else svg.pauseAnimations();
    button.textContent = moving ? "Pause" : "Play";
  };
  button.type = "button";
  button.addEventListener("click", () => show(svg.animationsPaused()));
  svg.after(button);
  if (still) svg.setCurrentTime(0.99 * parseFloat(svg.querySelector("animate").getAttribute("dur")));
  show(!still);
});
