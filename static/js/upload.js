// A large file on its way: how much of it has gone, and a way to stop it. A line that is lost says
// so and keeps what was chosen. Smaller files, and browsers without this module, send the plain
// form; what the server answers is shown here as it is there.
const MB = 1024 * 1024;
let sending = null;

const part = (form, name) => form.querySelector(`[data-upload-${name}]`);

// Before shell.js hears of it, which lets a form that is sent be sent once.
document.addEventListener("submit", (event) => {
  const form = event.target, from = form.dataset.progressFrom;
  if (!from || !(form.elements.file.files[0]?.size > from)) return;
  event.preventDefault();
  if (!sending) send(form);
}, true);
document.addEventListener("click", ({ target }) => target.closest("[data-upload-stop]") && sending?.abort());
// The browser asks in its own words.
addEventListener("beforeunload", (event) => sending && event.preventDefault());

function send(form) {
  sending = new XMLHttpRequest();
  sending.open("POST", form.action);
  // So that the way to the report comes as a header: it is opened once, by the browser itself.
  sending.setRequestHeader("HX-Request", "true");
  sending.upload.onprogress = ({ loaded, total }) => going(form, loaded, total);
  sending.upload.onload = () => gone(form);
  sending.onload = ({ target }) => answered(form, target);
  sending.onabort = () => over(form, "Stopped. Nothing of the file was kept.");
  sending.onerror = () => over(form, "The upload was cut off. What you chose is still here: press Upload to send it again. A file that did arrive changes nothing when it comes twice.");
  part(form, "over").hidden = true;
  part(form, "going").hidden = part(form, "stop").hidden = false;
  part(form, "said").textContent = "The file is being sent. Stay on this page until it has gone.";
  going(form, 0, form.elements.file.files[0].size);
  sending.send(new FormData(form));
}

function going(form, loaded, total) {
  const bar = form.querySelector("progress");
  Object.assign(bar, { max: total, value: loaded });
  bar.textContent = part(form, "part").textContent = `${Math.round(loaded / MB)} of ${Math.round(total / MB)} MB`;
}

// From here on the server may have it: what is stopped then is the import, on its own page.
function gone(form) {
  form.querySelector("progress").removeAttribute("value");
  part(form, "said").textContent = "All of it has gone. The server takes it in.";
  hide(form, part(form, "stop"));
}

function hide(form, what) {
  const hadFocus = what.contains(document.activeElement);
  what.hidden = true;
  if (hadFocus) form.querySelector(".btn--primary").focus();
}

function over(form, said = "") {
  sending = null;
  hide(form, part(form, "going"));
  part(form, "over").hidden = !said;
  part(form, "over").querySelector("p").textContent = said;
}

function answered(form, asked) {
  over(form);
  const report = asked.getResponseHeader("HX-Redirect");
  if (report) return location.assign(report);
  // Who was logged out meanwhile is led to the login page.
  if (new URL(asked.responseURL).pathname !== new URL(form.action).pathname) return location.assign(asked.responseURL);
  const page = new DOMParser().parseFromString(asked.responseText, "text/html");
  if (asked.status === 422) return refused(page);
  const reference = asked.getResponseHeader("Reference");
  const sentence = asked.status < 500 && page.querySelector("main h1 + p")?.textContent.trim();
  over(form, sentence || `The server could not take the file.${reference ? ` Reference ${reference}.` : ""}`);
}

function refused(page) {
  document.title = page.title;
  document.getElementById("faults")?.remove();
  document.getElementById("upload").replaceWith(...page.querySelectorAll("#faults, #upload"));
  document.getElementById("faults").focus();
}
