// The page's one running part: who stands before the screen, which screen is shown, when everything is wiped.

import * as flow from "/assets/flow.js";
import { get, newFormKey, newRecordID, post } from "/assets/requests.js";
import * as screen from "/assets/screens.js";
import { byID, fill, strings } from "/assets/screens.js";
import { desk, refresh } from "/assets/status.js";
import { listen } from "/assets/wedge.js";

const idleSeconds = 30;
const warningSeconds = 10;
const resultSeconds = 20;
const saidSeconds = 3;
// A slip takes one or two; after so long nobody is left waiting for it.
const printSeconds = 5;
const statusSeconds = 10;
// A finger that taps twice must not answer the next question too.
const settleMilliseconds = 350;

let person = null;      // the one who registers
let lost = null;        // the one who lost a slip
let current = "home";
let visit = 0;          // grows with every wipe: answers of an earlier visit are dropped
let touchedAt = 0;
let shownAt = 0;
let endsAt = 0;         // when a screen that ends by itself ends; 0: it does not
let retry = null;

const seconds = () => performance.now() / 1000;
const hasGroups = () => (desk.status?.keyGroups.length ?? 0) > 0;

// ---------------------------------------------------------------- screens

function show(name, step = name) {
  current = step;
  shownAt = performance.now();
  endsAt = 0;
  screen.showScreen(name);
  byID("quit").hidden = ["home", "entry", "checkIn", "result", "checking", "trouble"].includes(step);
  const all = person ? flow.steps(person, hasGroups()) : [];
  const index = all.indexOf(step);
  screen.drawSteps(index + 1, index < 0 ? 0 : all.length);
  // Keyboard and screen reader go on from the question that is new.
  const heading = document.querySelector(`main > section[data-screen="${name}"] h1`);
  const place = step === "name" ? byID("name-field") : heading;
  place.focus({ preventScroll: true });
}

// Nothing of a person stays: neither in variables nor in the page.
function wipe() {
  visit += 1;
  person = null;
  lost = null;
  retry = null;
  askIfThere(false);
  screen.empty();
  show("home");
  refresh();
}

function endAfter(length) {
  endsAt = seconds() + length;
}

function problemOf(step) {
  return person?.problems[step]?.join(" ") ?? "";
}

function showStep(step) {
  switch (step) {
    case "notice": return showNotice();
    case "name":
      show("name");
      byID("name-field").value = person.name;
      return screen.showProblem("name-problem", problemOf("name"));
    case "groups": return showGroups();
    case "check": return showCheck();
    default: return showKeypad(step, problemOf(step));
  }
}

function showNotice() {
  if (!desk.status?.notice) return say(strings.banner.fairNotOpen);
  person.noticeVersion = desk.status.notice.version;
  byID("notice-text").replaceChildren(...screen.noticeLines(desk.status.notice.shortText));
  show("notice");
}

function showWholeNotice() {
  if (!desk.status?.notice) return;
  byID("whole-title").textContent = desk.status.notice.title;
  byID("whole-text").replaceChildren(...screen.noticeLines(desk.status.notice.fullText));
  show("whole");
  byID("whole-text").scrollTop = 0;
}

function showGroups() {
  show("groups");
  const draw = () => {
    screen.drawGroups(desk.status?.keyGroups ?? [], person.groups, (code) => {
      const others = person.groups.filter((group) => group !== code);
      person.groups = others.length < person.groups.length ? others : [...person.groups, code];
      draw();
    });
    byID("groups-consent").setAttribute("aria-checked", String(person.consent));
  };
  byID("groups-consent").onclick = () => { person.consent = !person.consent; draw(); };
  screen.showProblem("groups-problem", problemOf("groups"));
  draw();
}

function showCheck() {
  person.isReviewing = true;
  const text = strings.check;
  const document = person.kind === "none" ? text.noDocument : flow.shownNumber(person.number);
  const values = {
    document: [text.document, document],
    birth: [text.birth, flow.birthDate(person) ? flow.spokenDay(person.birth) : text.notGiven],
    phone: [text.phone, person.hasNoPhone ? text.none : flow.groupedPhone(person.phone)],
    contact: [text.contact, person.contact ? flow.groupedPhone(person.contact) : text.none],
    name: [text.name, person.isNameLater ? text.later : person.name.trim()],
    groups: [text.groups, person.groups.length ? fill(text.groupsCount, { n: person.groups.length }) : text.notGiven],
  };
  const rows = flow.steps(person, hasGroups()).filter((step) => values[step]).map((step) => (
    { step, label: values[step][0], value: values[step][1], problems: person.problems[step] }));
  show("check");
  screen.drawRows(rows, showStep);
  const own = person.problems.check ?? [];
  screen.showProblem("check-problem", rows.some((row) => row.problems) ? text.problems : own.join(" "));
}

