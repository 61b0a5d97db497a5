/* Sets the chosen colours before the first paint, so that no page flashes. The rest of the behaviour is in studio.js. */
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    /* storage may be forbidden: the page then follows the system */
  }
  // A change of pages that is skipped, as on a slow machine, is no fault of anybody's.
  const calm = ({ viewTransition }) => viewTransition && [viewTransition.ready, viewTransition.finished, viewTransition.updateCallbackDone].forEach((one) => one.catch(() => {}));
  addEventListener("pagereveal", calm);
  addEventListener("pageswap", calm);
})();
