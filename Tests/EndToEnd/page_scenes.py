"""What people do at the kiosk's page: each scene begins and ends at the first screen."""

import glob
import os
import time

from kiosk_page import SETTLE_SECONDS, check, read_code
from testbed import synthetic_id, today, wait_until

REGISTRATIONS = "/api/v1/registrations"
FIRST = {"name": "欧阳试机", "document": synthetic_id("19860412", "377", "009173"), "phone": "15473920618"}
SECOND = {"name": "阿卜杜·试机甲", "document": synthetic_id("19750908", "112", "005501"), "phone": "15486027193"}


def to_document(page):
    page.wait_for("home")
    page.go("register")
    page.wait_for("notice")
    page.go("next")
    page.wait_for("keypad")


def to_name(page, person, pictures=None):
    to_document(page)
    for step in ("document", "phone"):
        page.keys(person[step])
        if pictures:
            page.picture(f"{pictures}-{step}")
        page.go("next")
    page.wait_for("name")


def to_check(page, person, pictures=None):
    to_name(page, person, pictures)
    page.browser.type("#name-field", person["name"])
    if pictures:
        page.picture(f"{pictures}-name")
    page.go("next")
    page.wait_for("groups")
    page.go("skip")
    skip_wishes(page)


def skip_wishes(page):
    page.wait_for("wishes")
    page.go("skip")
    page.wait_for("check")


def leave(page):
    page.tap("#quit")
    page.wait_for("home")


def ticket_of(page):
    page.wait_for("result")
    return page.browser.text("#result-ticket").strip()


def newest_slip(kiosk, count_before):
    """The slip that was printed after so many others."""
    def slips():
        found = sorted(glob.glob(os.path.join(kiosk.slips, "*.png")), key=os.path.getmtime)
        return found if len(found) > count_before else None
    return wait_until("a slip is printed", 30, slips)[-1]


def slip_count(kiosk):
    return len(glob.glob(os.path.join(kiosk.slips, "*.png")))


def registers(page, kiosk):
    page.picture("home")
    page.go("register")
    page.wait_for("notice")
    page.picture("notice")
    page.go("decline")
    page.wait_for("entry")
    page.ahead(4)
    before = slip_count(kiosk)
    to_check(page, FIRST, pictures="first")
    text = page.browser.text("main")
    check(FIRST["name"] in text and FIRST["phone"] in text.replace(" ", ""), "name and phone can be read once more")
    check(FIRST["document"] not in text, "a number with a right check character is masked")
    page.picture("check")
    page.go("submit")
    ticket = ticket_of(page)
    slip = newest_slip(kiosk, before)
    wait_until("printed", 20, lambda: page.browser.script(
        "return document.getElementById('result-take').dataset.state") == "printed")
    page.picture("result")
    check(len(ticket) == 6 and "欧阳" in page.browser.text("#result-name"), f"registered by touch: {ticket}")
    check(page.holds(FIRST["name"], FIRST["phone"], FIRST["document"]) == [], "the result shows the surname only")
    # The preview of a demonstration holds the same code a second time.
    page.browser.script("document.getElementById('demonstration')?.remove()")
    on_screen, on_paper = read_code(page.picture("result-alone")), read_code(slip)
    check(on_screen == on_paper,
          f"zbarimg and ZXing read the same code from screen and slip: {len(on_screen)} characters")
    page.ahead(21)
    page.wait_for("home")
    check(page.holds(ticket, *FIRST.values()) == [], "20 s later it is gone")
    page.open()
    return ticket, on_paper


