// The page's one running part: the first screen, the scanner, the time that passes, and what a touch leads to.

import * as flow from "/assets/flow.js";
import { holdSlip, holdsSlip, isSameSlip } from "/assets/intents.js";
import { pressKey, showKeypad } from "/assets/keypad.js";
import { goBackOneStep, isRegistering, next } from "/assets/registration.js";
import { newFormKey, newRecordID } from "/assets/requests.js";
import * as screen from "/assets/screens.js";
import { byID, fill, strings } from "/assets/screens.js";
import {
  acts, askIfThere, comeBack, endAfter, follow, goBack, hasTrail, onWipe, say, seconds, send, settleMilliseconds, show,
  stage, startTrail, wipe,
} from "/assets/stage.js";
import { refresh } from "/assets/status.js";
import { listen } from "/assets/wedge.js";

const idleSeconds = 30;
const warningSeconds = 10;
const saidSeconds = 3;
const statusSeconds = 10;

let lost = null;        // the one who lost a slip
let touchedAt = 0;
let statusAt = 0;

onWipe(() => { lost = null; });
stage.isAnswering = () => isRegistering() || lost !== null || hasTrail();

function back() {
  if (stage.current === "trouble" && comeBack()) return;
  if (goBack() || (isRegistering() && goBackOneStep())) return;
  wipe();
}

// ---------------------------------------------------------------- entries, check-ins, lost slips

async function enter() {
  const answer = await send("/api/v1/entries", { recordId: newRecordID(), way: "tap" });
  if (!answer) return;
  if (!answer.ok) { say(answer.body.zh); return; }
  if (!answer.body.fairOpen) { sayDone(strings.closed.title, null, null, strings.closed.hint); return; }
  show("entry");
  endAfter(saidSeconds);
}

// Who registers or asks for a slip is not disturbed. A slip that comes while somebody looks around is theirs; another
// one than that of a visit is another person's.
async function checkIn(scanned) {
  const isQuiet = isRegistering() || lost !== null || stage.current === "checking" || isSameSlip(scanned);
  if (!isQuiet && (holdsSlip() || !hasTrail())) wipe();
  const answer = await send("/api/v1/check-ins", { recordId: newRecordID(), scanned }, isQuiet);
  if (!answer) return;
  const said = answer.ok && !answer.body.fairOpen ? strings.closed : strings.checkIn;
  if (isQuiet) { screen.toast(answer.ok ? said.title : answer.body.zh, !answer.ok); return; }
  if (!answer.ok) {
    say(answer.body.zh, null, strings.checkIn.failed);
    if (!hasTrail()) endAfter(2 * saidSeconds);
    return;
  }
  const { fairOpen, intentsAllowed, ticket, maskedName } = answer.body;
  if (fairOpen && intentsAllowed) { holdSlip(scanned, answer.body); return; }
  // What was picked before the scan cannot be stated now.
  wipe();
  sayDone(said.title, ticket, maskedName, fairOpen ? strings.intents.noIntents : said.hint);
  if (fairOpen) endAfter(2 * saidSeconds);
}

function sayDone(title, ticket, name, hint) {
  byID("checkin-title").textContent = title;
  byID("checkin-ticket").textContent = ticket ?? "";
  byID("checkin-name").textContent = name ?? "";
  byID("checkin-hint").textContent = hint;
  byID("checkin-more").hidden = true;
  show("checkIn");
  endAfter(saidSeconds);
}

function loseSlip() {
  lost = { recordId: newRecordID(), formKey: newFormKey(), kind: "residentID", number: "", digits: "" };
  follow(askLostDocument);
}

function askLostDocument() {
  const names = strings.document;
  showKeypad("lostDocument", {
    ...flow.documentQuestion(lost, strings.lost.documentTitle),
    done: () => (lost.number === "" ? screen.showProblem("keypad-problem", names.empty) : follow(askLostDigits)),
  }, {
    choices: [["residentID", names.residentID], ["passport", names.other]], chosen: lost.kind,
    choose: (kind) => {
      lost.kind = kind;
      lost.number = "";
      askLostDocument();
    },
  });
}

