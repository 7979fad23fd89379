// What a card hangs together with is seen before it is chosen: its lines back to where the trace
// begins are marked while the pointer or the focus is on it.
const graph = document.querySelector("[data-graph]");

if (graph) {
  const lines = [...graph.querySelectorAll("[data-from]")];
  const left = (name) => graph.querySelector(`[data-card="${CSS.escape(name)}"]`)?.getBoundingClientRect().left ?? 0;
  const seed = graph.querySelector(".seed")?.dataset.card;

  function mark(card) {
    for (const line of lines) line.classList.remove("pre");
    if (!card || !seed) return;
    const [far, near] = left(card.dataset.card) >= left(seed) ? ["to", "from"] : ["from", "to"];
    const seen = new Set([card.dataset.card]), todo = [...seen];
    while (todo.length) {
      const name = todo.pop();
      for (const line of lines.filter((one) => one.dataset[far] === name)) {
        line.classList.add("pre");
        if (!seen.has(line.dataset[near])) seen.add(line.dataset[near]), todo.push(line.dataset[near]);
      }
    }
  }

  for (const begins of ["pointerover", "focusin"]) graph.addEventListener(begins, ({ target }) => mark(target.closest("[data-card]")));
  for (const ends of ["pointerleave", "focusout"]) graph.addEventListener(ends, () => mark(null));
  // All of a group as a table; the key for it is "." on its card.
  graph.addEventListener("contextmenu", (event) => {
    const rows = event.target.closest("[data-rows]")?.dataset.rows;
    if (rows) event.preventDefault(), location.assign(rows);
  });
}
