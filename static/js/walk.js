// Walking the graph by keys: left and right along the lines, up and down in a column.
// One card is in the tab order; Enter follows its link; Backspace closes opened groups.
const graph = document.querySelector("[data-graph]");

if (graph) {
  const cards = [...graph.querySelectorAll("[data-card]")];
  const byName = new Map(cards.map((card) => [card.dataset.card, card]));
  const at = new Map(cards.map((card) => [card, place(card)]));
  const next = new Map(), before = new Map();
  for (const line of graph.querySelectorAll("[data-from]")) {
    const from = byName.get(line.dataset.from), to = byName.get(line.dataset.to);
    if (!from || !to) continue;
    const [left, right] = at.get(from).x <= at.get(to).x ? [from, to] : [to, from];
    (next.get(left) ?? next.set(left, []).get(left)).push(right);
    (before.get(right) ?? before.set(right, []).get(right)).push(left);
  }

  let here = graph.querySelector("[data-selected]") ?? graph.querySelector("[data-opened]") ?? graph.querySelector(".seed") ?? cards[0];
  for (const card of cards) card.setAttribute("tabindex", card === here ? "0" : "-1");

  const column = (card) => cards.filter((other) => at.get(other).x === at.get(card).x).sort((a, b) => at.get(a).y - at.get(b).y);
  const away = (card, from) => Math.abs(at.get(card).y - at.get(from).y);
  const nearest = (some, card) => some && [...some].sort((a, b) => away(a, card) - away(b, card))[0];
  const ways = {
    ArrowRight: (card) => nearest(next.get(card), card),
    ArrowLeft: (card) => nearest(before.get(card), card),
    ArrowDown: (card) => column(card)[column(card).indexOf(card) + 1],
    ArrowUp: (card) => column(card)[column(card).indexOf(card) - 1],
  };

  graph.addEventListener("keydown", (event) => {
    const card = event.target.closest("[data-card]");
    if (!card || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Backspace") {
      const close = document.querySelector("[data-close]");
      if (close) event.preventDefault(), close.click();
      return;
    }
    if (!ways[event.key]) return;
    event.preventDefault();
    const rtl = document.documentElement.dir === "rtl";
    const mirrored = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
    const to = ways[(rtl && mirrored[event.key]) || event.key](card);
    if (to) go(to);
  });
  // A card that was clicked or reached otherwise is where the keys go on.
  graph.addEventListener("focusin", ({ target }) => target.closest("[data-card]") && mark(target.closest("[data-card]")));

  function mark(card) {
    here.setAttribute("tabindex", "-1");
    here = card;
    here.setAttribute("tabindex", "0");
  }
  function go(card) {
    mark(card);
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function place(card) {
  const { e, f } = card.transform.baseVal.consolidate().matrix;
  return { x: e, y: f };
}
