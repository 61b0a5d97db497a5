/* A brand kit's page: banned words become chips as they are typed; without this file they do with the next save. */
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);

  function add() {
    const input = $("[data-words-more]");
    const list = $("[data-words-list]");
    const shown = new Set([...list.querySelectorAll("input")].map((box) => box.value.toLowerCase()));
    for (const word of input.value.split(",").map((part) => part.trim().replace(/\s+/g, " "))) {
      if (!word || shown.has(word.toLowerCase())) continue;
      shown.add(word.toLowerCase());
      const chip = $("template", list).content.firstElementChild.cloneNode(true);
      const box = $("input", chip);
      box.value = word;
      box.after(word);
      $("template", list).before(chip);
    }
    input.value = "";
    input.focus();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("click", (event) => event.target.closest("[data-words-add]") && add());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-words-more]")) return;
    event.preventDefault(); // Enter would send the whole form
    add();
  });
  /* A colour may be typed too; the swatch follows, and that of panels also where they take the main colour. */
  document.addEventListener("input", ({ target }) => {
    if (target.type === "color") $(`[data-hex="${target.name}"]`).value = target.value;
    const typed = target.dataset.hex && target.value.trim().match(/^#?([0-9a-f]{6})$/i);
    if (!typed) return;
    const swatch = $(`[name="${target.dataset.hex}"]`);
    swatch.value = `#${typed[1].toLowerCase()}`;
    for (const kind of ["input", "change"]) swatch.dispatchEvent(new Event(kind, { bubbles: true }));
  });
  document.addEventListener("htmx:after:swap", () => {
    const now = $("#hint-panel code")?.textContent;
    if (!now || $("[name=own_panel]").checked) return;
    $("[name=panel]").value = $("[data-hex=panel]").value = now;
  });
  // Who chooses a colour for panels wants panels to have it.
  document.addEventListener("input", (event) => {
    if (event.target.name === "panel") $("[name=own_panel]").checked = true;
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "banned" && !event.target.checked) {
      event.target.closest("label").remove();
      $("[data-words-more]").focus();
      $("[data-words-more]").dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
})();
