// The types that are asked for, as chips.

const USED = "uniner.types";
const COMMON = [
  "person", "organization", "city", "country", "date", "event", "product", "money",
  "disease", "drug", "gene", "programming language", "book", "food",
];

/** The chips, what is said of each, and the suggestions. `changed` is called after each change. */
class Types {
  constructor(parts, changed) {
    this.chosen = [];
    this.open = null;
    this.parts = parts;
    this.changed = changed;
    parts.input.addEventListener("keydown", (event) => this.type(event));
    parts.input.addEventListener("input", () => this.suggest());
    parts.box.addEventListener("click", ({ target }) => target === parts.box && parts.input.focus());
    parts.details.addEventListener("submit", (event) => {
      event.preventDefault();
      this.close();
    });
    parts.details.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
    parts.definition.addEventListener("input", () => this.define());
    parts.own.addEventListener("input", () => this.define());
  }

  /** Take these types in place of those that are there. */
  replace(types) {
    this.chosen = types.map((type) => ({ ...type }));
    this.open = null;
    this.draw();
  }

  type(event) {
    const { input } = this.parts;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      this.take();
    } else if (event.key === "Backspace" && input.value === "" && this.chosen.length) {
      this.remove(this.chosen.at(-1));
      input.focus();
    }
  }

  /** Make chips of what is typed. */
  take() {
    const { input } = this.parts;
    this.add(input.value.split(","));
    input.value = "";
    this.suggest();
  }

  /** Add types by their names; one that is there already stays as it is. */
  add(names) {
    for (const name of names.map((words) => words.split(/\s+/).filter(Boolean).join(" "))) {
      if (name && !this.chosen.some((type) => type.name === name)) this.chosen.push({ name });
    }
    this.draw();
  }

  remove(type) {
    const place = this.chosen.indexOf(type);
    this.chosen.splice(place, 1);
    if (this.open === type) this.open = null;
    this.draw();
    const next = this.parts.list.children[Math.min(place, this.chosen.length - 1)];
    (next?.querySelector(".name") ?? this.parts.input).focus();
  }

  draw() {
    this.parts.list.replaceChildren(...this.chosen.map((type) => this.makeChip(type)));
    this.showDetails();
    this.suggest();
    this.changed();
  }

  makeChip(type) {
    const more = [type.definition && "defined", type.threshold !== undefined && `≥ ${type.threshold}`];
    const told = more.filter(Boolean).join(", ");
    const name = make("button", { type: "button", className: "name" }, shorten(type.name));
    if (told) name.append(make("small", {}, told));
    name.title = type.definition ?? type.name;
    name.setAttribute("aria-expanded", String(this.open === type));
    name.setAttribute("aria-controls", "details");
    name.addEventListener("click", () => this.toggle(type));
    name.addEventListener("keydown", ({ key }) => /^(Backspace|Delete)$/.test(key) && this.remove(type));
    const close = make("button", { type: "button", className: "remove", ariaLabel: `Remove ${type.name}` }, "×");
    close.addEventListener("click", () => this.remove(type));
    const chip = make("li", {}, name, close);
    chip.style.setProperty("--hue", hue(type.name));
    return chip;
  }

  toggle(type) {
    this.open = this.open === type ? null : type;
    this.draw();
    if (this.open) this.parts.definition.focus();
    else this.focusChip(type);
  }

  close() {
    const type = this.open;
    this.open = null;
    this.draw();
    this.focusChip(type);
  }

  focusChip(type) {
    this.parts.list.children[this.chosen.indexOf(type)]?.querySelector(".name").focus();
  }

  showDetails() {
    const { details, whose, definition, own } = this.parts;
    details.hidden = this.open === null;
    this.parts.more.hidden = this.open !== null;
    if (this.open === null) return;
    whose.textContent = this.open.name;
    definition.value = this.open.definition ?? "";
    own.value = this.open.threshold ?? "";
  }

  /** Note what is said of the open type; a score that is none counts as not given. */
  define() {
    const { list, definition, own } = this.parts;
    this.open.definition = definition.value.trim() || undefined;
    this.open.threshold = own.value !== "" && own.validity.valid ? Number(own.value) : undefined;
    list.children[this.chosen.indexOf(this.open)].replaceWith(this.makeChip(this.open));
    this.changed();
  }

  /** Offer what was used before and what is common, as far as it fits what is typed. */
  suggest() {
    const typed = this.parts.input.value.trim().toLowerCase();
    const names = [...new Set([...this.used(), ...COMMON])]
      .filter((name) => !this.chosen.some((type) => type.name === name) && name.toLowerCase().includes(typed))
      .slice(0, 8);
    const offers = names.map((name) => {
      const offer = make("button", { type: "button", className: "offer", ariaLabel: `Add ${name}` }, shorten(name));
      offer.addEventListener("click", () => {
        this.parts.input.value = "";
        this.add([name]);
        this.parts.input.focus({ preventScroll: true });
      });
      return offer;
    });
    this.parts.more.replaceChildren(...offers);
  }

  used() {
    try {
      const names = JSON.parse(recall(localStorage, USED) ?? "[]");
      return Array.isArray(names) ? names.filter((name) => typeof name === "string" && name) : [];
    } catch {
      return [];
    }
  }

  /** Remember the chosen types, the latest first. */
  remember() {
    const names = [...new Set([...this.chosen.map((type) => type.name), ...this.used()])];
    keep(localStorage, USED, JSON.stringify(names.slice(0, 30)));
  }
}

/** An element with properties and children; strings become text, never markup. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

