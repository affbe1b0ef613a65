// Browsing: what is looked for, the cards that are found, one vacancy with all it says, its slip.

import { newRecordID } from "/assets/requests.js";
import * as screen from "/assets/screens.js";
import { byID, element, fill, strings } from "/assets/screens.js";
import {
  acts, comeBack, follow, lay, look, onWipe, read, say, send, show, stage, unfollow,
} from "/assets/stage.js";
import {
  askTiles, drawFields, drawPager, formTiles, labelOf, loadLists, occupationTiles, payTiles, regionTiles, withVacancies,
} from "/assets/tiles.js";

// Of one page: what stands on the screen without scrolling.
const pageCards = () => (matchMedia("(min-aspect-ratio: 1/1)").matches || list.isMatches ? 3 : 4);

// How often the kiosk may say in a row that it knows of no such print job.
const missesMax = 3;

let filters = null;     // what is looked for
let turn = 0;           // whose employers begin among equals: the same from page to page
let list = null;        // what is listed: title, note, from, and the cards of the page that is shown
let shown = null;       // the vacancy that is shown whole
let printed = new Map(); // slips asked for, by vacancy: "printing" or "printed"
let asking = 0;         // grows with every question: a late answer to an earlier one is dropped

// What one can do with a vacancy; set by the intents.
export const picking = { isPicked: () => false, label: () => "", count: () => 0 };

onWipe(() => {
  filters = null;
  list = null;
  shown = null;
  printed = new Map();
  asking += 1;
  byID("search-field").value = "";
  for (const id of [
    "browse-fields", "browse-count", "list-cards", "list-title", "list-note", "list-page", "list-picked",
    "vacancy-title", "vacancy-employer", "vacancy-booth", "vacancy-facts", "vacancy-pick", "vacancy-picked",
    "tiles-list", "tiles-title", "tiles-hint",
  ]) {
    byID(id).replaceChildren();
  }
});

// ---------------------------------------------------------------- what is looked for

const noFilters = () => ({ occupation: "", region: "", lowestPay: "", meals: "", workForm: "", word: "" });

function query(offset, limit) {
  const asked = new URLSearchParams({ turn, offset, limit });
  if (filters.word) asked.set("q", filters.word);
  for (const name of ["occupation", "region", "lowestPay", "workForm"]) {
    if (filters[name]) asked.set(name, filters[name]);
  }
  if (filters.meals.includes("board")) asked.set("board", "true");
  if (filters.meals.includes("lodging")) asked.set("lodging", "true");
  return `/api/v1/vacancies?${asked}`;
}

function begin() {
  filters = noFilters();
  turn = crypto.getRandomValues(new Uint16Array(1))[0];
}

export function browse() {
  begin();
  follow(drawBrowse);
}

async function drawBrowse() {
  show("browse");
  const draw = () => drawFields("browse-fields", browseFields());
  draw();
  byID("browse-count").textContent = strings.browse.look;
  const mine = (asking += 1);
  const [found] = await Promise.all([read(query(0, 1)), loadLists()]);
  if (mine !== asking || stage.current !== "browse") return;
  draw();
  if (!found) return;
  const text = found.total === 0 ? strings.browse.none : strings.browse.show;
  byID("browse-count").textContent = fill(text, { n: found.total });
}

function browseFields() {
  const text = strings.browse;
  const values = {
    occupation: labelOf(occupationTiles(), filters.occupation), region: labelOf(regionTiles(), filters.region),
    lowestPay: labelOf(payTiles(), filters.lowestPay), meals: text.meals[filters.meals] ?? "",
    workForm: strings.tiles.forms[filters.workForm] ?? "", word: filters.word,
  };
  return Object.entries(values).map(([name, value]) => (
    { name, label: text.fields[name], value: value || (name === "word" ? text.noWord : strings.tiles.any),
      isSet: value !== "" }));
}

function askFilter(name) {
  if (name === "word") return follow(showSearch);
  const options = {
    occupation: () => withVacancies(occupationTiles()), region: () => withVacancies(regionTiles()),
    lowestPay: payTiles, meals: () => Object.entries(strings.browse.meals), workForm: formTiles,
  }[name]();
  return askTiles({
    title: strings.browse.questions[name], options: [["", strings.tiles.any], ...options], chosen: [filters[name]],
    most: 1, answer: ([code]) => { filters[name] = code ?? ""; },
  });
}

// ---------------------------------------------------------------- a word

function showSearch() {
  show("search");
  stage.ask = { done: search };
  byID("search-field").value = filters.word;
  byID("search-words").replaceChildren(...strings.search.words.map((word) => {
    const made = element("button", "choice", word);
    made.type = "button";
    made.dataset.go = "word";
    made.dataset.value = word;
    return made;
  }));
}

