// What was found, and what of it is shown. Nothing here touches the page.

/** The place in UTF-16 units of each whole character of a text, and of its end. */
function placeCharacters(text) {
  const places = new Uint32Array(text.length + 1);
  let count = 0;
  for (let unit = 0; unit < text.length; unit += text.codePointAt(unit) > 0xffff ? 2 : 1) {
    places[count++] = unit;
  }
  places[count] = text.length;
  return places.subarray(0, count + 1);
}

/** The hue in degrees that a type is drawn in: as in every page of ours, from its CRC-32. */
function hue(name) {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(name)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0) % 360;
}

/** A type as marks show it; a definition is cut. */
function shorten(name, most = 32) {
  const letters = [...name];
  return letters.length <= most ? name : `${letters.slice(0, most - 1).join("").trimEnd()}…`;
}

/** Entities of which no two overlap: the surer stays, then the longer, then the earlier. */
function keepApart(entities) {
  const ranked = [...entities].sort(
    (a, b) => (b.score ?? 0) - (a.score ?? 0) || a.start - a.end - (b.start - b.end) || a.start - b.start,
  );
  const kept = [];
  for (const entity of ranked) {
    let low = 0, high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (kept[middle].start < entity.end) low = middle + 1;
      else high = middle;
    }
    // What starts later ends later: one neighbour decides.
    if (low === 0 || kept[low - 1].end <= entity.start) kept.splice(low, 0, entity);
  }
  return kept;
}

/** What stays of all entities: `levels` maps each type to the lowest score kept of it. */
function choose(entities, levels, nested) {
  const kept = entities.filter(
    ({ type, score }) => levels.has(type) && (score === undefined || score >= levels.get(type)),
  );
  return nested ? kept : keepApart(kept);
}

/** Consecutive pieces of [start, end) with the entities over each, outermost first; in units. */
function* cutSegments(start, end, entities) {
  let next = 0, cover = [];
  while (start < end) {
    cover = cover.filter((entity) => entity.to > start);
    while (next < entities.length && entities[next].from <= start) cover.push(entities[next++]);
    let stop = next < entities.length ? Math.min(end, entities[next].from) : end;
    for (const entity of cover) stop = Math.min(stop, entity.to);
    yield { start, end: stop, cover };
    start = stop;
  }
}

/** A text in blocks that are drawn alone: whole lines, and no entity in two of them; in units. */
function cutBlocks(text, entities, least = 1000, most = 8000) {
  const blocks = [];
  let start = 0, next = 0, reach = 0;
  for (const { index } of text.matchAll(/[\n ]/g)) {
    const end = index + 1;
    if (end - start < (text[index] === "\n" ? least : most)) continue;
    while (next < entities.length && entities[next].from < end) {
      reach = Math.max(reach, entities[next++].to);
    }
    if (reach > end) continue;
    blocks.push({ start, end });
    start = end;
  }
  if (start < text.length) blocks.push({ start, end: text.length });
  return blocks;
}

/** Entities as the rows of a file that `uniner` reads: offsets in whole characters. */
function writeJson(text, entities) {
  const rows = entities.map(({ start, end, text, type, score }) => ({ start, end, text, type, score }));
  return `${JSON.stringify({ id: "page", text, domain: "", source: "", entities: rows })}\n`;
}

/** Entities as a table for spreadsheets (RFC 4180). */
function writeCsv(entities) {
  const cell = (value) => (/[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  const rows = entities.map((e) => [e.start, e.end, e.text, e.type, e.score ?? ""].map(cell));
  return [["start", "end", "text", "type", "score"], ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

