// Requests, and what is said of those that fail.

const KEY = "uniner.key";
const SUBJECTS = { texts: "The text", types: "These types", threshold: "The lowest score" };

/** What a person is told in place of an answer; `status` 0: the server could not be reached. */
class Problem extends Error {
  constructor(message, status = 0, where = "") {
    super(message);
    this.status = status;
    this.where = where;
  }
}

/** The JSON that a path answers; a Problem where it does not. Nothing else is ever fetched. */
async function ask(path, body, signal) {
  const key = recall(sessionStorage, KEY);
  const headers = { ...(key && { Authorization: `Bearer ${key}` }), ...(body && { "Content-Type": "application/json" }) };
  const options = { headers, signal, ...(body && { method: "POST", body: JSON.stringify(body) }) };
  let response;
  try {
    response = await fetch(path, { ...options, cache: "no-store", redirect: "error" });
    if (response.ok) return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The server does not answer. Is it still running, and are you connected to it?");
  }
  const told = await response.json().catch(() => null);
  throw explain(response, told?.error ?? { message: "", where: "" }, Boolean(key), body?.types ?? []);
}

/** A refusal in a person's words. */
function explain({ status, headers }, { message, where }, hadKey, types) {
  const wait = Number(headers.get("Retry-After"));
  const later = wait > 0 ? `in ${wait} second${wait === 1 ? "" : "s"}` : "in a moment";
  const number = /^types\[(\d+)\]/.exec(where)?.[1];
  const name = types[number]?.name ?? types[number];
  const detail = message && `${message[0].toUpperCase()}${message.slice(1)}.`;
  const words = {
    401: hadKey ? "That is not the key of this server." : "This server asks for a key.",
    413: `That is too much at once. ${detail}`,
    422: `${name ? `The type “${shorten(name)}”` : SUBJECTS[/^\w*/.exec(where)[0]] ?? "This"} cannot be taken: ${message}.`,
    429: `The server is busy. Try again ${later}.`,
    500: "The server has a fault of its own; its log says more. Another text may work.",
    502: "The model does not answer the server. Try again, or ask whoever runs it.",
    503: `The server is stopping. Try again ${later}, or start it anew.`,
  };
  return new Problem(words[status] ?? `The server refuses (${status}). ${detail}`, status, where);
}

/** What a storage keeps under a name, null where it may not be used. */
function recall(storage, name) {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep a value under a name, or forget it; where nothing may be kept, nothing is. */
function keep(storage, name, value) {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, value);
  } catch {}
}

