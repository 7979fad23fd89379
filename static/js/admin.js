// Data entry: a scan opens the record of its code, as on every other page; Ctrl+S saves.
import { isBurst, isCommand, scanned, takesText } from "./wedge.js";

const { search } = document.querySelector("[data-search]").dataset;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    const save = document.querySelector(".submit-row [name=_save]");
    if (save) event.preventDefault(), save.click();
    return;
  }
  if (isCommand(event)) return;
  const code = scanned(event);
  if (takesText(event.target)) {
    // The field has it; its Enter must not save a form that is half filled in.
    if (code && event.target.form?.getAttribute("method") === "post") event.preventDefault();
    return;
  }
  if (isBurst() && event.target !== document.body) event.preventDefault();
  if (!code) return;
  event.preventDefault();
  location.assign(`${search}?q=${encodeURIComponent(code)}`);
});

// A choice with a search field of its own is named as its label or the head of its column says.
function nameChoices() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const name = select.labels[0]?.textContent.replace(/:\s*$/, "") || select.getAttribute("aria-label");
    for (const part of select.nextElementSibling.querySelectorAll("[role=combobox], [role=textbox]")) part.setAttribute("aria-label", name);
  }
}
// They are made a moment after the page is.
addEventListener("load", () => setTimeout(nameChoices));
document.addEventListener("formset:added", () => setTimeout(nameChoices));
