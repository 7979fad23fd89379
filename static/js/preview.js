// Shows in the frame what is typed, half a second after the last key. Without it the button does.
const form = document.getElementById("message");
const button = form?.querySelector("[data-preview]");
let waiting = 0;
form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => button?.click(), 500);
});
