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
