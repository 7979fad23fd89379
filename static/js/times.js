// The days of a trace: two handles over the bars move the two date fields, and show the days.
const form = document.querySelector("[data-times]");

if (form) {
  const [low, high] = form.querySelectorAll(".th");
  const mark = Object.assign(document.createElement("span"), { className: "sel" });
  const span = Number(low.max) + 1;
  const first = Date.parse(form.dataset.first);
  const dayAt = (place) => new Date(first + place * 86_400_000).toISOString().slice(0, 10);

  const frame = (from, to) => {
    mark.style.insetInlineStart = `${(100 * from) / span}%`;
    mark.style.insetInlineEnd = `${100 - (100 * (to + 1)) / span}%`;
    low.setAttribute("aria-valuetext", dayAt(from));
    high.setAttribute("aria-valuetext", dayAt(to));
  };
  // A handle at its end asks for no limit, so that the link stays short.
  const show = () => {
    const [from, to] = [Number(low.value), Number(high.value)];
    form.elements.from.value = from ? dayAt(from) : "";
    form.elements.to.value = to < span - 1 ? dayAt(to) : "";
    frame(from, to);
  };
  for (const handle of [low, high]) {
    handle.hidden = false;
    handle.addEventListener("input", () => {
      if (Number(low.value) > Number(high.value)) (handle === low ? high : low).value = handle.value;
      show();
    });
    handle.addEventListener("change", () => form.requestSubmit());
  }
  low.before(mark);
  frame(Number(low.value), Number(high.value));
}
