// Talks to the kiosk's own API. A request whose outcome is unknown is repeated, byte for byte, until it is known.

const waitLimitSeconds = 5;
const answerLimitMilliseconds = 20_000;
// After so long nobody stands before the screen any more; what was typed must not stay in memory for ever.
const repeatLimitMilliseconds = 600_000;

function pause(milliseconds) {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}

// A version 7 UUID (RFC 9562, section 5.7): the clock is only a hint, 74 bits are random.
export function newRecordID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Math.max(0, Date.now());
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = newHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function newHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function newFormKey() {
  return newHex(crypto.getRandomValues(new Uint8Array(16)));
}

async function once(path, options) {
  const response = await fetch(path, {
    ...options, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(answerLimitMilliseconds),
  });
  const isJSON = /json/.test(response.headers.get("content-type") ?? "");
  return {
    ok: response.ok, status: response.status, body: isJSON ? await response.json() : null,
    retryAfter: Number(response.headers.get("retry-after")) || 0,
  };
}

export function get(path) {
  return once(path, { method: "GET" });
}

function mustRepeat(answer) {
  return answer.body === null || answer.body.code === "record.checking" || answer.body.code === "kiosk.busy";
}

// Sends `body` until there is an answer that settles it. `waiting` is told of every try that settled nothing;
// `isWanted` says whether anybody still waits. Resolves to null when nobody does.
export async function post(path, body, { waiting = () => {}, isWanted = () => true } = {}) {
  const bytes = JSON.stringify(body);
  const began = performance.now();
  for (let tries = 0; isWanted() && performance.now() - began < repeatLimitMilliseconds; tries += 1) {
    let answer = null;
    try {
      answer = await once(path, { method: "POST", headers: { "content-type": "application/json" }, body: bytes });
    } catch {
      answer = null;
    }
    if (answer && !mustRepeat(answer)) return isWanted() ? answer : null;
    waiting(performance.now() - began);
    const seconds = answer?.retryAfter || Math.min(waitLimitSeconds, 0.5 * 2 ** tries);
    await pause(1000 * Math.min(waitLimitSeconds, seconds));
  }
  return null;
}
