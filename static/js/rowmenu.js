// The menu of a row, behind ".": where its links lead, its buttons, and what the bar does with it.
import { here, nextRow } from "./rows.js";

let menu = null, back = null;

export function rowMenu() {
  const row = here() ?? nextRow();
  if (!row) return false;
  close();
  back = document.activeElement;
  menu = document.createElement("div");
  menu.className = "menu-pop row-menu";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", `What to do with ${row.querySelector("a[href]").textContent.trim()}`);
  menu.append(...ofRow(row), ...ofBar(row));
  // At the end of the page, so that no table cuts it off.
  document.body.append(menu);
  place(row);
  step(0);
  return true;
}

function item(words, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("role", "menuitem");
  button.tabIndex = -1;
  button.textContent = words;
  button.addEventListener("click", () => (close(), act()));
  return button;
}

function ofRow(row) {
  const found = [...row.querySelectorAll("a[href], button, summary")].filter((one) => one.checkVisibility());
  return found.map((one) => {
    const words = one.getAttribute("aria-label") ?? one.textContent.trim();
    return item(one.matches("a:not(.btn)") ? `Open ${words}` : words, () => one.click());
  });
}

function ofBar(row) {
  const box = row.querySelector('input[form="bulk"]');
  if (!box) return [];
  const buttons = [...document.querySelectorAll("#bulk button[type=submit]")];
  const alone = (button) => () => {
    for (const one of document.querySelectorAll('input[form="bulk"]')) one.checked = one === box;
    button.click();
  };
  return [item(box.checked ? "Untick" : "Tick", () => box.click()), ...buttons.map((one) => item(one.textContent.trim(), alone(one)))];
}

function place(row) {
  const at = row.getBoundingClientRect(), room = document.documentElement;
  const top = Math.min(at.bottom, room.clientHeight - menu.offsetHeight - 8);
  menu.style.insetBlockStart = `${Math.max(top, 8)}px`;
  menu.style.left = `${Math.min(Math.max(at.left, 0) + 48, room.clientWidth - menu.offsetWidth - 8)}px`;
}

function step(by) {
  const items = [...menu.children], at = items.indexOf(document.activeElement);
  items[by ? (at + by + items.length) % items.length : 0]?.focus();
}

function close() {
  menu?.remove();
  menu = null;
  back?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (!menu) return;
  const ways = { ArrowDown: 1, ArrowUp: -1 };
  if (ways[event.key]) step(ways[event.key]);
  else if (event.key === "Escape" || event.key === "Tab") close();
  else if (event.key !== "Enter" && event.key !== " ") return;
  else return event.stopPropagation();
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("click", (event) => menu && !menu.contains(event.target) && close());
