"""What people do with vacancies at the kiosk's page: each scene begins and ends at the first screen."""

import json
import urllib.parse

import page_scenes as people
from kiosk_page import check
from testbed import synthetic_id, today, wait_until

INTENTS, SLIPS, WISHES = "/api/v1/intents", "/api/v1/vacancy-slips", "/api/v1/wishes"
PERSON = {"name": "上官试意", "document": {"number": synthetic_id("19740203", "231", "009173")}, "phone": "15473925261"}
DIGITS = PERSON["phone"][-4:]


def found(kiosk, **filters):
    code, _, body = kiosk.request("GET", "/api/v1/vacancies?" + urllib.parse.urlencode({**filters, "limit": 50}))
    assert code == 200, body
    return json.loads(body)


def slip_of(kiosk, **fields):
    """The address on the slip of somebody who has just been registered."""
    code, answer, _ = kiosk.register(**{**PERSON, **fields})
    check(code == 201, "somebody is registered")
    return answer["code"]["address"]


def titles(page):
    return page.texts("#list-cards .head b")


def look_for(page, word):
    page.choose("word", "field")
    page.wait_for("search")
    page.browser.script("document.getElementById('search-field').value = ''")
    page.browser.type("#search-field", word)
    page.picture("search")
    page.go("next")
    page.wait_for("browse")


def to_list(page):
    page.go("find")
    page.wait_for("list")


def browses(page, kiosk):
    page.go("browse")
    page.wait_for("browse")
    page.picture("browse")
    page.choose("occupation", "field")
    page.wait_for("tiles")
    page.picture("browse-occupations")
    page.choose("generalWorker")
    page.wait_for("browse")
    page.choose("lowestPay", "field")
    page.wait_for("tiles")
    page.picture("browse-pay")
    page.choose("5000")
    page.wait_for("browse")
    total = found(kiosk, occupation="generalWorker", lowestPay=5000)["total"]
    wait_until("counted", 10, lambda: str(total) in page.browser.text("#browse-count"))
    page.picture("browse-filters")
    to_list(page)
    page.picture("list")
    first = titles(page)
    labels = page.texts("#list-cards .vacancy:first-child .fact .what")
    check(total > len(first) > 0 and labels == ["工资", "吃住", "五险", "上班"],
          f"by tile and pay: {total} vacancies, {len(first)} to a page, each with the four facts")
    page.go("listAfter")
    wait_until("next page", 10, lambda: titles(page) != first)
    page.picture("list-second-page")
    page.go("listBefore")
    wait_until("first page", 10, lambda: titles(page) == first)
    check(True, "pages are turned by buttons, forth and back")
    page.go("back")
    page.wait_for("browse")
    page.choose("meals", "field")
    page.wait_for("tiles")
    page.picture("browse-meals")
    page.browser.back()
    page.wait_for("browse")
    page.choose("region", "field")
    page.wait_for("tiles")
    page.picture("browse-places")
    page.choose("")
    leave(page)


def leave(page):
    page.tap("#quit")
    page.wait_for("home")


def searches_and_prints(page, kiosk):
    page.go("browse")
    page.wait_for("browse")
    look_for(page, "质检")
    total = found(kiosk, q="质检")["total"]
    wait_until("counted", 10, lambda: str(total) in page.browser.text("#browse-count"))
    to_list(page)
    page.picture("list-of-a-word")
    check(total > 0 and str(total) in page.browser.text("#list-title"), f"a word of two characters: {total} vacancies")
    title = titles(page)[0]
    page.tap("#list-cards .open")
    page.wait_for("vacancy")
    page.picture("vacancy")
    check(page.browser.text("#vacancy-title").strip() == title, "a card leads to all it says")
    before, asked = people.slip_count(kiosk), len(page.calls(SLIPS))
    page.browser.tap("#vacancy-print", times=2)
    page.wait_for("vacancy")
    people.newest_slip(kiosk, before)
    page.picture("vacancy-printed")
    page.tap("#vacancy-print")
    calls = page.calls(SLIPS)[asked:]
    check(len(calls) == 1 and calls[0]["status"] == 202, "its slip is printed once, whoever touches again")
    page.go("back")
    page.wait_for("list")
    page.go("back")
    page.wait_for("browse")
    check(page.holds("质检") != [], "back keeps what was looked for")
    page.ahead(31)
    page.wait_for_seen("#idle")
    page.ahead(10)
    page.wait_for("home")
    check(page.holds("质检", title) == [], "40 s alone: word, filters and cards are gone")
    page.go("browse")
    page.wait_for("browse")
    look_for(page, "没有这种活")
    to_list(page)
    page.picture("list-empty")
    page.go("all")
    wait_until("all", 10, lambda: len(titles(page)) > 0)
    check(True, "nothing found: everything is one touch away")
    leave(page)


