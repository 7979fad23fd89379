// The war room while it is open: it never jumps, and takes nothing away under a hand.
import "./tick.js";

const NUMBERS = ".stat b, .dl5 dd, .conserve b, .tabs .n, #targets .tnum, .eff .muted, .steps .t";
let isTick = false;
let before = null;

const numbers = () => [...document.querySelectorAll(NUMBERS)].map((one) => one.textContent);
const boxes = () => [...document.querySelectorAll("#rcp input[name=place]")];
const ticked = () => boxes().filter((box) => box.checked).map((box) => box.value);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "live") return;
  // Who chose other rows wants to see them; only the tick keeps those that are read.
  isTick = event.detail.requestConfig.elt.id === "live";
  const hand = document.activeElement;
  const open = [...event.target.querySelectorAll("details[open][id]")].map((one) => one.id);
  before = { numbers: numbers(), ticked: ticked(), hand: "", open, set: controls().filter((one) => one.checked).map(named) };
  if (event.target.contains(hand)) before.hand = named(hand);
});

// What is used is known again by what it does and says.
const controls = () => [...document.querySelectorAll("#live :is(a, button, summary, input)")];
const named = (one) => [one.tagName, one.getAttribute("href"), one.form?.action, one.name, one.textContent].join(" ");

// A block with the focus or an open menu stays until it is left: what is typed there is not lost.
// So does one that waits for an answer of its own: that would find no place to go.
const BUSY = "details[open], .htmx-request";
const isHeld = (block) => block.contains(document.activeElement) || block.querySelector(BUSY) !== null;

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (!isTick) return;
  const { target, fragment } = event.detail;
  const fresh = fragment.getElementById?.(target.id) ?? fragment.querySelector?.(`#${target.id}`);
  const more = target.id === "rcp" && fresh ? Number(fresh.dataset.answers) - Number(target.dataset.answers) : 0;
  if (more > 0) offer(target, fresh.cloneNode(true), more);
  if (more > 0 || isHeld(target)) event.detail.shouldSwap = false;
});

// At once, so that nothing below moves.
document.addEventListener("htmx:afterSwap", () => {
  for (const id of before?.open ?? []) document.getElementById(id)?.setAttribute("open", "");
});

document.addEventListener("htmx:afterSettle", () => {
  if (!before) return;
  const was = before;
  before = null;
  document.getElementById("favicon").href = document.getElementById("live").dataset.mark;
  tick(was.ticked);
  tint(was.numbers);
  for (const one of controls()) {
    if (was.set.includes(named(one))) one.checked = true;
    if (was.hand === named(one)) one.focus({ preventScroll: true });
  }
});

// What changed is tinted for a second; nothing moves.
function tint(was) {
  const now = [...document.querySelectorAll(NUMBERS)];
  if (now.length !== was.length) return;
  now.forEach((one, i) => one.textContent !== was[i] && one.classList.add("changed"));
  setTimeout(() => now.forEach((one) => one.classList.remove("changed")), 1000);
}

// The rows that somebody reads stay; new ones wait behind a button that says how many.
function offer(list, fresh, more) {
  fresh.removeAttribute("hx-swap-oob");
  const button = list.querySelector("[data-fresh]");
  button.hidden = false;
  button.textContent = more === 1 ? "1 new answer" : `${more} new answers`;
  button.onclick = () => {
    if (list.querySelector(".htmx-request")) return;
    const kept = ticked();
    list.replaceWith(fresh);
    window.htmx.process(fresh);
    tick(kept);
    fresh.querySelector(".tabs a")?.focus({ preventScroll: true });
  };
}

function tick(codes) {
  for (const box of boxes()) box.checked = codes.includes(box.value);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  for (const box of boxes()) if (!box.disabled) box.checked = event.target.checked;
});
