// Copies what the pages and labels use out of npm packages into this folder.
// To update: change a version in package.json, run `npm install --package-lock-only` and
// `node vendor.mjs` here, and commit what they changed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WANTED = {
  "barcode-detector": { licence: "MIT", files: ["dist/iife/ponyfill.js", "LICENSE"] },
  "zxing-wasm": {
    licence: "MIT, with zxing-cpp in it (Apache-2.0)",
    files: ["dist/reader/zxing_reader.wasm", "LICENSE"],
  },
  leaflet: {
    licence: "BSD-2-Clause",
    // The images are those that its style sheet names.
    files: ["dist/leaflet.js", "dist/leaflet.css", "dist/images/layers.png", "dist/images/layers-2x.png", "dist/images/marker-icon.png", "LICENSE"],
  },
  "topojson-client": { licence: "ISC", files: ["dist/topojson-client.min.js", "LICENSE"] },
  "world-atlas": { licence: "ISC; the outlines are Natural Earth's, public domain", files: ["countries-50m.json", "LICENSE"] },
  "dejavu-fonts-ttf": {
    licence: "Bitstream Vera, changes in the public domain",
    files: ["ttf/DejaVuSansCondensed.ttf", "ttf/DejaVuSansMono.ttf", "ttf/DejaVuSansMono-Bold.ttf", "ttf/DejaVuSansCondensed-Bold.ttf", "LICENSE"],
  },
  "axe-core": {
    licence: "MPL-2.0",
    // For tests only, so it lies where nothing is served.
    folder: "../../traceability/tests/browser/axe-core",
    files: ["axe.min.js", "LICENSE"],
  },
};

const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), "vendor-"));
const read = (...names) => JSON.parse(readFileSync(join(work, "node_modules", ...names, "package.json")));

try {
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(here, name), join(work, name));
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: work, stdio: "inherit" });

  // With any other version of the wasm the decoder dies in its memory.
  const asked = read("barcode-detector").dependencies["zxing-wasm"];
  const there = read("zxing-wasm").version;
  if (asked !== there) throw new Error(`barcode-detector wants zxing-wasm ${asked}, not ${there}.`);

  const manifest = {};
  for (const [name, { licence, files, folder = name }] of Object.entries(WANTED)) {
    const target = join(here, folder);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    const digests = {};
    for (const file of files) {
      const content = readFileSync(join(work, "node_modules", name, file));
      const kept = (file.includes("/images/") ? "images/" : "") + basename(file);
      mkdirSync(dirname(join(target, kept)), { recursive: true });
      writeFileSync(join(target, kept), content);
      digests[kept] = createHash("sha256").update(content).digest("hex");
    }
    manifest[name] = { version: read(name).version, licence, folder, files: digests };
  }
  writeFileSync(join(here, "MANIFEST.json"), JSON.stringify(manifest, null, 2) + "\n");
} finally {
  rmSync(work, { recursive: true, force: true });
}
