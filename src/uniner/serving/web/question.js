// What is asked.

/** What one type asks of the model. */
function toAsked({ name, definition }) {
  return definition ? { name, definition } : name;
}

async function run() {
  if (part.type.value.trim()) types.take();
  const text = part.text.value;
  const size = placeCharacters(text).length - 1;
  if (!text.trim()) return complain(new Problem("There is no text yet: paste one, or take an example."), part.text);
  if (size > limits.characters) {
    const told = `The text has ${count(size)} characters, and this server takes ${count(limits.characters)}. Cut it.`;
    return complain(new Problem(told), part.text);
  }
  if (!types.chosen.length) return complain(new Problem("There is no type yet: say what to look for."), part.type);
  // One request for all that may be shown: the rest is chosen here.
  const asked = types.chosen.map(toAsked);
  const question = { texts: [text], types: asked, threshold: floor(), nested: true };
  setRunning(new AbortController());
  complain(null);
  try {
    const { results } = await ask("v1/extract", question, running.signal);
    types.remember();
    take(text, asked, results[0]);
  } catch (error) {
    if (error.name !== "AbortError") complain(error, null, run);
  } finally {
    setRunning(null);
  }
}

function setRunning(controller) {
  running = controller;
  part.run.firstElementChild.textContent = controller ? "Stop" : "Find entities";
  part.run.classList.toggle("busy", Boolean(controller));
  part.answer.setAttribute("aria-busy", String(Boolean(controller)));
  if (controller) say("Looking for entities");
}

/** Say what is wrong, at the place where it can be mended. */
function complain(problem, where = null, again = null) {
  for (const field of [part.text, part.type]) field.ariaInvalid = String(field === where);
  where?.focus();
  const locked = problem?.status === 401;
  part.problem.hidden = problem === null || locked;
  (locked ? part.locked : part.problem).textContent = problem?.message ?? "";
  part.unlock.hidden = !locked;
  unlocked = locked ? again : null;
  if (locked) {
    keep(sessionStorage, KEY, null);
    part.key.focus();
  }
}

/** Go on with the key that was typed. */
async function unlock() {
  const key = part.key.value.trim();
  const again = unlocked;
  if (!/^[!-~]+$/.test(key)) {
    return complain(new Problem("A key is made of plain letters, digits and signs, without blanks.", 401), null, again);
  }
  keep(sessionStorage, KEY, key);
  part.key.value = "";
  complain(null);
  if ((await meet()) && again) again();
}

/** Read what the server is, and what it takes; whether it told. */
async function meet() {
  try {
    const { models } = await ask("v1/models");
    Object.assign(limits, models[0].limits);
    part.model.textContent = models[0].name;
    part.own.min = part.threshold.min = floor();
    usual = models[0].threshold ?? usual;
    if (!chosen) part.threshold.value = usual;
    measure();
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