def to_matches(page, address):
    page.scan(address)
    page.wait_for("checkIn")
    page.picture("slip")
    page.go("match")
    page.wait_for("list")


def pick(page, *places):
    for place in places:
        page.tap(f"#list-cards .vacancy:nth-child({place}) .pick")


def states_intents(page, kiosk):
    wishes = {"occupations": ["sewing"], "lowestPayYuanMonth": 6000, "board": True}
    address = slip_of(kiosk, wishes=wishes)
    to_matches(page, address)
    page.picture("matches")
    reasons = page.texts("#list-cards .reasons")
    check(len(reasons) >= 2 and all(reasons), f"the wishes of the slip: matches with reasons, {reasons[0]}")
    cut = page.browser.script("""
        return [...document.querySelectorAll("#list-cards .open")].filter((item) => {
          const reasons = item.querySelector(".reasons");
          return item.scrollHeight > item.clientHeight + 1 || reasons.scrollWidth > reasons.clientWidth + 1;
        }).length""")
    check(cut == 0, "no reason is cut off")
    check(page.is_seen("#list-all"), "the list of all vacancies is offered beside them")
    page.go("all")
    wait_until("all", 10, lambda: page.texts("#list-cards .reasons") == [])
    page.picture("list-of-all")
    page.go("back")
    page.wait_for("browse")
    page.go("back")
    page.wait_for("list")
    pick(page, 1, 2)
    wanted = titles(page)[:2]
    page.picture("matches-picked")
    page.go("review")
    page.wait_for("intents")
    page.picture("intents")
    ticks = page.browser.script(
        "return [...document.querySelectorAll('#intents-list .consent')].map((item) => item.ariaChecked)")
    check(ticks == ["false", "false"], "a consent for each employer, none of them ticked")
    page.tap("#intents-list .wanted:nth-child(1) .consent")
    page.picture("intents-consent")
    page.go("state")
    page.wait_for("keypad")
    page.keys("0000")
    page.picture("digits")
    page.go("next")
    page.wait_for_seen("#keypad-problem")
    page.picture("digits-wrong")
    check(page.typed() == "", "wrong digits: said with the tries that are left, and asked again")
    before = len(page.calls(INTENTS))
    page.keys(DIGITS)
    page.browser.tap("#keypad-next", times=2)
    page.wait_for("outcome")
    page.picture("outcome")
    calls = page.calls(INTENTS)[before:]
    check([call["status"] for call in calls] == [201, 201], "the right ones, asked once: two intents are recorded")
    check([call["body"]["passOnConsent"] for call in calls] == [True, False], "one with the consent, one without")
    check(page.holds(address, DIGITS, PERSON["name"], PERSON["phone"]) == [],
          "slip, digits and name are not in the page")
    page.go("done")
    page.wait_for("home")
    check(page.holds(*wanted) == [], "and nothing is left on the first screen")
    takes_back(page, address, wanted[0], calls[0]["body"]["vacancyId"])


