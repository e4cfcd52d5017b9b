// Block Kit's interactive elements: what they hold, when they report, and the little behaviour HTML lacks.

import { page, post, warnUnlessAcked } from "./dom.js";
import { ask, zoom } from "./modals.js";
import { startPickers } from "./pickers.js";
import { hydrateTables } from "./tables.js";
import { hydrateMoments, secondsFromLocal } from "./zones.js";

const PRESSED = '[data-control="button"], [data-control="overflow"]';

export function startControls() {
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("keydown", onEnter);
  document.addEventListener("input", onTyping);
  startPickers(report);
}

/** Finishes what the server cannot know: local times, pages of tables. */
export function hydrate(root) {
  hydrateMoments(root);
  hydrateTables(root);
}

function onClick(event) {
  const picture = event.target.closest("[data-zoom]");
  if (picture) return zoom(picture);
  const shortcut = event.target.closest("[data-shortcut]");
  if (shortcut) return take(shortcut);
  const control = event.target.closest(PRESSED);
  if (!control) return closeMenus(event.target);
  control.closest("details.menu")?.removeAttribute("open");
  const key = control.dataset.control === "overflow" ? "selected" : "value";
  report(control, { [key]: control.dataset.value });
}

/** A shortcut, from the composer or from a message's menu. */
async function take(shortcut) {
  shortcut.closest("details").removeAttribute("open");
  const message = shortcut.closest('[data-surface="message"]');
  const body = { user: page.user, callback_id: shortcut.dataset.shortcut, ...(message ? where(message) : {}) };
  warnUnlessAcked(await post("/_sandbox/shortcuts", body));
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.menu[open], details.picker[open], details.switcher[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
}

function onChange(event) {
  const control = event.target.closest("[data-control]");
  if (!control || control.matches("details") || control.dataset.control === "file_input") return;
  if (control.hasAttribute("data-on") && control.hasAttribute("data-dispatch")) return; // reported by its keys
  report(control, { selected: valueOf(control) });
}

function onEnter(event) {
  if (event.key !== "Enter" || event.shiftKey) return;
  const field = event.target.closest("input[data-dispatch][data-on]");
  if (!field || !field.dataset.on.includes("on_enter_pressed")) return;
  event.preventDefault();
  report(field, { value: field.value });
}

const typing = new WeakMap();

function onTyping(event) {
  const field = event.target.closest("[data-dispatch][data-on*=on_character_entered]");
  if (!field) return;
  clearTimeout(typing.get(field));
  typing.set(field, setTimeout(() => report(field, { value: field.value }), 300));
}

// What is entered must be known before a button on the same surface is: entries go one after the other, presses after them.
const lines = new WeakMap();

/** Tells the app what a person did, after asking them where the app wants that. */
export async function report(control, what) {
  const surface = control.closest("[data-surface]");
  if (!surface || !control.dataset.action) return;
  if (!control.hasAttribute("data-dispatch") && !surface.dataset.view) return; // an app hears nothing of such a field in a message
  const place = where(surface); // now: by the time of an answer the message may be another one
  if (control.dataset.confirmTitle && !(await ask(control.dataset))) return;
  const isPress = control.matches(PRESSED);
  if (isPress && control.getAttribute("aria-busy") === "true") return; // a second press of the same button says nothing new
  control.setAttribute("aria-busy", "true");
  const before = lines.get(surface);
  const sent = (async () => {
    await before;
    return post("/_sandbox/actions", {
      user: page.user,
      ...place,
      block_id: control.dataset.block,
      action_id: control.dataset.action,
      ...what,
    });
  })();
  if (!isPress) lines.set(surface, sent);
  const answer = await sent;
  control.removeAttribute("aria-busy");
  warnUnlessAcked(answer);
}

export function where(surface) {
  if (surface.dataset.view) return { view_id: surface.dataset.view };
  return { channel: surface.closest("[data-channel]").dataset.channel, message_ts: surface.dataset.ts };
}

/** What a control holds now: a scalar, a list where several can be chosen, null for nothing. */
export function valueOf(control) {
  const kind = control.dataset.control;
  const ticked = [...control.querySelectorAll("input:checked")].map((box) => box.value);
  if (control.matches("details.picker")) return control.hasAttribute("data-several") ? ticked : (ticked[0] ?? null);
  if (kind === "checkboxes") return ticked;
  if (kind === "radio_buttons") return ticked[0] ?? null;
  if (kind === "datetimepicker") return control.value ? secondsFromLocal(control.value, control.dataset.zone) : null;
  if (kind === "file_input") return control.uploaded ?? [];
  return control.value === "" ? null : control.value;
}

/** Everything typed and chosen on a surface, as {block: {action: value}}. */
export function valuesOf(surface) {
  const values = {};
  for (const control of surface.querySelectorAll("[data-control]")) {
    if (control.matches(PRESSED)) continue;
    (values[control.dataset.block] ??= {})[control.dataset.action] = valueOf(control);
  }
  return values;
}

/** Uploads what was chosen in the file fields of a form, so that their values are files. */
export async function uploadFiles(surface) {
  for (const field of surface.querySelectorAll('[data-control="file_input"]')) {
    field.uploaded = [];
    for (const file of field.files) {
      const query = new URLSearchParams({ user: page.user, name: file.name });
      const response = await fetch(`/_sandbox/ui/files?${query}`, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      const answer = await response.json();
      field.uploaded.push(answer.file);
    }
  }
}
