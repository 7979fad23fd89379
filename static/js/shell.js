// The shell: search on "/", the narrow menu, the user's menu and theme, scans.
import { isBurst, isCommand, scanned, takesText } from "./wedge.js";

const search = document.getElementById("q");
// Single keys wait 50 ms so that a scan fires none.
let waiting = 0;

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
    if (scanned(event) && event.target.matches("input") && event.target.form?.method === "post") event.preventDefault();
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
  } else if (event.key === "/" && search) {
    event.preventDefault();
    waiting = setTimeout(() => search.select(), 50);
  } else if (event.key === "Escape") {
    closeMenus();
  } else if (event.key.length === 1 && localStorage.getItem("keys") !== "off") {
    const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (target) waiting = setTimeout(() => target.click(), 50);
  }
});

const side = document.getElementById("side");
const menuButton = document.querySelector(".menu-btn");
function showSide(open) {
  side?.classList.toggle("is-open", open);
  menuButton?.setAttribute("aria-expanded", String(open));
}
menuButton?.addEventListener("click", () => showSide(!side.classList.contains("is-open")));

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (menu !== except) menu.open = false;
  if (!except) showSide(false);
}

function showTheme() {
  const theme = localStorage.getItem("theme") ?? "";
  for (const button of document.querySelectorAll("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
}
function setTheme(theme) {
  if (theme) localStorage.setItem("theme", theme);
  else localStorage.removeItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  showTheme();
}
showTheme();

document.addEventListener("click", (event) => {
  const inside = event.target.closest("details.menu");
  if (!event.target.closest("#side, .menu-btn")) closeMenus(inside);
  const theme = event.target.closest("[data-theme-set]");
  if (theme) setTheme(theme.dataset.themeSet);
});

// A form that was sent is not sent twice by a second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.setAttribute("aria-label", "Copied");
});
document.querySelector("[data-focus]")?.focus();
