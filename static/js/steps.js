// The steps of a recall: Ctrl+Enter goes on, and figures that could not be had anew are not taken
// for new ones.
const look = document.getElementById("look");
const lost = document.querySelector("[data-lost]");
let tried = null;

// A rule that is added or taken away: the figures beside it are old until the page comes.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) look?.setAttribute("aria-busy", "true");
});

document.addEventListener("keydown", (event) => {
  const next = document.querySelector("[data-next]");
  if (!next || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  next.click();
});

// A look that fails leaves the old figures, greyed, and shuts the way on until one comes.
function shut(isLost) {
  lost.hidden = !isLost;
  look.classList.toggle("is-lost", isLost);
}

function failed({ detail }) {
  if (!lost || detail.target !== look) return;
  tried = detail.requestConfig.elt;
  shut(true);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!lost || event.detail.target !== look) return;
  // Who was logged out meanwhile is led to the login page, which is no look.
  const answered = new URL(event.detail.xhr.responseURL).pathname;
  const isLook = event.detail.shouldSwap && answered === event.detail.requestConfig.path;
  event.detail.shouldSwap = isLook;
  isLook ? shut(false) : failed(event);
});
lost?.querySelector("button").addEventListener("click", () => tried.dispatchEvent(new Event("input")));
document.addEventListener("click", (event) => {
  if (!lost || lost.hidden || !event.target.closest("[data-next]")) return;
  event.preventDefault();
  lost.focus();
});
