// The panels at the side (thread, guide, journal, faults; one at a time), the drawer on a phone, the person switcher.

import { post, toast } from "./dom.js";

let refreshParts = () => {};

export const isOpen = (name) => !document.getElementById(`panel-${name}`).hidden;

export function openPanel(name) {
  for (const panel of document.querySelectorAll(".panel")) panel.hidden = panel.id !== `panel-${name}`;
  for (const button of document.querySelectorAll("[data-panel]")) button.setAttribute("aria-expanded", String(button.dataset.panel === name));
  if (name === "journal" || name === "faults") sessionStorage.setItem("panel", name);
  else sessionStorage.removeItem("panel");
  if (name === "journal") refreshParts("journal");
  if (name === "faults") showFaults();
}

export function closePanel(name) {
  document.getElementById(`panel-${name}`).hidden = true;
  const opener = document.querySelector(`[data-panel="${name}"]`);
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  sessionStorage.removeItem("panel");
  document.dispatchEvent(new CustomEvent("panel-closed", { detail: name }));
}

export function startPanels({ refresh }) {
  refreshParts = refresh;
  document.addEventListener("click", onClick);
  document.addEventListener("input", onFilter);
  document.addEventListener("change", onStep);
  document.addEventListener("faults", () => isOpen("faults") && showFaults());
  document.querySelector("[data-faults]").addEventListener("submit", arm);
  new MutationObserver(readSteps).observe(document.getElementById("guide"), { childList: true, subtree: true });
  readSteps();
}

function onClick(event) {
  const opener = event.target.closest("[data-panel]");
  if (opener) {
    const name = opener.dataset.panel;
    if (isOpen(name)) closePanel(name);
    else openPanel(name);
    if (name === "guide") localStorage.setItem("guide", isOpen(name) ? "open" : "closed");
  }
  const closer = event.target.closest("[data-close-panel]");
  if (closer) {
    if (closer.dataset.closePanel === "guide") localStorage.setItem("guide", "closed");
    closePanel(closer.dataset.closePanel);
  }
  if (event.target.closest("[data-clear-faults]")) post("/_sandbox/faults", { clear: true }).then(showFaults);
  const drawer = event.target.closest('[data-toggle="drawer"]');
  if (drawer) drawer.setAttribute("aria-expanded", String(document.body.classList.toggle("drawer-open")));
  else if (!event.target.closest(".drawer")) closeDrawer();
}

function closeDrawer() {
  document.body.classList.remove("drawer-open");
  document.querySelector('[data-toggle="drawer"]').setAttribute("aria-expanded", "false");
}

function onFilter(event) {
  if (event.target.matches("[data-filter]")) show(event.target, event.target.parentElement.querySelectorAll("li"));
  if (event.target.matches("[data-journal-filter]")) filterJournal();
}

export function filterJournal() {
  show(document.querySelector("[data-journal-filter]"), document.querySelectorAll("#journal li"));
}

function show(filter, rows) {
  const words = filter.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.dataset.words.includes(words);
}

// What has been tried is remembered by this browser only.
const doneKey = () => `guide:${document.querySelector("#guide h3")?.textContent ?? ""}`;

function readSteps() {
  const done = new Set(JSON.parse(localStorage.getItem(doneKey()) ?? "[]"));
  for (const box of document.querySelectorAll("[data-step]")) if (done.has(box.dataset.step)) box.checked = true;
}

function onStep(event) {
  if (!event.target.matches("[data-step]")) return;
  const done = [...document.querySelectorAll("[data-step]:checked")].map((box) => box.dataset.step);
  localStorage.setItem(doneKey(), JSON.stringify(done));
}

async function arm(event) {
  event.preventDefault();
  const wish = {};
  for (const [name, value] of new FormData(event.target)) {
    if (value !== "") wish[name] = ["fault", "method"].includes(name) ? value : Number(value);
  }
  if (wish.probability !== undefined) delete wish.nth;
  const answer = await post("/_sandbox/faults", wish);
  if (answer.ok) toast(`Armed: ${event.target.elements.fault.selectedOptions[0].textContent}.`);
  showFaults();
}

async function showFaults() {
  const { faults } = await (await fetch("/_sandbox/faults")).json();
  const none = document.createElement("li");
  none.className = "empty";
  none.textContent = "None: everything works.";
  document.getElementById("armed").replaceChildren(...(faults.length ? faults.map(armed) : [none]));
}

function armed({ fault, method, nth, probability, times, struck }) {
  const name = document.querySelector(`#fault-name option[value="${fault}"]`)?.textContent ?? fault;
  const when = probability == null ? `from call ${nth ?? 1} on` : `with probability ${probability}`;
  const often = times == null ? "until cleared" : times === 1 ? "once" : `${times} times`;
  const row = document.createElement("li");
  row.textContent = `${name}: ${method ?? "any call"}, ${when}, ${often}. Struck ${struck} so far.`;
  return row;
}
