/* The page of a run: its socket, or polling where none opens; the tab's title, the notification and the clock. */
(() => {
  "use strict";
  const { $, $$, on, remember, notes } = window.studio;

  /* Words that were typed and not sent are still there when the dialog is opened again. */
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target.id !== "do-words") return;
    const typed = $$("#words-body :is(input,textarea)").some((field) => field.value !== field.defaultValue);
    if (typed) event.preventDefault();
  });

  const run = {
    open: false,
    ready: null,
    head: () => $("#run-head"),
    isFinal: () => $("#run-head")?.dataset.final === "true",

    show(state) {
      const pill = $("#run-state");
      if (!pill || pill.dataset.state === state) return;
      pill.dataset.state = state;
      $(".hold", pill).textContent = pill.dataset[state];
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
      try {
        // One tag: several tabs of a run say it once.
        const note = new Notification(run.title, { body: words, tag: location.pathname });
        note.onclick = () => window.focus();
      } catch {
        /* some phones allow it and have none: the title says it there */
      }
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
      if (!live || run.open || (run.isFinal() && !("again" in live.dataset) && !run.asked)) return;
      run.asked = false;
      // Nobody looks at a hidden tab; one who wants to be told is told a little later.
      if (document.hidden && (!run.wanted() || Date.now() - (run.polled || 0) < 15_000)) return;
      run.polled = Date.now();
      try {
        const answer = await fetch(live.dataset.refresh, { headers: { "HX-Request": "true" } });
        if (answer.status >= 500) throw new Error(answer.statusText);
        // Signed out meanwhile, or out of the workspace: the page that says so, in place of one that stands still.
        if (answer.redirected || answer.status === 404) return location.reload();
        if (!answer.ok || run.open) return;
        const text = await answer.text();
        await htmx.swap({ sourceElement: live, target: live, swap: "outerMorph ignoreTitle:true", select: "#run-live", text, transition: false });
        run.polling = true;
        if (!run.open && !run.isFinal()) run.show("poll");
      } catch {
        run.polling = false;
        if (!run.isFinal()) run.show("lost");
      }
    },

    start() {
      run.title = document.title;
      run.sync();
      if (run.head()) setInterval(run.poll, 2000);
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
  document.addEventListener("htmx:after:swap", () => run.sync());
  // A run that was over and goes on again needs a page with a socket; a pin moves nothing.
  document.addEventListener("htmx:finally:request", (event) => {
    if (event.target.matches?.("form[hx-swap=none]:not(#do-pin)") && run.isFinal()) location.reload();
  });
  // Ads of a run that is over are being set again: look until they are there.
  document.addEventListener("studio:done", () => {
    run.asked = true;
    run.poll();
  });
  // From the back-forward cache comes a page whose socket is closed for good.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

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

  on("change", "[data-tell]", async (box) => {
    if (box.checked && (await Notification.requestPermission()) !== "granted") {
      box.checked = false;
      const note = $("#not-reached").content.firstElementChild.cloneNode(true);
      $("p", note).textContent = box.dataset.denied;
      notes().append(note);
    }
    remember("tell", box.checked ? "yes" : null);
  });

  function showTell() {
    for (const box of $$("[data-tell]")) {
      const label = box.closest("label");
      label.hidden = !("Notification" in window);
      box.checked = run.wanted() && Notification.permission === "granted";
    }
  }

  /* Its form came after the dialog had opened, with only the cross to hold the focus. */
  document.addEventListener("htmx:after:swap", () => {
    if (document.activeElement?.matches("#words [data-close]")) $("#words-body :is(input:not([type=hidden]),textarea)")?.focus();
  });

  /* --- which size is shown, and what is chosen ----------------------------------------------------------------- */
  /* A rule, not a mark on each ad: what the socket brings later is hidden too. */
  const only = new CSSStyleSheet();
  document.adoptedStyleSheets.push(only);
  on("change", "#which-size", ({ value }) =>
    only.replaceSync(value ? `.look .shot:not([data-size="${CSS.escape(value)}"]){display:none}` : ""),
  );

  const picks = () => $$(".pick input");

  function showChosen() {
    $("#how-many").textContent = picks().filter((box) => box.checked).length;
  }

  on("change", ".pick input", showChosen);
  document.addEventListener("htmx:after:swap", showChosen);
  on("click", "[data-choose]", ({ dataset }) => {
    for (const box of picks()) box.checked = dataset.choose === "all" && (box.checked || box.checkVisibility());
    showChosen();
  });

  document.addEventListener("DOMContentLoaded", () => {
    showChosen();
    showTell();
    run.start();
  });
})();
