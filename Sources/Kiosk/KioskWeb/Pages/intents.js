// What a slip is good for beyond the check-in: matches, other wishes, intents with their consents, taking them back.

import * as flow from "/assets/flow.js";
import { showKeypad } from "/assets/keypad.js";
import { newFormKey, newRecordID } from "/assets/requests.js";
import { byID, element, fill, strings } from "/assets/screens.js";
import * as screen from "/assets/screens.js";
import { acts, endAfter, follow, onWipe, say, send, show, stage, startTrail } from "/assets/stage.js";
import { drawPager } from "/assets/tiles.js";
import { browse, picking, redrawPicks, showMatches, showStated } from "/assets/vacancies.js";
import { showWishes } from "/assets/wishes.js";

// As headquarters and the form allow for one slip.
const picksMax = 20;
// Long enough to see what else a slip is good for; the next slip may be scanned at once.
const offerSeconds = 15;
const pageRows = () => (matchMedia("(min-aspect-ratio: 1/1)").matches ? 2 : 4);

const nobody = () => ({
  token: null,          // what was scanned
  ticket: "",
  masked: "",
  digits: "",
  isProven: false,      // the kiosk knows that the digits are right
  picked: new Map(),    // vacancies by id
  consents: new Set(),  // employers that may have name and phone
  isWithdrawing: false,
  wishes: null,
});

let slip = nobody();
let page = 0;

onWipe(() => {
  slip = nobody();
  page = 0;
  byID("checkin-more").hidden = true;
  for (const id of ["intents-list", "intents-title", "outcome-title", "outcome-lines", "outcome-booths"]) {
    byID(id).replaceChildren();
  }
});

export const holdsSlip = () => slip.token !== null;
export const isSameSlip = (scanned) => slip.token === scanned;

picking.isPicked = (id) => slip.picked.has(id);
picking.count = () => slip.picked.size;
picking.label = () => (slip.isWithdrawing ? strings.intents.pickWithdrawal : strings.intents.pick);

// ---------------------------------------------------------------- the slip's own screen

// After the check-in: what else can be done. What was picked before the scan is kept.
export function holdSlip(scanned, { ticket, maskedName }) {
  Object.assign(slip, { token: scanned, ticket: ticket ?? "", masked: maskedName ?? "" });
  startTrail();
  follow(showSlip);
  if (slip.picked.size === 0) {
    byID("checkin-title").textContent = strings.checkIn.title;
    show("checkIn");
    endAfter(offerSeconds);
  } else {
    follow(showReview);
    screen.toast(strings.checkIn.title);
  }
}

function showSlip() {
  byID("checkin-title").textContent = strings.slip.title;
  byID("checkin-ticket").textContent = slip.ticket;
  byID("checkin-name").textContent = slip.masked;
  byID("checkin-hint").textContent = "";
  byID("checkin-more").hidden = false;
  show("checkIn", "slip");
}

// What was picked for one purpose is not carried into the other.
function setPurpose(isWithdrawing) {
  if (slip.isWithdrawing !== isWithdrawing) {
    slip.picked.clear();
    slip.consents.clear();
  }
  slip.isWithdrawing = isWithdrawing;
}

function choose() {
  setPurpose(false);
  browse();
}

// ---------------------------------------------------------------- matches

async function match() {
  setPurpose(false);
  const answer = await send("/api/v1/matches", { scanned: slip.token, wishes: slip.wishes, limit: picksMax });
  if (!answer) return;
  if (!answer.ok) { refuse(answer.body); return; }
  if (answer.body.wishesKnown) showMatches(answer.body.matches);
  else follow(() => show("noWishes"));
}

// ---------------------------------------------------------------- picking

function pick({ vacancy }) {
  if (slip.picked.has(vacancy.id)) slip.picked.delete(vacancy.id);
  else if (slip.picked.size === picksMax) return screen.toast(fill(strings.intents.most, { n: picksMax }), true);
  else slip.picked.set(vacancy.id, vacancy);
  redrawPicks();
  if (stage.current !== "intents") return undefined;
  return slip.picked.size > 0 ? drawReview() : acts.back();
}

// Without a slip nobody is known who wants it; what was picked is kept until the slip is scanned.
function review() {
  page = 0;
  follow(slip.token === null ? () => show("needSlip") : showReview);
}

// ---------------------------------------------------------------- one consent for each employer

function showReview() {
  show("intents");
  drawReview();
}

