/* All behaviour of the pages, by delegated listeners: what a socket or a form swaps in works without being set up.
   Every page also works without this file, except that a run must then be reloaded by hand. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const hit = event.target instanceof Element && event.target.closest(selector);
      if (hit) act(hit, event);
    });
  const remember = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(key);
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      /* storage may be forbidden: the choice then lasts as long as the page */
    }
    return null;
  };

  /* --- colours ------------------------------------------------------------------------------------------------- */
  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  function setTheme(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    remember("theme", theme === "system" ? null : theme);
    showTheme();
  }

  function showTheme() {
    for (const button of $$("[data-theme-set]"))
      button.setAttribute("aria-pressed", button.dataset.themeSet === (root.dataset.theme || "system"));
  }

  on("click", "[data-theme-set]", (button) => setTheme(button.dataset.themeSet));
  on("click", "[data-theme-toggle]", () => setTheme(isDark() ? "light" : "dark"));

  /* --- dialogs, notes, copying --------------------------------------------------------------------------------- */
  on("click", "[data-open]", (button, event) => {
    const dialog = $(button.dataset.open);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
  });
  on("click", "[data-close]", (button) => button.closest("dialog").close());
  on("click", "dialog[open]", (dialog, event) => {
    if (event.target === dialog) dialog.close();
  });
  on("click", "[data-dismiss]", (button) => button.closest(".toast").remove());
  on("click", "[data-copy]", async (button) => {
    const words = $("span", button);
    const before = words.textContent;
    await navigator.clipboard.writeText($(button.dataset.copy).textContent.trim());
    words.textContent = button.dataset.copied;
    setTimeout(() => (words.textContent = before), 2000);
  });

  /* --- a form is sent once ------------------------------------------------------------------------------------- */
  const buttonsOf = (form) => [...form.elements].filter((element) => element.type === "submit");

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.closest("dialog")?.close();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    // Only after the browser has read the form: a disabled button would not send its name.
    setTimeout(() => buttonsOf(form).forEach((button) => (button.disabled = true)));
  });

  function release(form) {
    delete form.dataset.sent;
    for (const button of buttonsOf(form)) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.sent) return;
    setTimeout(() => release(form));
    // A run that was over and goes on again needs a page with a socket.
    if (run.isFinal()) location.reload();
  });
  /* A button whose request failed at the studio, or did not reach it, must not look as if it had worked. */
  function notReached(event) {
    const status = event.detail.ctx.response?.status;
    if (status < 500 || !(event.target instanceof HTMLFormElement) || $("#toasts [data-not-reached]")) return;
    const note = $("#not-reached").content.firstElementChild.cloneNode(true);
    note.dataset.notReached = "";
    $("#toasts").append(note);
  }
  document.addEventListener("htmx:response:error", notReached);
  document.addEventListener("htmx:error", notReached);
  addEventListener("pageshow", (event) => {
    $$("form[data-sent]").forEach(release);
    // From the back-forward cache comes a page whose socket is closed for good.
    if (event.persisted && $("#run-live")) location.reload();
  });

  /* The answer to a decision replaces its buttons: whoever pressed one with the keyboard stays there. */
  let decided = "";
  on("submit", "[data-decide]", (form) => (decided = form.getAttribute("hx-target")));
  document.addEventListener("htmx:after:swap", () => {
    if (!decided || document.activeElement !== document.body) return;
    $(`${decided} [data-decide] button`)?.focus({ preventScroll: true });
    decided = "";
  });

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

  const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

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

  function showCounters() {
    for (const input of $$(".field [maxlength]")) {
      const place = $(`label[for="${input.id}"] .cnt`);
      if (place && input.value && input.maxLength <= 300) place.textContent = `${input.value.length} / ${input.maxLength}`;
    }
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

  /* --- times in the reader's own zone --------------------------------------------------------------------------- */
  const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
  const exact = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });

  function showTimes() {
    for (const time of $$("time[data-time]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.valueOf())) continue;
      const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
      const date = days < 2 ? relative.format(-days, "day") : day.format(at);
      const words = time.dataset.time === "exact" ? exact.format(at) : `${date} ${clock.format(at)}`;
      if (time.textContent !== words) time.textContent = words;
      time.title = full.format(at);
    }
  }

  /* A run's clock goes on between two changes. */
  function showElapsed() {
    for (const place of $$("[data-since]")) {
      const seconds = Math.max(0, Math.round((Date.now() - new Date(place.dataset.since)) / 1000));
      const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
      const [, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
      place.textContent = parts[0] ? `${parts[0]}:${minutes}:${rest}` : `${parts[1]}:${rest}`;
    }
  }
  setInterval(showElapsed, 1000);

  /* --- the run page: socket, or polling where none opens -------------------------------------------------------- */
  const run = {
    open: false,
    ready: null,
    head: () => $("#run-head"),
    isFinal: () => $("#run-head")?.dataset.final === "true",

    show(state) {
      const pill = $("#run-state");
      if (!pill || pill.dataset.state === state) return;
      pill.dataset.state = state;
      $("span:last-child", pill).textContent = pill.dataset[state];
    },

    /* After every change: the words for screen readers, the tab's title, the notification at the end. */
    sync() {
      const head = run.head();
      if (!head) return;
      const { ready, total, words } = head.dataset;
      if (run.ready !== null && (ready !== run.ready || run.isFinal() !== run.wasFinal)) run.say(words);
      if (run.isFinal() && run.wasFinal === false) run.finish(words);
      else if (!run.isFinal()) document.title = `${ready}/${total} · ${run.title}`;
      Object.assign(run, { ready, wasFinal: run.isFinal() });
    },

    /* At most every ten seconds, and always the last word. */
    say(words) {
      clearTimeout(run.saying);
      const wait = run.isFinal() ? 0 : Math.max(0, 10_000 - (Date.now() - (run.said || 0)));
      run.saying = setTimeout(() => {
        run.said = Date.now();
        $("#run-said").textContent = words;
      }, wait);
    },

    finish(words) {
      run.uncount();
      document.title = `${run.head().dataset.status === "done" ? "✓" : "■"} ${run.title}`;
      run.show("over");
      if (!run.wanted() || Notification.permission !== "granted") return;
      const note = new Notification(run.title, { body: words, tag: location.pathname });
      note.onclick = () => window.focus();
    },

    /* The number of running runs beside the page was counted when the page was opened. */
    uncount() {
      for (const badge of $$(".nav .badge, .tabs .badge")) {
        const others = parseInt(badge.firstChild.data, 10) - 1;
        if (others > 0) badge.firstChild.data = others;
        else badge.remove();
      }
    },

    wanted: () => "Notification" in window && remember("tell") === "yes",

    async poll() {
      const live = $("#run-live");
      if (!live || run.isFinal() || run.open) return;
      // Nobody looks at a hidden tab; one who wants to be told is told a little later.
      if (document.hidden && (!run.wanted() || Date.now() - (run.polled || 0) < 15_000)) return;
      run.polled = Date.now();
      try {
        const answer = await fetch(live.dataset.refresh, { headers: { "HX-Request": "true" } });
        if (answer.status >= 500) throw new Error(answer.statusText);
        if (!answer.ok || answer.redirected || run.open) return;
        const text = await answer.text();
        await htmx.swap({ sourceElement: live, target: live, swap: "outerMorph ignoreTitle:true", select: "#run-live", text, transition: false });
        run.polling = true;
        if (!run.open && !run.isFinal()) run.show("poll");
      } catch {
        run.polling = false;
        run.show("lost");
      }
    },

    start() {
      run.title = document.title;
      run.sync();
      if (!run.head() || run.isFinal()) return;
      setInterval(run.poll, 2000);
    },
  };

  document.addEventListener("htmx:ws:after:connection", () => {
    Object.assign(run, { open: true, polling: false });
    run.show("live");
  });
  document.addEventListener("htmx:ws:close", () => {
    run.open = false;
    run.show(run.isFinal() ? "over" : run.polling ? "poll" : "lost");
  });
  document.addEventListener("htmx:ws:before:connection", (event) => {
    if (run.isFinal()) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const part of $$("[data-fresh]")) {
      delete part.dataset.fresh;
      changed(part);
    }
    if ($("[data-brief]")) refresh(); // another brand kit brings its own looks
    showTimes();
    run.sync();
  });

  on("change", "[data-tell]", async (box) => {
    if (box.checked && (await Notification.requestPermission()) !== "granted") box.checked = false;
    remember("tell", box.checked ? "yes" : null);
  });

  function showTell() {
    for (const box of $$("[data-tell]")) {
      const label = box.closest("label");
      label.hidden = !("Notification" in window);
      box.checked = run.wanted() && Notification.permission === "granted";
    }
  }

  /* --- once ----------------------------------------------------------------------------------------------------- */
  document.addEventListener("DOMContentLoaded", () => {
    // Appended once more, so that a screen reader hears them.
    const notes = $("[data-toasts]");
    if (notes?.children.length) notes.append(...notes.children);
    for (const fold of $$("details[data-open-if]")) fold.open ||= Boolean($(fold.dataset.openIf, fold));
    $("dialog[data-open-now]")?.showModal();
    $("#faults")?.focus();
    showTheme();
    refresh();
    showTimes();
    showTell();
    run.start();
  });
})();
