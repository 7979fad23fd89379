// Reads codes by camera: with the browser's own decoder where it knows DataMatrix, else with
// the one in static/vendor, which is fetched only then.
const FORMATS = ["data_matrix", "qr_code", "code_128", "ean_13", "ean_8", "upc_a", "itf"];
const PAUSE = 200;

// `places` are the addresses of the decoder and its wasm. Gives each code once to `found`.
export async function readCodes(video, places, signal, found, ready) {
  const wanted = { facingMode: "environment", width: { ideal: 1280 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
  try {
    video.srcObject = stream;
    await video.play();
    const reader = await decoder(places);
    ready();
    const seen = new Set();
    while (!signal.aborted) {
      const codes = (await reader.detect(video)).map((code) => code.rawValue);
      const fresh = codes.filter((code) => code && !seen.has(code));
      fresh.forEach((code) => seen.add(code));
      if (fresh.length) found(fresh);
      await new Promise((wake) => setTimeout(wake, PAUSE));
    }
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}

async function decoder({ decoder: address, wasm }) {
  const own = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
  if (own.includes("data_matrix"))
    return new BarcodeDetector({ formats: FORMATS.filter((name) => own.includes(name)) });
  if (!("BarcodeDetectionAPI" in window)) await load(address);
  BarcodeDetectionAPI.prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return new BarcodeDetectionAPI.BarcodeDetector({ formats: FORMATS });
}

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });
}
