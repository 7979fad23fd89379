// A trace that cannot be read again stays: the last good one is greyed, and the page says so.
// A page that is fresh and connected lets the browser go on by itself, unless another trace is
// asked for: whether the server can make that one is asked first, where that does not take long.
const OLD = 60_000;
// What changes the trace itself; all else shows more of the same.
const TRACED = ["seed", "dir", "from", "to", "asof", "stop"];
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

  const said = (url, name) => url.searchParams.getAll(name).filter(Boolean).join();
  const isOther = (url) => TRACED.some((name) => said(url, name) !== said(new URL(location), name));

  // What a server refuses it explains on a page; only where it fails there is none.
  async function answers(url) {
    const isAsked = "quick" in lost.dataset && isOther(url);
    const [what, wait] = isAsked ? [{ method: "HEAD" }, 30_000] : [{}, 5000];
    try {
      const answer = navigator.onLine && (await fetch(isAsked ? url : lost.dataset.ask, { ...what, cache: "no-store", signal: AbortSignal.timeout(wait) }));
      return answer && answer.status < 500;
    } catch {
      return false;
    }
  }

  // `go` is what was asked for; it can be asked for again.
  async function ask(url, go) {
    document.documentElement.setAttribute("aria-busy", "true");
    const can = await answers(url);
    document.documentElement.removeAttribute("aria-busy");
    if (can) return go();
    lost.querySelector("[data-since]").textContent = clock.format(read);
    lost.querySelector("button").onclick = () => ask(url, go);
    show(true);
  }
  const isToAsk = (url) => isDoubtful() || ("quick" in lost.dataset && isOther(url));

  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const url = new URL(link.getAttribute("href"), location.href);
    if (url.pathname !== location.pathname || (url.hash && url.search === location.search) || url.searchParams.has("export") || !isToAsk(url)) return;
    event.preventDefault();
    ask(url, () => location.assign(url));
  });
  addEventListener("submit", (event) => {
    const url = new URL(event.target.action);
    if (event.defaultPrevented || event.target.getAttribute("method") === "post" || url.pathname !== location.pathname) return;
    url.search = new URLSearchParams(new FormData(event.target));
    if (!isToAsk(url)) return;
    event.preventDefault();
    ask(url, () => event.target.submit());
  });
  addEventListener("online", () => show(false));
}
