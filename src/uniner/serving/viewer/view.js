"use strict";
{
  const PAGE = 10;
  const find = (id) => document.getElementById(id);
  const index = JSON.parse(find("index").textContent);
  const rows = index.rows.map(([id, domain, source, facts]) => ({ id, domain, source, facts }));
  const templates = find("passages").children;
  const choices = ["fate", "type", "domain", "source"].map((name) => find(name));
  const search = find("search");
  let kept = rows.map((_, place) => place);
  let current = 0;

  // The text of a passage in small letters, read when it is first searched.
  const texts = [];
  function textOf(place) {
    if (texts[place] === undefined) {
      const walker = document.createTreeWalker(templates[place].content.querySelector(".text"), 4);
      let text = "";
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentNode;
        if (parent.nodeName !== "SMALL") text += walker.currentNode.data;
      }
      texts[place] = text.toLowerCase();
    }
    return texts[place];
  }

  // What a row offers to each choice, when the other choices stand as they are.
  function offers(row, chosen) {
    const { fate, type, domain, source } = chosen;
    const inDomain = domain < 0 || row.domain === domain;
    const inSource = source < 0 || row.source === source;
    const any = fate < 0 && type < 0;
    const held = any || row.facts.some(([f, t]) => (fate < 0 || f === fate) && (type < 0 || t === type));
    return {
      fate: inDomain && inSource ? row.facts.filter(([, t]) => type < 0 || t === type).map(([f]) => f) : [],
      type: inDomain && inSource ? row.facts.filter(([f]) => fate < 0 || f === fate).map(([, t]) => t) : [],
      domain: held && inSource ? [row.domain] : [],
      source: held && inDomain ? [row.source] : [],
      kept: held && inDomain && inSource,
    };
  }

  function fill(select, counts) {
    const names = index[select.id];
    const value = select.value;
    const order = names.map((_, n) => n);
    if (select.id !== "fate") order.sort((a, b) => (counts[b] || 0) - (counts[a] || 0) || (names[a] < names[b] ? -1 : 1));
    const shown = order.filter((n) => counts[n] || String(n) === value);
    select.replaceChildren(
      new Option("all", "-1"),
      ...shown.map((n) => new Option(`${names[n] || "none"} (${(counts[n] || 0).toLocaleString("en")})`, n)),
    );
    select.value = value || "-1";
    if (!value) select.parentNode.hidden = shown.length < 2;
  }

  function filter() {
    const chosen = Object.fromEntries(choices.map((select) => [select.id, Number(select.value || -1)]));
    const words = search.value.trim().toLowerCase();
    const counts = { fate: {}, type: {}, domain: {}, source: {} };
    kept = [];
    rows.forEach((row, place) => {
      if (words && !textOf(place).includes(words)) return;
      const offered = offers(row, chosen);
      if (offered.kept) kept.push(place);
      for (const name in counts) {
        for (const n of new Set(offered[name])) counts[name][n] = (counts[name][n] || 0) + 1;
      }
    });
    for (const select of choices) fill(select, counts[select.id]);
    find("clear").hidden = !words && Object.values(chosen).every((n) => n < 0);
  }

  // Show the page that the passage with this number among the kept ones is on.
  function show(number, { quiet = false } = {}) {
    const last = Math.max(0, kept.length - 1);
    const before = Math.floor(current / PAGE);
    current = Math.min(Math.max(0, number), last);
    const start = Math.floor(current / PAGE) * PAGE;
    const page = kept.slice(start, start + PAGE);
    const articles = page.map((place) => {
      const article = document.importNode(templates[place].content, true).firstElementChild;
      article.querySelector("a").href = "#" + encodeURIComponent(rows[place].id);
      article.classList.toggle("current", place === kept[current]);
      return article;
    });
    find("shown").replaceChildren(...articles);
    const many = kept.length.toLocaleString("en");
    find("where").textContent = kept.length
      ? `${(start + 1).toLocaleString("en")}–${(start + page.length).toLocaleString("en")} of ${many} passages`
      : "no passage fits";
    find("back").disabled = start === 0;
    find("on").disabled = start + PAGE >= kept.length;
    if (quiet || !kept.length) return;
    const article = find("shown").querySelector(".current");
    if (current % PAGE === 0 && before !== Math.floor(current / PAGE)) find("steps").scrollIntoView();
    else article.scrollIntoView({ block: "nearest" });
    article.focus({ preventScroll: true });
    history.replaceState(null, "", "#" + encodeURIComponent(rows[kept[current]].id));
  }

  const turn = (by) => show((Math.floor(current / PAGE) + by) * PAGE);

  function refilter() {
    filter();
    show(0, { quiet: true });
  }

  function clear() {
    for (const select of choices) select.value = "-1";
    search.value = "";
    refilter();
  }

  // The passage that the address names, whatever the filters say.
  function follow() {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const place = rows.findIndex((row) => row.id === id);
    if (place < 0) return;
    if (!kept.includes(place)) clear();
    show(kept.indexOf(place));
  }

  find("filters").addEventListener("input", refilter);
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("clear").addEventListener("click", clear);
  find("back").addEventListener("click", () => turn(-1));
  find("on").addEventListener("click", () => turn(1));
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (["INPUT", "SELECT"].includes(event.target.nodeName)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const moves = {
      j: () => show(current + 1),
      k: () => show(current - 1),
      ArrowRight: () => find("on").disabled || turn(1),
      ArrowLeft: () => find("back").disabled || turn(-1),
      "/": () => search.focus(),
    };
    if (moves[event.key]) {
      event.preventDefault();
      moves[event.key]();
    }
  });
  refilter();
  follow();
}
