// What a seeker hopes for and can do: eight questions, each answered with a touch or two, none of them needed.

import * as screen from "/assets/screens.js";
import { byID, strings } from "/assets/screens.js";
import { acts, onWipe, show, stage } from "/assets/stage.js";
import {
  askTiles, drawFields, formTiles, labelOf, loadLists, occupationTiles, payTiles, regionTiles,
} from "/assets/tiles.js";

// RegistrationRules.wishesMax takes more; three is what a slip has room to answer.
const occupationsMax = 3;
const placesMax = 3;
const skillsMax = 3;

let wishes = null;      // what is being answered

onWipe(() => { wishes = null; byID("wishes-fields").replaceChildren(); });

// `done` is what comes next; without it the registration goes on.
export async function showWishes(held, { canSkip = false, problem = "", done = null } = {}) {
  wishes = held;
  const draw = () => drawFields("wishes-fields", fields());
  show("wishes");
  stage.ask = done ? { done } : null;
  byID("wishes-skip").hidden = !canSkip;
  screen.showProblem("wishes-problem", problem);
  draw();
  const mine = stage.visit;
  await loadLists();
  if (mine === stage.visit && stage.current === "wishes") draw();
}

function fields() {
  const text = strings.wishes;
  const values = {
    occupations: wishes.occupations.map((code) => labelOf(occupationTiles(), code)).join("、"),
    lowestPay: wishes.lowestPay ? labelOf(payTiles(), String(wishes.lowestPay)) : "",
    places: wishes.places.map((code) => labelOf(placeTiles(), code)).join("、"),
    board: wishes.board ? text.boardNeeded : "",
    workForm: wishes.workForm ? strings.tiles.forms[wishes.workForm] : "",
    nightShifts: wishes.nightShifts === null ? "" : text.nights[String(wishes.nightShifts)],
    skills: wishes.skills.map((skill) => text.skillTiles[skill]).join("、"),
    travel: wishes.travel ? text.travelNeeded : "",
  };
  return Object.entries(values).map(([name, value]) => (
    { name, label: text[name], value: value || (text.unset[name] ?? strings.tiles.any), isSet: value !== "" }));
}

// In one line, for the screen that shows everything once more.
export function wishesText(held) {
  wishes = held;
  return fields().filter(({ isSet }) => isSet).map(({ value }) => value).join("，");
}

// The matcher knows the words too.
function placeTiles() {
  return [[strings.wishes.nearHome, strings.wishes.nearHome], ...regionTiles()];
}

export function askWish(name) {
  const text = strings.wishes;
  const any = ["", strings.tiles.any];
  const one = (options, chosen, answer) => askTiles({
    title: text.questions[name], options: [any, ...options], chosen: [chosen ?? ""], most: 1, answer,
  });
  switch (name) {
    case "occupations":
      return askTiles({
        title: text.questions.occupations, hint: text.upToThree, options: occupationTiles(),
        chosen: wishes.occupations, most: occupationsMax, answer: (codes) => { wishes.occupations = codes; },
      });
    case "places":
      return askTiles({
        title: text.questions.places, hint: text.upToThree, options: placeTiles(), chosen: wishes.places,
        most: placesMax, answer: (codes) => {
          wishes.places = codes;
          if (codes.includes(text.nearHome)) return () => askWish("home");
          wishes.home = "";
          return null;
        },
      });
    case "home":
      return askTiles({
        title: text.questions.home, options: [["", text.noHome], ...regionTiles()], chosen: [wishes.home], most: 1,
        answer: ([code]) => { wishes.home = code ?? ""; },
      });
    case "lowestPay":
      return one(payTiles(), wishes.lowestPay && String(wishes.lowestPay), ([yuan]) => {
        wishes.lowestPay = yuan ? Number(yuan) : null;
      });
    case "board":
      return one([["yes", text.boardNeeded]], wishes.board ? "yes" : "", ([code]) => {
        wishes.board = code === "yes";
      });
    // Found again in what employers ask for, word by word.
    case "skills":
      return askTiles({
        title: text.questions.skills, hint: text.upToThree, options: Object.entries(text.skillTiles),
        chosen: wishes.skills, most: skillsMax, answer: (skills) => { wishes.skills = skills; },
      });
    case "travel":
      return askTiles({
        title: text.questions.travel, hint: text.travelHint,
        options: [["", text.unset.travel], ["yes", text.travelNeeded]], chosen: [wishes.travel ? "yes" : ""], most: 1,
        answer: ([code]) => { wishes.travel = code === "yes"; },
      });
    case "workForm":
      return one(formTiles(), wishes.workForm, ([code]) => { wishes.workForm = code ?? ""; });
    default:
      return one(Object.entries(text.nights), String(wishes.nightShifts ?? ""), ([code]) => {
        wishes.nightShifts = code === undefined ? null : code === "true";
      });
  }
}

acts.field = ({ dataset: { value } }) => acts[`${stage.current}Field`]?.(value);
acts.wishesField = askWish;
