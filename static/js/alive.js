// A trace that cannot be read again stays: the last good one is greyed, and the page says so.
// A page that is fresh and connected lets the browser go on by itself.
const OLD = 60_000;
const lost = document.querySelector("[data-lost]");
const read = Date.now();

if (lost) {
  const grid = document.querySelector(".xgrid");
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: lost.dataset.zone || undefined });
  const isDoubtful = () => !navigator.onLine || Date.now() - read > OLD;

  function show(isLost) {
    lost.hidden = !isLost;
    grid.classList.toggle("is-lost", isLost);
  }

  async function answers() {
    try {
      return navigator.onLine && (await fetch(lost.dataset.ask, { cache: "no-store", signal: AbortSignal.timeout(5000) })).ok;
    } catch {
      return false;
    }
  }

  // `go` is what was asked for; it can be asked for again.
  async function ask(go) {
    if (await answers()) return go();
    lost.querySelector("[data-since]").textContent = clock.format(read);
    lost.querySelector("button").onclick = () => ask(go);
    show(true);
  }

  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !isDoubtful()) return;
    const url = new URL(link.getAttribute("href"), location.href);
    if (url.pathname !== location.pathname || (url.hash && url.search === location.search)) return;
    event.preventDefault();
    ask(() => location.assign(url));
  });
  addEventListener("submit", (event) => {
    if (event.defaultPrevented || !isDoubtful() || new URL(event.target.action).pathname !== location.pathname) return;
    event.preventDefault();
    ask(() => event.target.submit());
  });
  addEventListener("online", () => show(false));
}
