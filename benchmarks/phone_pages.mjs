// A recipient's way through Lighthouse, page by page as a user flow, then the public's pages.
// Arguments: the folder that has lighthouse, Chromium, the site, the path of a notice.
// Prints one JSON line per page: its name, the scores, and what did not get all points.

import { createRequire } from "node:module";

const [folder, chromium, site, notice] = process.argv.slice(2);
const load = createRequire(`${folder}/`);
const { startFlow } = load("lighthouse");
const { launch } = load("puppeteer-core");

// No host but the site is asked, not even by the browser itself.
const args = ["--no-sandbox", "--disable-background-networking",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
const browser = await launch({ executablePath: chromium, headless: true, args });
const page = await browser.newPage();
const flow = await startFlow(page);
// To be found by search engines (SEO) is asked of the published notices alone: the other pages
// are kept from them on purpose.
const hidden = ["performance", "accessibility", "best-practices"];

async function press(selector) {
  await page.waitForSelector(selector);
  await page.click(selector);
}

async function visit(name, where, onlyCategories) {
  await flow.navigate(where, { name, onlyCategories });
}

await visit("notice", site + notice, hidden);
await visit("count", () => press("a[href*='/count/']"), hidden);
for (const field of await page.$$("fieldset input")) await field.type("0");
await page.type("#id_name", "Tomas Lind");
await visit("check", () => press("form button.main"), hidden);
await visit("done", () => press("button[name=sent]"), hidden);
await visit("check a number", `${site}/verify/`, hidden);
await visit("notices", `${site}/notices/`);
await visit("one notice", () => press("main a[href^='/notices/']"));

for (const { name, lhr } of (await flow.createFlowResult()).steps) {
  const asked = Object.values(lhr.categories);
  const scores = Object.fromEntries(asked.map((one) => [one.id, one.score]));
  const lost = asked.flatMap((one) => one.auditRefs)
    .filter((ref) => ref.weight && (lhr.audits[ref.id].score ?? 1) < 1)
    .map((ref) => ref.id);
  const bytes = lhr.audits["total-byte-weight"].numericValue;
  console.log(JSON.stringify({ name, scores, lost, bytes }));
}
await browser.close();
