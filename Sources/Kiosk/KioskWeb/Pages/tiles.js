// Large tiles: a screen of several questions, and a screen that asks one of them, page by page.

import * as screen from "/assets/screens.js";
import { byID, element, fill, strings } from "/assets/screens.js";
import { acts, follow, onWipe, read, show } from "/assets/stage.js";

// So many are seen without searching: two columns of six, or four of three on a wide screen.
const pageTiles = 12;

let asked = null;       // the question on the screen
let page = 0;

onWipe(() => { asked = null; page = 0; });

// ---------------------------------------------------------------- what can be chosen

// The kiosk's own lists, as [code, words, number of vacancies]; the last good answer stays.
const lists = { occupations: [], regions: [] };

export async function loadLists() {
  const [occupations, regions] = await Promise.all([read("/api/v1/occupations"), read("/api/v1/regions")]);
  if (occupations) lists.occupations = occupations.occupations.map((each) => [each.code, each.label, each.vacancies]);
  if (regions) lists.regions = nearFirst(regions).map((each) => [each.code, each.name, each.vacancies]);
}

// Where the fair is, then the rest of its city, of its province, and what is farther.
function nearFirst({ fairRegion, regions }) {
  const shared = ({ code }) => [6, 4, 2].find((length) => code.slice(0, length) === fairRegion.slice(0, length)) ?? 0;
  return fairRegion ? [...regions].sort((one, other) => shared(other) - shared(one)) : regions;
}

export const occupationTiles = () => lists.occupations;
export const regionTiles = () => lists.regions;
// What leads to nothing need not be offered.
export const withVacancies = (tiles) => tiles.filter(([, , vacancies]) => vacancies > 0);
// Yuan a month; the steps of a wage people talk about.
export const payTiles = () => [3000, 4000, 5000, 6000, 7000, 8000, 10000].map((yuan) => (
  [String(yuan), fill(strings.tiles.payFrom, { n: yuan })]));
export const formTiles = () => Object.entries(strings.tiles.forms);

export function labelOf(tiles, code) {
  return tiles.find(([each]) => each === code)?.[1] ?? "";
}

// ---------------------------------------------------------------- one question

// `question`: title, hint, options as [code, words], chosen codes, most (how many at once), and `answer`, told of the
// codes. One is answered with one touch; several are confirmed.
export function askTiles(question) {
  const index = question.options.findIndex(([code]) => question.chosen.includes(code));
  page = question.most > 1 ? 0 : Math.floor(Math.max(0, index) / pageTiles);
  follow(() => {
    asked = { ...question, chosen: [...question.chosen] };
    show("tiles");
    draw();
  });
}

function draw(problem = "") {
  const pages = Math.max(1, Math.ceil(asked.options.length / pageTiles));
  byID("tiles-title").textContent = asked.title;
  byID("tiles-hint").textContent = asked.hint ?? "";
  screen.showProblem("tiles-problem", problem);
  const shown = asked.options.slice(page * pageTiles, (page + 1) * pageTiles);
  screen.redraw(byID("tiles-list"), shown.map(([code, words]) => tile(code, words)));
  drawPager("tiles", page, pages);
  byID("tiles-done").hidden = asked.most === 1;
}

function tile(code, words) {
  const isChosen = asked.chosen.includes(code);
  const made = element("button", "tile", words);
  made.type = "button";
  made.dataset.go = "tile";
  made.dataset.value = code;
  if (asked.most > 1) made.setAttribute("role", "checkbox");
  made.setAttribute(asked.most > 1 ? "aria-checked" : "aria-pressed", String(isChosen));
  return made;
}

function choose({ dataset: { value } }) {
  if (asked.most === 1) return settle([value]);
  if (asked.chosen.includes(value)) asked.chosen = asked.chosen.filter((code) => code !== value);
  else if (asked.chosen.length === asked.most) return draw(fill(strings.tiles.most, { n: asked.most }));
  else asked.chosen.push(value);
  return draw();
}

// An answer may lead to another question.
function settle(codes) {
  const another = asked.answer(codes.filter(Boolean));
  acts.back();
  another?.();
}

// ---------------------------------------------------------------- several questions

// `fields`: name, label, value in words, and whether it is set.
export function drawFields(id, fields) {
  byID(id).replaceChildren(...fields.map(({ name, label, value, isSet }) => {
    const made = element("button", isSet ? "choose set" : "choose");
    made.type = "button";
    made.dataset.go = "field";
    made.dataset.value = name;
    made.append(element("b", "", label), " ", element("small", "", value));
    return made;
  }));
}

// ---------------------------------------------------------------- pages

// The two buttons of a screen with pages, and where one is.
export function drawPager(name, now, pages) {
  byID(`${name}-pager`).hidden = pages < 2;
  byID(`${name}-page`).textContent = fill(strings.tiles.page, { n: now + 1, all: pages });
  byID(`${name}-before`).disabled = now === 0;
  byID(`${name}-after`).disabled = now >= pages - 1;
}

Object.assign(acts, {
  tile: choose,
  tilesDone: () => settle(asked.chosen),
  tilesBefore: () => { page -= 1; draw(); },
  tilesAfter: () => { page += 1; draw(); },
});
