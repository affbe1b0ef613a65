#!/usr/bin/env python3
"""Registers through the page in headless Chromium by real presses; then the next person at a kept page.

    register-in-browser.py --programs DIR --work DIR

Screenshots of every screen land in WORK/pictures, to be looked at.
"""
import argparse
import json
import os
import shutil
import time

from testbed import Headquarters, Kiosk, synthetic_id, today, wait_until
from webdriver import Browser

# The page ignores presses within 350 ms of a new screen: a finger that taps twice must not answer the next question.
SETTLE_SECONDS = 0.5
KEY_SECONDS = 0.09
FIRST = {"name": "欧阳试机", "document": synthetic_id("19860412", "377", "009173"), "phone": "15473920618"}
SECOND = {"name": "阿卜杜·试机甲", "document": synthetic_id("19750908", "112", "005501"), "phone": "15486027193"}


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    print(f"ok    {statement}", flush=True)


class Page:
    def __init__(self, browser, pictures):
        self.browser, self.pictures, self.count = browser, pictures, 0

    def screen(self):
        return self.browser.script("return document.body.dataset.screen")

    def wait_for(self, name):
        try:
            wait_until(f"screen {name}", 20, lambda: self.screen() == name)
        except TimeoutError as error:
            self.picture("unexpected")
            raise SystemExit(f"FALSE {error}; it is {self.screen()}: {self.browser.text('main')[:400]}") from None
        time.sleep(SETTLE_SECONDS)

    def picture(self, name):
        self.count += 1
        self.browser.screenshot(os.path.join(self.pictures, f"{self.count:02}-{name}.png"))

    def go(self, action):
        self.browser.click(f'main > section[data-screen="{self.screen()}"] [data-go="{action}"]')
        time.sleep(SETTLE_SECONDS)

    def keys(self, text):
        for character in text:
            self.browser.click(f'#keypad-keys [data-key="{character}"]')
            time.sleep(KEY_SECONDS)

    def answer_questions(self, person, label):
        """From the first screen to the one that shows everything once more."""
        self.wait_for("home")
        self.picture(f"{label}-home")
        self.go("register")
        self.wait_for("notice")
        self.picture(f"{label}-notice")
        self.go("next")
        for step in ("document", "phone"):
            self.wait_for("keypad")
            self.keys(person[step])
            self.picture(f"{label}-{step}")
            self.go("next")
        self.wait_for("name")
        self.browser.type("#name-field", person["name"])
        self.picture(f"{label}-name")
        self.go("next")
        if self.screen() == "groups":
            self.picture(f"{label}-groups")
            self.go("skip")
        self.wait_for("check")
        self.picture(f"{label}-check")

    def submit(self, label):
        self.go("submit")
        self.wait_for("result")
        time.sleep(2)
        self.picture(f"{label}-result")
        return self.browser.text("#result-ticket").strip()

    def holds(self, person, ticket):
        """What of a person can still be read or found in the page."""
        everything = self.browser.text() + self.browser.script(
            "return document.documentElement.outerHTML + JSON.stringify([{...localStorage}, {...sessionStorage}, "
            "document.cookie, history.state, location.href])")
        return [label for label, value in {**person, "ticket": ticket}.items() if value in everything]


def run(kiosk, page):
    browser = page.browser
    browser.open(kiosk.address + "/")
    page.answer_questions(FIRST, "first")
    ticket = page.submit("first")
    check(len(ticket) == 6, f"registered through the page: ticket number {ticket}")
    check("欧阳" in browser.text("#result-name") and "试机" not in browser.text(), "the result shows the surname only")
    page.go("done")
    page.wait_for("home")
    check(page.holds(FIRST, ticket) == [], "after it the page holds nothing of the first person")

    browser.open("about:blank")
    browser.back()
    page.wait_for("home")
    check(page.holds(FIRST, ticket) == [], "the browser's back button brings nothing of the first person back")
    return ticket


def kept_page(kiosk, page):
    """The second person's form gets the first one's ids, as on a page that was kept: a conflict, resolved unseen."""
    browser = page.browser
    code, former, sent = kiosk.register(name=FIRST["name"], phone=FIRST["phone"], document={"number": FIRST["document"]})
    check(code == 201, "the former person is registered")
    browser.script("""
        const [recordId, formKey] = arguments, fetched = window.fetch;
        window.testCalls = [];
        window.fetch = async (address, options = {}) => {
            if (String(address).endsWith("/api/v1/registrations") && window.testCalls.length === 0) {
                options = { ...options, body: JSON.stringify({ ...JSON.parse(options.body), recordId, formKey }) };
            }
            const answer = await fetched(address, options);
            if (String(address).endsWith("/api/v1/registrations")) {
                window.testCalls.push({ status: answer.status, text: await answer.clone().text() });
            }
            return answer;
        };
    """, sent["recordId"], sent["formKey"])
    page.answer_questions(SECOND, "second")
    ticket = page.submit("second")
    calls = browser.script("return window.testCalls")
    check([call["status"] for call in calls] == [409, 201], "the kept id is a conflict, the page takes a new one by itself")
    conflict = calls[0]["text"]
    check(not any(value in conflict for value in (former["ticket"], "欧阳", FIRST["phone"])), "the conflict tells nothing")
    check(ticket not in ("", former["ticket"]), f"the second person has an own ticket number, {ticket}, and typed nothing twice")
    check(browser.text("#result-name").startswith("阿"), "and sees the own name, masked")
    check(page.holds(FIRST, former["ticket"]) == [], "and nothing of the former person")
    check(json.loads(calls[1]["text"])["ticket"] == ticket, "the number on the screen is the one that was given")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    pictures = os.path.join(work, "pictures")
    os.makedirs(pictures)
    headquarters = Headquarters(os.path.join(work, "hq"), programs)
    kiosk = Kiosk(os.path.join(work, "kiosk"), programs, "B1", demonstration=True)
    browser = None
    try:
        fair = headquarters.prepare(kind="fair")
        headquarters.program.start()
        kiosk.program.start()
        kiosk.join(headquarters, fair, today())
        browser = Browser(work)
        page = Page(browser, pictures)
        run(kiosk, page)
        kept_page(kiosk, page)
        # The browser writes every 4xx to its console: the conflict, no last slip before the first one, no icon.
        expected = ("/api/v1/registrations", "/demonstration/last-slip.png", "/favicon.ico")
        errors = [error for error in browser.errors() if not any(path in error for path in expected)]
        check(errors == [], f"no error on the page's console {errors[:3]}")
    finally:
        if browser:
            browser.close()
        kiosk.program.stop()
        headquarters.program.stop()
    print(f"browser: all true; pictures in {pictures}")


if __name__ == "__main__":
    main()
