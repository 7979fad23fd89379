// Rows of a table by keys: j and k go on and back, x ticks, Enter follows the row's link.
const rows = () => [...document.querySelectorAll("main tbody tr")].filter((row) => link(row) && row.checkVisibility());
// What Enter does: the row says so, or its first link.
const link = (row) => row.querySelector("a[data-enter]") ?? row.querySelector("a[href]");
export const here = () => document.activeElement?.closest("main tbody tr");

// A page of several tables says in which of them one begins.
const first = (all) => Math.max(all.findIndex((row) => row.closest("[data-begin]")), 0);

// The link has the focus, so that a screen reader reads it and Enter opens it.
function go(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(here());
  const next = all[at < 0 ? (by > 0 ? first(all) : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  link(next).focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function tick(isShifted) {
  const box = here()?.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: isShifted }));
  return true;
}

// The row to begin with when none has the focus.
export function nextRow() {
  go(1);
  return here();
}

// What a row offers under a letter. In no row yet, the first that offers it gets the focus.
export function rowAct(letter) {
  const wanted = `[data-row-key="${letter}"]`, one = here()?.querySelector(wanted);
  if (!one) [...document.querySelectorAll(`main tbody ${wanted}`)].find((other) => other.checkVisibility())?.focus();
  return one;
}

export function rowKey(key, isShifted) {
  if (key === "j" || key === "k") return go(key === "j" ? 1 : -1);
  return key === "x" && tick(isShifted);
}