def goes_back(page, ticket):
    """The browser's back button, and pages a browser keeps."""
    browser, gone = page.browser, [ticket, *FIRST.values()]
    to_check(page, SECOND)
    page.go("submit")
    second = ticket_of(page)
    browser.back()
    page.wait_for("home")
    check(page.holds(second, *gone, *SECOND.values()) == [],
          "back from a result shows the first screen, and nothing else")
    browser.open("about:blank")
    browser.back()
    page.wait_until_ready()
    check(page.screen() == "home" and page.holds(second, *gone, *SECOND.values()) == [], "back to the page: empty")

    # A page kept in the browser's memory while a result was shown.
    to_check(page, FIRST)
    page.go("submit")
    third = ticket_of(page)
    browser.script("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    check(page.screen() == "home" and page.holds(third, *gone) == [], "a page that is put away holds no result")
    browser.script("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    check(page.screen() == "home" and page.holds(third, *gone) == [], "and brings none back")

    # One put away in the middle of typing, and brought back when the person must be gone.
    to_name(page, FIRST)
    browser.script("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    browser.script("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    check(page.screen() == "name", "a page that comes back at once keeps what is being typed")
    browser.script("""
        window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
        window.test.ahead(41);
        window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));""")
    check(page.screen() == "home" and page.holds(*FIRST.values()) == [], "one that comes back late keeps nothing")

    # Who is typing loses nothing.
    to_document(page)
    page.keys(SECOND["document"])
    browser.back()
    page.wait_for("notice")
    page.go("next")
    page.wait_for("keypad")
    check(page.typed() == SECOND["document"], "back asks the question before, and nothing typed is lost")
    leave(page)
    check(page.holds(*SECOND.values()) == [], "leaving wipes it")


def meets_a_used_id(page, kiosk):
    """The second person's form gets the first one's ids, as on a page that was kept: a conflict, resolved unseen."""
    code, former, sent = kiosk.register(
        name=FIRST["name"], phone=FIRST["phone"], document={"number": FIRST["document"]})
    check(code == 201, "the former person is registered")
    to_check(page, SECOND)
    before = len(page.calls(REGISTRATIONS))
    page.test("ids", {"recordId": sent["recordId"], "formKey": sent["formKey"]})
    page.go("submit")
    ticket = ticket_of(page)
    calls = page.calls(REGISTRATIONS)[before:]
    check([call["status"] for call in calls] == [409, 201],
          "the kept id is a conflict; the page takes a new one by itself")
    check(not any(value in calls[0]["answer"] for value in (former["ticket"], "欧阳", FIRST["phone"])),
          "the conflict tells nothing of the former person")
    typed = {**calls[0]["body"], "recordId": "", "formKey": ""}
    check(typed == {**calls[1]["body"], "recordId": "", "formKey": ""},
          "all that was typed is sent again, byte for byte")
    check(all(calls[0]["body"][name] != calls[1]["body"][name] for name in ("recordId", "formKey")),
          "under new ids")
    check(ticket not in ("", former["ticket"]), f"the second person has an own ticket number, {ticket}")
    check(page.browser.text("#result-name").startswith("阿"), "and sees the own name, masked")
    check(page.holds(former["ticket"], *FIRST.values()) == [], "and nothing of the former person")
    page.go("done")
    page.wait_for("home")


def loses_answers(page):
    to_check(page, FIRST)
    before = len(page.calls(REGISTRATIONS))
    page.test("lose", 3)
    page.go("submit")
    page.wait_for("checking")
    page.picture("checking")
    page.browser.back()
    ticket_of(page)
    sent = [call["body"] for call in page.calls(REGISTRATIONS)[before:]]
    check(len(sent) == 4 and all(body == sent[0] for body in sent),
          "lost answers: the same request until it is answered")
    page.go("done")
    page.wait_for("home")


def makes_mistakes(page):
    to_document(page)
    page.go("next")
    page.keys("X123")
    check(page.typed() == "123", "X is taken as the last of eighteen only")
    page.go("next")
    check(page.is_seen("#keypad-problem"), "a short number is noticed at once")
    page.picture("document-problem")
    page.tap("[data-choice=none]")
    page.wait_for("keypad")
    page.keys("19990230")
    page.go("next")
    check(page.is_seen("#keypad-problem"), "30 February is noticed at once")
    page.picture("birth-problem")
    page.keys(["clear"])
    page.keys("19990228")
    page.go("next")
    page.keys(SECOND["phone"])
    page.go("next")
    page.wait_for("name")
    page.browser.type("#name-field", "<b>")
    page.go("next")
    page.wait_for("groups")
    page.tap(".group")
    page.tap(".group:nth-child(4)")
    page.go("next")
    check(page.screen() == "groups" and page.is_seen("#groups-problem"), "key groups need their own consent")
    page.picture("groups-problem")
    page.tap("#groups-consent")
    page.go("next")
    skip_wishes(page)
    page.picture("check-no-document")
    page.go("submit")
    page.wait_for("name")
    page.wait_for_seen("#name-problem")
    page.picture("name-problem")
    page.go("skip")
    page.wait_for("check")
    page.go("submit")
    ticket_of(page)
    body = page.calls(REGISTRATIONS)[-1]["body"]
    check(body["document"] is None and body["birthDate"] == "1999-02-28", "no document: the birth date was asked for")
    check("name" not in body, "a name that cannot be typed is left open")
    check(len(body["keyGroups"]) == 2 and body["keyGroupConsent"] is True, "key groups go with their consent")
    page.go("done")
    page.wait_for("home")


def shows_a_passport(page):
    to_document(page)
    page.tap("[data-choice=passport]")
    page.wait_for("keypad")
    page.keys("E12345678")
    page.picture("passport")
    page.go("next")
    page.picture("birth")
    page.go("skip")
    page.go("skip")
    page.picture("no-phone")
    page.keys(FIRST["phone"])
    page.go("next")
    page.wait_for("name")
    page.go("skip")
    page.wait_for("groups")
    page.go("skip")
    skip_wishes(page)
    check("E12345678" in page.browser.text("main"), "a number without check character can be read once more")
    page.go("submit")
    ticket_of(page)
    body = page.calls(REGISTRATIONS)[-1]["body"]
    check(body["noPhone"] is True and body["contactPhone"] == FIRST["phone"],
          "no phone: somebody else's was asked for")
    check(page.is_seen("#result-ticket"), "a passport, no birth date, the name left open: registered")
    page.picture("result-no-birth-date")
    page.go("done")
    page.wait_for("home")


def comes_young(page):
    year = int(today()[:4])
    for age, label in ((13, "under 14"), (15, "15")):
        person = {**FIRST, "document": synthetic_id(f"{year - age}0101", "377", "009173")}
        to_check(page, person)
        before = len(page.calls(REGISTRATIONS))
        page.go("submit")
        if age < 14:
            page.wait_for("trouble")
            page.picture("child")
            check("小朋友" in page.browser.text("main"), f"{label}: told kindly that no registration is needed")
            check(page.calls(REGISTRATIONS)[before]["status"] == 422, "and none is made")
            page.go("retry")
            page.wait_for("entry")
            check(page.holds(*person.values()) == [], "the entry is nameless")
            page.ahead(4)
        else:
            ticket_of(page)
            check("服务台" in page.browser.text("#result-hint"), f"{label}: registered; the desk goes on with them")
            page.picture("young")
            page.go("done")
        page.wait_for("home")


def reads_the_whole_notice(page):
    page.go("register")
    page.wait_for("notice")
    page.go("whole")
    page.wait_for("whole")
    page.picture("whole-notice")
    can_scroll = page.browser.script("""
        const sheet = document.getElementById("whole-text");
        sheet.scrollTop = sheet.scrollHeight;
        return [sheet.scrollTop, sheet.scrollHeight > sheet.clientHeight];""")
    check(can_scroll[0] > 0 or not can_scroll[1], "the whole notice can be scrolled to its end")
    page.picture("whole-notice-end")
    page.ahead(31)
    page.wait_for_seen("#idle")
    page.tap("#idle-stay")
    page.browser.back()
    page.wait_for("notice")
    page.go("whole")
    page.wait_for("whole")
    page.go("back")
    page.wait_for("notice")
    page.go("whole")
    page.wait_for("whole")
    page.ahead(41)
    page.wait_for("home")
    check(True, "the whole notice: on demand, left by its button and by back, ended by the idle time")


def walks_away(page):
    to_name(page, FIRST)
    page.browser.type("#name-field", FIRST["name"])
    page.ahead(29)
    check(not page.is_seen("#idle"), "29 s: nothing is asked")
    page.ahead(2)
    page.wait_for_seen("#idle")
    page.picture("idle")
    page.tap("#idle-stay")
    check(FIRST["name"] in page.browser.text("main"), "30 s: the page asks; who is there keeps everything")
    page.ahead(31)
    page.wait_for_seen("#idle")
    page.ahead(10)
    page.wait_for("home")
    check(page.holds(*FIRST.values()) == [], "10 s later everything is wiped")


def walks_in(page):
    before = len(page.calls("/api/v1/entries"))
    page.browser.tap("#go-enter", times=2)
    page.wait_for("entry")
    page.picture("entry")
    check(len(page.calls("/api/v1/entries")) == before + 1, "a double touch is one entry")
    page.ahead(4)
    page.wait_for("home")
    waits_for_a_slow_answer(page, "/api/v1/entries", lambda: page.go("enter"), "entry")


def waits_for_a_slow_answer(page, path, ask, shown, seconds=4):
    """While the kiosk commits nothing can be touched: not the same button again, and none that leads elsewhere."""
    before, all_before = len(page.calls(path)), page.call_count()
    places = [page.browser.middle(f"#go-{name}") for name in ("enter", "register", "browse", "lost")]
    page.test("isHeld", True)
    ask()
    wait_until("asked", 10, lambda: len(page.calls(path)) == before + 1)
    time.sleep(SETTLE_SECONDS)
    for place in places:
        page.browser.tap_at(*place)
        time.sleep(SETTLE_SECONDS)
    check(page.screen() == "checking", f"slow answer to {path}: the page says that it is checking")
    page.test("isHeld", False)
    page.wait_for(shown)
    check(page.call_count() == all_before + 1, f"and {shown} was asked for once, whoever touched again")
    page.ahead(seconds)
    page.wait_for("home")


def scans(page, address):
    page.scan(address)
    page.wait_for("checkIn")
    page.picture("check-in")
    check(page.calls("/api/v1/check-ins")[-1]["body"]["scanned"] == address, "a scanned slip checks in")
    page.ahead(16)
    page.wait_for("home")
    waits_for_a_slow_answer(page, "/api/v1/check-ins", lambda: page.scan(address), "checkIn", seconds=16)
    page.scan(address[:-6] + "AAAAAA")
    page.wait_for("trouble")
    page.picture("check-in-refused")
    check("没有签到" in page.browser.text("main"), "a forged one does not")
    page.ahead(7)
    page.wait_for("home")
    to_name(page, SECOND)
    page.browser.type("#name-field", "阿卜杜")
    time.sleep(0.3)
    before = len(page.calls("/api/v1/check-ins"))
    page.scan(address)
    wait_until("scanned", 10, lambda: len(page.calls("/api/v1/check-ins")) == before + 1)
    value = page.browser.script("return document.getElementById('name-field').value")
    check(page.screen() == "name" and value == "阿卜杜",
          "a scan in the middle of a name counts and leaves the name alone")
    page.picture("scan-in-between")
    leave(page)


def loses_a_slip(page, kiosk):
    def ask(digits):
        page.go("lost")
        page.wait_for("keypad")
        page.keys(FIRST["document"])
        if digits == "0000":
            page.picture("lost")
        page.go("next")
        page.wait_for("keypad")
        page.keys(digits)
        if digits == "0000":
            page.picture("lost-phone")
        page.go("next")

    ask("0000")
    page.wait_for("trouble")
    page.picture("lost-not-found")
    check("没有找到" in page.browser.text("main"), "wrong digits of the phone: no slip")
    page.go("quit")
    page.wait_for("home")
    before = slip_count(kiosk)
    ask(FIRST["phone"][-4:])
    page.wait_for("checkIn")
    page.picture("lost-found")
    newest_slip(kiosk, before)
    check(page.holds(*FIRST.values()) == [], "the right ones: printed again, nothing of the person on the screen")
    page.ahead(4)
    page.wait_for("home")


def prints_nothing(page):
    """A printer nobody answers from: the paper never comes, the person is served all the same."""
    to_check(page, FIRST)
    page.go("submit")
    ticket = ticket_of(page)
    wait_until("the person is told", 12, lambda: "拍下" in page.browser.text("#result-take"))
    page.picture("printer-dead")
    code = read_code(page.picture("printer-dead-code"))
    check(len(ticket) == 6 and "/I/" in code, "printer dead: number and code are shown, with what to do")
    page.go("done")
    page.wait_for("home")
    to_check(page, SECOND)
    page.go("submit")
    ticket_of(page)
    page.ahead(18)
    time.sleep(0.5)
    check(page.screen() == "result" and page.is_seen("#result-ticket"), "they stay 18 s")
    page.ahead(3)
    page.wait_for("home")
    check(page.holds(ticket, *FIRST.values(), *SECOND.values()) == [], "and are gone after 20 s")
    wait_until("banner", 30, lambda: "打印机" in page.browser.text("#banner"))
    page.picture("home-printer-dead")