function drawReview() {
  const text = slip.isWithdrawing ? strings.withdrawal : strings.intents;
  const all = [...slip.picked.values()];
  const pages = Math.max(1, Math.ceil(all.length / pageRows()));
  page = Math.min(page, pages - 1);
  byID("intents-title").textContent = text.title;
  byID("intents-hint").textContent = text.hint;
  byID("intents-send").textContent = fill(text.send, { n: all.length });
  screen.redraw(byID("intents-list"), all.slice(page * pageRows(), (page + 1) * pageRows()).map(reviewRow));
  drawPager("intents", page, pages);
}

function reviewRow(vacancy) {
  const row = element("div", "wanted");
  const what = element("p", "whatfor");
  what.append(element("b", "", vacancy.title), " ",
    element("span", "employer", vacancy.employer), " ",
    element("span", "at", vacancy.booth ? fill(strings.intents.booth, { booth: vacancy.booth }) : ""), " ",
    element("span", "at", vacancy.notUnder18 ? strings.card.adults : ""));
  const remove = element("button", "remove", strings.intents.remove);
  remove.type = "button";
  remove.dataset.go = "pick";
  remove.vacancy = vacancy;
  remove.setAttribute("aria-label", `${strings.intents.remove} ${vacancy.title}`);
  row.append(what, remove);
  if (!slip.isWithdrawing) {
    const consent = element("button", "consent", fill(strings.intents.consent, { employer: vacancy.employer }));
    consent.type = "button";
    consent.dataset.go = "passOn";
    consent.dataset.value = vacancy.employerId;
    consent.setAttribute("role", "checkbox");
    consent.setAttribute("aria-checked", String(slip.consents.has(vacancy.employerId)));
    row.append(consent);
  }
  return row;
}

function passOn({ dataset: { value } }) {
  if (!slip.consents.delete(value)) slip.consents.add(value);
  drawReview();
}

// ---------------------------------------------------------------- four digits, then one statement for each vacancy

// `act` is told when four are there.
function askDigits(act, problem = "") {
  const text = strings.digits;
  const done = () => (/^\d{3}[\dX]$/.test(slip.digits) ? act() : screen.showProblem("keypad-problem", text.invalid));
  showKeypad("digits", { ...flow.digitsQuestion(slip, text, "id"), done }, { problem });
}

function state() {
  const statements = [...slip.picked.values()].map((vacancy) => ({ vacancy, ids: newIDs(), answer: null }));
  ifProven(() => sendAll(statements));
}

// Asked once where this kiosk could tell that they are right; else with every batch, so that what was mistyped can be
// put right.
function ifProven(act) {
  if (slip.isProven) act();
  else follow(() => askDigits(act));
}

function settleDigits(states) {
  slip.isProven ||= states.some((each) => each === "recorded" || each === "nameOpen");
  if (!slip.isProven) slip.digits = "";
}

const newIDs = () => ({ recordId: newRecordID(), formKey: newFormKey() });

function statement({ vacancy, ids }) {
  return {
    ...ids, scanned: slip.token, digits: slip.digits, vacancyId: vacancy.id,
    passOnConsent: !slip.isWithdrawing && slip.consents.has(vacancy.employerId), withdrawn: slip.isWithdrawing,
  };
}

// One after the other; what is settled is not sent again. Digits that are wrong are wrong for all.
async function sendAll(statements) {
  for (const each of statements) {
    if (each.answer) continue;
    const answer = await send("/api/v1/intents", statement(each));
    if (!answer) return;
    if (answer.body.code === "record.conflict") {
      each.ids = newIDs();
      sendAll(statements);
      return;
    }
    if (answer.body.code === "slip.digitsWrong") {
      slip.digits = "";
      askDigits(() => sendAll(statements), answer.body.zh);
      return;
    }
    if (!answer.ok && !aboutOne.includes(answer.body.code)) {
      refuse(answer.body, answer.status >= 500 ? () => sendAll(statements) : null);
      return;
    }
    each.answer = answer;
  }
  settleDigits(statements.map(({ answer }) => answer.body.state));
  showOutcome(statements);
}

// What is wrong with one vacancy leaves the others alone.
const aboutOne = ["vacancy.notFound", "vacancy.unavailable", "intents.tooMany"];

// Said in the kiosk's words; the person can go back to what was picked.
function refuse(problem, again = null) {
  if (["slip.noIntents", "slip.digitsExhausted", "slip.clerkOnly"].includes(problem.code)) slip.digits = "";
  const isForTheDesk = problem.code === "slip.noIntents";
  say(isForTheDesk ? strings.intents.noIntents : problem.zh, again, strings.intents.refused);
}

// ---------------------------------------------------------------- taking back

// First what was stated here: a vacancy that is filled or withdrawn by now is on no other list.
function withdraw() {
  setPurpose(true);
  ifProven(listStated);
}

