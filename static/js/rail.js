/* What stands beside a brief or a brand kit, and whether the form is kept. A proof that did not come, as after a restart of the studio, is ordered and asked for once more. */
(() => {
  "use strict";
  const missed = new Set();
  const later = (image, src, act) => setTimeout(() => image.src === src && act(), 1000);

  function askAgain({ target: image }) {
    if (!(image instanceof HTMLImageElement) || !image.closest("#previews") || missed.has(image.src)) return;
    const { src } = image;
    missed.add(src);
    later(image, src, () => {
      // Looking at the form orders what it shows; a newer state of it has other pictures, which come by themselves.
      document.querySelector("#brief, #kit").dispatchEvent(new Event("change", { bubbles: true }));
      later(image, src, () => (image.src = src));
    });
  }
  /* Whether what was typed is kept: said while it is on its way, and where it did not get through. */
  const say = (state) => document.querySelector("#kept")?.setAttribute("data-keeping", state);
  /* Only what a hand did is kept: the page also asks by itself. */
  function touch({ isTrusted, target }) {
    const form = target instanceof Element && target.closest("#brief");
    if (isTrusted && form && (target.form || target.closest("button"))) form.elements.touched.value = "1";
  }
  for (const type of ["input", "change", "click"]) document.addEventListener(type, touch, true);
  document.addEventListener("input", (event) => event.target.closest("#brief") && say("now"));
  // From the back-forward cache comes a form that was sent: what it became is newer.
  addEventListener("pageshow", (event) => event.persisted && document.querySelector("#brief") && location.reload());
  document.addEventListener("htmx:response:error", (event) => event.target.id === "estimate" && say("not"));
  document.addEventListener("htmx:error", (event) => event.target.id === "estimate" && say("not"));

  // Faults of pictures do not bubble.
  document.addEventListener("error", askAgain, true);
})();
