"""The kiosk's page as a person meets it in a test: touched, typed at, scanned at, looked at, measured."""

import json
import os
import subprocess
import sys
import time

from testbed import REPOSITORY, wait_until

# The page ignores presses within 350 ms of a new screen: a finger that taps twice must not answer the next question.
SETTLE_SECONDS = 0.4
WAIT_SECONDS = 20

# Runs before the page's own code: a clock that can be moved ahead, POSTs that can be tampered with, a record of them,
# GETs that can be refused.
PREPARATION = """
(() => {
  const now = performance.now.bind(performance), fetched = window.fetch.bind(window);
  let ahead = 0;
  performance.now = () => now() + ahead;
  window.test = {
    ahead: (seconds) => { ahead += seconds * 1000; }, calls: [], lose: 0, ids: null, isHeld: false, refusal: null,
  };
  window.fetch = async (path, options = {}) => {
    const { refusal } = window.test;
    if (options.method !== "POST" && refusal && path.startsWith(refusal.path)) {
      return new Response(JSON.stringify({ zh: refusal.zh }), {
        status: refusal.status, headers: { "content-type": "application/problem+json" } });
    }
    if (options.method !== "POST") return fetched(path, options);
    if (window.test.ids) {
      options = { ...options, body: JSON.stringify({ ...JSON.parse(options.body), ...window.test.ids }) };
      window.test.ids = null;
    }
    const call = { path, body: options.body, status: 0, answer: "" };
    window.test.calls.push(call);
    if (window.test.lose > 0) {
      window.test.lose -= 1;
      // The kiosk got the last of them and its answer was lost: the worst case.
      if (window.test.lose === 0) await fetched(path, options);
      throw new TypeError("network");
    }
    const answer = await fetched(path, options);
    // A commit that takes its time.
    while (window.test.isHeld) await new Promise((resume) => setTimeout(resume, 20));
    call.status = answer.status;
    call.answer = await answer.clone().text();
    return answer;
  };
})();
"""

# Everything a screen must keep, measured: sizes in CSS pixels, contrast as WCAG 2.2 defines it (1.4.6: 7 to 1).
MEASURE = """
const wrong = [];
const parse = (text) => {
  const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\\d.]+/g) ?? []).map(Number);
  return [r, g, b, a];
};
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const light = (color) => {
  const [r, g, b] = color.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (place) => {
  const layers = [];
  for (let item = place; item; item = item.parentElement) {
    layers.push(parse(getComputedStyle(item).backgroundColor));
    if (layers.at(-1)[3] === 1) break;
  }
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
};
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const isSeen = (item) => item.checkVisibility({ visibilityProperty: true }) && !item.closest("[inert]");
let least = 99, smallest = 999, letters = 0;
const judge = (item, text, style) => {
  const found = ratio(over(parse(style.color), ground(item)), ground(item));
  least = Math.min(least, found);
  if (found < 7) wrong.push(`contrast ${found.toFixed(2)} of ${text}`);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const item = walker.currentNode.parentElement, text = walker.currentNode.data.trim().slice(0, 12);
  if (!text || !isSeen(item) || item.closest("script, noscript, :disabled")) continue;
  letters += text.length;
  judge(item, text, getComputedStyle(item));
  if (item.closest(".demonstration")) continue;
  const size = parseFloat(getComputedStyle(item).fontSize);
  smallest = Math.min(smallest, size);
  if (size < 24) wrong.push(`${text} is ${size} px`);
}
for (const item of document.querySelectorAll("button, input, h1, p, b, .field, .card")) {
  if (!isSeen(item)) continue;
  const box = item.getBoundingClientRect(), name = (item.innerText || item.getAttribute("aria-label") || "").trim();
  const label = `${item.tagName} ${item.id} ${name.slice(0, 12)}`;
  if (box.width === 0) continue;
  const scrolled = item.closest(".sheet, .groups, .rows");
  if (!scrolled && (box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || box.top < -1 || box.left < -1))
    wrong.push(`${label} hangs over the edge`);
  if (item.scrollWidth > item.clientWidth + 2 && item.clientWidth > 0) wrong.push(`${label} is cut off`);
  if (item.matches("button, input")) {
    if (!name) wrong.push(`${label} has no name`);
    if (box.height < 95.5) wrong.push(`${label} is ${Math.round(box.height)} px high`);
  }
  if (item.matches("button") && item.type !== "button") wrong.push(`${label} is of type ${item.type}`);
  if (item.matches("input")) judge(item, "placeholder", getComputedStyle(item, "::placeholder"));
}
const large = "main .actions > button, #keypad-keys, .question, .tile, .choose, .vacancy, .wanted";
for (const item of document.querySelectorAll(large)) {
  if (!isSeen(item)) continue;
  const box = item.getBoundingClientRect();
  for (const other of document.querySelectorAll(large)) {
    const o = other.getBoundingClientRect();
    if (other === item || !isSeen(other) || item.contains(other) || other.contains(item)) continue;
    if (box.left < o.right - 1 && o.left < box.right - 1 && box.top < o.bottom - 1 && o.top < box.bottom - 1)
      wrong.push(`${item.id || item.className} lies over ${other.id || other.className}`);
  }
}
if (document.documentElement.lang !== "zh-Hans") wrong.push("the page does not say its language");
if (!document.title) wrong.push("the page has no title");
if ([...document.querySelectorAll("main > section")].filter(isSeen).some((s) => s.querySelectorAll("h1").length !== 1))
  wrong.push("a screen has one heading");
for (const item of document.querySelectorAll("[onclick], [data-go]:not(button), [role=button]"))
  wrong.push(`${item.tagName} plays a button`);
const ids = [...document.querySelectorAll("[id]")].map((item) => item.id);
if (new Set(ids).size !== ids.length) wrong.push("an id is there twice");
return { wrong, least, smallest, letters };
"""


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    print(f"ok    {statement}", flush=True)


