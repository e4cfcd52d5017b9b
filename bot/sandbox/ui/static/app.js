// The page: follows the sandbox's change feed and asks the server for the parts that may look different now.

import { startClock, setClock } from "./clock.js";
import { startComposers } from "./composer.js";
import { hydrate, startControls } from "./controls.js";
import { page, post, swap } from "./dom.js";
import { showModal, startModals } from "./modals.js";
import { filterJournal, isOpen, openPanel, startPanels } from "./panels.js";

const CONCERNS = {
  message: ["main", "sidebar", "thread"],
  view: ["modal"],
  home: ["main"],
  user: ["main", "sidebar"],
  channel: ["main", "sidebar"],
  usergroup: ["main"],
  app: ["main", "sidebar"],
  file: ["main", "thread"],
  journal: ["journal"],
  notice: ["notice"],
  guide: ["guide"],
};
const EVERYTHING = ["main", "sidebar", "thread", "modal", "journal", "notice", "guide"];
const HOSTS = { main: "conversation", sidebar: "sidebar", thread: "thread", journal: "journal", notice: "notice", guide: "guide" };
const PAUSE_MS = 120;
const LONGEST_PAUSE_MS = 1500;

const wanted = new Set();
let running = false;

function refresh(...names) {
  for (const name of names.length ? names : EVERYTHING) if (name !== "journal" || isOpen("journal")) wanted.add(name);
  if (!running && wanted.size) run();
}

/** Draws what is wanted, at a pace that leaves the sandbox most of its time when very much happens. */
async function run() {
  running = true;
  let pause = PAUSE_MS;
  while (wanted.size) {
    await new Promise((done) => setTimeout(done, pause));
    const names = [...wanted];
    wanted.clear();
    const began = performance.now();
    await draw(names);
    pause = Math.min(Math.max(PAUSE_MS, 4 * (performance.now() - began)), LONGEST_PAUSE_MS);
  }
  running = false;
}

async function draw(names) {
  const query = new URLSearchParams({ user: page.user, place: page.place, thread: page.thread, length: page.length, names: names.join(",") });
  if (document.visibilityState === "visible") query.set("seen", "1");
  let parts;
  try {
    const response = await fetch(`/_sandbox/ui/parts?${query}`);
    if (!response.ok) return;
    parts = await response.json();
  } catch {
    return; // the feed reconnects by itself and asks for everything then
  }
  for (const [name, html] of Object.entries(parts)) put(name, html);
}

function put(name, html) {
  if (name === "modal") return showModal(html);
  const host = document.getElementById(HOSTS[name]);
  const scroller = name === "main" ? document.getElementById("log") : name === "thread" ? host : null;
  const follows = scroller && isAtEnd(scroller);
  const focused = document.activeElement;
  const message = focused?.closest?.("[data-surface]")?.id;
  swap(host, html);
  hydrate(host);
  if (follows) scrollDown(scroller);
  if (message && !focused.isConnected) refocus(message);
  if (name === "journal") filterJournal();
  if (name === "guide") showGuideButton(Boolean(html.trim()));
  if (name === "main") fitComposer();
}

/** After an answer the question is another one: stay in the message rather than lose one's place. */
function refocus(id) {
  const surface = document.getElementById(id);
  const content = surface?.querySelector(".content") ?? surface;
  (content?.querySelector("button, select, input, textarea, a") ?? surface)?.focus({ preventScroll: true });
}

const isAtEnd = (scroller) => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;

function scrollDown(scroller = document.getElementById("log")) {
  if (scroller) scroller.scrollTop = scroller.scrollHeight;
}

/** Pictures arrive after their messages: whoever was at the end stays there. */
function stayAtEnd() {
  let follows = true;
  document.addEventListener("scroll", (event) => event.target.id === "log" && (follows = isAtEnd(event.target)), true);
  document.addEventListener("load", (event) => follows && event.target.closest?.("#log") && scrollDown(), true);
}

function fitComposer() {
  const log = document.getElementById("log") ?? document.getElementById("home");
  document.querySelector("main > .composer").hidden = log?.dataset.writable !== "yes";
}

function showGuideButton(there) {
  const button = document.querySelector('[data-panel="guide"]');
  const isNew = there && button.hidden;
  button.hidden = !there;
  if (isNew && matchMedia("(min-width: 1100px)").matches && localStorage.getItem("guide") !== "closed") openPanel("guide");
}

/** Listens while the window is looked at: a browser allows few connections, and a hidden window needs none. */
function follow() {
  let feed = null;
  const listen = () => {
    if (document.visibilityState === "hidden") {
      feed?.close();
      feed = null;
    } else if (!feed) {
      feed = new EventSource("/_sandbox/events");
      feed.addEventListener("open", () => refresh());
      feed.addEventListener("message", (event) => changed(JSON.parse(event.data)));
    }
  };
  document.addEventListener("visibilitychange", listen);
  listen();
}

function changed(change) {
  const isOthers = change.user !== undefined && change.user !== page.user;
  if (change.kind === "clock") setClock(change.now);
  else if (change.kind === "fault") document.dispatchEvent(new CustomEvent("faults"));
  else if (["view", "home", "message"].includes(change.kind) && isOthers) return;
  else if (change.kind === "message" && change.channel !== page.place) {
    if (document.querySelector(`#sidebar a[href$="/${change.channel}"]`)) refresh("sidebar");
  } else refresh(...(CONCERNS[change.kind] ?? EVERYTHING));
}

function openThread(ts) {
  page.thread = ts;
  history.pushState({}, "", ts ? `?thread=${ts}` : location.pathname);
  if (ts) openPanel("thread");
  refresh("thread");
}

document.addEventListener("click", (event) => {
  const thread = event.target.closest("a[data-thread]");
  if (thread && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    openThread(thread.dataset.thread);
  }
  if (event.target.closest("[data-earlier]")) {
    page.length = String(Number(page.length) + 100);
    refresh("main");
  }
});
document.addEventListener("panel-closed", (event) => event.detail === "thread" && openThread(""));

/** An app hears that its tab is being looked at, as it does in Slack. */
async function announceVisit() {
  const home = document.getElementById("home");
  const talk = document.querySelector("#log[data-app]");
  if (home) await post(`/_sandbox/home/${page.user}/open`, { app: home.dataset.app, tab: "home" });
  else if (talk) await post(`/_sandbox/home/${page.user}/open`, { app: talk.dataset.app, tab: "messages" });
}

startClock();
startPanels({ refresh });
startControls();
startModals();
startComposers();
hydrate(document);
stayAtEnd();
fitComposer();
scrollDown();
showModal(document.getElementById("modal").innerHTML);
showGuideButton(Boolean(document.getElementById("guide").textContent.trim()));
const last = sessionStorage.getItem("panel");
if (page.thread) openPanel("thread");
else if (last) openPanel(last);
else if (!document.querySelector('[data-panel="guide"]').hidden && matchMedia("(min-width: 1100px)").matches && localStorage.getItem("guide") !== "closed") openPanel("guide");
announceVisit();
follow();