def meets_refusals(page, kiosk, other):
    """A slip of another kiosk, one without intents, and too many tries."""
    page.scan(slip_of(other, document={"number": synthetic_id("19740205", "231", "009173")}))
    page.wait_for("checkIn")
    page.go("match")
    page.wait_for("noWishes")
    page.picture("no-wishes")
    check("不知道您的求职愿望" in page.browser.text("main"), "another kiosk's slip: the page says that it knows no wishes")
    page.go("all")
    page.wait_for("list")
    for screen in ("browse", "noWishes"):
        page.go("back")
        page.wait_for(screen)
    check(True, "all vacancies are one touch away, and back leads back")
    page.go("changeWishes")
    page.wait_for("wishes")
    page.choose("occupations", "field")
    page.wait_for("tiles")
    page.choose("generalWorker")
    page.go("tilesDone")
    page.wait_for("wishes")
    page.go("next")
    page.wait_for("keypad")
    page.keys(DIGITS)
    page.go("next")
    page.wait_for("list")
    check(all("普工" in reason for reason in page.texts("#list-cards .reasons")),
          "wishes said now: the list goes by them")
    pick(page, 1)
    page.go("review")
    page.wait_for("intents")
    page.go("state")
    page.wait_for("keypad")
    page.keys(DIGITS)
    page.go("next")
    page.wait_for("outcome")
    page.picture("outcome-to-be-checked")
    check("核对" in page.browser.text("#outcome-lines") and "先记下" in page.browser.text("#outcome-title"),
          "another kiosk's slip: the digits are still to be checked")
    page.go("done")
    page.wait_for("home")

    young = synthetic_id(f"{int(today()[:4]) - 15}0101", "231", "009173")
    page.scan(slip_of(kiosk, document={"number": young}))
    page.wait_for("checkIn")
    page.picture("no-intents")
    check("服务台" in page.browser.text("main") and not page.is_seen("#checkin-more"),
          "under 16: checked in, told where to go, and led to no vacancies")
    page.ahead(7)
    page.wait_for("home")

    page.scan(slip_of(kiosk, document={"number": synthetic_id("19740206", "231", "009173")}))
    page.wait_for("checkIn")
    page.go("match")
    page.wait_for("list")
    pick(page, 1)
    page.go("review")
    page.wait_for("intents")
    page.go("state")
    for tries in range(5):
        page.wait_for("keypad")
        page.keys(f"000{tries}")
        page.go("next")
        wait_until("answered", 10, lambda: page.screen() != "checking")
    # The five wrong ones were answered; whatever comes now is too many.
    if page.screen() == "keypad":
        page.keys("0009")
        page.go("next")
    page.wait_for("trouble")
    page.picture("digits-exhausted")
    check(page.calls(INTENTS)[-1]["status"] == 422, "five wrong tries: no more")
    page.go("back")
    page.wait_for("keypad")
    leave(page)


def says_digits(page):
    page.wait_for("keypad")
    page.keys(DIGITS)
    page.go("next")


def takes_back(page, address, title, vacancy):
    page.scan(address)
    page.wait_for("checkIn")
    page.go("withdraw")
    says_digits(page)
    page.wait_for("list")
    page.picture("stated")
    check(title in titles(page) and len(titles(page)) == 2, "the digits once, and what was stated here is listed")
    pick(page, 1)
    page.go("back")
    page.wait_for("checkIn")
    page.go("match")
    page.wait_for("list")
    check(not page.is_seen("#list-picked"), "what was picked to be taken back is not wanted all of a sudden")
    page.go("back")
    page.wait_for("checkIn")
    page.go("withdraw")
    page.wait_for("list")
    page.go("browse")
    page.wait_for("browse")
    look_for(page, title)
    to_list(page)
    page.picture("withdrawal-list")
    check("要撤回" in page.browser.text("#list-cards"), "what was stated elsewhere can be looked for")
    for screen in ("browse", "list"):
        page.go("back")
        page.wait_for(screen)
    number = page.browser.script(
        "return [...document.querySelectorAll('#list-cards .pick')]"
        ".findIndex((item) => item.vacancy.id === arguments[0])", vacancy)
    pick(page, number + 1)
    page.picture("stated-picked")
    page.go("review")
    page.wait_for("intents")
    check(page.texts("#intents-list .consent") == [], "who takes back is asked for no consent")
    page.picture("withdrawal")
    page.go("state")
    page.wait_for("outcome")
    page.picture("withdrawn")
    call = page.calls(INTENTS)[-1]
    check(call["status"] == 201 and call["body"]["withdrawn"] is True and call["body"]["vacancyId"] == vacancy
          and call["body"]["passOnConsent"] is False, "an intent is taken back, and its consent with it")
    page.go("done")
    page.wait_for("home")


