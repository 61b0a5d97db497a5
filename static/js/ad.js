/* The page of one ad: the focus of its picture, dragged, moved by arrow keys, or typed; and what is typed and not sent. */
(() => {
  "use strict";
  const { $, $$, on } = window.studio;
  const focusForm = (place) => place.closest("section").querySelector("[data-focus-form]");

  function moveFocus(place, x, y) {
    const form = focusForm(place);
    const [left, top] = [x, y].map((part) => Math.round(Math.min(100, Math.max(0, part))));
    Object.assign(form.elements.x, { value: left });
    Object.assign(form.elements.y, { value: top });
    showFocus(place);
  }

  function showFocus(place) {
    const { x, y } = focusForm(place).elements;
    const { width, height } = place.querySelector("svg").viewBox.baseVal;
    for (const circle of place.querySelectorAll("circle")) {
      circle.setAttribute("cx", (x.value * width) / 100);
      circle.setAttribute("cy", (y.value * height) / 100);
    }
    place.setAttribute("aria-valuenow", x.value);
    place.setAttribute("aria-valuetext", `${x.value} %, ${y.value} %`);
  }

  function pointFocus(place, event) {
    const box = place.getBoundingClientRect();
    moveFocus(place, ((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100);
  }

  on("pointerdown", "[data-focus]", (place, event) => {
    if (event.button !== 0) return;
    place.setPointerCapture(event.pointerId);
    pointFocus(place, event);
  });
  on("pointermove", "[data-focus]", (place, event) => {
    if (place.hasPointerCapture(event.pointerId)) pointFocus(place, event);
  });
  on("keydown", "[data-focus]", (place, event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = focusForm(place).elements;
    const far = event.shiftKey ? 10 : 1;
    moveFocus(place, Number(x.value) + step[0] * far, Number(y.value) + step[1] * far);
  });
  on("input", "[data-focus-form]", (form) => showFocus(form.closest("section").querySelector("[data-focus]")));

  /* The answer replaces the form: whoever pressed its button with the keyboard stays there. */
  let pressed = "";
  document.addEventListener("submit", (event) => (pressed = event.submitter?.id || ""));
  document.addEventListener("htmx:after:swap", () => {
    if (document.activeElement === document.body) document.getElementById(pressed)?.focus({ preventScroll: true });
  });

  /* --- an answer replaces the whole ad: what is typed in its other forms goes along --------------------------------- */
  const FIELDS = "textarea, select, input:not([type=hidden])";
  const nameOf = (form) => form.getAttribute("action").replace(/^\/ads\/[^/]+\//, "");
  const firstOf = (list) => ($("[selected]", list) || list.options[0])?.value;

  function isChanged(field) {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.value !== (field.options ? firstOf(field) : field.defaultValue);
  }

  // What was refused stands in its fields as if it were the ad's own.
  const unsent = (form) => $$(FIELDS, form).filter((field) => isChanged(field) || $(".errorlist", form));
  let left = null;

  function remember(form) {
    const fields = unsent(form).map(({ name, value, checked }) => ({ name, value, checked }));
    return { name: nameOf(form), fields, seen: form.elements.seen?.value, open: form.closest("details")?.open };
  }

  function giveBack({ name, fields, seen, open }) {
    const form = $$("#ad form").find((one) => nameOf(one) === name);
    if (!form) return;
    if (open) form.closest("details").open = true;
    if (!fields.length) return;
    // It is what this was typed over: with the new one, words of somebody else would be replaced unasked.
    if (seen) form.elements.seen.value = seen;
    for (const { name, value, checked } of fields) {
      const field = form.elements[name];
      if (!field) continue;
      Object.assign(field, field.type === "checkbox" ? { checked } : { value });
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
    const { id, selectionStart, selectionEnd } = document.activeElement;
    const forms = $$("#ad form").filter((form) => form !== ctx.sourceElement);
    left = { ad: $("#ad"), forms: forms.map(remember), id, selectionStart, selectionEnd };
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!left || left.ad === $("#ad")) return;
    const { forms, id, selectionStart, selectionEnd } = left;
    left = null;
    forms.forEach(giveBack);
    const field = id ? document.getElementById(id) : null;
    if (!field?.matches(`#ad :is(${FIELDS})`)) return;
    field.focus({ preventScroll: true });
    if (selectionStart !== null) field.setSelectionRange?.(selectionStart, selectionEnd);
  });

  /* The next ad is one key away. */
  let leaves = false;
  on("click", "[data-leave]", () => (leaves = true));
  addEventListener("beforeunload", (event) => {
    if (!leaves && $$("#ad form").some((form) => unsent(form).length)) event.preventDefault();
  });
})();
