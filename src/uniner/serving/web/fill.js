// The question filled in: from an example, a link or a file.

const FILE_LIMIT = 4_000_000; // bytes

function fill({ text, types: wanted, threshold, nested = false }) {
  part.text.value = text;
  part.threshold.value = threshold ?? usual;
  chosen = threshold !== undefined;
  document.querySelector(`input[name="view"][value="${nested ? "nested" : "flat"}"]`).checked = true;
  types.replace(wanted);
  measure();
}

async function fillFromLink() {
  try {
    const state = await unpackState(location.hash);
    if (!state) return false;
    fill(state);
    say("Filled in from a link");
    part.run.focus({ preventScroll: true }); // it is not run: a link asks nothing of anybody's server
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

async function readFile(file) {
  if (!file) return;
  try {
    if (file.size > FILE_LIMIT) throw new Problem(`${file.name} has ${count(file.size)} bytes. Open one of at most ${count(FILE_LIMIT)}.`);
    const bytes = await file.arrayBuffer();
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.includes("\0")) throw new TypeError("not a text");
    part.text.value = text;
    complain(null);
    measure();
    refresh();
    say(`${file.name} is in the text field`);
  } catch (error) {
    complain(error instanceof Problem ? error : new Problem(`${file.name} is not a text in UTF-8. Save it as one.`));
  }
}

