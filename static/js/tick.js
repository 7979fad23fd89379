// The beat of live pages: every 10 s while they are seen, every 60 s when hidden; and it says
// when nothing comes any more, and how old the page is.
import { isElsewhere, isTick } from "./parts.js";

const OLD = 60_000;
let last = Date.now(), answered = Date.now(), seen = Date.now();
const stale = document.getElementById("stale");

setInterval(() => {
  const now = Date.now();
  // An answer that does not come is no error; a page that was hidden gets its beat first.
  if (!document.hidden && now - Math.max(answered, seen) > OLD) say();
  else if (stale && !stale.hidden) say();
  if (now - last < (document.hidden ? 60_000 : 10_000)) return;
  last = now;
  document.body.dispatchEvent(new CustomEvent("tick"));
}, 1000);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) seen = Date.now();
});

// In the zone in which the page shows its times.
const clock = (moment) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: stale.dataset.zone || undefined }).format(moment);

function say() {
  if (!stale) return;
  const minutes = Math.floor((Date.now() - answered) / 60_000);
  put("[data-since]", clock(answered));
  put("[data-age]", minutes ? `is ${minutes} min old` : "may be old");
  stale.hidden = false;
}

// Said again only when it changed: a screen reader reads it out.
function put(where, words) {
  const shown = stale.querySelector(where);
  if (shown.textContent !== words) shown.textContent = words;
}

const lost = (event) => isTick(event) && say();
document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:responseError", lost);
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isTick(event) && isElsewhere(event)) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!isTick(event)) return;
  if (isElsewhere(event)) return say();
  answered = Date.now();
  if (stale) stale.hidden = true;
});
