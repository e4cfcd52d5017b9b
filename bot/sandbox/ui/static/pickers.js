// Lists to choose several from, and lists only the app knows: search, tick, and report when the list is closed.

import { where } from "./controls.js";
import { page, post } from "./dom.js";

export function startPickers(report) {
  document.addEventListener("toggle", (event) => event.target.matches?.("details.picker, details.switcher") && toggled(event.target, report), true);
  document.addEventListener("input", (event) => event.target.matches("[data-search]") && search(event.target));
  document.addEventListener("change", (event) => {
    const picker = event.target.closest("details.picker");
    if (picker && event.target.matches(".options input")) ticked(picker, event.target);
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details.picker[open], details.menu[open], details.switcher[open]");
    if (!open) return;
    event.preventDefault();
    event.stopPropagation();
    open.removeAttribute("open");
    open.querySelector("summary").focus();
  }, true);
}

const before = new WeakMap(); // what was chosen when a list was opened
const timers = new WeakMap();

function toggled(list, report) {
  if (list.open) {
    before.set(list, chosen(list).join("\n"));
    list.querySelector("input[type=search]")?.focus();
    if (list.hasAttribute("data-external")) suggest(list, "");
  } else if (list.matches(".picker") && before.get(list) !== chosen(list).join("\n")) {
    const values = chosen(list);
    report(list, { selected: list.hasAttribute("data-several") ? values : (values[0] ?? null) });
  }
}

const chosen = (list) => [...list.querySelectorAll(".options input:checked")].map((box) => box.value);

function ticked(list, box) {
  const most = Number(list.dataset.max ?? 0);
  if (most && chosen(list).length > most) box.checked = false;
  const names = [...list.querySelectorAll(".options input:checked")].map((each) => each.closest("label").textContent.trim());
  const shown = list.querySelector(".picked");
  shown.textContent = names.join(", ") || shown.dataset.empty;
  if (!list.hasAttribute("data-several")) list.removeAttribute("open");
}

function search(field) {
  const list = field.closest("details");
  if (list.hasAttribute("data-external")) {
    clearTimeout(timers.get(list));
    timers.set(list, setTimeout(() => suggest(list, field.value), 200));
    return;
  }
  const words = field.value.trim().toLowerCase();
  let found = 0;
  for (const label of list.querySelectorAll(".options label")) {
    label.hidden = !label.textContent.toLowerCase().includes(words) && !label.querySelector("input").checked;
    found += !label.hidden;
  }
  say(list, found ? "" : "Nothing found.");
}

const say = (list, words) => (list.querySelector("[data-nothing]").textContent = words);

async function suggest(list, typed) {
  const least = Number(list.dataset.min);
  if (typed.length < least) return say(list, `Type ${least} ${least === 1 ? "letter" : "letters"} or more.`);
  say(list, "Searching…");
  const answer = await post("/_sandbox/options", { user: page.user, ...where(list.closest("[data-surface]")), block_id: list.dataset.block, action_id: list.dataset.action, value: typed });
  const offered = answer.response ?? {};
  const options = offered.options ?? (offered.option_groups ?? []).flatMap((group) => group.options);
  const kept = [...list.querySelectorAll(".options input:checked")].map((box) => box.closest("label"));
  const known = new Set(chosen(list));
  const rows = options.filter((option) => !known.has(option.value)).map((option) => row(list, option));
  list.querySelector(".options").replaceChildren(...kept, ...rows);
  say(list, rows.length || kept.length ? "" : "Nothing found.");
}

function row(list, option) {
  const label = document.createElement("label");
  label.className = "choice";
  const box = document.createElement("input");
  box.type = list.hasAttribute("data-several") ? "checkbox" : "radio";
  box.name = list.dataset.name;
  box.value = option.value;
  const words = document.createElement("span");
  words.textContent = option.text.text;
  label.append(box, words);
  return label;
}
