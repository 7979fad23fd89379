// A map without tiles: country outlines, places as rings of their states, flows between them.
// Places that would overlap are one ring with their count; it opens by zooming in.
import { aside, joined, landmarks, picture, sized, told } from "./rings.js";

const L = window.L, topojson = window.topojson;

async function draw(box, { spots, flows }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, { attributionControl: false, minZoom: 1, maxZoom: 14, zoomSnap: 0.5, zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: false, worldCopyJump: true });
  // First where the goods went; where they came from may be far off, and one key shows it too.
  const near = spots.filter((s) => s.near || s.selected);
  const show = (some) => map.fitBounds(bounds(some).pad(0.1), { maxZoom: 11, animate: false });
  show(near.length ? near : spots);
  const all = document.querySelector("[data-map-all]");
  if (all && near.length && near.length < spots.length) {
    all.hidden = false;
    all.addEventListener("click", () => show(spots));
  }
  const marks = L.layerGroup();
  map.on("zoomend", () => place(map, marks, spots));
  for (const flow of [...flows].reverse())
    L.polyline(curve(flow), { className: flow.on_path ? "flow p" : "flow", weight: flow.width, bubblingMouseEvents: false }).bindTooltip(escaped(flow.text), { sticky: true }).addTo(map);
  marks.addTo(map);
  place(map, marks, spots);
  const world = await (await fetch(box.dataset.world)).json();
  L.geoJSON(topojson.feature(world, world.objects.countries), { interactive: false, style: { className: "land", weight: 1, fillOpacity: 1 } }).addTo(map).bringToBack();
}

// Greedy: each place joins the first ring that it would touch, then rings that touch join.
// Same places, same rings.
function place(map, marks, spots) {
  marks.clearLayers();
  let rings = spots.map((spot) => ({ point: map.project([spot.lat, spot.lon]), spots: [spot] }));
  const named = landmarks(rings);
  rings = rings.filter((ring) => !named.includes(ring));
  for (let before = 0; before !== rings.length; ) {
    before = rings.length;
    rings = joined(rings.map((ring) => aside(ring, named)));
  }
  for (const ring of rings) marks.addLayer(mark(map, ring));
  for (const ring of named) {
    marks.addLayer(mark(map, ring));
    const label = L.divIcon({ className: "landmark", html: escaped(ring.spots[0].name), iconSize: null, iconAnchor: [-13, 9] });
    marks.addLayer(L.marker(map.unproject(ring.point), { icon: label, interactive: false, keyboard: false, zIndexOffset: 600, alt: "" }));
  }
}

function mark(map, { point, spots }) {
  const one = spots.length === 1 ? spots[0] : null;
  const size = sized(spots);
  const icon = L.divIcon({ className: "spot", html: picture(size, spots), iconSize: [size, size] });
  const name = one ? [one.name, one.amount, one.word].filter(Boolean).join(", ") : `${spots.length} places: ${told(spots)}. Zoom in`;
  const marker = L.marker(map.unproject(point), { icon, title: "", alt: name, keyboard: true, riseOnHover: true, zIndexOffset: spots.some((s) => s.selected) ? 1000 : one?.shape ? 500 : 0 });
  marker.bindTooltip(escaped(name)).on("add", () => marker.getElement().setAttribute("aria-label", name));
  const act = () => (one ? (location.href = one.url) : open(map, spots));
  return marker.on("click", act).on("keydown", ({ originalEvent: { key } }) => [" ", "Enter"].includes(key) && act());
}

// Places on one spot cannot be told apart by zooming: they are listed.
function open(map, spots) {
  const box = bounds(spots);
  if (map.getZoom() < map.getMaxZoom() && !box.getSouthWest().equals(box.getNorthEast()))
    return map.fitBounds(box.pad(0.2));
  const list = document.createElement("ul");
  list.className = "list-plain";
  for (const spot of spots) {
    const link = Object.assign(document.createElement("a"), { href: spot.url, textContent: `${spot.name}, ${spot.word}` });
    list.appendChild(document.createElement("li")).appendChild(link);
  }
  L.popup({ maxHeight: 240 }).setLatLng(box.getCenter()).setContent(list).openOn(map);
}

// A slight bow to the right of the way, so that there and back are two lines.
function curve({ start, end }) {
  const bend = 0.12, middle = [(start[0] + end[0]) / 2 - (end[1] - start[1]) * bend, (start[1] + end[1]) / 2 + (end[0] - start[0]) * bend];
  return Array.from({ length: 33 }, (_, n) => [0, 1].map((axis) => bezier(start[axis], middle[axis], end[axis], n / 32)));
}
const bezier = (a, b, c, t) => (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t ** 2 * c;

const bounds = (spots) => L.latLngBounds(spots.map((s) => [s.lat, s.lon]));

function escaped(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node;
}

for (const box of document.querySelectorAll("[data-map]")) draw(box, JSON.parse(document.getElementById("map-places").textContent));