function search() {
  filters.word = byID("search-field").value.trim();
  acts.back();
}

// ---------------------------------------------------------------- cards

function showFound() {
  list = {
    title: strings.list.title, note: "", isMatches: false, offset: 0,
    page: async (offset, limit) => {
      const answer = await look(query(offset, limit));
      if (!answer?.ok) return { problem: answer?.body?.zh ?? strings.banner.offline };
      return { total: answer.body.total, items: answer.body.vacancies.map((vacancy) => ({ vacancy })) };
    },
  };
  follow(backToList(list));
}

// Everything there is, in turn and not by anybody's wishes.
function showAll() {
  begin();
  lay(drawBrowse);
  showFound();
}

// What fits a slip best: `matches` as the kiosk answered.
export function showMatches(matches) {
  const isRelaxed = matches.some(({ relaxed }) => relaxed.length > 0);
  list = {
    title: strings.list.matches, note: isRelaxed ? strings.list.relaxedNote : strings.list.matchesNote, isMatches: true,
    offset: 0,
    page: async (offset, limit) => ({ total: matches.length, items: matches.slice(offset, offset + limit) }),
  };
  follow(backToList(list));
}

// What a slip has stated at this kiosk and may take back, with what has become of each. What it stated elsewhere has to
// be looked for.
export function showStated(intents) {
  const text = strings.stated;
  list = {
    title: text.title, note: intents.length > 0 ? text.note : text.none, isMatches: false, isStated: true, offset: 0,
    page: async (offset, limit) => ({ total: intents.length, items: intents.slice(offset, offset + limit) }),
  };
  follow(backToList(list));
}

function backToList(mine) {
  return () => { list = mine; return drawList(); };
}

async function drawList() {
  const mine = (asking += 1);
  const from = stage.current;
  const limit = pageCards();
  const found = await list.page(list.offset, limit);
  if (mine !== asking || stage.current !== from) return;
  if (found.problem) {
    const failed = list;
    unfollow();
    say(found.problem, () => follow(backToList(failed)));
    return;
  }
  show("list");
  byID("list-title").textContent = list.isMatches ? list.title : fill(list.title, { n: found.total });
  byID("list-note").textContent = found.total === 0 && !list.isStated ? strings.list.nothing : list.note;
  byID("list-all").hidden = !(list.isMatches || list.isStated || found.total === 0);
  byID("list-all").textContent = list.isStated ? strings.stated.others : strings.list.all;
  byID("list-all").dataset.go = list.isStated ? "browse" : "all";
  byID("list-cards").classList.toggle("matches", list.isMatches);
  byID("list-cards").replaceChildren(...found.items.map(card));
  drawPager("list", Math.floor(list.offset / limit), Math.max(1, Math.ceil(found.total / limit)));
  drawPicked();
}

function drawPicked() {
  for (const id of ["list-picked", "vacancy-picked"]) {
    byID(id).hidden = picking.count() === 0;
    byID(id).textContent = fill(strings.list.picked, { n: picking.count() });
  }
}

const headcount = (vacancy) => (vacancy.headcount === null ? strings.card.some : fill(strings.card.people, {
  n: vacancy.headcount }));

// The four facts a worker asks for first, in the employer's words.
function facts(vacancy) {
  const text = strings.card;
  return [[text.pay, vacancy.pay], [text.meals, vacancy.boardAndLodging], [text.insurance, vacancy.insurance],
    [text.hours, vacancy.hours]].map(([label, value]) => [label, value || text.ask]);
}

function pairs(className, all) {
  const made = element("span", className);
  made.append(...all.map(([label, value]) => {
    const line = element("span", "fact");
    line.append(element("span", "what", label), " ", element("span", "value", value));
    return line;
  }));
  return made;
}

function card({ vacancy, reasons = [], relaxed = [], standing = "open" }) {
  const made = element("div", picking.isPicked(vacancy.id) ? "vacancy picked" : "vacancy");
  // What is closed has nothing more to say than that.
  const isOpen = standing === "open";
  const open = element(isOpen ? "button" : "div", "open");
  if (isOpen) {
    open.type = "button";
    open.dataset.go = "open";
    open.vacancy = vacancy;
  }
  const head = element("span", "head");
  head.append(element("b", "", vacancy.title), " ", element("span", "employer", vacancy.employer), " ",
    element("span", "people", isOpen ? headcount(vacancy) : ""));
  if (vacancy.notUnder18) head.append(" ", element("span", "adults", strings.card.adults));
  const booth = element("span", "booth");
  booth.append(element("span", "", strings.card.booth), " ", element("b", "", vacancy.booth || strings.card.noBooth));
  open.append(head, " ", isOpen ? pairs("facts", facts(vacancy)) : closed(standing), " ", booth);
  if (reasons.length > 0) open.append(" ", why(reasons, relaxed));
  made.append(open);
  made.append(pickButton(vacancy, "pick"));
  return made;
}