// ---------------------------------------------------------------- keypads

function showKeypad(step, problem = "") {
  // Who had no document and comes back to the question may have found one.
  if (step === "document" && person.kind === "none") person.kind = "residentID";
  show("keypad", step);
  const ask = flow.question(step, person, lost);
  screen.drawKeypad(ask, ask.get(), (key) => pressKey(step, key));
  screen.showProblem("keypad-problem", problem);
  drawDocumentChoices(step);
}

function drawDocumentChoices(step) {
  const names = strings.document;
  const kinds = ["residentID", "passport", "residencePermit", "permanentResident"].map((kind) => [kind, names[kind]]);
  if (step === "document") {
    const all = [...kinds, ["none", names.none]];
    const isOther = !["residentID", "none"].includes(person.kind);
    screen.drawChoices(isOther ? [["residentID", names.change]] : all, isOther ? null : person.kind, (kind) => {
      if (kind !== person.kind) person.number = "";
      person.kind = kind;
      delete person.problems.document;
      if (kind === "none") return forward("document");
      return showKeypad(step);
    });
  } else if (step === "lostDocument") {
    screen.drawChoices([["residentID", names.residentID], ["passport", names.other]], lost.kind, (kind) => {
      lost.kind = kind;
      lost.number = "";
      showKeypad(step);
    });
  } else {
    screen.drawChoices([], null, () => {});
  }
}

// X stands for ten and only as the last of eighteen (GB 11643-1999).
function isEarlyX(ask, key, value) {
  return key === "X" && ask.layout === "id" && value.length !== 17;
}

function pressKey(step, key) {
  if (current !== step || !byID("idle").hidden) return;
  touch();
  const ask = flow.question(step, person, lost);
  const value = ask.get();
  if (key === "delete") ask.set(value.slice(0, -1));
  else if (key === "clear") ask.set("");
  else if (ask.keys.test(key) && value.length < ask.max && !isEarlyX(ask, key, value)) ask.set(value + key);
  screen.drawField(ask, ask.get());
  screen.showProblem("keypad-problem", "");
}

// ---------------------------------------------------------------- from step to step

function start() {
  if (!desk.status?.fair || !desk.status.notice) return say(strings.banner[desk.status ? "fairNotOpen" : "offline"]);
  person = flow.newPerson(desk.status.notice.version);
  return showStep("notice");
}

function forward(step) {
  delete person.problems[step];
  const all = flow.steps(person, hasGroups());
  const wrong = all.find((name) => person.problems[name] && name !== "check");
  if (wrong) return showStep(wrong);
  // A step that has just become necessary is asked even when the rest was reviewed before.
  if (person.isReviewing) {
    const missing = all.find((name) => flow.localProblem(name, person));
    return showStep(missing ?? "check");
  }
  return showStep(all[all.indexOf(step) + 1]);
}

function next() {
  if (current === "lostDocument") {
    if (lost.number === "") return screen.showProblem("keypad-problem", strings.document.empty);
    return showKeypad("lostPhone");
  }
  if (current === "lostPhone") return copySlip();
  if (current === "name") {
    person.name = byID("name-field").value;
    if (person.name.trim()) person.isNameLater = false;
  }
  if (current === "phone" && person.phone) person.hasNoPhone = false;
  const problem = flow.localProblem(current, person);
  if (problem) {
    const text = fill(strings[current][problem], { n: person.number.length });
    const place = { name: "name-problem", groups: "groups-problem" }[current] ?? "keypad-problem";
    return screen.showProblem(place, text);
  }
  return forward(current);
}

function skip() {
  switch (current) {
    case "birth": person.birth = ""; break;
    case "phone": person.phone = ""; person.hasNoPhone = true; delete person.problems.phone; return showStep("contact");
    case "contact": person.contact = ""; break;
    case "name": person.name = ""; byID("name-field").value = ""; person.isNameLater = true; break;
    case "groups": person.groups = []; person.consent = false; break;
    default: return undefined;
  }
  return forward(current);
}

function back() {
  if (current === "name") person.name = byID("name-field").value;
  if (current === "lostPhone") return showKeypad("lostDocument");
  if (current === "whole") return showStep("notice");
  if (current === "trouble" && person) return showStep("check");
  const all = person ? flow.steps(person, hasGroups()) : [];
  const index = all.indexOf(current);
  return index > 0 ? showStep(all[index - 1]) : wipe();
}

// ---------------------------------------------------------------- what the kiosk is asked

