/* What every page does, by delegated listeners: what a socket or a form swaps in works without being set up.
   Every page also works without scripts, except that a run must then be reloaded by hand. */
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

  const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

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
    if (dialog.open) return;
    dialog.showModal();
    dialog.opened = event.timeStamp;
  });
  on("click", "[data-close]", (button) => button.closest("dialog").close());
  on("click", "dialog[open]", (dialog, event) => {
    // The second press of a double click falls on the ground behind.
    if (event.target === dialog && event.timeStamp - (dialog.opened || 0) > 500) dialog.close();
  });
  on("click", "[data-dismiss]", (button) => button.closest(".toast").remove());
  /* Behind an open dialog a note is neither seen nor reached: they stand in it for as long as it is open. */
  function notes() {
    const place = $("#toasts");
    const home = $$("dialog:modal").at(-1) || document.body;
    if (place.parentElement !== home) home.append(place);
    return place;
  }
  document.addEventListener("close", notes, true);
  /* A note of success goes by itself; what failed or can be undone stays, and so does what is pointed at. */
  const LASTS = 8000;
  function letGo() {
    for (const note of $$(".toast.success:not([data-going],:has(form)), .toast.info:not([data-going],:has(form))")) {
      note.dataset.going = "";
      const go = () => (note.matches(":hover, :focus-within") ? setTimeout(go, LASTS) : note.remove());
      setTimeout(go, LASTS);
    }
  }
  /* A browser may say nothing of what it saves. */
  function saysSaving(what) {
    const note = $("#saving").content.firstElementChild.cloneNode(true);
    $("b", note).textContent = what;
    notes().append(note);
    letGo();
  }
  on("click", "a[download]", (link) => saysSaving(link.getAttribute("aria-label") || link.textContent.trim()));
  on("click", "[data-copy]", async (button) => {
    const words = $("span", button);
    const before = words.textContent;
    await navigator.clipboard.writeText($(button.dataset.copy).textContent.trim());
    words.textContent = button.dataset.copied;
    setTimeout(() => (words.textContent = before), 2000);
  });

  /* --- a form is sent once ------------------------------------------------------------------------------------- */
  const buttonsOf = (form) => [...form.elements].filter((element) => element.type === "submit");

  // Before anything else hears of it: htmx listens at the form itself.
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.dataset.sent) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("stay" in form.dataset)) form.closest("dialog")?.close();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    // Only after the browser has read the form: a disabled button would not send its name.
    setTimeout(() => buttonsOf(form).forEach((button) => (button.disabled = true)));
    if (!("saves" in form.dataset)) return;
    // The answer is a file: the page stays, and nothing else would let its button go.
    saysSaving(event.submitter.textContent.trim());
    setTimeout(release, 2000, form);
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
  });
  /* A button whose request failed at the studio, or did not reach it, must not look as if it had worked. */
  function notReached(event) {
    const status = event.detail.ctx.response?.status;
    if (status < 500 || !(event.target instanceof HTMLFormElement) || $("#toasts [data-not-reached]")) return;
    const note = $("#not-reached").content.firstElementChild.cloneNode(true);
    note.dataset.notReached = "";
    notes().append(note);
  }
  document.addEventListener("htmx:response:error", notReached);

  /* --- signed out in another tab: what is typed here stays, and goes on when somebody is signed in again ---------- */
  const TOKEN = "hx-headers:inherited";

  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx.response?.status;
    if (status !== 401 || $("[data-signed-out]", $("#toasts"))) return;
    notes().append($("#signed-out").content.cloneNode(true));
  });
  addEventListener("focus", async () => {
    const note = $("#toasts [data-signed-out]");
    if (!note) return;
    const page = await (await fetch(location.href)).text();
    const token = new DOMParser().parseFromString(page, "text/html").body.getAttribute(TOKEN);
    if (!token) return;
    // A sign-in makes a new one; the old one would be refused.
    document.body.setAttribute(TOKEN, token);
    for (const field of $$("input[name=csrfmiddlewaretoken]")) field.value = JSON.parse(token)["X-CSRFToken"];
    note.remove();
    $$("[data-brief]").forEach(changed);
  });
  document.addEventListener("htmx:error", notReached);
  addEventListener("pageshow", (event) => {
    $$("form[data-sent]").forEach(release);
    // Back to a list that was kept as it was: it may have grown. A form that somebody fills is left alone.
    if (event.persisted && !$("[data-brief]")) location.reload();
  });

  /* The answer to a decision replaces its buttons: whoever pressed one with the keyboard stays there. */
  let decided = "";
  on("submit", "[data-decide]", (form) => (decided = form.getAttribute("hx-target")));
  document.addEventListener("htmx:after:swap", () => {
    // What was refused in a dialog took the pressed button along.
    if (document.activeElement === document.body) $("dialog[open] [aria-invalid=true]")?.focus();
    if (!decided || document.activeElement !== document.body) return;
    $(`${decided} [data-decide] button`)?.focus({ preventScroll: true });
    decided = "";
  });

  /* --- how long what is written is, and may be ------------------------------------------------------------------ */
  function showCounters() {
    for (const input of $$(".field [maxlength]")) {
      const place = $(`label[for="${input.id}"] .cnt`);
      if (place && input.value && input.maxLength <= 300) place.textContent = `${input.value.length} / ${input.maxLength}`;
    }
  }

  on("input", ".field [maxlength]", showCounters);

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
      const words = { exact, clock }[time.dataset.time]?.format(at) ?? `${date} ${clock.format(at)}`;
      if (time.textContent !== words) time.textContent = words;
      time.title = full.format(at);
    }
  }

  showTimes(); // before the page is shown: they are wider or narrower than what the studio wrote
  /* --- once ----------------------------------------------------------------------------------------------------- */
  document.addEventListener("htmx:after:swap", () => {
    for (const part of $$("[data-fresh]")) {
      delete part.dataset.fresh;
      changed(part);
    }
    for (const note of $$("[data-done]")) {
      delete note.dataset.done;
      note.closest("dialog")?.close();
      notes().append(note);
      document.dispatchEvent(new Event("studio:done"));
    }
    letGo();
    showCounters();
    showTimes();
  });
  document.addEventListener("DOMContentLoaded", () => {
    // Appended once more, so that a screen reader hears them.
    const notes = $("[data-toasts]");
    if (notes?.children.length) notes.append(...notes.children);
    for (const fold of $$("details[data-open-if]")) fold.open ||= Boolean($(fold.dataset.openIf, fold));
    letGo();
    $("dialog[data-open-now]")?.showModal();
    $("#faults")?.focus();
    showTheme();
    showCounters();
  });

  // For the files of single pages, which come after this one.
  window.studio = { $, $$, on, remember, changed, showCounters, notes };
})();