function askLostDigits() {
  showKeypad("lostPhone", { ...flow.digitsQuestion(lost, strings.lost.digits), done: copySlip });
}

async function copySlip() {
  if (!/^\d{4}$/.test(lost.digits)) return screen.showProblem("keypad-problem", strings.lost.digits.invalid);
  const body = {
    recordId: lost.recordId, formKey: lost.formKey, documentNumber: lost.number, phoneDigits: lost.digits,
  };
  const answer = await send("/api/v1/slip-copies", body);
  if (!answer) return undefined;
  lost = null;
  startTrail();
  screen.empty();
  if (answer.ok) return sayDone(strings.lost.done, null, null, strings.lost.doneHint);
  if (answer.body.code === "slip.notFound") return say(strings.lost.notFoundHint, null, strings.lost.notFound);
  return say(answer.body.zh);
}

// ---------------------------------------------------------------- time

function touch() {
  touchedAt = seconds();
}

function tick() {
  const now = seconds();
  if (stage.endsAt > 0) {
    byID("result-left").textContent = fill(strings.result.left, { n: Math.max(0, Math.ceil(stage.endsAt - now)) });
    if (now >= stage.endsAt) wipe();
  } else if (!["home", "checking"].includes(stage.current)) {
    const idle = now - touchedAt;
    const left = Math.ceil(idleSeconds + warningSeconds - idle);
    askIfThere(idle >= idleSeconds);
    byID("idle-count").textContent = String(Math.max(0, left));
    byID("idle-hint").textContent = fill(strings.idle.hint, { n: Math.max(0, left) });
    if (idle >= idleSeconds + warningSeconds) wipe();
  }
  if (now - statusAt > statusSeconds && ["home", "result"].includes(stage.current)) {
    statusAt = now;
    refresh();
  }
}

// ---------------------------------------------------------------- events

Object.assign(acts, {
  enter, back, quit: wipe, done: wipe,
  next: () => (stage.ask?.done ?? next)(),
  decline: () => { wipe(); enter(); },
  lost: loseSlip,
  retry: () => stage.retry?.(),
});

// The browser's back button asks the question before, as the page's own does. The history entry that catches it holds
// nothing; it is laid with a touch because browsers skip entries a page makes by itself.
function guard() {
  if (history.state !== "guard") history.pushState("guard", "");
}

document.addEventListener("click", (event) => {
  guard();
  touch();
  const button = event.target.closest("[data-go]");
  const go = button?.dataset.go;
  if (!go || (performance.now() - stage.shownAt < settleMilliseconds && go !== "quit")) return;
  stage.shownAt = performance.now();
  acts[go]?.(button);
});
document.addEventListener("pointerdown", touch);
document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("dragstart", (event) => event.preventDefault());
byID("idle-stay").addEventListener("click", () => { touch(); askIfThere(false); });
byID("whole-text").addEventListener("scroll", touch);

window.addEventListener("popstate", () => {
  if (stage.current === "home") return;
  // A request under way is not left: its answer is the person's.
  if (stage.current === "checking") { guard(); return; }
  if (stage.isAnswering() && stage.endsAt === 0) back();
  else wipe();
});

// A page brought back from the browser's memory: slips are gone at once; what somebody is typing stays while the
// idle time has not passed.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (isRegistering() && seconds() - touchedAt < idleSeconds + warningSeconds) touch();
  else wipe();
});
window.addEventListener("pagehide", () => { if (!isRegistering()) wipe(); });

listen({
  scanned: (text) => { touch(); checkIn(text.trim()); },
  typed: (key) => {
    touch();
    askIfThere(false);
    const shown = document.body.dataset.screen;
    if (key === "Enter") { if (["keypad", "name", "search"].includes(shown)) acts.next(); return; }
    if (shown === "keypad") pressKey(key === "delete" ? key : key.toUpperCase());
  },
});
document.addEventListener("input", touch);

setInterval(tick, 200);
wipe();
document.body.dataset.ready = "yes";
