/* Keys. Their list is in parts/keys.html; a line is shown where what it needs is on the page, and only then its key acts.
   Single letters are never taken from a field, nor with a modifier, and can be switched off: some people speak to their machine. */
(() => {
  "use strict";
  const { $, $$, on, remember } = window.studio;
  const FIELD = "input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable],[role=slider]";
  const ITEMS = ".shot a.fr, .tbl td:first-child a, .g-cards>li>a";
  const dialog = () => $("#keys");
  const isSeen = (element) => element.checkVisibility();
  let going = 0;

  function items() {
    return $$(`#main :is(${ITEMS})`).filter(isSeen);
  }

  function move(by) {
    const all = items();
    const here = document.activeElement.closest(".shot,tr,li");
    const at = all.findIndex((item) => item === document.activeElement || item.closest(".shot,tr,li") === here);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return Boolean(all.length);
  }

  /* On the page of one ad that ad; elsewhere the one that has the focus. */
  function decide(verdict) {
    const place = $("#ad") || document.activeElement.closest(".shot");
    const button = place && $(`[data-decide] button[value=${verdict}]:enabled`, place);
    button?.click();
    return Boolean(button);
  }

  function go(letter) {
    const link = $$(`[data-go="${letter}"]`)[0];
    link?.click();
    return Boolean(link);
  }

  const searchField = () => $("#main [role=search] :is(input[type=search],input[type=text])");

  /* On the page of one ad: the one before it or after it in its run. */
  function turn(key) {
    const link = $(`[data-turn="${key}"]`);
    link?.click();
    return Boolean(link);
  }

  const ACTS = {
    "?": () => open(),
    "/": () => {
      const field = searchField();
      field?.focus();
      field?.select();
      const shelf = field ? null : $("[data-go=l]");
      if (shelf) location.assign(`${shelf.href}#find_q`);
      return Boolean(field || shelf);
    },
    g: () => (going = Date.now()),
    j: () => move(1),
    k: () => move(-1),
    a: () => decide("approved"),
    r: () => decide("rejected"),
    u: () => decide("undecided"),
  };
  const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  function open() {
    for (const line of $$("[data-needs]", dialog())) line.hidden = !$(line.dataset.needs);
    $("[data-keys]", dialog()).checked = isOn();
    dialog().showModal();
    return true;
  }

  const isOn = () => remember("keys") !== "off";

  function act(event) {
    const { key, target } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) return send(target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || $("dialog[open], :popover-open")) return false;
    if (target.closest(FIELD)) return false;
    if (key in ARROWS && target.closest(".shot")) return target.matches(ITEMS) && move(ARROWS[key]);
    if (key in ARROWS) return turn(key);
    if (!isOn()) return false;
    const goes = Date.now() - going < 1500;
    going = 0;
    if (goes && go(key)) return true;
    return !event.repeat || key === "j" || key === "k" ? Boolean(ACTS[key]?.()) : false;
  }

  function send(target) {
    const form = target.closest("form");
    const button = form ? $("button.pri[type=submit]:enabled", form) || $(`button.pri[form="${form.id}"]:enabled`) : null;
    button?.click();
    return Boolean(button);
  }

  document.addEventListener("keydown", (event) => {
    if (dialog() && !event.defaultPrevented && event.target instanceof Element && act(event)) event.preventDefault();
  });
  // Whoever came by the key to search.
  document.addEventListener("DOMContentLoaded", () => location.hash === "#find_q" && searchField()?.focus());
  on("click", "[data-open-keys]", open);
  on("change", "[data-keys]", (box) => remember("keys", box.checked ? null : "off"));
})();
