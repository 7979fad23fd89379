// Lists: rows that open, filters that keep the address short, columns that come and go.
document.addEventListener("click", (event) => {
  // A row opens its first link; links and controls in it keep their own meaning.
  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a, button, input, select, label, summary, .pick") && !String(getSelection()))
    location.assign(row.dataset.href);
});

// A filter leaves what is empty out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches?.("[data-filters]")) return;
  const sent = event.detail.parameters;
  for (const key of Object.keys(sent)) if (sent[key] === "") delete sent[key];
});
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-columns]");
  if (!list) return;
  event.stopPropagation();
  const wanted = [...list.querySelectorAll("input:checked")].map((box) => box.value);
  const url = new URL(location);
  url.searchParams.set("columns", wanted.join(","));
  location.assign(url);
}, true);

// Ticks: all of the page at once, a range with Shift, and how many there are.
let lastTicked = null;
const boxes = () => [...document.querySelectorAll('input[form="bulk"]')];

document.addEventListener("click", (event) => {
  const box = event.target.closest('input[form="bulk"]');
  if (box && event.shiftKey && lastTicked?.isConnected) {
    const all = boxes(), ends = [all.indexOf(lastTicked), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(ends[0], ends[1] + 1)) one.checked = box.checked;
  }
  if (box) lastTicked = box;
  const whole = event.target.closest("[data-tick-all]");
  if (whole) for (const one of boxes()) one.checked = whole.checked;
  if (box || whole) sayTicked();
});

function sayTicked() {
  const all = boxes(), ticked = all.filter((one) => one.checked).length;
  const said = document.querySelector("#bulk [data-count]");
  if (said) said.textContent = ticked === 1 ? "1 ticked:" : `${ticked} ticked:`;
  const whole = document.querySelector("[data-tick-all]");
  if (!whole) return;
  whole.checked = ticked > 0 && ticked === all.length;
  whole.indeterminate = ticked > 0 && ticked < all.length;
}
// The browser may have kept ticks over a reload.
if (boxes().some((one) => one.checked)) sayTicked();
if (location.hash === "#columns") document.getElementById("columns")?.setAttribute("open", "");
