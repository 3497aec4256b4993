// What came back, and what of it is shown.

/** Begin to show an answer; scores may be missing, and then none is looked at. */
function take(text, asked, { entities, faults = [] }) {
  const places = placeCharacters(text);
  const found = entities.map((e, id) => ({ ...e, id, from: places[e.start], to: places[e.end] }));
  answer = { text, asked: new Map(asked.map((type) => [type.name ?? type, JSON.stringify(type)])), entities: found };
  part.empty.hidden = true;
  part.result.hidden = false;
  part.least.hidden = found.length > 0 && found.every((e) => e.score === undefined);
  const broken = [...new Set(faults.map((fault) => fault.type))];
  part.faults.hidden = !broken.length;
  part.faults.textContent = `The model's answer was of no use for: ${broken.join(", ")}.`;
  hiddenTypes.clear();
  marked.start(text, found);
  refresh();
  tell();
  if (part.answer.getBoundingClientRect().top > innerHeight * 0.7) part.answer.scrollIntoView({ block: "start" });
}

/** Show again, with what is now chosen; asks nobody. */
function refresh() {
  if (!answer) return;
  const usual = Number(part.threshold.value);
  const levels = new Map();
  for (const { name, threshold } of types.chosen) if (answer.asked.has(name)) levels.set(name, threshold ?? usual);
  const kept = choose(answer.entities, levels, isNested());
  answer.shown = kept.filter((entity) => !hiddenTypes.has(entity.type));
  answer.left = answer.entities.filter((entity) => levels.has(entity.type)).length;
  marked.show(answer.shown);
  drawCounts(kept, levels);
  drawHistogram(levels, usual);
  part.level.textContent = usual.toFixed(2);
  part.summary.textContent = summarize();
  part.stale.hidden = !isStale();
}

function isStale() {
  return (
    part.text.value !== answer.text ||
    types.chosen.some((type) => answer.asked.get(type.name) !== JSON.stringify(toAsked(type)))
  );
}

function summarize() {
  const { length } = answer.shown;
  if (!length) return answer.left ? "Nothing is as sure as that. A lower score shows more." : "Nothing was found.";
  const kinds = new Set(answer.shown.map((entity) => entity.type)).size;
  return `${count(length)} ${length === 1 ? "entity" : "entities"} of ${count(kinds)} ${kinds === 1 ? "type" : "types"}`;
}

/** Each type with how often it occurs, as a switch. */
function drawCounts(kept, levels) {
  const counts = new Map([...levels.keys()].map((name) => [name, 0]));
  for (const { type } of kept) counts.set(type, counts.get(type) + 1);
  const focused = document.activeElement?.dataset.type;
  const rows = [...counts].map(([name, number]) => {
    const shown = !hiddenTypes.has(name);
    const button = make("button", { type: "button", ariaPressed: String(shown), title: shown ? "Hide" : "Show" }, shorten(name));
    button.append(make("b", {}, count(number)));
    button.classList.toggle("none", number === 0);
    button.dataset.type = name;
    button.style.setProperty("--hue", hue(name));
    return make("li", {}, button);
  });
  part.counts.replaceChildren(...rows);
  if (focused !== undefined) rows.find((row) => row.firstChild.dataset.type === focused)?.firstChild.focus();
}

/** How many entities have which score, in bars of 0.02. */
function drawHistogram(levels, usual) {
  const bins = new Array(50).fill(0);
  for (const { type, score } of answer.entities) {
    if (levels.has(type) && score !== undefined) bins[Math.min(Math.floor(score * 50), 49)]++;
  }
  const most = Math.sqrt(Math.max(...bins, 1));
  const bars = bins.map((number, place) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const height = number ? Math.max((20 * Math.sqrt(number)) / most, 2) : 0;
    const shape = { x: place + 0.1, y: 20 - height, width: 0.8, height };
    for (const [name, value] of Object.entries(shape)) bar.setAttribute(name, value);
    bar.classList.toggle("kept", (place + 1) / 50 > usual);
    return bar;
  });
  part.histogram.replaceChildren(...bars);
}

/** Say aloud how much is shown, once it stays so for a moment. */
let telling;
function tell() {
  clearTimeout(telling);
  telling = setTimeout(() => say(part.summary.textContent), 400);
}

