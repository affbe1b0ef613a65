// The stage: which screen is shown, when it ends by itself, how one goes back, and that everything is wiped.

import { get, post } from "/assets/requests.js";
import * as screen from "/assets/screens.js";
import { byID, strings } from "/assets/screens.js";
import { refresh } from "/assets/status.js";

// A finger that taps twice must not answer the next question too.
export const settleMilliseconds = 350;

export const stage = {
  current: "home",      // the step that is shown; several steps share the screen with the large keys
  visit: 0,             // grows with every wipe: answers of an earlier visit are dropped
  shownAt: 0,
  endsAt: 0,            // when a screen that ends by itself ends; 0: it does not
  retry: null,
  ask: null,            // what the screen asks and, in `done`, what comes next
  progress: () => [0, 0],
  isAnswering: () => false,
};

// What `data-go` of a button leads to; each module adds its own. Told of the button.
export const acts = {};

// Screens entered one after the other, the newest last; each is drawn again by its function.
let trail = [];
const wipes = [screen.empty];

export const seconds = () => performance.now() / 1000;

// No way out is offered where nothing is begun, or where a request is under way.
const withoutQuit = ["home", "entry", "checkIn", "result", "checking", "trouble"];

export function show(name, step = name) {
  stage.current = step;
  stage.shownAt = performance.now();
  stage.endsAt = 0;
  stage.ask = null;
  screen.showScreen(name);
  byID("quit").hidden = withoutQuit.includes(step);
  screen.drawSteps(...stage.progress(step));
  // Keyboard and screen reader go on from the question that is new.
  const section = document.querySelector(`main > section[data-screen="${name}"]`);
  (section.querySelector("input") ?? section.querySelector("h1")).focus({ preventScroll: true });
}

export function endAfter(length) {
  stage.endsAt = seconds() + length;
}

// ---------------------------------------------------------------- back and forth

export function follow(draw) {
  trail.push(draw);
  return draw();
}

// A screen that stands between here and the next, without being drawn.
export function lay(draw) {
  trail.push(draw);
}

// The newest screen could not be drawn: back leads to the one before it.
export function unfollow() {
  trail.pop();
}

// The screen before, or false where this was the first.
export function goBack() {
  trail.pop();
  const before = trail.at(-1);
  if (!before) return false;
  before();
  return true;
}

// The screen that was left for a message or a request.
export function comeBack() {
  const last = trail.at(-1);
  if (!last) return false;
  last();
  return true;
}

export function hasTrail() {
  return trail.length > 0;
}

export function startTrail() {
  trail = [];
}

// ---------------------------------------------------------------- nothing of a person stays

// `act` is called whenever somebody's visit ends.
export function onWipe(act) {
  wipes.push(act);
}

// Neither in variables nor in the page.
export function wipe() {
  stage.visit += 1;
  stage.retry = null;
  trail = [];
  askIfThere(false);
  for (const act of wipes) act();
  show("home");
  refresh();
}

// The question whether anybody is there takes the keyboard, and gives it back.
export function askIfThere(isAsking) {
  if (byID("idle").hidden === !isAsking) return;
  byID("idle").hidden = !isAsking;
  for (const place of document.querySelectorAll("main, footer")) place.inert = isAsking;
  if (isAsking) byID("idle-stay").focus({ preventScroll: true });
  else document.querySelector("main > section:not([hidden]) input")?.focus({ preventScroll: true });
}

// ---------------------------------------------------------------- what is said, what the kiosk is asked

export function say(text, canRetry = null, title = strings.trouble.title, retryLabel = strings.trouble.retry) {
  byID("trouble-title").textContent = title;
  byID("trouble-text").textContent = text;
  byID("trouble-retry").hidden = !canRetry;
  byID("trouble-retry").textContent = retryLabel;
  byID("trouble-back").hidden = !stage.isAnswering();
  stage.retry = canRetry;
  show("trouble");
}

export function showChecking() {
  byID("checking-hint").textContent = strings.checking.hint;
  show("checking");
}

function waiting(milliseconds) {
  if (stage.current !== "checking") showChecking();
  if (milliseconds > 15_000) byID("checking-hint").textContent = strings.checking.long;
}

// Nothing can be touched meanwhile: a second tap would be a second entry, and the answer would come over the screen of
// whoever had gone on. Resolves to null when nobody waits any more.
export async function send(path, body, isQuiet = false) {
  const mine = stage.visit;
  if (!isQuiet) showChecking();
  const answer = await post(path, body, {
    waiting: isQuiet ? undefined : waiting, isWanted: () => mine === stage.visit,
  });
  if (answer === null && mine === stage.visit && !isQuiet) wipe();
  return mine === stage.visit ? answer : null;
}

// What is public, with its status; null while the kiosk does not answer, and when the person has left.
export async function look(path) {
  const mine = stage.visit;
  try {
    const answer = await get(path);
    return mine === stage.visit ? answer : null;
  } catch {
    return null;
  }
}

// The same in the kiosk's words; null also where it refuses.
export async function read(path) {
  const answer = await look(path);
  return answer?.ok ? answer.body : null;
}
