// What was typed is not lost by accident: the browser asks, in its own words, before it is left.
const FORMS = "form[data-unsaved], .change-form #content-main form[method=post]";
const changed = new Set();
// What came back with errors shows what was typed, and none of it is saved.
let refused = document.title.startsWith("Error: ") && document.querySelector(FORMS) !== null;

document.addEventListener("input", ({ target }) => {
  if (target.form?.matches(FORMS)) changed.add(target.form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  // A button that leads elsewhere than the form does saves nothing of it.
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || event.submitter?.hasAttribute("formaction")) return;
  if (form.closest("#main")) refused = false;
  if (form.matches(FORMS)) changed.clear();
});

addEventListener("beforeunload", (event) => {
  // A form that a live page has put away since asks for nothing.
  if (refused || [...changed].some((form) => form.isConnected)) event.preventDefault();
});