def walks_away_from_choices(page, kiosk):
    address = slip_of(kiosk)
    to_matches(page, address)
    picked = titles(page)[0]
    pick(page, 1)
    page.go("review")
    page.wait_for("intents")
    page.go("state")
    page.wait_for("keypad")
    page.keys(DIGITS[:3])
    page.ahead(31)
    page.wait_for_seen("#idle")
    page.picture("idle-digits")
    page.ahead(10)
    page.wait_for("home")
    check(page.holds(picked, DIGITS[:3] + " ", address) == [], "40 s alone: choices and digits are gone")
    page.go("browse")
    page.wait_for("browse")
    to_list(page)
    check(not page.is_seen("#list-picked"), "the next one has chosen nothing")
    page.tap("#list-cards .open")
    page.wait_for("vacancy")
    page.tap("#vacancy-pick .pick")
    page.picture("vacancy-picked")
    before = len(page.calls(INTENTS))
    page.go("review")
    page.wait_for("needSlip")
    page.picture("need-slip")
    check(True, "and no slip is known: it is asked for")
    page.scan(address)
    page.wait_for("intents")
    check(len(page.texts("#intents-list .wanted")) == 1, "scanned: it goes on with what was chosen")
    page.go("state")
    page.wait_for("keypad")
    page.browser.back()
    page.wait_for("intents")
    page.tap("#intents-list .remove")
    check(page.screen() != "intents" and len(page.calls(INTENTS)) == before, "what is taken out again is not sent")
    other = slip_of(kiosk, document={"number": synthetic_id("19740204", "231", "009173")})
    page.scan(other)
    page.wait_for("checkIn")
    page.go("choose")
    page.wait_for("browse")
    to_list(page)
    check(not page.is_seen("#list-picked"), "another slip is another person, who begins anew")
    leave(page)


def changes_wishes(page, kiosk):
    address = slip_of(kiosk)
    page.scan(address)
    page.wait_for("checkIn")
    page.go("changeWishes")
    page.wait_for("wishes")
    answer_wishes(page)
    page.picture("wishes-answered")
    page.go("next")
    page.wait_for("keypad")
    page.keys(DIGITS)
    page.go("next")
    page.wait_for("list")
    page.picture("matches-of-new-wishes")
    call = page.calls(WISHES)[-1]
    check(call["status"] == 201 and call["body"]["wishes"] == {
        "occupations": ["welder", "electrician", "forklift"], "lowestPayYuanMonth": 6000, "nightShifts": False,
        "skills": ["叉车证", "电脑"], "travel": True,
    }, "other wishes are recorded, and matched at once")
    leave(page)


def answer_wishes(page):
    page.choose("occupations", "field")
    page.wait_for("tiles")
    for tile in ("welder", "electrician", "forklift", "porter"):
        page.choose(tile)
    page.picture("wishes-occupations")
    check(page.is_seen("#tiles-problem"), "a fourth one is not taken, and the page says why")
    page.go("tilesDone")
    page.wait_for("wishes")
    page.choose("lowestPay", "field")
    page.wait_for("tiles")
    page.choose("6000")
    page.wait_for("wishes")
    page.choose("nightShifts", "field")
    page.wait_for("tiles")
    page.picture("wishes-nights")
    page.choose("false")
    page.wait_for("wishes")
    page.choose("skills", "field")
    page.wait_for("tiles")
    for tile in ("叉车证", "电脑"):
        page.choose(tile)
    page.picture("wishes-skills")
    page.go("tilesDone")
    page.wait_for("wishes")
    page.choose("travel", "field")
    page.wait_for("tiles")
    page.picture("wishes-travel")
    page.choose("yes")
    page.wait_for("wishes")


def registers_with_wishes(page, kiosk):
    people.to_name(page, people.SECOND)
    page.go("skip")
    page.wait_for("groups")
    page.go("skip")
    page.wait_for("wishes")
    page.picture("wishes")
    check("您同意给电话的单位，能看到您想做的活、工资和手艺" in page.browser.text("main"),
          "the wishes page says who may see them")
    answer_wishes(page)
    page.choose("places", "field")
    page.wait_for("tiles")
    page.picture("wishes-places")
    page.choose("离家近")
    page.go("tilesDone")
    page.wait_for("tiles")
    page.picture("wishes-home")
    page.choose("990121")
    page.wait_for("wishes")
    page.go("next")
    page.wait_for("check")
    page.picture("check-wishes")
    check("6000" in page.browser.text("#check-rows"), "what was wished can be read once more")
    page.go("submit")
    people.ticket_of(page)
    call = page.calls(people.REGISTRATIONS)[-1]
    check(call["status"] == 201 and call["body"]["wishes"] == {
        "occupations": ["welder", "electrician", "forklift"], "lowestPayYuanMonth": 6000, "places": ["离家近"],
        "home": "990121", "nightShifts": False, "skills": ["叉车证", "电脑"], "travel": True}, "a registration with wishes, home among them")
    page.go("done")
    page.wait_for("home")