class KioskPage:
    def __init__(self, browser, address, pictures, label):
        self.browser, self.address, self.pictures, self.label = browser, address, pictures, label
        self.count, self.least_contrast, self.smallest_text, self.wrong = 0, 99, 999, []
        browser.run_before_every_page(PREPARATION)

    def open(self):
        self.browser.open(self.address + "/")
        self.wait_until_ready()

    def wait_until_ready(self):
        self._wait("the page is ready", lambda: self.browser.script(
            "return document.body?.dataset.ready === 'yes' && !document.getElementById('go-register').disabled"))
        time.sleep(SETTLE_SECONDS)

    def screen(self):
        return self.browser.script("return document.body.dataset.screen")

    def _wait(self, what, condition):
        try:
            wait_until(what, WAIT_SECONDS, condition)
        except TimeoutError as error:
            self.browser.screenshot(os.path.join(self.pictures, "failure.png"))
            text = self.browser.text("body")[:400]
            raise SystemExit(f"FALSE {error}; the screen is {self.screen()}: {text}") from None

    def wait_for(self, name):
        self._wait(f"screen {name}", lambda: self.screen() == name)
        time.sleep(SETTLE_SECONDS)

    def wait_for_seen(self, selector):
        self._wait(f"{selector} is seen", lambda: self.is_seen(selector))

    def is_seen(self, selector):
        return self.browser.script(
            "const item = document.querySelector(arguments[0]);"
            "return !!item?.checkVisibility() && item.innerText !== ''", selector)

    def picture(self, name):
        """A screenshot, and everything on it measured."""
        self.count += 1
        path = os.path.join(self.pictures, f"{self.label}-{self.count:02}-{name}.png")
        time.sleep(0.2)
        self.browser.screenshot(path)
        found = self.browser.script(MEASURE)
        self.least_contrast = min(self.least_contrast, found["least"])
        self.smallest_text = min(self.smallest_text, found["smallest"])
        self.wrong += [f"{name}: {what}" for what in found["wrong"]]
        return path

    def go(self, action):
        """Touches what leads on from the screen that is shown."""
        self.browser.tap(f'section[data-screen="{self.screen()}"] [data-go="{action}"]')
        time.sleep(SETTLE_SECONDS)

    def tap(self, selector):
        self.browser.tap(selector)
        time.sleep(SETTLE_SECONDS)

    def choose(self, value, action="tile"):
        """Touches the tile, field or word of this value on the screen that is shown."""
        self.tap(f'section[data-screen="{self.screen()}"] [data-go="{action}"][data-value="{value}"]')

    def texts(self, selector):
        return self.browser.script(
            "return [...document.querySelectorAll(arguments[0])].filter((item) => item.checkVisibility())"
            ".map((item) => item.innerText)", selector)

    def keys(self, text):
        for character in text:
            self.browser.tap(f'#keypad-keys [data-key="{character}"]')

    def typed(self):
        return self.browser.script("return document.getElementById('keypad-field').innerText.replace(/\\s/g, '')")

    def scan(self, text):
        """As a keyboard-wedge scanner types: each key right after the one before, then Enter."""
        self.browser.press(*text, "Enter")

    def ahead(self, seconds):
        self.browser.script("window.test.ahead(arguments[0])", seconds)

    def test(self, name, value):
        """Sets what PREPARATION does with the next POST, or with GETs."""
        self.browser.script("window.test[arguments[0]] = arguments[1]", name, value)

    def calls(self, path):
        made = self.browser.script("return window.test.calls")
        return [{**call, "body": json.loads(call["body"])} for call in made if call["path"] == path]

    def call_count(self):
        return self.browser.script("return window.test.calls.length")

    def holds(self, *values):
        """Which of these can still be read or found in the page."""
        everything = self.browser.text() + self.browser.script("""
            return document.documentElement.outerHTML + location.href + document.cookie
              + JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])""")
        return [value for value in values if value in everything]


def read_code(picture):
    """What zbarimg and ZXing both read from a picture."""
    done = subprocess.run(
        [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "read-slip.py"), picture],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"FALSE a code can be read from {picture}: {done.stderr.strip()}")
    return done.stdout.strip()
