// What is taken away: copies, files and links.

async function copy(button, words) {
  const done = await navigator.clipboard?.writeText(words).then(() => true, () => false) || copyOldWay(words);
  if (!done) return complain(new Problem("The browser lets nothing be copied here. Use Download, or the address above."));
  flash(button, "Copied");
  say("Copied");
  return true;
}

/** Where there is no clipboard for pages, as over plain HTTP from another machine. */
function copyOldWay(words) {
  const focused = document.activeElement;
  const field = make("textarea", { value: words, readOnly: true, className: "hidden" });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return done;
}

function flash(button, words) {
  button.dataset.words ??= button.textContent;
  button.textContent = words;
  setTimeout(() => (button.textContent = button.dataset.words), 1500);
}

function save(name, kind, words) {
  const address = URL.createObjectURL(new Blob([words], { type: kind }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  say(`Saved as ${name}`);
}

async function share() {
  try {
    const fragment = await packState({
      text: part.text.value, types: types.chosen, threshold: Number(part.threshold.value), nested: isNested(),
    });
    history.replaceState(null, "", fragment);
    if (await copy(part.share, location.href)) complain(null);
  } catch (error) {
    complain(error);
  }
}

