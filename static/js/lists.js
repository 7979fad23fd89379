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
