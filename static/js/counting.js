// The running count of each batch, what was typed kept on this phone until it is sent, and where
// the sending stands. Without this module the server counts; a number it might read otherwise is
// left to it.
const form = document.querySelector("form");
const place = `count:${location.pathname}`;
const answered = form.elements.after.value;
// Who counted is asked once: the next recall on this phone knows the name and the number.
const WHO = ["name", "phone"];
const plain = (text) => (/^\d+([.,]\d{1,2})?$/.test(text) ? Number(text.replace(",", ".")) : NaN);

function add(row) {
  const shown = row.querySelector("[data-due]");
  const typed = [...row.querySelectorAll("input")].map((field) => field.value.trim());
  if (!shown) return;
  const sent = Number(shown.dataset.sent);
  const total = typed.filter(Boolean).reduce((sum, text) => sum + plain(text), sent);
  shown.hidden = !typed.some(Boolean) || Number.isNaN(total);
  const missing = Math.round((Number(shown.dataset.due) - total) * 100) / 100;
  const [less, all, more] = shown.dataset.words.split("|");
  const number = (missing > 0 ? missing : total).toLocaleString(`${document.documentElement.lang}-u-nu-latn`);
  shown.classList.toggle("ok", missing === 0);
  shown.firstElementChild.textContent = missing > 0 ? less : missing < 0 ? more : all;
  shown.lastElementChild.textContent = shown.dataset.of.replace("#", number);
}

function keep() {
  const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  try {
    localStorage.setItem(place, JSON.stringify({ answered, typed }));
    localStorage.setItem("who", JSON.stringify(typed.filter(([name]) => WHO.includes(name))));
  } catch {
    // A phone that keeps nothing still sends.
  }
}

function fill([name, value]) {
  const field = form.elements[name];
  if (field?.type !== "hidden" && field?.value === "") field.value = value;
}

function bring() {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? "{}");
    if (kept.answered === answered) kept.typed.forEach(fill);
    else localStorage.removeItem(place);
    JSON.parse(localStorage.getItem("who") ?? "[]").forEach(fill);
  } catch {
    // Nothing was kept that can be read.
  }
}

bring();
const rows = document.querySelectorAll("fieldset");
rows.forEach(add);
form.addEventListener("input", ({ target }) => {
  keep();
  if (target.closest("fieldset")) add(target.closest("fieldset"));
});

const [sending, lost] = form.querySelectorAll("[role=status] > span[hidden]");
function tell(said) {
  for (const one of [sending, lost]) one.hidden = one !== said;
}
form.addEventListener("submit", (event) => {
  if (!navigator.onLine) event.preventDefault();
  tell(navigator.onLine ? sending : lost);
});
for (const name of ["online", "pageshow"]) addEventListener(name, () => tell());