async function listStated() {
  const answer = await send("/api/v1/slip-intents", { scanned: slip.token, digits: slip.digits });
  if (!answer) return;
  if (answer.body.code === "slip.digitsWrong") {
    slip.digits = "";
    askDigits(listStated, answer.body.zh);
    return;
  }
  if (!answer.ok) { refuse(answer.body, answer.status >= 500 ? listStated : null); return; }
  const { digitsChecked, intents } = answer.body;
  // Another kiosk's slip: digits under which something was stated here are as good as any for taking it back.
  slip.isProven ||= digitsChecked || intents.length > 0;
  if (!slip.isProven) slip.digits = "";
  startTrail();
  follow(showSlip);
  showStated(intents.map(({ vacancyId, standing, vacancy }) => ({ standing, vacancy: vacancy ?? gone(vacancyId) })));
}

// The kiosk has no more of it than its id.
const gone = (id) => ({ id, title: strings.stated.gone, employer: "", employerId: "", booth: "", notUnder18: false });

// ---------------------------------------------------------------- what became of it

function showOutcome(statements) {
  const text = slip.isWithdrawing ? strings.withdrawal : strings.intents;
  const stated = statements.filter(({ answer }) => answer.ok);
  const inState = (name) => stated.filter(({ answer }) => answer.body.state === name);
  const passedOn = [...new Set(stated.filter(({ vacancy }) => slip.consents.has(vacancy.employerId))
    .map(({ vacancy }) => vacancy.employer))];
  // This kiosk does not know the age; headquarters does.
  const forAdults = stated.filter(({ vacancy }) => vacancy.notUnder18);
  const forAnyAge = stated.filter(({ vacancy }) => !vacancy.notUnder18);
  const lines = [
    ...(passedOn.length > 0 ? [fill(strings.outcome.passedOn, { employers: passedOn.join("、") })] : []),
    ...(inState("toBeChecked").length > 0 ? [strings.outcome.toBeChecked] : []),
    ...(slip.isWithdrawing ? [] : forAdults.map(({ vacancy: { title } }) => fill(strings.outcome.adults, { title }))),
    ...(inState("nameOpen").length > 0 ? [strings.outcome.nameOpen] : []),
    ...statements.filter(({ answer }) => !answer.ok).map(({ vacancy, answer }) => (
      fill(strings.outcome.refused, { title: vacancy.title, why: answer.body.zh }))),
  ];
  const booths = [...new Set(forAnyAge.map(({ vacancy }) => vacancy.booth).filter(Boolean))];
  slip.picked.clear();
  slip.consents.clear();
  startTrail();
  follow(showSlip);
  follow(() => {
    show("outcome");
    const isSettled = stated.every(({ answer }) => answer.body.state === "recorded");
    const done = fill(isSettled ? text.done : text.pending, { n: stated.length });
    byID("outcome-title").textContent = stated.length > 0 ? done : strings.outcome.none;
    byID("outcome-lines").replaceChildren(...lines.map((line) => element("p", "", line)));
    byID("outcome-booths").textContent = slip.isWithdrawing ? "" : booths.join("　");
    byID("outcome-where").hidden = slip.isWithdrawing || booths.length === 0;
  });
}

// ---------------------------------------------------------------- other wishes

function changeWishes() {
  const held = flow.newWishes();
  const ids = newIDs();
  follow(() => showWishes(held, {
    done: () => ifProven(() => sendWishes(held, ids)),
  }));
}

async function sendWishes(held, ids) {
  const wishes = flow.wishesBody(held) ?? {};
  const answer = await send("/api/v1/wishes", { ...ids, scanned: slip.token, digits: slip.digits, wishes });
  if (!answer) return;
  if (answer.body.code === "record.conflict") { sendWishes(held, newIDs()); return; }
  if (answer.body.code === "slip.digitsWrong") {
    slip.digits = "";
    askDigits(() => sendWishes(held, newIDs()), answer.body.zh);
    return;
  }
  if (!answer.ok) { refuse(answer.body, answer.status >= 500 ? () => sendWishes(held, ids) : null); return; }
  // Another kiosk's slip: its wishes are not here, but those just said are.
  slip.wishes = wishes;
  settleDigits([answer.body.state]);
  startTrail();
  follow(showSlip);
  match();
  screen.toast(strings.wishes.saved);
}

Object.assign(acts, {
  match,
  choose,
  withdraw,
  changeWishes,
  pick,
  review,
  passOn,
  state,
  intentsBefore: () => { page -= 1; drawReview(); },
  intentsAfter: () => { page += 1; drawReview(); },
  slipAgain: () => { startTrail(); follow(showSlip); },
});
