// The filters behind "+ Filter": found by typing, kept open while a range of days is half said.
const adding = () => document.getElementById("add-filter");
let half = "", before = null;

document.addEventListener("toggle", (event) => {
  if (event.target !== adding() || !event.target.open) return;
  const finder = event.target.querySelector("[data-find-filter]");
  finder.hidden = false;
  // This comes a moment after it was opened: who is in a field by then stays there.
  if (!finder.parentElement.contains(document.activeElement)) finder.querySelector("input").focus();
}, true);

document.addEventListener("input", (event) => {
  if (event.target.id !== "find-filter") return;
  const typed = event.target.value.trim().toLowerCase();
  const all = [...adding().querySelectorAll(".filter")];
  // A filter is found by its name, and by what it offers.
  for (const one of all) one.hidden = !one.textContent.toLowerCase().includes(typed);
  adding().querySelector("[data-none]").hidden = all.some((one) => !one.hidden);
});

// What is typed there is no filter yet: the form must not be sent by it.
document.addEventListener("change", (event) => {
  if (event.target.id === "find-filter") event.stopPropagation();
  else if (adding()?.contains(event.target)) {
    half = event.target.type === "date" ? event.target.id : "";
    before = adding();
  }
}, true);

document.addEventListener("keydown", (event) => {
  if (!adding()?.open || !adding().contains(event.target)) return;
  if (event.key === "Escape") {
    adding().open = false;
    adding().querySelector("summary").focus();
    event.stopPropagation();
  } else if (event.target.id === "find-filter" && ["Enter", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    adding().querySelector(".filter:not([hidden]) :is(input, select)")?.focus();
  }
}, true);

// The list was drawn anew: go on where the person was. Each part of the answer settles by itself.
document.addEventListener("htmx:afterSettle", () => {
  if (!half || !adding() || adding() === before) return;
  adding().open = true;
  document.getElementById(half)?.focus();
  half = "";
});
