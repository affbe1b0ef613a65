// The screen with large keys: one number at a time, typed with a finger or on a keyboard.

import * as screen from "/assets/screens.js";
import { byID } from "/assets/screens.js";
import { show, stage } from "/assets/stage.js";

// `ask` says title, layout, limits, where the answer is kept and, where it is not the registration's, what comes next.
export function showKeypad(step, ask, { problem = "", choices = [], chosen = null, choose = () => {} } = {}) {
  show("keypad", step);
  stage.ask = ask;
  screen.drawKeypad(ask, ask.get(), pressKey);
  screen.showProblem("keypad-problem", problem);
  screen.drawChoices(choices, chosen, choose);
}

// X stands for ten and only as the last of a number (GB 11643-1999).
function isEarlyX(ask, key, value) {
  return key === "X" && ask.layout === "id" && value.length !== ask.max - 1;
}

export function pressKey(key) {
  if (document.body.dataset.screen !== "keypad" || !byID("idle").hidden) return;
  const ask = stage.ask;
  const value = ask.get();
  if (key === "delete") ask.set(value.slice(0, -1));
  else if (key === "clear") ask.set("");
  else if (ask.keys.test(key) && value.length < ask.max && !isEarlyX(ask, key, value)) ask.set(value + key);
  screen.drawField(ask, ask.get());
  screen.showProblem("keypad-problem", "");
}
