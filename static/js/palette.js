// The palette: records and actions by name. The field keeps the focus; the arrows choose.
const dialog = document.getElementById("palette");

if (dialog) {
  const field = document.getElementById("palette-q");
  const list = document.getElementById("palette-list");
  const said = document.getElementById("palette-said");
  let asking = null, typed = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    field.removeAttribute("aria-activedescendant");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking, text = field.value;
    try {
      const answer = await fetch(`${field.dataset.url}?q=${encodeURIComponent(text)}`, { signal });
      // Who was logged out meanwhile is led to the login page, which is no list.
      if (!answer.ok || answer.redirected) return tell("This needs a new login. Reload the page.");
      const found = await answer.text();
      if (signal.aborted) return;
      list.innerHTML = found;
      list.dataset.asked = text;
      choose(options()[0]);
      const count = options().length;
      said.textContent = count === 1 ? "1 found" : `${count} found`;
    } catch (error) {
      if (error.name !== "AbortError") tell("Not connected. Try again.");
    }
  }

  function tell(text) {
    list.replaceChildren(Object.assign(document.createElement("p"), { className: "muted sm", textContent: text }));
    said.textContent = text;
    choose(null);
  }

  function step(by) {
    const all = options();
    if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  }

  field.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(ask, 120);
  });
  field.addEventListener("keydown", (event) => {
    const ways = { ArrowDown: 1, ArrowUp: -1 };
    if (ways[event.key]) {
      event.preventDefault();
      step(ways[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What was typed or scanned just now is not in the list yet: the search answers it.
      clearTimeout(typed);
      if (list.dataset.asked === field.value && chosen()) chosen().click();
      else location.assign(`${field.dataset.search}?q=${encodeURIComponent(field.value)}`);
    }
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) return dialog.close();
    document.querySelector("dialog[open]")?.close();
    open();
  });

  function open() {
    field.value = "";
    dialog.showModal();
    field.focus();
    ask();
  }
  document.addEventListener("click", (event) => event.target.closest("[data-open=palette]") && open());
}
