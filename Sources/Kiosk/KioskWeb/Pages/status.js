// What the kiosk says about itself: fair, day, notice, and what is wrong, in plain words for the person at the screen.

import { get } from "/assets/requests.js";
import { byID, fill, strings } from "/assets/screens.js";

// The newest answer of `status`; null while the kiosk does not answer.
export const desk = { status: null };

const blocking = ["notEnrolled", "kioskRevoked", "fairNotOpen", "catalogueMissing", "grantMissing", "ticketsExhausted",
  "storeFailed", "diskFull", "diskReadOnly"];
const bannerOrder = [...blocking, "dayNotConfirmed", "printerFailing", "printOutcomeUnknown", "diskAlmostFull"];

export async function refresh() {
  try {
    const answer = await get("/api/v1/status");
    desk.status = answer.ok ? answer.body : null;
  } catch {
    desk.status = null;
  }
  const codes = new Set((desk.status?.problems ?? []).map((problem) => problem.code));
  if (desk.status && !desk.status.fair) codes.add("fairNotOpen");
  if (codes.has("notEnrolled")) codes.delete("fairNotOpen");
  const worst = desk.status ? bannerOrder.find((code) => codes.has(code)) : "offline";
  const banner = byID("banner");
  banner.hidden = !worst;
  banner.textContent = worst ? strings.banner[worst] : "";
  const isBlocked = !desk.status || blocking.includes(worst);
  banner.classList.toggle("stop", isBlocked);
  for (const id of ["go-register", "go-lost"]) byID(id).disabled = isBlocked;
  byID("go-browse").disabled = !desk.status?.fair;
  // Whoever walks in after the closing, or at a kiosk that no longer registers, is still recorded.
  byID("go-enter").disabled = isBlocked && !["fairNotOpen", "kioskRevoked"].includes(worst);
  if (desk.status?.fair) byID("fair").textContent = desk.status.fair.name;
  const [, month, day] = desk.status?.day?.split("-").map(Number) ?? [];
  byID("day").textContent = day ? fill(strings.day, { m: month, d: day }) : "";
  byID("label").textContent = desk.status?.kioskLabel ?? byID("label").textContent;
  refreshSlip();
}

let slipNumber = 0;

function refreshSlip() {
  const picture = byID("last-slip");
  if (!picture) return;
  const loaded = new Image();
  loaded.onload = () => { picture.src = loaded.src; picture.hidden = false; };
  loaded.onerror = () => { picture.hidden = true; };
  slipNumber += 1;
  loaded.src = `/demonstration/last-slip.png?n=${slipNumber}`;
}
