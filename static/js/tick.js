// The beat of live pages: every 10 s while they are seen, every 60 s when hidden; and it says
// when nothing comes any more.
let last = Date.now(), answered = Date.now();
const stale = document.getElementById("stale");

setInterval(() => {
  const wait = document.hidden ? 60000 : 10000;
  if (Date.now() - last < wait) return;
  last = Date.now();
  document.body.dispatchEvent(new CustomEvent("tick"));
}, 1000);

const isTick = (event) => event.detail.requestConfig?.triggeringEvent?.type === "tick";

function lost(event) {
  if (!isTick(event) || !stale) return;
  const since = new Date(answered).toTimeString().slice(0, 5);
  stale.querySelector("[data-since]").textContent = since;
  stale.hidden = false;
}
document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:responseError", lost);
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!isTick(event)) return;
  // Who was logged out meanwhile is led to the login page.
  const asked = new URL(event.detail.requestConfig.path, location).pathname;
  if (new URL(event.detail.xhr.responseURL).pathname !== asked) return lost(event);
  answered = Date.now();
  if (stale) stale.hidden = true;
});
