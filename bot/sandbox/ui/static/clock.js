// The sandbox's clock: shown in the person's own time zone, running on by itself, moved on by three buttons.

import { page, post, toast } from "./dom.js";

let offset = Date.parse(page.now) - Date.now();
let format;

export function startClock() {
  const narrow = matchMedia("(max-width: 760px)");
  const choose = () => {
    const year = narrow.matches ? {} : { year: "numeric", timeZoneName: "short" };
    format = new Intl.DateTimeFormat("en-US", {
      weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: page.zone, ...year,
    });
    show();
  };
  narrow.addEventListener("change", choose);
  choose();
  setInterval(show, 1000);
  for (const button of document.querySelectorAll("[data-advance]")) button.addEventListener("click", () => advance(button));
}

function show() {
  const now = new Date(Date.now() + offset);
  const shown = document.getElementById("now");
  const words = format.format(now);
  if (shown.textContent !== words) shown.textContent = words;
  shown.dateTime = now.toISOString();
}

export function setClock(now) {
  offset = Date.parse(now) - Date.now();
  show();
}

async function advance(pressed) {
  const clock = pressed.closest(".clock");
  if (clock.getAttribute("aria-busy") === "true") return;
  clock.setAttribute("aria-busy", "true");
  pressed.classList.add("busy");
  try {
    const answer = await post("/_sandbox/clock", { advance_seconds: Number(pressed.dataset.advance) });
    if (!answer.ok) return;
    setClock(answer.now);
    toast(`It is now ${document.getElementById("now").textContent}.`);
  } finally {
    clock.removeAttribute("aria-busy");
    pressed.classList.remove("busy");
  }
}
