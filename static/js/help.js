// Finds in the help what is typed: the tasks that have all of its words.
const field = document.querySelector("[data-find-help]");
const said = document.querySelector("[data-found]");
const tasks = [...document.querySelectorAll("main .card")];

field.closest("[hidden]").hidden = false;
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const task of tasks) {
    const text = task.textContent.toLowerCase();
    task.hidden = !words.every((word) => text.includes(word));
  }
  const found = tasks.filter((task) => !task.hidden).length;
  said.textContent = !words.length ? "" : found ? `${found} of ${tasks.length}` : "Nothing in the help has this. Try one word of it.";
});
