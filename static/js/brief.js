/* The rows of a brief and of a brand kit: products, messages, looks and sizes that come, go and know of each other. */
(() => {
  "use strict";
  const { $, $$, on, changed, showCounters } = window.studio;

  /* --- rows of a brief ----------------------------------------------------------------------------------------- */
  const shown = (set) => $$("[data-row]", set).filter((row) => !row.hidden);

  function addRow(set) {
    const total = $(`[name="${set.dataset.formset}-TOTAL_FORMS"]`, set);
    const html = $("template", set).innerHTML.replaceAll("__prefix__", total.value);
    $("[data-rows]", set).insertAdjacentHTML("beforeend", html);
    total.value = Number(total.value) + 1;
    const row = $("[data-rows]", set).lastElementChild;
    htmx.process(row);
    refresh();
    return row;
  }

  function removeRow(row) {
    const set = row.closest("[data-formset]");
    const gone = $("input[name$='-DELETE']", row);
    gone.checked = true;
    row.hidden = true;
    // A row that is going must not keep the form from being sent.
    $$("[required]", row).forEach((field) => (field.required = false));
    refresh();
    changed(set);
  }

  on("click", "[data-add]", (button) => {
    const row = addRow($(`[data-formset="${button.dataset.add}"]`));
    const fold = $("details[data-unfold]", row);
    if (fold) fold.open = true;
    $("input:not([type=hidden],[type=checkbox]),textarea", row)?.focus();
  });
  on("click", "[data-remove]", (button) => {
    const row = button.closest("[data-row]");
    const set = row.closest("[data-formset]");
    removeRow(row);
    ($("[data-remove]", shown(set).at(-1)) || $(`[data-add="${set.dataset.formset}"]`))?.focus();
  });

  /* A suggestion becomes a message: the first that is empty, or one more. */
  on("click", "[data-take-copy]", (button) => {
    const set = $("[data-formset=messages]");
    const blank = (entry) => ["headline", "line", "button"].every((name) => !field(entry, name).value);
    const row = shown(set).find(blank) || (shown(set).length < Number(set.dataset.most) && addRow(set));
    if (!row) return;
    for (const said of $$("[data-say]", button.closest("li"))) field(row, said.dataset.say).value = said.textContent;
    button.disabled = true;
    refresh();
    changed(set);
  });

  /* --- looks, sizes, products of a brief ------------------------------------------------------------------------ */
  const field = (row, name) => $(`[name$="-${name}"]`, row);
  const lookOf = (name) =>
    $$("[data-formset=looks] [data-row]").find((row) => !row.hidden && field(row, "name").value.trim() === name);

  on("change", "[data-look]", (box) => {
    const row = lookOf(box.dataset.look);
    if (!box.checked) return row && removeRow(row);
    if (row) return;
    const blank = shown($("[data-formset=looks]")).find((entry) => !field(entry, "name").value && !field(entry, "words").value);
    const target = blank || addRow($("[data-formset=looks]"));
    field(target, "name").value = box.dataset.look;
    field(target, "words").value = box.dataset.words;
    field(target, "palette").value = box.dataset.palette;
    refresh();
  });

  const presetBoxes = (button) => {
    const ids = new Set(button.dataset.preset.split(" "));
    return $$("input[name=formats]", button.form).filter((box) => ids.has(box.value));
  };
  const allOn = (boxes) => boxes.length > 0 && boxes.every((box) => box.checked);

  on("click", "[data-preset]", (button) => {
    const boxes = presetBoxes(button);
    const wanted = !allOn(boxes);
    boxes.forEach((box) => (box.checked = wanted));
    // What was chosen is to be seen.
    for (let at of wanted ? boxes : []) while ((at = at.parentElement.closest("details"))) at.open = true;
    refresh();
    if (boxes.length) changed(boxes[0]);
  });

  function showSwatches(row) {
    const place = $("[data-swatches]", row);
    if (!place) return;
    const colours = field(row, "palette").value.match(/#[0-9a-f]{6}\b/gi) || [];
    place.replaceChildren(...colours.slice(0, 6).map(swatch));
  }

  function swatch(colour) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    svg.setAttribute("viewBox", "0 0 1 1");
    for (const [name, value] of Object.entries({ width: 1, height: 1, fill: colour })) rect.setAttribute(name, value);
    svg.append(rect);
    return svg;
  }

  /* A message may belong to one product; the choice follows the names as they are typed. */
  function showProducts() {
    const rows = $$("[data-formset=products] [data-row]").filter((row) => !row.hidden);
    const names = rows.map((row) => field(row, "name").value.trim()).filter(Boolean);
    for (const select of $$("select[name$='-product']")) {
      const old = [...select.options].slice(1).map((option) => option.value);
      if (old.join("\n") === names.join("\n")) continue;
      const at = old.indexOf(select.value);
      const kept = names.includes(select.value) ? select.value : old.length === names.length ? names[at] : "";
      select.replaceChildren(select.options[0], ...names.map((name) => new Option(name, name)));
      select.value = kept || "";
    }
  }

  function showSet(set) {
    const rows = shown(set);
    rows.forEach((row, index) => {
      $$("[data-number]", row).forEach((place) => (place.textContent = index + 1));
      $$("[data-remove]", row).forEach((button) => (button.hidden = rows.length <= Number(set.dataset.least || 0)));
      showLook(row);
    });
    $$(`[data-count="${set.dataset.formset}"]`).forEach((place) => (place.textContent = rows.length));
    const add = $(`[data-add="${set.dataset.formset}"]`);
    if (add) add.disabled = rows.length >= Number(set.dataset.most || 1000);
  }

  function showLook(row) {
    const title = $("[data-look-title]", row);
    if (!title) return;
    title.textContent = field(row, "name").value.trim() || title.dataset.lookTitle;
    $("[data-look-words]", row).textContent = field(row, "words").value;
    showSwatches(row);
  }

  /* Post text is asked for the platforms of the chosen sizes; what is written already stays. */
  function showPosts() {
    const chosen = new Set($$("input[name=formats]:checked").map((box) => box.dataset.platform));
    for (const set of $$("[data-post]"))
      set.hidden = set.disabled = !chosen.has(set.dataset.post) && !$$("input, textarea", set).some((place) => place.value.trim());
  }

  function refresh() {
    showPosts();
    $$("[data-formset]").forEach(showSet);
    $$("[data-look]").forEach((box) => (box.checked = Boolean(lookOf(box.dataset.look))));
    $$("[data-preset]").forEach((button) => button.setAttribute("aria-pressed", allOn(presetBoxes(button))));
    $$("[data-count=formats]").forEach((place) => (place.textContent = $$("input[name=formats]:checked").length));
    showProducts();
    showCounters();
  }

  // A look's box is not input but a wish: its own listener answers it, and refreshing first would undo it.
  on("input", "[data-brief]", (form, event) => event.target.matches("[data-look]") || refresh());
  on("change", "[data-brief]", refresh);
  document.addEventListener("htmx:after:swap", refresh); // another brand kit brings its own looks
  document.addEventListener("DOMContentLoaded", refresh);
})();
