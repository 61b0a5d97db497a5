// Writes down what a run page shows while it runs. Lives in the page: a reload would begin it anew.
() => {
  const seen = (window.seen = { previews: [], ready: [], progress: {}, early: [] });
  const look = () => {
    seen.ready.push(Number(document.querySelector("#run-head").dataset.ready));
    for (const tile of document.querySelectorAll(".tile")) {
      const preview = tile.querySelector("img[src*='/preview/']")?.getAttribute("src");
      if (preview && !seen.previews.includes(preview)) seen.previews.push(preview);
      const bar = tile.querySelector("progress");
      if (!bar) continue;
      (seen.progress[tile.id] ||= []).push(bar.value);
      if (bar.value >= bar.max) seen.early.push(tile.id);
    }
  };
  look();
  new MutationObserver(look).observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true });
}
