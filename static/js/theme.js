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
})();
