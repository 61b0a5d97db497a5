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
