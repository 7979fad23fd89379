// Counts down the seconds of what carries data-until; the server decides when it is over.
setInterval(() => {
  for (const shown of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((Date.parse(shown.dataset.until) - Date.now()) / 1000);
    shown.textContent = `${Math.max(left, 0)} s`;
  }
}, 1000);
