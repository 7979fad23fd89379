// The trace page: pans and zooms the graph, copies the link. Everything else is links.
const frame = document.querySelector("[data-graph]");
const zoom = document.querySelector("[data-zoom]");
const copy = document.querySelector("[data-copy-link]");

if (frame && zoom) {
  const svg = frame.querySelector("svg");
  const natural = Number(svg.dataset.width);
  const fitted = { min: svg.style.minInlineSize, max: svg.style.maxInlineSize };
  const label = zoom.querySelector('[data-step="0"]');
  let scale = 0;

  // Keeps the middle of what is seen in the middle.
  const show = (wanted) => {
    const before = svg.clientWidth;
    const middle = { x: frame.scrollLeft + frame.clientWidth / 2, y: frame.scrollTop + frame.clientHeight / 2 };
    scale = wanted ? Math.min(2, Math.max(0.4, wanted)) : 0;
    svg.style.minInlineSize = scale ? "0" : fitted.min;
    svg.style.maxInlineSize = scale ? "none" : fitted.max;
    svg.style.inlineSize = scale ? `${natural * scale}px` : "";
    const share = svg.clientWidth / natural;
    label.textContent = `${Math.round(share * 100)}%`;
    frame.classList.toggle("is-far", share < 0.6);
    const grown = svg.clientWidth / before;
    frame.scrollTo(middle.x * grown - frame.clientWidth / 2, middle.y * grown - frame.clientHeight / 2);
    keep();
  };
  // The heads of the columns stay on top of what is scrolled.
  const heads = svg.querySelector("[data-heads]");
  const keep = () => heads.setAttribute("transform", `translate(0 ${(frame.scrollTop * natural) / svg.clientWidth})`);
  frame.addEventListener("scroll", keep, { passive: true });
  zoom.hidden = false;
  show(0);
  for (const button of zoom.querySelectorAll("button"))
    button.addEventListener("click", () => {
      const step = Number(button.dataset.step);
      show(step && (scale || svg.clientWidth / natural) + step * 0.2);
    });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    show((scale || svg.clientWidth / natural) - Math.sign(event.deltaY) * 0.1);
  }, { passive: false });

  // A drag pans; the click that ends it opens nothing.
  let from = null, moved = false;
  frame.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    from = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop, at: event };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    if (Math.hypot(event.clientX - from.at.clientX, event.clientY - from.at.clientY) > 4) moved = true;
    frame.classList.toggle("is-panning", moved);
    if (moved) frame.scrollTo(from.x - event.clientX, from.y - event.clientY);
  });
  addEventListener("pointerup", () => {
    from = null;
    frame.classList.remove("is-panning");
  });
  frame.addEventListener("click", (event) => {
    if (moved) event.preventDefault();
    moved = false;
  }, true);
  frame.addEventListener("dragstart", (event) => event.preventDefault());

  // What is selected, was opened, or where the trace begins is in view where the graph is too large.
  const card = frame.querySelector("[data-selected]") ?? frame.querySelector("[data-opened]") ?? frame.querySelector(".seed");
  const chosen = card?.getBoundingClientRect();
  const seen = frame.getBoundingClientRect();
  if (chosen)
    frame.scrollTo(
      (chosen.left + chosen.right) / 2 - seen.left - frame.clientWidth / 2,
      (chosen.top + chosen.bottom) / 2 - seen.top - frame.clientHeight / 2,
    );
}

if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.href);
    const words = copy.querySelector("span");
    words.textContent = "Copied";
    setTimeout(() => (words.textContent = "Copy link"), 2000);
  });
}
