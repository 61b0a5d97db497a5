/* The page of one ad: the focus of its picture, dragged, moved by arrow keys, or typed. */
(() => {
  "use strict";
  const { on } = window.studio;
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
})();
