// The keyboard: scans wherever the focus is, "/" and "?", g and a letter, the keys of the page.
import { rowMenu } from "./rowmenu.js";
import { rowAct, rowKey } from "./rows.js";
import { isBurst, isCommand, scanned, takesText } from "./wedge.js";

const search = document.getElementById("q");
const help = document.getElementById("keys");
// Who prepares a recall types: no single key may lead away from there.
const areOff = document.documentElement.dataset.keys === "off" || document.body.matches(".no-keys");
// Single keys wait 50 ms so that a scan fires none.
let waiting = 0, going = 0;

// A page may collect scans itself; any other looks the code up.
function hand(code) {
  const event = new CustomEvent("scan", { detail: code, cancelable: true });
  if (!document.dispatchEvent(event) || !search) return;
  search.value = code;
  search.form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  clearTimeout(waiting);
  if (isCommand(event)) return;
  if (takesText(event.target)) {
    // A scan fills its field; its Enter must not send a form that opens a recall, say.
    if (scanned(event) && event.target.matches("input") && event.target.form?.getAttribute("method") === "post") event.preventDefault();
    if (event.key === "Escape" && event.target === search) search.blur();
    return;
  }
  const code = scanned(event);
  // What is pressed or chosen from is not to follow the scanner's keys.
  if (isBurst() && event.target !== document.body) event.preventDefault();
  if (code) {
    event.preventDefault();
    hand(code);
  } else if (isBurst() || event.ctrlKey || event.target.closest("select")) {
    // In the middle of a scan no key is a shortcut, however late the next one is handled.
    return;
  } else if (event.key === "Escape") {
    document.dispatchEvent(new CustomEvent("close-menus"));
  } else if (event.key.length === 1 && !areOff && !document.querySelector("dialog[open]")) {
    // Not by Shift: the signs / and ? are behind it on some keyboards.
    if (event.key === "/" && search) event.preventDefault();
    waiting = setTimeout(() => press(event.key, event.shiftKey), 50);
  }
});

function press(key, isShifted) {
  const letter = CSS.escape(key.toLowerCase());
  if (Date.now() - going < 1500) {
    going = 0;
    const link = document.querySelector(`[data-go="${letter}"]`);
    if (link) return link.click();
  }
  if (key === "/") search?.select();
  else if (key === "?") showHelp();
  else if (key === ".") document.activeElement?.dataset.rows ? location.assign(document.activeElement.dataset.rows) : rowMenu();
  else if (key === "g") going = Date.now();
  else if (!rowKey(key.toLowerCase(), isShifted)) use(document.querySelector(`[data-key="${letter}"]`) ?? rowAct(letter));
}

function use(target) {
  if (target?.matches("input")) target.select();
  else target?.click();
}

const words = (node) => {
  const copy = node.cloneNode(true);
  for (const key of copy.querySelectorAll("kbd, .vh, .count")) key.remove();
  return node.dataset.says || copy.textContent.trim() || node.getAttribute("aria-label");
};

function list(place, nodes, key) {
  const told = place.querySelector("dl");
  told.replaceChildren();
  for (const node of nodes) {
    const name = document.createElement("dt"), does = document.createElement("dd");
    name.append(Object.assign(document.createElement("kbd"), { textContent: (node.dataset[key] ?? node.dataset.rowKey).toUpperCase() }));
    does.textContent = words(node);
    told.append(name, does);
  }
  place.hidden = nodes.length === 0;
}

function showHelp() {
  if (!help || help.open) return;
  const ofRows = new Map([...document.querySelectorAll("[data-row-key]")].reverse().map((one) => [one.dataset.rowKey, one]));
  list(help.querySelector(".keys-here"), [...document.querySelectorAll("[data-key]"), ...ofRows.values()], "key");
  list(help.querySelector(".keys-go"), [...document.querySelectorAll("[data-go]")], "go");
  help.querySelector(".keys-rows").hidden = !document.querySelector("main tr a");
  help.showModal();
}
document.addEventListener("click", (event) => event.target.closest("[data-open=keys]") && showHelp());
help?.addEventListener("click", (event) => event.target === help && help.close());
