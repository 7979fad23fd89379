// The overview while it is open: its blocks come anew, and nothing moves under a hand or an eye.
import "./tick.js";

let kept = null;

// A block that has the focus stays; the queue also while the pointer is over it.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const fresh = fragment.getElementById?.(target.id) ?? fragment.querySelector?.(`#${target.id}`);
  if (!fresh) return;
  const isHeld = target.contains(document.activeElement) || (target.id === "waiting" && target.matches(":hover"));
  if (!isHeld) return;
  event.detail.shouldSwap = false;
  if (target.id === "waiting" && rows(target) !== rows(fresh)) offer(target, fresh.cloneNode(true));
});

const rows = (block) => [...block.querySelectorAll("tbody .two")].map((cell) => cell.textContent).join("|") + block.dataset.rows;

function offer(block, fresh) {
  kept = fresh;
  const button = block.querySelector("[data-fresh]");
  const more = Number(fresh.dataset.rows) - Number(block.dataset.rows);
  button.textContent = more > 0 ? `${more} new` : "Changed";
  button.hidden = false;
  button.onclick = () => {
    block.replaceWith(kept);
    htmx.process(kept);
    kept.querySelector("a")?.focus();
  };
}
