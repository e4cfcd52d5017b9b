// Modals, the confirm question and the large picture: native dialogs, which keep the focus where it belongs.

import { hydrate, uploadFiles, valuesOf } from "./controls.js";
import { element, page, post, swap, warnUnlessAcked } from "./dom.js";

const host = document.getElementById("modal");

export function startModals() {
  document.addEventListener("click", (event) => event.target.closest("[data-close-view]") && close(event.target.closest("dialog"), event.target.closest("[data-close-view]").dataset.closeView === "all"));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-view-form]")) return;
    event.preventDefault();
    submit(event.target);
  });
  const box = document.getElementById("lightbox");
  box.addEventListener("click", (event) => (event.target === box || event.target.closest("[data-close-lightbox]")) && box.close());
}

/** Draws the uppermost modal: none, the same one changed, or another one. */
export function showModal(html) {
  const fresh = element(html).querySelector("dialog");
  const shown = host.querySelector("dialog");
  if (!fresh) {
    shown?.close();
    host.replaceChildren();
    return;
  }
  if (shown?.id === fresh.id && shown.open) {
    if (shown.dataset.v === fresh.dataset.v) return;
    swap(host, html);
    hydrate(host);
    focusError(host);
    return;
  }
  shown?.close();
  host.replaceChildren(fresh);
  hydrate(host);
  fresh.addEventListener("cancel", (event) => {
    event.preventDefault();
    close(fresh);
  });
  fresh.showModal();
  firstField(fresh).focus();
}

/** Where one starts: the app's wish, else the first field, else the words themselves. */
function firstField(dialog) {
  return (
    dialog.querySelector("[autofocus]") ??
    dialog.querySelector(".modal-body :is(input, select, textarea, summary, button)") ??
    dialog.querySelector(".modal-body")
  );
}

function focusError(root) {
  const wrong = root.querySelector('[aria-invalid="true"], .input:has(.error) input, .input:has(.error) summary');
  wrong?.focus();
}

async function submit(form) {
  const dialog = form.closest("dialog");
  const missing = firstMissing(dialog);
  if (missing) return complain(missing);
  const button = form.querySelector('[type="submit"]');
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  await uploadFiles(dialog);
  const answer = await post(`/_sandbox/views/${dialog.dataset.view}/submit`, { user: page.user, values: valuesOf(dialog) });
  button.removeAttribute("aria-busy");
  warnUnlessAcked(answer);
}

/** Slack itself asks for required fields, and for well-formed ones, before the app hears of anything. */
function firstMissing(dialog) {
  const values = valuesOf(dialog);
  for (const block of dialog.querySelectorAll(".input")) {
    block.querySelector(".error.local")?.remove();
    const control = block.querySelector("[data-control]");
    if (!control) continue;
    const value = values[control.dataset.block]?.[control.dataset.action];
    const isFile = control.dataset.control === "file_input";
    const empty = isFile ? control.files.length === 0 : value == null || value.length === 0;
    if (empty && block.querySelector(".optional") === null) return { block, control, words: "Please fill in this field." };
    if (!empty && control.checkValidity && !control.checkValidity()) return { block, control, words: control.validationMessage };
  }
  return null;
}

function complain({ block, control, words }) {
  const note = document.createElement("p");
  note.className = "error local";
  note.setAttribute("role", "alert");
  note.textContent = words;
  block.append(note);
  (control.querySelector?.("input, summary") ?? control).focus();
}

async function close(dialog, clear = false) {
  const answer = await post(`/_sandbox/views/${dialog.dataset.view}/close`, { user: page.user, clear });
  if (answer.ok) showModal("");
}

/** The app's own confirm question; resolves to whether the person said yes. */
export function ask(words) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("h2").textContent = words.confirmTitle;
  dialog.querySelector("p").textContent = words.confirmText;
  const [no, yes] = dialog.querySelectorAll("button");
  no.textContent = words.confirmNo;
  yes.textContent = words.confirmYes;
  yes.className = `button ${words.confirmStyle === "danger" ? "danger" : "primary"}`;
  dialog.showModal();
  return new Promise((done) => {
    const answer = (value) => {
      dialog.close();
      done(value);
    };
    no.onclick = () => answer(false);
    yes.onclick = () => answer(true);
    dialog.oncancel = () => done(false);
  });
}

export function zoom(button) {
  const box = document.getElementById("lightbox");
  if (!box) return;
  const picture = document.getElementById("lightbox-image");
  picture.src = button.dataset.zoom;
  picture.alt = button.dataset.alt;
  document.getElementById("lightbox-title").textContent = button.dataset.title || "Picture";
  const words = document.getElementById("lightbox-alt");
  words.textContent = button.dataset.alt;
  words.hidden = button.dataset.alt === button.dataset.title;
  box.showModal();
}
