// Light and dark: as the system has it, until a person chooses the other.

const SCHEME = "uniner.scheme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function showScheme(chosen) {
  if (chosen) document.documentElement.dataset.scheme = chosen;
  else delete document.documentElement.dataset.scheme;
  part.scheme.ariaPressed = String(chosen ? chosen === "dark" : dark.matches);
}

function switchScheme() {
  const wanted = part.scheme.ariaPressed === "true" ? "light" : "dark";
  const chosen = wanted === (dark.matches ? "dark" : "light") ? null : wanted;
  keep(localStorage, SCHEME, chosen);
  showScheme(chosen);
}

