/* Tells Swagger's stylesheet whether the page is dark: as chosen in the studio, else as the system is. */
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
    root.classList.toggle("dark-mode", dark);
  };
  system.addEventListener("change", show);
  show();
})();
