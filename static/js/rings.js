// Rings of a map: places that would overlap are one, with their states as arcs and their count.
const GAP = 4, LETTER = 7, KEYS = ["crit", "hold", "info", "ok", "none"];
const SVG = "http://www.w3.org/2000/svg";

export function joined(rings) {
  const kept = [];
  for (const ring of rings) {
    const near = kept.find((other) => other.point.distanceTo(ring.point) < (sized(other.spots) + sized(ring.spots)) / 2 + GAP);
    if (!near) kept.push(ring);
    else {
      const share = ring.spots.length / (near.spots.length + ring.spots.length);
      near.point = near.point.add(ring.point.subtract(near.point).multiplyBy(share));
      near.spots = near.spots.concat(ring.spots);
    }
  }
  return kept;
}

// Beside a named place, not under it: so near, a few pixels are less than what a map can tell.
export function aside(ring, named) {
  const half = sized(ring.spots) / 2;
  for (const { point, spots: [one] } of named) {
    const far = ring.point.distanceTo(point), least = half + 13;
    if (far < least) ring.point = point.add(far ? ring.point.subtract(point).multiplyBy(least / far) : [0, least]);
    // Its name stands to the right of it.
    const { x, y } = ring.point.subtract(point), wide = 13 + one.name.length * LETTER + half;
    if (x > 0 && x < wide && Math.abs(y) < half + 9) ring.point = point.add([x, y < 0 ? -half - 9 : half + 9]);
  }
  return ring;
}

// A plant or a centre keeps its shape and its name, unless another one is too near to tell.
const APART = 40;
export function landmarks(rings) {
  const found = rings.filter(({ spots: [one] }) => one.shape);
  return found.filter((ring) => found.every((other) => other === ring || other.point.distanceTo(ring.point) > APART));
}

const SHAPES = { plant: "M12 4.500 20 19H4z", centre: "M5.500 5.500h13v13h-13z" };

export const sized = (spots) => (spots.length === 1 ? 24 : Math.min(46, 26 + Math.round(Math.sqrt(spots.length) * 2)));

const counted = (spots) => KEYS.map((key) => [key, spots.filter((s) => s.key === key)]).filter(([, some]) => some.length);
export const told = (spots) => counted(spots).map(([, some]) => `${some.length} ${[...new Set(some.map((s) => s.word))].join(" or ").toLowerCase()}`).join(", ");

export function picture(size, spots) {
  const svg = make("svg", { width: size, height: size, viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true" });
  const middle = size / 2, radius = middle - 2.5, round = 2 * Math.PI * radius;
  const [one] = spots, alone = spots.length === 1;
  if (spots.some((s) => s.selected)) svg.append(make("circle", { class: "sel", cx: middle, cy: middle, r: alone ? 11 : middle + 3 }));
  if (alone) {
    svg.append(one.shape ? make("path", { class: `dot is-${one.key}`, d: SHAPES[one.shape] }) : make("circle", { class: `dot is-${one.key}`, cx: middle, cy: middle, r: 6 }));
    return svg;
  }
  svg.append(make("circle", { class: "face", cx: middle, cy: middle, r: radius }));
  let from = 0;
  for (const [key, some] of counted(spots)) {
    const part = (some.length / spots.length) * round;
    svg.append(make("circle", { class: `arc is-${key}`, cx: middle, cy: middle, r: radius, "stroke-dasharray": `${part} ${round - part}`, "stroke-dashoffset": -from, transform: `rotate(-90 ${middle} ${middle})` }));
    from += part;
  }
  svg.append(make("text", { x: middle, y: middle + 4 }, spots.length));
  return svg;
}

function make(name, attributes, text = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}
