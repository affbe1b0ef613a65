#!/usr/bin/env python3
"""Plays people at the kiosk's page in headless Chromium: touches, types, scans, goes back, walks away.

    drive-kiosk-page.py --base http://127.0.0.1:7180 --screenshots FOLDER [--size 1080x1920] [--fake-desk]

Exits 0 when everything was as it must be; else says what was not, and leaves failure.png in the folder. Needs chromium,
chromedriver and python3-selenium. Time is not waited for: performance.now() of the page is moved ahead, which no code
of the page knows of. With --fake-desk the desk behind the page is that of KioskWebTests: any slip of the right shape is
taken. Without it --scan gives the address of a real slip; without --scan that part is left out.
"""

import argparse
import json
import os
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
WAIT_SECONDS = 15

# Runs before the page's own code: a clock that can be moved, requests that can be held up, and a record of them.
PREPARATION = """
(() => {
  const now = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => now() + ahead;
  window.testAhead = (seconds) => { ahead += seconds * 1000; };
  window.testRequests = [];
  window.testBroken = 0;
  window.testStatus = [];
  const real = window.fetch.bind(window);
  window.fetch = async (path, options) => {
    if (options?.method === "POST") {
      window.testRequests.push([path, options.body]);
      if (window.testBroken > 0) {
        window.testBroken -= 1;
        // The kiosk got it, the answer was lost: the worst case.
        if (window.testBroken === 0) await real(path, options);
        throw new TypeError("network");
      }
      if (window.testConflict) {
        const body = JSON.parse(options.body);
        const kept = window.testConflict;
        window.testConflict = null;
        return real(path, { ...options, body: JSON.stringify({ ...body, recordId: kept }) });
      }
    }
    return real(path, options);
  };
})();
"""


class Wrong(Exception):
    """Something was not as it must be."""


def resident_number(first17):
    return first17 + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS)) % 11]


