// The steps of a recall: Ctrl+Enter goes on, and what was typed is not lost by accident.
const changed = new Set();

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  form.addEventListener("input", () => changed.add(form));
  // A button that leads elsewhere than the form does saves nothing of it.
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.hasAttribute("formaction")) changed.clear();
  });
}

// A rule that is added or taken away: the figures beside it are old until the page comes.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) document.getElementById("look")?.setAttribute("aria-busy", "true");
});

// The browser asks in its own words.
addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) document.querySelector("[data-next]")?.click();
});
