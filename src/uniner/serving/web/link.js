// A question as the end of an address: JSON, deflated, in letters. Servers never see that part.

const LINK_LIMIT = 8000; // longer addresses are cut on their way through mail and chat
const STATE_LIMIT = 400_000; // bytes that a link may unfold to

class LinkError extends Error {}

/** The fragment for a state; LinkError where it is too long to be passed on. */
async function packState(state) {
  const bytes = await pass(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
  const size = Math.ceil((bytes.length * 4) / 3);
  if (size > LINK_LIMIT) {
    throw new LinkError(
      `A link with this text would have ${count(size)} characters, and those over ${count(LINK_LIMIT)} ` +
        "are cut on their way. Shorten the text, or send it as a file.",
    );
  }
  const letters = btoa(String.fromCharCode(...bytes));
  return `#1.${letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** The state of a fragment, null where there is none; LinkError where it cannot be read. */
async function unpackState(fragment) {
  if (!fragment.startsWith("#1.")) return null;
  if (fragment.length > LINK_LIMIT + 100) throw new LinkError("This link is too long to be one of ours.");
  let state;
  try {
    const letters = atob(fragment.slice(3).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const whole = await pass(bytes, new DecompressionStream("deflate-raw"));
    state = readState(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(whole)));
  } catch {
    throw new LinkError("This link is damaged: a part of it is missing. Ask for it again.");
  }
  return state;
}

/** Bytes that went through a transform, which may make no more than STATE_LIMIT of them. */
async function pass(bytes, transform) {
  const parts = [];
  let size = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    parts.push(value);
    size += value.length;
    if (size > STATE_LIMIT) {
      await reader.cancel();
      throw new LinkError("This is too much for a link.");
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** A state whose every member is what it must be. */
function readState({ text, types, threshold, nested }) {
  const isScore = (value) => typeof value === "number" && value >= 0 && value <= 1;
  const isWords = (value) => typeof value === "string" && value.trim() !== "" && value.length <= 400;
  const fine =
    typeof text === "string" && isScore(threshold) && typeof nested === "boolean" && Array.isArray(types) &&
    types.every(
      (type) =>
        isWords(type.name) &&
        (type.definition === undefined || isWords(type.definition)) &&
        (type.threshold === undefined || isScore(type.threshold)),
    );
  if (!fine) throw new TypeError("not a state");
  return { text, types: types.map(({ name, definition, threshold }) => ({ name, definition, threshold })), threshold, nested };
}

/** A number as people read it. */
function count(number) {
  return number.toLocaleString("en");
}

