// What happens when.

function onClick(button, act) {
  button.addEventListener("click", act);
}

onClick(part.run, () => (running ? running.abort() : run()));
onClick(part.again, () => running || run());
onClick(part.share, share);
onClick(part.scheme, switchScheme);
onClick(part.open, () => part.file.click());
onClick(part["copy-json"], () => copy(part["copy-json"], writeJson(answer.text, answer.shown)));
onClick(part["copy-csv"], () => copy(part["copy-csv"], writeCsv(answer.shown)));
onClick(part["save-json"], () => save("entities.jsonl", "application/x-ndjson", writeJson(answer.text, answer.shown)));
onClick(part["save-csv"], () => save("entities.csv", "text/csv", writeCsv(answer.shown)));
onClick(part.counts, ({ target }) => {
  const name = target.closest("button")?.dataset.type;
  if (name === undefined) return;
  if (!hiddenTypes.delete(name)) hiddenTypes.add(name);
  refresh();
  tell();
});
part.file.addEventListener("change", () => readFile(part.file.files[0]).then(() => (part.file.value = "")));
let drawing;
part.text.addEventListener("input", () => {
  measure();
  if (answer) part.stale.hidden = !isStale();
});
part.threshold.addEventListener("input", () => {
  chosen = true;
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(refresh);
  tell();
});
for (const choice of document.querySelectorAll('input[name="view"]')) {
  choice.addEventListener("change", () => {
    refresh();
    tell();
  });
}
part.unlock.addEventListener("submit", (event) => {
  event.preventDefault();
  unlock();
});
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !running) {
    event.preventDefault();
    run();
  } else if (event.key === "Escape" && running) {
    running.abort();
  }
});
addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  part.drop.classList.add("over");
});
addEventListener("dragleave", (event) => event.relatedTarget === null && part.drop.classList.remove("over"));
addEventListener("drop", (event) => {
  part.drop.classList.remove("over");
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  readFile(event.dataTransfer.files[0]);
});
addEventListener("hashchange", fillFromLink);
dark.addEventListener("change", () => showScheme(recall(localStorage, SCHEME)));

for (const example of EXAMPLES) {
  const button = make("button", { type: "button", className: "link" }, example.title);
  onClick(button, () => {
    fill({ ...example, types: example.types.map((name) => ({ name })) });
    complain(null);
  });
  part.examples.append(button);
}
part.keys.textContent = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ ↵" : "Ctrl ↵";
showScheme(recall(localStorage, SCHEME));
part.threshold.min = floor();
part.threshold.max = 1;
fill({ ...EXAMPLES[0], types: EXAMPLES[0].types.map((name) => ({ name })) });
fillFromLink();
meet();