function say(text, canRetry = null, title = strings.trouble.title, retryLabel = strings.trouble.retry) {
  byID("trouble-title").textContent = title;
  byID("trouble-text").textContent = text;
  byID("trouble-retry").hidden = !canRetry;
  byID("trouble-retry").textContent = retryLabel;
  byID("trouble-back").hidden = !person;
  retry = canRetry;
  show("trouble");
}

function showChecking() {
  byID("checking-hint").textContent = strings.checking.hint;
  show("checking");
}

async function send(path, body, onWaiting) {
  const mine = visit;
  return post(path, body, { waiting: onWaiting, isWanted: () => mine === visit });
}

function waiting(milliseconds) {
  if (current !== "checking") showChecking();
  if (milliseconds > 15_000) byID("checking-hint").textContent = strings.checking.long;
}

async function register() {
  const mine = person;
  showChecking();
  for (let conflicts = 0; conflicts < 3; conflicts += 1) {
    const answer = await send("/api/v1/registrations", flow.requestBody(mine), waiting);
    if (person !== mine) return;
    if (answer === null) return wipe();
    if (answer.ok) return showResult(answer.body);
    if (answer.body.code === "record.conflict") {
      flow.renew(mine);
      continue;
    }
    if (answer.status === 422) return showProblems(answer.body.errors);
    return say(`${answer.body.zh} ${strings.trouble.hint}`, register);
  }
  say(strings.trouble.hint, register);
}

async function showProblems(errors) {
  const mine = person;
  if (errors.some((error) => error.field === "noticeVersion")) await refresh();
  if (person !== mine) return;
  const child = errors.find((error) => error.code === "seeker.under14");
  if (child) return say(child.zh, acts.decline, strings.child.title, strings.child.enter);
  person.problems = flow.problemsByStep(errors, flow.steps(person, hasGroups()));
  person.isReviewing = true;
  const first = flow.steps(person, hasGroups()).find((step) => person.problems[step]);
  showStep(first ?? "check");
}

function showResult(answer) {
  person = null;
  screen.empty();
  byID("result-ticket").textContent = answer.ticket;
  byID("result-name").textContent = answer.maskedName;
  byID("result-take").textContent = strings.result.take;
  byID("result-hint").textContent = answer.intentsAllowed ? strings.result.code : strings.result.noIntents;
  screen.drawCode(byID("result-code"), answer.code);
  show("result");
  endAfter(resultSeconds);
  watchPrinting(answer.recordId);
}

