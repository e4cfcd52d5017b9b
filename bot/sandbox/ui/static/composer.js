// Writing: Enter sends, Shift+Enter breaks the line, "/" offers the app's commands.

import { page, post, toast, warnUnlessAcked } from "./dom.js";

export function startComposers() {
  for (const form of document.querySelectorAll("form[data-composer]")) start(form);
}

function start(form) {
  const field = form.elements.text;
  const suggest = form.hasAttribute("data-in-thread") ? null : suggestions(form, field);
  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
  };
  field.addEventListener("input", () => {
    fit();
    suggest?.update();
  });
  field.addEventListener("keydown", (event) => {
    if (suggest?.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    fit();
    suggest?.close();
    const sent = await send(form, text);
    if (!sent && !field.value) field.value = text;
    field.focus();
  });
  if (field.value) {
    fit();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
}

/** Slack sends three signs escaped in messages; a command's text goes as typed. */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

async function send(form, text) {
  const inThread = form.hasAttribute("data-in-thread");
  const command = /^(\/[\w-]+)\s*([\s\S]*)$/.exec(text);
  if (command && !inThread) return sendCommand(form, command[1], command[2]);
  const body = { user: page.user, channel: page.place, text: escaped(text) };
  if (inThread) body.thread_ts = page.thread;
  return (await post("/_sandbox/messages", body)).ok;
}

async function sendCommand(form, command, text) {
  const known = JSON.parse(form.dataset.commands).some((entry) => entry.command === command);
  if (!known) {
    toast(`${command} is not a command of any app here.`, "warning");
    return false;
  }
  form.setAttribute("aria-busy", "true");
  const answer = await post("/_sandbox/commands", { user: page.user, channel: page.place, command, text });
  form.removeAttribute("aria-busy");
  warnUnlessAcked(answer);
  return answer.ok;
}

function suggestions(form, field) {
  const list = form.querySelector("[role=listbox]");
  const commands = JSON.parse(form.dataset.commands);
  let chosen = 0;

  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const take = (command) => {
    field.value = `${command} `;
    close();
    field.focus();
  };
  const mark = (to) => {
    const options = [...list.children];
    chosen = (to + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
    field.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };
  const update = () => {
    const typed = field.value;
    const found = /^\/[\w-]*$/.test(typed) ? commands.filter((entry) => entry.command.startsWith(typed)) : [];
    if (!found.length) return close();
    list.replaceChildren(...found.map((entry, place) => option(entry, place, take)));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    mark(0);
  };
  const key = (event) => {
    if (list.hidden) return false;
    const picked = () => take(list.children[chosen].dataset.command);
    const actions = { ArrowDown: () => mark(chosen + 1), ArrowUp: () => mark(chosen - 1), Tab: picked, Enter: picked, Escape: close };
    if (!actions[event.key]) return false;
    if (event.key === "Enter" && field.value === list.children[chosen].dataset.command) return false;
    event.preventDefault();
    actions[event.key]();
    return true;
  };
  field.addEventListener("blur", () => setTimeout(close, 150));
  return { update, key, close };
}

function option(entry, place, take) {
  const row = document.createElement("div");
  row.role = "option";
  row.id = `command-${place}`;
  row.dataset.command = entry.command;
  const name = document.createElement("strong");
  name.textContent = entry.command;
  const hint = document.createElement("span");
  hint.className = "usage";
  hint.textContent = entry.usage_hint;
  const about = document.createElement("small");
  about.textContent = entry.description;
  row.append(name, " ", hint, about);
  row.addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(entry.command);
  });
  return row;
}
