"""Closed vacancies, lists that fail, paper that does not come: each scene begins and ends at the first screen."""

import json
import os

import vacancy_scenes as scene
from kiosk_page import check
from testbed import make_record_id, synthetic_id, wait_until

STATED = "/api/v1/slip-intents"


def takes_back_what_is_closed(page, headquarters, kiosk):
    """Filled and withdrawn since: on no list but that of what the slip has stated. The daemon has restarted."""
    address = scene.slip_of(kiosk, document={"number": synthetic_id("19740207", "231", "009173")})
    cards = scene.found(kiosk)["vacancies"][:3]
    for card in cards:
        code, _, body = kiosk.request("POST", scene.INTENTS, {
            "recordId": make_record_id(), "formKey": os.urandom(16).hex(), "scanned": address, "digits": scene.DIGITS,
            "vacancyId": card["id"], "passOnConsent": True})
        check(code == 201, f"stated: {json.loads(body).get('state')}")
    headquarters.command("vacancy", "filled", "--id", cards[0]["id"])
    headquarters.command("vacancy", "withdraw", "--id", cards[1]["id"])
    # The catalogue comes with the first contact after a start.
    kiosk.program.kill()
    for card in cards[:2]:
        wait_until("the new catalogue", 60, lambda card=card: is_gone(kiosk, card["id"]))
    page.open()
    page.scan(address)
    page.wait_for("checkIn")
    page.go("withdraw")
    scene.says_digits(page)
    page.wait_for("list")
    page.picture("stated-closed")
    check(sorted(scene.titles(page)) == sorted(card["title"] for card in cards)
          and sorted(page.texts("#list-cards .closed")) == ["已招满", "已撤回"],
          "what the slip stated, what is closed with a mark, also after a restart")
    scene.pick(page, 1, 2)
    page.go("review")
    page.wait_for("intents")
    page.go("state")
    page.wait_for("outcome")
    page.picture("withdrawn-closed")
    calls = page.calls(scene.INTENTS)[-2:]
    check([(call["status"], call["body"]["withdrawn"], call["body"]["vacancyId"]) for call in calls]
          == [(201, True, card["id"]) for card in cards[:2]], "both are taken back")
    page.go("back")
    page.wait_for("checkIn")
    page.go("withdraw")
    page.wait_for("list")
    check(scene.titles(page) == [cards[2]["title"]], "and only the third is left")
    scene.pick(page, 1)
    page.go("review")
    page.wait_for("intents")
    page.go("state")
    page.wait_for("outcome")
    page.go("back")
    page.wait_for("checkIn")
    page.go("withdraw")
    page.wait_for("list")
    page.picture("stated-none")
    check(scene.titles(page) == [] and page.is_seen("#list-all"), "nothing left: the rest can be looked for")
    check(page.calls(STATED)[-1]["status"] == 200, "without the digits being asked again")
    scene.leave(page)


def is_gone(kiosk, vacancy):
    try:
        return kiosk.request("GET", f"/api/v1/vacancies/{vacancy}")[0] == 404
    except OSError:
        return False


def meets_a_failing_list(page):
    """The kiosk refuses, and says why; the way back leads out."""
    refusal = {"path": "/api/v1/vacancies", "status": 503, "zh": "招聘会还没有开始登记，请找工作人员。"}
    page.go("browse")
    page.wait_for("browse")
    page.test("refusal", refusal)
    page.go("find")
    page.wait_for("trouble")
    page.picture("list-failed")
    check(refusal["zh"] in page.browser.text("main"), "a list that fails: in the kiosk's words")
    page.go("retry")
    page.wait_for("trouble")
    page.go("back")
    page.wait_for("browse")
    check(True, "back leads to the screen before, not in a circle")
    page.go("find")
    page.wait_for("trouble")
    page.test("refusal", None)
    page.go("retry")
    page.wait_for("list")
    page.test("refusal", refusal)
    page.go("listAfter")
    page.wait_for("trouble")
    page.go("back")
    page.wait_for("browse")
    page.test("refusal", None)
    scene.to_list(page)
    check(len(scene.titles(page)) > 0, "once it answers again the list is there")
    page.tap("#list-cards .open")
    page.wait_for("vacancy")
    page.test("refusal", {**refusal, "path": scene.SLIPS, "status": 404})
    page.go("print")
    wait_until("given up", 15, lambda: page.is_seen("#toast"))
    page.picture("print-job-lost")
    check("没打出来" in page.browser.text("#toast") and "打印这个岗位" in page.browser.text("#vacancy-print"),
          "a print job the kiosk does not know any more is not waited for")
    page.test("refusal", None)
    scene.leave(page)


def reads_who_is_not_taken(page, kiosk):
    card = next(card for card in scene.found(kiosk, q="")["vacancies"] + scene.found(kiosk, q="夜班")["vacancies"]
                + scene.found(kiosk, q="保安")["vacancies"] if card["notUnder18"])
    page.go("browse")
    page.wait_for("browse")
    scene.look_for(page, card["title"])
    scene.to_list(page)
    page.picture("list-adults")
    check("满18岁才能报" in page.texts("#list-cards .adults"), f"the list says who is not taken: {card['title']}")
    scene.leave(page)


def prints_no_vacancy(page):
    """At a kiosk whose printer is known to be dead."""
    page.go("browse")
    page.wait_for("browse")
    scene.to_list(page)
    page.tap("#list-cards .open")
    page.wait_for("vacancy")
    page.go("print")
    page.wait_for("trouble")
    page.picture("vacancy-not-printed")
    check("打印机现在不能用" in page.browser.text("main") and page.calls(scene.SLIPS)[-1]["status"] == 503,
          "printer dead: nobody is let wait for a vacancy's slip")
    page.go("back")
    page.wait_for("vacancy")
    scene.leave(page)
