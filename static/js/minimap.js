// A small map of a large graph: what is seen is framed, a click or a drag goes there. By keys one
// walks the graph itself, so that it is in nobody's way.
const map = document.querySelector("[data-minimap]");
const frame = document.querySelector("[data-graph]");

if (map && frame) {
  const graph = frame.querySelector("svg"), seen = map.querySelector("[data-seen]");
  const { width, height } = map.viewBox.baseVal;

  function show() {
    const all = frame.scrollWidth <= frame.clientWidth + 1 && frame.scrollHeight <= frame.clientHeight + 1;
    map.toggleAttribute("hidden", all);
    const scale = width / graph.clientWidth, rtl = getComputedStyle(frame).direction === "rtl";
    const left = rtl ? frame.scrollWidth - frame.clientWidth + frame.scrollLeft : frame.scrollLeft;
    const box = { x: left * scale, y: frame.scrollTop * scale, width: frame.clientWidth * scale, height: Math.min(height, frame.clientHeight * scale) };
    for (const [name, value] of Object.entries(box)) seen.setAttribute(name, value);
  }

  function go(event) {
    const box = map.getBoundingClientRect(), place = graph.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const at = frame.getBoundingClientRect();
    frame.scrollBy(place.left + x * place.width - at.left - frame.clientWidth / 2, place.top + y * place.height - at.top - frame.clientHeight / 2);
  }

  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    go(event);
  });
  map.addEventListener("pointermove", (event) => event.buttons && go(event));
  frame.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(graph);
  show();
}
