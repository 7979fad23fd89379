// The shell: the narrow menu, the user's menu and theme, forms that are sent once, copying.
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

document.addEventListener("close-menus", () => closeMenus());

// The theme is kept with the person; the page that is open takes it at once.
const themes = document.querySelector("[data-theme-form]");
themes?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new FormData(themes, event.submitter);
  const kept = await fetch(themes.action, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!kept.ok) return location.reload();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  rememberTheme(theme);
  for (const button of themes.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
});
// The pages before the login and those of the admin go by what this browser showed last.
function rememberTheme(theme) {
  if (theme) localStorage.setItem("theme", theme);
  else localStorage.removeItem("theme");
}
if (document.documentElement.dataset.theme !== undefined) rememberTheme(document.documentElement.dataset.theme);

document.addEventListener("click", (event) => {
  const inside = event.target.closest("details.menu");
  if (!event.target.closest("#side, .menu-btn")) closeMenus(inside);
});

// A form that was sent is not sent twice by a second click; what fills a frame leaves the page as it is.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || event.defaultPrevented || event.submitter?.formTarget) return;
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
document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());
document.querySelector("[data-focus]")?.focus();
