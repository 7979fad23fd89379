// The war room while it is open: it never jumps.
import "./tick.js";

const NUMBERS = ".stat b, .dl5 dd, .conserve b, .tabs .n, #targets .tnum, .eff .muted, .steps .t";
let before = null;

const numbers = () => [...document.querySelectorAll(NUMBERS)].map((one) => one.textContent);
const ticked = () => [...document.querySelectorAll("#rcp input[name=place]:checked")].map((one) => one.value);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "live") return;
  // Who chose other rows wants to see them; only the tick keeps those that are read.
  const isTick = event.detail.requestConfig.elt.id === "live";
  before = { numbers: numbers(), list: isTick && document.getElementById("rcp"), ticked: ticked() };
});

document.addEventListener("htmx:afterSettle", () => {
  if (!before) return;
  const { list, ...was } = before;
  before = null;
  if (list) keepRows(list, was.ticked);
  else tick(was.ticked);
  tint(was.numbers);
});

// What changed is tinted for a second; nothing moves.
function tint(was) {
  const now = [...document.querySelectorAll(NUMBERS)];
  if (now.length !== was.length) return;
  now.forEach((one, i) => one.textContent !== was[i] && one.classList.add("changed"));
  setTimeout(() => now.forEach((one) => one.classList.remove("changed")), 1000);
}

// The rows that somebody reads stay; new ones wait behind a button that says how many.
function keepRows(list, chosen) {
  const fresh = document.getElementById("rcp");
  if (!fresh) return;
  const count = Number(fresh.dataset.answers) - Number(list.dataset.answers);
  if (count > 0) {
    fresh.replaceWith(list);
    const button = list.querySelector("[data-fresh]");
    button.hidden = false;
    button.textContent = count === 1 ? "1 new answer" : `${count} new answers`;
    button.onclick = () => {
      const kept = ticked();
      list.replaceWith(fresh);
      tick(kept);
    };
  } else tick(chosen);
}

function tick(codes) {
  for (const box of document.querySelectorAll("#rcp input[name=place]")) box.checked = codes.includes(box.value);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  for (const box of document.querySelectorAll("#rcp input[name=place]")) box.checked = event.target.checked;
});
