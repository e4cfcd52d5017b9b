// The few things every part of the page needs: asking the server, saying something, changing only what changed.

export const page = document.body.dataset;

export async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) toast(answer.error ? `Not possible: ${answer.error}` : `The sandbox answered ${response.status}.`, "error");
    return { ok: response.ok, ...answer };
  } catch {
    toast("The sandbox does not answer. Is it still running?", "error");
    return { ok: false };
  }
}

/** What an app's answer means for the person: nothing when all is well, else a warning as Slack shows one. */
export function warnUnlessAcked(answer) {
  if (!answer.ok || answer.acked !== false) return;
  const late = answer.status == null || answer.status < 400; // an app that answered with an error was in time
  toast(late ? "The app did not answer within 3 seconds. It may be busy; try again." : "The app could not do that. Try again.", "warning");
}

export function toast(text, kind = "info") {
  const shelf = document.getElementById("toasts");
  const note = document.createElement("div");
  note.className = `toast ${kind}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "tool";
  close.textContent = "✕";
  close.setAttribute("aria-label", "Dismiss");
  close.addEventListener("click", () => note.remove());
  note.append(words, close);
  shelf.append(note);
  setTimeout(() => note.remove(), 8000);
}

export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Makes the children of `host` those of `html`, touching only what differs. */
export function swap(host, html) {
  morphChildren(host, element(html));
}

const KEPT = new Set(["open", "aria-busy", "hidden", "data-done"]);

function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  return `${node.id}|${node.dataset?.block ?? ""}|${node.dataset?.action ?? ""}`;
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && key(one) === key(other);
}

function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.dataset.v !== undefined && old.dataset.v === fresh.dataset.v) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
  }
  old.removeAttribute("aria-busy");
  morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  let cursor = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = match(cursor, wanted);
    if (!found) {
      old.insertBefore(wanted, cursor);
      continue;
    }
    while (cursor !== found) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
    morph(found, wanted);
    cursor = found.nextSibling;
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/** The next old child that `wanted` continues: by id anywhere ahead, otherwise only right here. */
function match(cursor, wanted) {
  if (wanted.id) {
    for (let node = cursor; node; node = node.nextSibling) if (node.id === wanted.id && alike(node, wanted)) return node;
    return null;
  }
  return cursor && alike(cursor, wanted) ? cursor : null;
}
