// Keyboard wedges: scanners that type what they read. Tells a scan from a person's typing.
const NO_TEXT = ["checkbox", "radio", "button", "submit", "reset", "file", "range", "color"];
export const takesText = (target) =>
  target.closest("textarea, [contenteditable]") !== null || (target.matches("input") && !NO_TEXT.includes(target.type));

// A scanner types faster than a person: 6 or more keys less than 35 ms apart that end in
// Enter or Tab are a scan, wherever the focus is but in a field of text, which then takes it.
let burst = "", last = 0;
export function scanned(event) {
  const now = event.timeStamp;
  burst = now - last < 35 ? burst : "";
  last = now;
  if (event.key === "Enter" || event.key === "Tab") {
    const code = burst;
    burst = "";
    return code.length >= 6 ? code : null;
  }
  // Scanners type FNC1 as Ctrl+].
  if (event.key.length === 1) burst += event.ctrlKey && event.key === "]" ? "\x1d" : event.key;
  return null;
}

export function isCommand(event) {
  if (event.getModifierState("AltGraph")) return false;
  return event.metaKey || event.altKey || (event.ctrlKey && event.key !== "]");
}

export const isBurst = () => burst.length > 1;