function closed(standing) {
  const made = element("span", "facts");
  made.append(element("span", "closed", strings.stated[standing]));
  return made;
}

// Why it is there; what it does not keep is not hidden.
function why(reasons, relaxed) {
  const made = element("span", relaxed.length > 0 ? "why relaxed" : "why");
  const all = element("span", "reasons");
  // Lines break between reasons only.
  all.append(...reasons.flatMap((reason, index) => [index > 0 ? " · " : "", element("span", "reason", reason)]));
  made.append(element("span", "", relaxed.length > 0 ? strings.list.relaxed : strings.list.fits), " ", all);
  return made;
}

function pickButton(vacancy, className) {
  const made = element("button", className, picking.label());
  made.type = "button";
  made.dataset.go = "pick";
  made.vacancy = vacancy;
  made.setAttribute("role", "checkbox");
  made.setAttribute("aria-checked", String(picking.isPicked(vacancy.id)));
  made.setAttribute("aria-label", `${picking.label()} ${vacancy.title}`);
  return made;
}

// What was picked is seen at once, without the list being asked for again.
export function redrawPicks() {
  for (const made of document.querySelectorAll('[data-go="pick"]')) {
    const isPicked = picking.isPicked(made.vacancy.id);
    made.setAttribute("aria-checked", String(isPicked));
    made.closest(".vacancy")?.classList.toggle("picked", isPicked);
  }
  drawPicked();
}

// ---------------------------------------------------------------- one vacancy

function open({ vacancy }) {
  follow(() => {
    shown = vacancy;
    drawVacancy();
  });
}

function drawVacancy() {
  const text = strings.vacancy;
  show("vacancy");
  byID("vacancy-title").textContent = shown.title;
  byID("vacancy-employer").textContent = shown.employer;
  byID("vacancy-booth").textContent = shown.booth || strings.card.noBooth;
  const place = shown.place.includes(shown.regionName) ? shown.place : `${shown.regionName} ${shown.place}`;
  const rows = [...facts(shown), [text.people, headcount(shown)], [text.place, place.trim() || strings.card.ask],
    [text.form, strings.tiles.forms[shown.workForm]], [text.requirements, shown.requirements],
    [text.age, shown.notUnder18 ? strings.card.adults : ""]];
  byID("vacancy-facts").replaceChildren(...rows.filter(([, value]) => value).flatMap(([label, value]) => (
    [element("dt", "", label), element("dd", "", value)])));
  byID("vacancy-pick").replaceChildren(pickButton(shown, "pick wide"));
  drawPrinted();
  drawPicked();
}

function drawPrinted() {
  const state = printed.get(shown.id);
  byID("vacancy-print").disabled = state !== undefined;
  byID("vacancy-print").textContent = strings.vacancy[state ?? "print"];
}

// Once for each vacancy and visit, unless it failed: paper is short, and a second touch is none.
async function print() {
  const vacancy = shown;
  const recordId = newRecordID();
  const answer = await send("/api/v1/vacancy-slips", { recordId, vacancyId: vacancy.id });
  if (!answer) return;
  if (!answer.ok) { say(answer.body.zh); return; }
  printed.set(vacancy.id, "printing");
  comeBack();
  watchPrinting(recordId, vacancy);
}

// Nobody is sent for paper before it is there. A kiosk that has lost the job, asked three times, will not print it.
async function watchPrinting(recordId, vacancy) {
  const mine = stage.visit;
  let misses = 0;
  while (mine === stage.visit) {
    const answer = await look(`/api/v1/vacancy-slips/${recordId}/print-state`);
    if (mine !== stage.visit) return;
    const state = answer?.ok ? answer.body.state : null;
    misses = answer?.status === 404 ? misses + 1 : 0;
    const hasFailed = state === "failed" || state === "unknown" || misses === missesMax;
    if (hasFailed) printed.delete(vacancy.id);
    if (state === "printed") printed.set(vacancy.id, "printed");
    if (hasFailed || state === "printed") {
      if (stage.current === "vacancy") drawPrinted();
      screen.toast(hasFailed ? strings.vacancy.notPrinted : strings.vacancy.take, hasFailed);
      return;
    }
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

function turnPage(by) {
  list.offset = Math.max(0, list.offset + by * pageCards());
  drawList();
}

Object.assign(acts, {
  browse,
  browseField: askFilter,
  find: showFound,
  all: showAll,
  word: ({ dataset: { value } }) => { byID("search-field").value = value; search(); },
  searchClear: () => { byID("search-field").value = ""; search(); },
  listBefore: () => turnPage(-1),
  listAfter: () => turnPage(1),
  open,
  print,
});
