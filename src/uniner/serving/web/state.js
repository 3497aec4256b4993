// The parts of the page, and all that changes.

const FLOOR = 0.01; // no lower is asked for: near 0 every span of a text is an entity

const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const limits = { characters: Infinity, threshold: FLOOR };
let usual = 0.2; // where the lowest score begins: the model's own, once the server has told it
let chosen = false; // whether a link or a hand has set the lowest score
const marked = new Marked(part.found, part.tip);
const hiddenTypes = new Set();
let answer = null; // {text, asked, entities, shown}
let running = null; // an AbortController
let unlocked = null; // what is asked again once there is a key

const types = new Types(
  {
    input: part.type, box: part.box, list: part.chips, more: part.more,
    details: part.details, whose: part.whose, definition: part.definition, own: part.own,
  },
  () => refresh(),
);

/** The lowest score that is asked for. */
function floor() {
  return Math.max(limits.threshold, FLOOR);
}

function isNested() {
  return document.querySelector('input[name="view"]:checked').value === "nested";
}

/** Say something aloud, to those who do not see it. */
function say(words) {
  part.said.textContent = words;
}

function measure() {
  const size = placeCharacters(part.text.value).length - 1;
  const most = Number.isFinite(limits.characters) ? ` of ${count(limits.characters)}` : "";
  part.size.textContent = `${count(size)}${most} characters`;
  part.size.classList.toggle("over", size > limits.characters);
}

