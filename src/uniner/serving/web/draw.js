// The text with its entities.

/** Draws what is shown of one answer; only blocks whose entities differ are drawn again. */
class Marked {
  constructor(box, tip) {
    this.box = box;
    this.tip = tip;
    this.entityOf = new WeakMap();
    box.addEventListener("mouseover", ({ target, clientY }) => this.point(target.closest("mark"), clientY));
    box.addEventListener("mouseleave", () => this.point(null));
    box.addEventListener("focusin", ({ target }) => this.focus(target));
    box.addEventListener("focusout", () => this.point(null));
    box.addEventListener("keydown", (event) => this.step(event));
    addEventListener("scroll", () => this.point(null), { passive: true, capture: true });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.point(null));
  }

  /** Begin with a text, and with all that may ever be shown in it. */
  start(text, entities) {
    this.text = text;
    this.blocks = cutBlocks(text, entities).map((block) => ({ ...block, drawn: null, element: make("div") }));
    this.box.replaceChildren(...this.blocks.map((block) => block.element));
  }

  /** Show these entities, which come in reading order. */
  show(entities) {
    let next = 0;
    for (const block of this.blocks) {
      const first = next;
      while (next < entities.length && entities[next].from < block.end) next++;
      const inside = entities.slice(first, next);
      const drawn = inside.map((entity) => entity.id).join();
      if (drawn !== block.drawn) this.drawBlock(block, inside);
      block.drawn = drawn;
    }
    const marks = this.box.getElementsByTagName("mark");
    if (marks.length && !this.box.querySelector('mark[tabindex="0"]')) marks[0].tabIndex = 0;
    this.point(null);
  }

  drawBlock({ start, end, element }, entities) {
    const whole = document.createDocumentFragment();
    const opened = [];
    let deepest = 0;
    const close = (at) => {
      const { entity, mark, rise } = opened.pop();
      if (entity.to <= at) mark.append(make("small", {}, shorten(entity.type)));
      mark.style.setProperty("--rise", rise); // always: it would be inherited
      if (opened.length) opened.at(-1).rise = Math.max(opened.at(-1).rise, rise + 1);
      deepest = Math.max(deepest, rise);
    };
    for (const segment of cutSegments(start, end, entities)) {
      let shared = 0;
      while (shared < opened.length && opened[shared].entity === segment.cover[shared]) shared++;
      while (opened.length > shared) close(segment.start);
      for (const entity of segment.cover.slice(shared)) {
        const mark = this.makeMark(entity, segment.start);
        (opened.at(-1)?.mark ?? whole).append(mark);
        opened.push({ entity, mark, rise: 1 });
      }
      (opened.at(-1)?.mark ?? whole).append(this.text.slice(segment.start, segment.end));
    }
    while (opened.length) close(end);
    element.style.setProperty("--deep", deepest);
    element.replaceChildren(whole);
  }

  makeMark(entity, at) {
    const mark = make("mark", { tabIndex: -1, className: at === entity.from ? "" : "from" });
    mark.style.setProperty("--hue", hue(entity.type));
    this.entityOf.set(mark, entity);
    return mark;
  }

  /** Go from entity to entity; the text is one stop of the Tab key. */
  step(event) {
    const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const move = event.key in moves ? moves[event.key] : 0;
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const marks = [...this.box.querySelectorAll("mark:not(.from)")];
    const place = marks.indexOf(document.activeElement) + move;
    marks[Math.min(Math.max(place, 0), marks.length - 1)].focus();
  }

  focus(mark) {
    for (const other of this.box.querySelectorAll('mark[tabindex="0"]')) other.tabIndex = -1;
    mark.tabIndex = 0;
    mark.scrollIntoView({ block: "nearest" });
    // The scrolling that a focus brings about would hide it again.
    requestAnimationFrame(() => requestAnimationFrame(() => document.activeElement === mark && this.point(mark)));
  }

  /** Say what an entity is, and what those are that it lies in, at the line at height `y`. */
  point(mark, y = -1) {
    this.pointed?.removeAttribute("aria-describedby");
    this.pointed = mark;
    this.tip.hidden = mark === null;
    if (mark === null) return;
    mark.setAttribute("aria-describedby", this.tip.id);
    const rows = [];
    for (let at = mark; at !== null; at = at.parentElement.closest("mark")) rows.push(this.makeRow(this.entityOf.get(at)));
    this.tip.replaceChildren(...rows);
    const lines = [...mark.getClientRects()];
    const line = lines.find(({ top, bottom }) => top <= y && y <= bottom) ?? lines[0];
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = Math.min(Math.max(line.left, 8), document.documentElement.clientWidth - width - 8);
    const above = line.top - height - 6;
    this.tip.style.setProperty("left", `${left}px`);
    this.tip.style.setProperty("top", `${above < 8 ? line.bottom + 6 : above}px`);
  }

  makeRow({ type, score, start, end }) {
    const row = make("div", {}, make("b", {}, type), make("span", {}, `${count(start)}–${count(end)}`));
    row.style.setProperty("--hue", hue(type));
    if (score === undefined) return row;
    const bar = make("i");
    bar.style.setProperty("--share", score);
    row.append(bar, make("strong", {}, score.toFixed(2)));
    return row;
  }
}