async function watchPrinting(recordId) {
  const mine = visit;
  while (mine === visit && current === "result") {
    let state = null;
    try {
      state = (await get(`/api/v1/registrations/${recordId}/print-state`)).body?.state;
    } catch {
      state = null;
    }
    if (mine !== visit || current !== "result") return;
    if (state === "failed" || state === "unknown") byID("result-take").textContent = strings.result.failed;
    if (state === "queued" || state === "printing") {
      const isSlow = performance.now() - shownAt > 1000 * printSeconds;
      byID("result-take").textContent = isSlow ? strings.result.slow : strings.result.printing;
    }
    if (state === "printed") byID("result-take").textContent = strings.result.take;
    byID("result-take").dataset.state = state ?? "";
    if (state === "printed") return refresh();
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

// Nothing can be touched meanwhile: a second tap would be a second entry, and the answer would come over the screen of
// whoever had gone on.
async function enter() {
  const mine = visit;
  showChecking();
  const answer = await send("/api/v1/entries", { recordId: newRecordID(), way: "tap" }, waiting);
  if (mine !== visit) return;
  if (!answer?.ok) return say(answer?.body?.zh ?? strings.banner.offline);
  if (!answer.body.fairOpen) return sayDone(strings.closed.title, null, null, strings.closed.hint);
  show("entry");
  endAfter(saidSeconds);
}

async function checkIn(scanned) {
  const isHome = ["home", "entry", "checkIn"].includes(current);
  if (isHome) {
    visit += 1;
    showChecking();
  }
  const mine = visit;
  const body = { recordId: newRecordID(), scanned: scanned.trim() };
  const answer = await send("/api/v1/check-ins", body, isHome ? waiting : undefined);
  if (mine !== visit) return;
  if (answer === null) return isHome ? wipe() : undefined;
  const said = answer.ok && !answer.body.fairOpen ? strings.closed : strings.checkIn;
  if (!isHome) return screen.toast(answer.ok ? said.title : answer.body.zh, !answer.ok);
  if (!answer.ok) {
    say(answer.body.zh, null, strings.checkIn.failed);
    return endAfter(2 * saidSeconds);
  }
  sayDone(said.title, answer.body.ticket, answer.body.maskedName, said.hint);
}

function sayDone(title, ticket, name, hint) {
  byID("checkin-title").textContent = title;
  byID("checkin-ticket").textContent = ticket ?? "";
  byID("checkin-name").textContent = name ?? "";
  byID("checkin-hint").textContent = hint;
  show("checkIn");
  endAfter(saidSeconds);
}

async function copySlip() {
  if (!/^\d{4}$/.test(lost.digits)) return screen.showProblem("keypad-problem", strings.lost.phoneInvalid);
  const mine = visit;
  const body = {
    recordId: lost.recordId, formKey: lost.formKey, documentNumber: lost.number, phoneDigits: lost.digits,
  };
  showChecking();
  const answer = await send("/api/v1/slip-copies", body, waiting);
  if (mine !== visit) return;
  if (answer === null) return wipe();
  lost = null;
  screen.empty();
  if (answer.ok) return sayDone(strings.lost.done, null, null, strings.lost.doneHint);
  if (answer.body.code === "slip.notFound") say(strings.lost.notFoundHint, null, strings.lost.notFound);
  else say(answer.body.zh);
}

// ---------------------------------------------------------------- time

function touch() {
  touchedAt = seconds();
}

// The question whether anybody is there takes the keyboard, and gives it back.
function askIfThere(isAsking) {
  if (byID("idle").hidden === !isAsking) return;
  byID("idle").hidden = !isAsking;
  for (const place of document.querySelectorAll("main, footer")) place.inert = isAsking;
  if (isAsking) byID("idle-stay").focus({ preventScroll: true });
  else if (current === "name") byID("name-field").focus({ preventScroll: true });
}

let statusAt = 0;

function tick() {
  const now = seconds();
  if (endsAt > 0) {
    byID("result-left").textContent = fill(strings.result.left, { n: Math.max(0, Math.ceil(endsAt - now)) });
    if (now >= endsAt) wipe();
  } else if (!["home", "checking"].includes(current)) {
    const idle = now - touchedAt;
    const left = Math.ceil(idleSeconds + warningSeconds - idle);
    askIfThere(idle >= idleSeconds);
    byID("idle-count").textContent = String(Math.max(0, left));
    byID("idle-hint").textContent = fill(strings.idle.hint, { n: Math.max(0, left) });
    if (idle >= idleSeconds + warningSeconds) wipe();
  }
  if (now - statusAt > statusSeconds && ["home", "result"].includes(current)) {
    statusAt = now;
    refresh();
  }
}

// ---------------------------------------------------------------- events

const acts = {
  register: start, enter, next, skip, back, quit: wipe, done: wipe, submit: register,
  decline: () => { wipe(); enter(); },
  whole: showWholeNotice,
  lost: () => {
    lost = { recordId: newRecordID(), formKey: newFormKey(), kind: "residentID", number: "", digits: "" };
    showKeypad("lostDocument");
  },
  retry: () => retry?.(),
};

// The browser's back button asks the question before, as the page's own does. The history entry that catches it holds
// nothing; it is laid with a touch because browsers skip entries a page makes by itself.
function guard() {
  if (history.state !== "guard") history.pushState("guard", "");
}

document.addEventListener("click", (event) => {
  guard();
  touch();
  const go = event.target.closest("[data-go]")?.dataset.go;
  if (!go || (performance.now() - shownAt < settleMilliseconds && go !== "quit")) return;
  shownAt = performance.now();
  acts[go]?.();
});
document.addEventListener("pointerdown", touch);
document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("dragstart", (event) => event.preventDefault());
byID("idle-stay").addEventListener("click", () => { touch(); askIfThere(false); });
byID("whole-text").addEventListener("scroll", touch);

window.addEventListener("popstate", () => {
  if (current === "home") return;
  // A request under way is not left: its answer is the person's.
  if (current === "checking") return guard();
  if (person || lost) back();
  else wipe();
});

// A page brought back from the browser's memory: slips are gone at once; what somebody is typing stays while the
// idle time has not passed.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (person && seconds() - touchedAt < idleSeconds + warningSeconds) touch();
  else wipe();
});
window.addEventListener("pagehide", () => { if (!person) wipe(); });

listen({
  scanned: (text) => { touch(); checkIn(text); },
  typed: (key) => {
    touch();
    askIfThere(false);
    if (key === "Enter") { if (["keypad", "name"].includes(document.body.dataset.screen)) next(); return; }
    if (document.body.dataset.screen === "keypad") pressKey(current, key === "delete" ? key : key.toUpperCase());
  },
});
document.addEventListener("input", touch);

setInterval(tick, 200);
wipe();
document.body.dataset.ready = "yes";
