// The registration: from the notice to the slip, one question per screen.

import * as flow from "/assets/flow.js";
import { showKeypad as drawKeypad } from "/assets/keypad.js";
import { get } from "/assets/requests.js";
import * as screen from "/assets/screens.js";
import { byID, fill, strings } from "/assets/screens.js";
import { acts, endAfter, hasTrail, onWipe, say, send, show, stage, wipe } from "/assets/stage.js";
import { desk, refresh } from "/assets/status.js";
import { showWishes, wishesText } from "/assets/wishes.js";

const resultSeconds = 20;
// A slip takes one or two; after so long nobody is left waiting for it.
const printSeconds = 5;

let person = null;      // the one who registers

onWipe(() => { person = null; });

export const isRegistering = () => person !== null;
const hasGroups = () => (desk.status?.keyGroups.length ?? 0) > 0;
const steps = () => (person ? flow.steps(person, hasGroups()) : []);

stage.progress = (step) => {
  const all = steps();
  const index = all.indexOf(step);
  return index < 0 ? [0, 0] : [index + 1, all.length];
};

function problemOf(step) {
  return person?.problems[step]?.join(" ") ?? "";
}

// ---------------------------------------------------------------- questions

export function showStep(step) {
  switch (step) {
    case "notice": return showNotice();
    case "name":
      show("name");
      byID("name-field").value = person.name;
      return screen.showProblem("name-problem", problemOf("name"));
    case "groups": return showGroups();
    case "wishes": return showWishes(person.wishes, { canSkip: true, problem: problemOf("wishes") });
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
    wishes: [text.wishes, wishesText(person.wishes) || text.notGiven],
  };
  const rows = steps().filter((step) => values[step]).map((step) => (
    { step, label: values[step][0], value: values[step][1], problems: person.problems[step] }));
  show("check");
  screen.drawRows(rows, showStep);
  const own = person.problems.check ?? [];
  screen.showProblem("check-problem", rows.some((row) => row.problems) ? text.problems : own.join(" "));
}

function showKeypad(step, problem = "") {
  // Who had no document and comes back to the question may have found one.
  if (step === "document" && person.kind === "none") person.kind = "residentID";
  drawKeypad(step, flow.question(step, person), { problem, ...documentChoices(step) });
}

function documentChoices(step) {
  if (step !== "document") return {};
  const names = strings.document;
  const kinds = ["residentID", "passport", "residencePermit", "permanentResident", "none"];
  const isOther = !["residentID", "none"].includes(person.kind);
  return {
    choices: isOther ? [["residentID", names.change]] : kinds.map((kind) => [kind, names[kind]]),
    chosen: isOther ? null : person.kind,
    choose: (kind) => {
      if (kind !== person.kind) person.number = "";
      person.kind = kind;
      delete person.problems.document;
      return kind === "none" ? forward("document") : showKeypad(step);
    },
  };
}

// ---------------------------------------------------------------- from step to step

function start() {
  if (!desk.status?.fair || !desk.status.notice) return say(strings.banner[desk.status ? "fairNotOpen" : "offline"]);
  if (hasTrail()) wipe();
  person = flow.newPerson(desk.status.notice.version);
  return showStep("notice");
}

function forward(step) {
  delete person.problems[step];
  const all = steps();
  const wrong = all.find((name) => person.problems[name] && name !== "check");
  if (wrong) return showStep(wrong);
  // A step that has just become necessary is asked even when the rest was reviewed before.
  if (person.isReviewing) {
    const missing = all.find((name) => flow.localProblem(name, person));
    return showStep(missing ?? "check");
  }
  return showStep(all[all.indexOf(step) + 1]);
}

export function next() {
  const step = stage.current;
  if (!steps().includes(step)) return undefined;
  if (step === "name") {
    person.name = byID("name-field").value;
    if (person.name.trim()) person.isNameLater = false;
  }
  if (step === "phone" && person.phone) person.hasNoPhone = false;
  const problem = flow.localProblem(step, person);
  if (problem) {
    const text = fill(strings[step][problem], { n: person.number.length });
    const place = { name: "name-problem", groups: "groups-problem" }[step] ?? "keypad-problem";
    return screen.showProblem(place, text);
  }
  return forward(step);
}

function skip() {
  const step = stage.current;
  switch (step) {
    case "birth": person.birth = ""; break;
    case "phone": person.phone = ""; person.hasNoPhone = true; delete person.problems.phone; return showStep("contact");
    case "contact": person.contact = ""; break;
    case "name": person.name = ""; byID("name-field").value = ""; person.isNameLater = true; break;
    case "groups": person.groups = []; person.consent = false; break;
    case "wishes": person.wishes = flow.newWishes(); break;
    default: return undefined;
  }
  return forward(step);
}

// The question before; false where there is none.
export function goBackOneStep() {
  const all = steps();
  if (stage.current === "name") person.name = byID("name-field").value;
  if (stage.current === "whole") return showStep("notice") ?? true;
  if (stage.current === "trouble") return showStep("check") ?? true;
  // A page of tiles belongs to the wishes.
  if (stage.current === "tiles") return showStep("wishes") ?? true;
  const index = all.indexOf(stage.current);
  if (index <= 0) return false;
  return showStep(all[index - 1]) ?? true;
}

// ---------------------------------------------------------------- what the kiosk is asked

async function register() {
  const mine = person;
  for (let conflicts = 0; conflicts < 3; conflicts += 1) {
    const answer = await send("/api/v1/registrations", flow.requestBody(mine));
    if (!answer || person !== mine) return;
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
  person.problems = flow.problemsByStep(errors, steps());
  person.isReviewing = true;
  const first = steps().find((step) => person.problems[step]);
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
  const mine = stage.visit;
  while (mine === stage.visit && stage.current === "result") {
    let state = null;
    try {
      state = (await get(`/api/v1/registrations/${recordId}/print-state`)).body?.state;
    } catch {
      state = null;
    }
    if (mine !== stage.visit || stage.current !== "result") return;
    if (state === "failed" || state === "unknown") byID("result-take").textContent = strings.result.failed;
    if (state === "queued" || state === "printing") {
      const isSlow = performance.now() - stage.shownAt > 1000 * printSeconds;
      byID("result-take").textContent = isSlow ? strings.result.slow : strings.result.printing;
    }
    if (state === "printed") byID("result-take").textContent = strings.result.take;
    byID("result-take").dataset.state = state ?? "";
    if (state === "printed") return refresh();
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

Object.assign(acts, { register: start, skip, submit: register, whole: showWholeNotice });
