// A part of a page that is asked for again: one that is slow says so, and one that does not come is
// said where it stands, is greyed, and can be asked for again. Live pages beat by tick.js.
const SLOW = 300, LONG = 4000;
const bar = document.getElementById("lost");
const said = document.getElementById("said");
let again = null, greyed = null, timers = [];

export const isTick = (event) => event.detail.requestConfig?.triggeringEvent?.type === "tick";
// Who was logged out meanwhile is led to the login page, which is no part of this one.
export const isElsewhere = ({ detail }) =>
  new URL(detail.xhr.responseURL).pathname !== new URL(detail.requestConfig.path, location).pathname;

function rest(target) {
  for (const timer of timers) clearTimeout(timer);
  timers = [];
  target?.classList.remove("is-waiting");
}

function settled() {
  bar.hidden = true;
  greyed?.classList.remove("is-lost");
  again = greyed = null;
}

// What is said stands above the part; of the buttons only the one that helps is there.
function say(target, words, help) {
  bar.querySelector("[data-lost-words]").textContent = words;
  for (const one of bar.querySelectorAll("[data-again], [data-login]")) one.hidden = !one.matches(help);
  target.before(bar);
  bar.hidden = false;
}

// What was there before stays, grey.
function lost(event, words, help = "[data-again]") {
  const { elt, target, requestConfig: { verb, path } } = event.detail;
  rest(target);
  settled();
  greyed = target;
  greyed.classList.add("is-lost");
  // The same once more; a form sends what stands in it by then.
  again = () => htmx.ajax(verb, path, { source: elt });
  say(target, words, help);
}
bar?.querySelector("[data-again]").addEventListener("click", () => again?.());

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isTick(event)) return;
  const { target } = event.detail;
  rest(target);
  timers = [
    setTimeout(() => target.classList.add("is-waiting"), SLOW),
    setTimeout(() => say(target, "Still working. What you see is from before.", ":not(*)"), LONG),
  ];
});
document.addEventListener("htmx:afterRequest", (event) => isTick(event) || rest(event.detail.target));

document.addEventListener("htmx:sendError", (event) => {
  if (!isTick(event)) lost(event, "The server does not answer. What you see is from before.");
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (isTick(event) || xhr.status === 422) return;
  const reference = xhr.getResponseHeader("Reference");
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const sentence = xhr.status < 500 && page.querySelector("main h1 + p")?.textContent.trim();
  lost(event, sentence || `This part could not be shown. What you see is from before.${reference ? ` Reference ${reference}.` : ""}`);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (isTick(event) || detail.xhr.status >= 400) return;
  if (!isElsewhere(event)) return settled();
  detail.shouldSwap = false;
  const next = new URLSearchParams({ next: location.pathname + location.search });
  bar.querySelector("[data-login]").href = `${new URL(detail.xhr.responseURL).pathname}?${next}`;
  lost(event, "Your login has ended. What you see is from before.", "[data-login]");
});

// How many there are now is read out; nothing on the page says so by itself.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const count = target.id === "list" && document.querySelector("#page-head [data-count-said]");
  if (count) said.textContent = count.textContent;
});

// Without a line every page is as old as it is; a live one says that itself.
const stale = document.getElementById("stale");
let isOurs = false;
addEventListener("offline", () => {
  if (!stale?.hidden) return;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: stale.dataset.zone || undefined });
  stale.querySelector("[data-since]").textContent = clock.format(new Date());
  stale.hidden = false;
  isOurs = true;
});
addEventListener("online", () => {
  if (isOurs) stale.hidden = true;
  isOurs = false;
});