class Page:
    def __init__(self, base, folder, size):
        self.base, self.folder, self.name = base, folder, size
        width, height = (int(part) for part in size.split("x"))
        options = webdriver.ChromeOptions()
        for argument in [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
            f"--window-size={width},{height}", "--lang=zh-CN",
        ]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(executable_path=os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": PREPARATION})
        self.pictures = 0
        self.said = []

    def open(self):
        self.driver.get(self.base + "/")
        self.until(lambda: self.script("return document.body.dataset.ready") == "yes", "the page starts")
        self.until(lambda: self.find("#go-register").is_enabled(), "registering is possible")

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def until(self, condition, what):
        limit = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < limit:
            if condition():
                return
            time.sleep(0.05)
        raise Wrong(f"waited in vain: {what} (screen: {self.screen()}, text: {self.text()[:200]!r})")

    def expect(self, condition, what):
        if not condition:
            raise Wrong(f"{what} (screen: {self.screen()}, text: {self.text()[:300]!r})")

    def screen(self):
        return self.script("return document.body.dataset.screen")

    def text(self):
        return self.script("return document.body.innerText")

    def at(self, screen, what):
        self.until(lambda: self.screen() == screen, what)

    def picture(self, label):
        self.pictures += 1
        time.sleep(0.15)
        self.driver.save_screenshot(os.path.join(self.folder, f"{self.name}-{self.pictures:02d}-{label}.png"))

    def tap(self, selector):
        # A finger that lands right after the screen changed is not an answer: the page wants 350 ms between.
        time.sleep(0.4)
        seen = [item for item in self.driver.find_elements(By.CSS_SELECTOR, selector) if item.is_displayed()]
        self.expect(seen, f"nothing to touch: {selector}")
        seen[0].click()

    def go(self, where):
        self.tap(f"[data-go={where}]")

    def keys(self, text):
        for symbol in text:
            self.tap_key(symbol)

    def tap_key(self, symbol):
        self.find(f"#keypad-keys [data-key='{symbol}']").click()
        time.sleep(0.08)

    def typed(self):
        return self.script("return document.getElementById('keypad-field').innerText.replace(/\\s/g, '')")

    def scan(self, text):
        """As a wedge types: every key right after the one before, then Enter."""
        self.script(
            """
            const target = document.activeElement ?? document.body;
            for (const key of arguments[0]) {
              const down = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
              if (target.dispatchEvent(down) && target instanceof HTMLInputElement) target.value += key;
            }
            target.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
            """, text)

    def ahead(self, seconds):
        self.script("window.testAhead(arguments[0])", seconds)

    def requests(self, path):
        return [json.loads(body) for called, body in self.script("return window.testRequests") if called == path]

    def no_trace_of(self, texts, what):
        held = self.script(
            """
            const fields = Array.from(document.querySelectorAll("input"), (field) => field.value).join(" ");
            return document.documentElement.outerHTML + fields + location.href + JSON.stringify(history.state)
              + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie;
            """)
        for text in texts:
            self.expect(text not in held, f"{what}: the page still holds something of the person before")

    def say(self, text):
        self.said.append(text)
        print(f"  {self.name}: {text}", flush=True)


PERSON = {"number": resident_number("00112219750308001"), "phone": "13900005678", "name": "买买提·吐尔逊"}


def to_document(page):
    page.go("register")
    page.at("notice", "the notice comes before anything is asked")


def type_document(page, person):
    page.go("next")
    page.at("keypad", "the document is asked for")
    page.keys(person["number"])
    page.expect(page.typed() == person["number"], "the keypad writes what is touched")


def to_check(page, person, picture=False):
    to_document(page)
    if picture:
        page.picture("notice")
    type_document(page, person)
    if picture:
        page.picture("document")
    page.go("next")
    page.at("keypad", "the phone is asked for")
    page.keys(person["phone"])
    if picture:
        page.picture("phone")
    page.go("next")
    page.at("name", "the name is asked for")
    page.find("#name-field").send_keys(person["name"])
    time.sleep(0.2)
    if picture:
        page.picture("name")
    page.go("next")
    page.at("groups", "key groups are asked for")
    if picture:
        page.picture("groups")
    page.go("skip")
    page.at("check", "everything is shown once more")


def registers(page):
    page.picture("home")
    to_check(page, PERSON, picture=True)
    page.picture("check")
    shown = page.text()
    page.expect(PERSON["number"] not in shown and PERSON["phone"] not in shown, "the check screen masks numbers")
    page.go("submit")
    page.at("result", "the registration is answered")
    page.until(lambda: page.find("#result-ticket").text != "", "a ticket number is shown")
    page.picture("result")
    code = page.script(
        """
        const box = (id) => document.querySelector(id).getBoundingClientRect();
        const [paper, picture] = [box("#result-code"), box("#result-code svg")];
        return [picture.width, picture.height, paper.width, paper.height];
        """)
    page.expect(min(code) >= 300 and max(code) - min(code) < 2, f"the code is large, square and whole: {code}")
    ticket = page.find("#result-ticket").text
    page.ahead(21)
    page.at("home", "the result goes after 20 s")
    page.no_trace_of([*PERSON.values(), ticket], "after the result")
    body = page.requests("/api/v1/registrations")[-1]
    page.expect(body["document"] == {"number": PERSON["number"]}, "the document that was typed was sent")
    page.expect(body["phone"] == PERSON["phone"], "the phone that was typed was sent")
    page.say("a registration by touch, masked, answered, wiped")
    return ticket


def goes_back(page, ticket):
    page.driver.back()
    time.sleep(0.5)
    page.no_trace_of([*PERSON.values(), ticket], "back after a result")
    page.driver.get("about:blank")
    page.driver.back()
    page.until(lambda: page.script("return document.body?.dataset?.ready") == "yes", "the page comes back")
    page.expect(page.screen() == "home", "a page that comes back shows its first screen")
    page.no_trace_of([*PERSON.values(), ticket], "back to the page")
    page.driver.get(page.base + "/")
    page.open()
    # The person who is typing loses nothing: back asks the question before.
    to_document(page)
    type_document(page, PERSON)
    page.driver.back()
    page.at("notice", "back goes to the question before")
    page.go("next")
    page.at("keypad", "and forth again")
    page.expect(page.typed() == PERSON["number"], "nothing typed is lost by going back")
    page.tap("#quit")
    page.at("home", "the person leaves")
    page.no_trace_of(PERSON.values(), "after leaving")
    page.say("back shows nothing of the person before and loses nothing of this one")


def meets_a_used_id(page):
    used = page.requests("/api/v1/registrations")
    to_check(page, PERSON)
    if not used:
        page.go("submit")
        page.at("result", "a first registration")
        used = page.requests("/api/v1/registrations")
        page.tap("#result-done")
        page.at("home", "and its end")
        to_check(page, PERSON)
    before = len(page.requests("/api/v1/registrations"))
    page.script("window.testConflict = arguments[0]", used[0]["recordId"])
    page.go("submit")
    page.at("result", "a used id is replaced without asking anybody")
    sent = page.requests("/api/v1/registrations")[before:]
    page.expect(len(sent) == 2, "one conflict, one new try")
    page.expect(all(sent[0][name] != sent[1][name] for name in ["recordId", "formKey"]), "new id, new key")
    page.expect(all(sent[0][name] == sent[1][name] for name in ["document", "phone", "name"]), "the rest is kept")
    page.tap("#result-done")
    page.at("home", "done")
    page.say("a used id is replaced and everything typed is kept")


def loses_answers(page):
    to_check(page, PERSON)
    before = len(page.requests("/api/v1/registrations"))
    page.script("window.testBroken = 3")
    page.go("submit")
    page.at("checking", "an unknown outcome is being checked")
    page.picture("checking")
    page.at("result", "and resolves by itself")
    sent = page.requests("/api/v1/registrations")[before:]
    page.expect(len(sent) == 4 and all(body == sent[0] for body in sent), "the same request was repeated")
    page.tap("#result-done")
    page.at("home", "done")
    page.say("lost answers: the same request is repeated until it resolves")


def makes_mistakes(page):
    to_document(page)
    page.go("next")
    page.keys("123")
    page.go("next")
    page.expect(page.find("#keypad-problem").text != "", "a short number is noticed at once")
    page.picture("document-problem")
    page.tap("[data-choice=none]")
    page.at("keypad", "without a document the birth date is asked for")
    page.keys("19990230")
    page.go("next")
    page.expect(page.find("#keypad-problem").text != "", "30 February is noticed")
    page.picture("birth-problem")
    page.tap_key("clear")
    page.keys("19990228")
    page.go("next")
    page.keys("13900005678")
    page.go("next")
    page.at("name", "the name")
    page.find("#name-field").send_keys("<b>")
    time.sleep(0.2)
    page.go("next")
    page.at("groups", "key groups")
    if page.driver.find_elements(By.CSS_SELECTOR, ".group"):
        page.tap(".group")
        page.go("next")
        page.expect(page.find("#groups-problem").text != "", "key groups need their own consent")
        page.picture("groups-problem")
        page.tap("#groups-consent")
    page.go("next")
    page.at("check", "check")
    page.go("submit")
    page.at("name", "the step with the problem comes up")
    page.until(lambda: page.find("#name-problem").text != "", "with its sentence")
    page.picture("name-problem")
    page.tap("#name-later")
    page.at("check", "then the check screen again")
    page.go("submit")
    page.at("result", "and it is accepted")
    body = page.requests("/api/v1/registrations")[-1]
    page.expect(body["document"] is None and body["birthDate"] == "1999-02-28" and "name" not in body, "what was said")
    page.expect(body.get("keyGroupConsent") in (True, None), "consent is sent with the groups")
    page.tap("#result-done")
    page.at("home", "done")
    page.say("problems stand beside their questions, nothing is lost")


def shows_a_passport(page):
    to_document(page)
    page.go("next")
    page.tap("[data-choice=passport]")
    page.keys("E12345678")
    page.picture("passport")
    page.expect(page.typed() == "E12345678", "letters can be typed")
    page.tap("#quit")
    page.at("home", "done")
    page.say("letters for passports")


def walks_away(page):
    to_document(page)
    type_document(page, PERSON)
    page.ahead(31)
    page.until(lambda: page.find("#idle").is_displayed(), "after 30 s the page asks")
    page.picture("idle")
    page.tap("#idle-stay")
    page.expect(page.typed() == PERSON["number"], "who is still there keeps everything")
    page.ahead(31)
    page.until(lambda: page.find("#idle").is_displayed(), "asks again")
    page.ahead(10)
    page.at("home", "and is wiped 10 s later")
    page.no_trace_of(PERSON.values(), "after the idle time")
    page.say("30 s idle, 10 s warning, wiped")


def walks_in(page):
    before = len(page.requests("/api/v1/entries"))
    time.sleep(0.4)
    button = page.find("#go-enter")
    webdriver.ActionChains(page.driver).double_click(button).perform()
    page.at("entry", "one touch and in")
    page.picture("entry")
    page.expect(len(page.requests("/api/v1/entries")) == before + 1, "a double touch is one entry")
    page.ahead(4)
    page.at("home", "the next person's turn")
    page.say("entry with one touch, a double touch counts once")


def scans(page, address):
    page.scan(address)
    page.at("checkIn", "a scanned slip checks in")
    page.picture("check-in")
    page.ahead(4)
    page.at("home", "the next person's turn")
    page.expect(page.requests("/api/v1/check-ins")[-1]["scanned"] == address, "the whole scan was sent")
    # In the middle of somebody's name.
    to_document(page)
    type_document(page, PERSON)
    page.go("next")
    page.keys(PERSON["phone"])
    page.go("next")
    page.at("name", "the name")
    page.find("#name-field").send_keys("欧阳")
    time.sleep(0.3)
    before = len(page.requests("/api/v1/check-ins"))
    page.script("document.getElementById('name-field').focus()")
    page.scan(address)
    page.until(lambda: len(page.requests("/api/v1/check-ins")) == before + 1, "a scan counts at any time")
    page.expect(page.screen() == "name", "who is typing is not disturbed")
    page.expect(page.find("#name-field").get_property("value") == "欧阳", "and finds nothing of the scan in the name")
    page.tap("#quit")
    page.at("home", "done")
    page.say("slips are scanned at any time")


def lost_a_slip(page, digits="5678"):
    page.go("lost")
    page.at("keypad", "the number is asked for")
    page.picture("lost")
    page.keys(PERSON["number"])
    page.go("next")
    page.keys("0000")
    page.picture("lost-phone")
    page.go("next")
    page.at("trouble", "wrong digits: not found here")
    page.picture("not-found")
    page.go("quit")
    page.at("home", "home")
    page.go("lost")
    page.keys(PERSON["number"])
    page.go("next")
    page.keys(digits)
    page.go("next")
    page.at("checkIn", "found: printed again")
    page.ahead(4)
    page.at("home", "home")
    page.say("a lost slip is printed again, an unknown one is not found")


def fits(page):
    """Nothing hangs over the edge, buttons are at least 96 px, on every screen that can be reached by name."""
    small = page.script(
        """
        const wrong = [];
        for (const item of document.querySelectorAll("button")) {
          const box = item.getBoundingClientRect();
          if (box.width === 0) continue;
          const name = item.textContent.trim().slice(0, 12);
          if (box.height < 95.5) wrong.push(`${name} is ${Math.round(box.height)} px high`);
          if (box.bottom > innerHeight + 1 || box.right > innerWidth + 1) wrong.push(`${name} hangs over`);
        }
        return wrong;
        """)
    page.expect(not small, f"layout of {page.screen()}: {small}")


def play(arguments, size):
    page = Page(arguments.base, arguments.screenshots, size)
    original = page.picture
    page.picture = lambda label: (original(label), fits(page))
    try:
        page.open()
        ticket = registers(page)
        goes_back(page, ticket)
        meets_a_used_id(page)
        loses_answers(page)
        makes_mistakes(page)
        shows_a_passport(page)
        walks_away(page)
        walks_in(page)
        address = arguments.scan or ("HTTP://127.0.0.1:7280/I/" + "A" * 48 if arguments.fake_desk else None)
        if address:
            scans(page, address)
        lost_a_slip(page)
        bad = [entry["message"] for entry in page.driver.get_log("browser") if entry["level"] == "SEVERE"]
        bad = [text for text in bad if "status of 4" not in text and "last-slip.png" not in text]
        page.expect(not bad, f"the browser complained: {bad}")
    except Exception:
        page.driver.save_screenshot(os.path.join(arguments.screenshots, "failure.png"))
        raise
    finally:
        page.driver.quit()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True)
    parser.add_argument("--screenshots", required=True)
    parser.add_argument("--size", action="append", help="WIDTHxHEIGHT; default 1080x1920 and 1280x800")
    parser.add_argument("--scan", help="the address of a slip of this fair")
    parser.add_argument("--fake-desk", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.screenshots, exist_ok=True)
    try:
        for size in arguments.size or ["1080x1920", "1280x800"]:
            play(arguments, size)
    except Wrong as wrong:
        print(f"wrong: {wrong}", file=sys.stderr)
        return 1
    print("the page is as it must be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
