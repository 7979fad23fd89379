// The scan page: codes come from the scanner, the keyboard or the camera into one pile.
import { readCodes } from "./camera.js";

const form = document.getElementById("scan");
const typed = form.elements.codes;
const pile = form.querySelector("[data-pile]");
const said = form.querySelector("[data-said]");
const video = form.querySelector("video");
const camera = form.querySelector("[data-camera]");

const known = () => new Set([...pile.querySelectorAll("input[name=code]")].map((field) => field.value));
const tidy = (code) => code.replaceAll("\x1d", "␝").trim();

// One after the other, so that the newest is on top.
let before = Promise.resolve();
function add(codes) {
  before = before.then(() => look(codes)).catch(() => {
    // What was scanned is not scanned twice: it waits in the field.
    typed.value = [...codes.map(tidy), typed.value].filter(Boolean).join("\n");
    said.textContent = "No answer: the line is down, or your login has ended. The codes wait in the field; add them again.";
  });
}
async function look(codes) {
  const there = known();
  const fresh = [...new Set(codes.map(tidy))].filter((code) => code && !there.has(code));
  if (!fresh.length) return void (said.textContent = "It is in the pile already.");
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("codes", fresh.join("\n"));
  const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  pile.insertAdjacentHTML("afterbegin", await answer.text());
  form.querySelector("[data-count]").textContent = pile.querySelectorAll("[data-row]").length;
  const row = pile.querySelector("[data-row]");
  const batch = row.querySelector("input[name=batch]:checked ~ a");
  said.textContent = batch ? `Batch ${batch.textContent}` : "Look at the newest code.";
}

document.addEventListener("scan", (event) => {
  event.preventDefault();
  add([event.detail]);
});
function take() {
  const lines = typed.value.split("\n");
  typed.value = "";
  add(lines);
}
typed.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (typed.value.trim()) take();
  } else if (event.ctrlKey && event.key === "]") {
    // How scanners type the separator.
    event.preventDefault();
    typed.setRangeText("␝", typed.selectionStart, typed.selectionEnd, "end");
  }
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.name === "do") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (typed.value.trim()) take();
});

let stop = null;
function show(word) {
  camera.querySelector("span").textContent = word;
  video.hidden = !stop;
}
async function start() {
  const ending = new AbortController();
  stop = () => ending.abort();
  show("Stop the camera");
  try {
    await readCodes(video, form.dataset, ending.signal, add, () => (said.textContent = "Hold a code before the camera."));
  } catch (error) {
    said.textContent = `The camera cannot be used (${error.name}). Type or scan the code.`;
  }
  stop = null;
  show("Camera");
}
if (navigator.mediaDevices?.getUserMedia) {
  camera.hidden = false;
  camera.addEventListener("click", () => (stop ? stop() : start()));
}
