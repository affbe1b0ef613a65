// Draws what stands on the screen. Holds nothing about a person beyond the elements it fills, and empties them again.

const svg = "http://www.w3.org/2000/svg";

export const byID = (id) => document.getElementById(id);

export const strings = await (await fetch("/assets/strings.json", { cache: "no-store" })).json();

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(text, className, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// Puts new elements into a place; the keyboard stays on the button that was touched.
export function redraw(place, elements) {
  const told = (item) => JSON.stringify({ ...item.dataset });
  const held = place.contains(document.activeElement) ? told(document.activeElement) : null;
  place.replaceChildren(...elements);
  if (held === null) return;
  [...place.querySelectorAll("button")].find((item) => told(item) === held)?.focus({ preventScroll: true });
}

export function showScreen(name) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.dataset.screen !== name;
  document.body.dataset.screen = name;
}

export function showProblem(id, text) {
  byID(id).textContent = text ?? "";
}

const leads = new RegExp(strings.notice.leads);
const headings = new RegExp(strings.notice.headings);

// A notice by lines. What stands before the first colon says what the line is about; a heading is numbered in Chinese.
export function noticeLines(text) {
  // A telephone number is not broken at its hyphen.
  return text.replace(/(\d)-(?=\d)/g, "$1\u2011").split(/\n+/).filter(Boolean).map((line) => {
    const [, lead, rest] = leads.exec(line) ?? [];
    if (!lead) return element("p", headings.test(line) ? "heading" : "", line);
    const made = element("p");
    made.append(element("b", "", lead), element("span", "", rest));
    return made;
  });
}

// The quiet zone is four modules (ISO/IEC 18004, 6.3.8); one path of dark runs keeps edges sharp at every size.
export function drawCode(target, code) {
  const side = code.size + 8;
  let path = "";
  code.rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g)) path += `M${run.index + 4} ${y + 4}h${run[0].length}v1h-${run[0].length}z`;
  });
  const picture = document.createElementNS(svg, "svg");
  picture.setAttribute("viewBox", `0 0 ${side} ${side}`);
  picture.setAttribute("shape-rendering", "crispEdges");
  const ground = document.createElementNS(svg, "path");
  ground.setAttribute("d", `M0 0h${side}v${side}h-${side}z`);
  ground.setAttribute("fill", "#fff");
  const dark = document.createElementNS(svg, "path");
  dark.setAttribute("d", path);
  dark.setAttribute("fill", "#000");
  picture.append(ground, dark);
  target.replaceChildren(picture);
}

const layouts = {
  digits: ["123", "456", "789", "<0>"],
  id: ["123", "456", "789", "X0>"],
  letters: ["1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM>"],
};

// Groups a typed number as it stands on the card or is said aloud, with places still open shown as marks.
function grouped(value, mask) {
  const nodes = [];
  let index = 0;
  for (const length of mask.groups) {
    const part = element("span", "part");
    for (let place = 0; place < length; place += 1, index += 1) {
      const isNext = index === value.length;
      const look = index < value.length ? "on" : isNext ? "next" : "";
      part.append(element("i", look, value[index] ?? mask.marks?.[index] ?? ""));
    }
    nodes.push(part);
  }
  return nodes;
}

// A screen with large keys. `ask` says the title, the layout and the limits; `act` is told of every key.
export function drawKeypad(ask, value, act) {
  byID("keypad-title").textContent = ask.title;
  byID("keypad-hint").textContent = ask.hint;
  byID("keypad-skip").textContent = ask.skip ?? "";
  byID("keypad-skip").hidden = !ask.skip;
  byID("keypad-next").textContent = ask.next ?? strings.next;
  const keys = byID("keypad-keys");
  if (keys.dataset.layout !== ask.layout) {
    keys.dataset.layout = ask.layout;
    keys.replaceChildren(...layouts[ask.layout].map((row) => {
      const line = element("div", "line");
      line.append(...Array.from(row, makeKey));
      return line;
    }));
  }
  keys.onpointerdown = (event) => press(event, act);
  // A click without a pointer comes from a keyboard or a screen reader.
  keys.onclick = (event) => { if (event.detail === 0) press(event, act); };
  drawField(ask, value);
}

function makeKey(symbol) {
  const isDelete = symbol === ">";
  const isClear = symbol === "<";
  const label = isDelete ? strings.delete : isClear ? strings.clear : symbol;
  const key = element("button", isDelete || isClear ? "key wide" : "key", label);
  key.type = "button";
  key.dataset.key = isDelete ? "delete" : isClear ? "clear" : symbol;
  return key;
}

let lastPress = { key: "", at: 0 };

function press(event, act) {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (!key) return;
  event.preventDefault();
  const now = performance.now();
  // A worn or gloved touch bounces: the same key twice within 70 ms was one press.
  if (key === lastPress.key && now - lastPress.at < 70) return;
  lastPress = { key, at: now };
  act(key);
}

export function drawField(ask, value) {
  const field = byID("keypad-field");
  field.classList.toggle("long", value.length > 18);
  if (ask.mask) field.replaceChildren(...grouped(value, ask.mask(value)));
  else field.replaceChildren(element("span", "part free", value), element("i", "next", ""));
}

export function drawChoices(choices, chosen, act) {
  byID("keypad-choices").replaceChildren(...choices.map(([code, label]) => {
    const made = button(label, code === chosen ? "choice chosen" : "choice", () => act(code));
    made.dataset.choice = code;
    made.setAttribute("aria-pressed", String(code === chosen));
    return made;
  }));
}

export function drawGroups(groups, chosen, act) {
  redraw(byID("groups-list"), groups.map(({ code, label }) => {
    const made = button(label, "group", () => act(code));
    made.setAttribute("role", "checkbox");
    made.setAttribute("aria-checked", String(chosen.includes(code)));
    made.dataset.group = code;
    return made;
  }));
}

export function drawRows(rows, act) {
  byID("check-rows").replaceChildren(...rows.map(({ step, label, value, problems }) => {
    const row = element("button", problems ? "row wrong" : "row");
    row.type = "button";
    row.dataset.step = step;
    row.append(element("span", "what", label), element("b", "", value));
    row.append(element("span", "change", strings.check.change));
    if (problems) row.append(element("span", "problem", problems.join(" ")));
    row.addEventListener("click", () => act(step));
    return row;
  }));
}

export function drawSteps(now, all) {
  const list = byID("steps");
  list.hidden = all === 0;
  list.setAttribute("aria-label", fill(strings.step, { n: now, all }));
  list.replaceChildren(...Array.from({ length: all }, (_, index) => element("li", index < now ? "on" : "")));
}

let toastTimer = 0;

export function toast(text, isBad = false) {
  const place = byID("toast");
  place.textContent = text;
  place.classList.toggle("bad", isBad);
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; place.textContent = ""; }, 4000);
}

// Everything a person typed or was shown leaves the page.
export function empty() {
  for (const id of [
    "keypad-field", "keypad-choices", "groups-list", "check-rows", "result-code", "steps", "result-ticket",
    "result-name", "checkin-ticket", "checkin-name", "keypad-problem", "name-problem", "groups-problem",
    "wishes-problem", "tiles-problem", "check-problem", "trouble-title", "trouble-text", "toast", "whole-title",
    "whole-text",
  ]) byID(id).replaceChildren();
  byID("toast").hidden = true;
  const name = byID("name-field");
  name.value = "";
  name.blur();
  document.getSelection()?.removeAllRanges();
  byID("groups-consent").setAttribute("aria-checked", "false");
}
