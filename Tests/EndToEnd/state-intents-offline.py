#!/usr/bin/env python3
"""Intents at the kiosk without a network: stated by slip, through a power cut, and at headquarters once.

    state-intents-offline.py --programs DIR --work DIR

Prints each statement with `ok`; the first false one ends the run with status 1.
"""
import argparse
import glob
import http.client
import json
import os
import shutil
import sqlite3
import sys
import time

from testbed import Headquarters, Kiosk, make_record_id, synthetic_id, today, wait_until

PHONE = "15400005678"


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    print(f"ok    {statement}", flush=True)


def ask(kiosk, path, body=None):
    status, _, text = kiosk.request("GET" if body is None else "POST", f"/api/v1/{path}", body)
    return status, json.loads(text)


def statement(slip, digits=PHONE[-4:], **fields):
    return {"recordId": make_record_id(), "formKey": os.urandom(16).hex(), "scanned": slip, "digits": digits, **fields}


def intents(headquarters):
    """Vacancy -> what headquarters holds of it, from a copy of its file."""
    copy = os.path.join(headquarters.folder, "copy.sqlite")
    source = sqlite3.connect(f"file:{headquarters.database}?mode=ro", uri=True)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
        rows = target.execute(
            "SELECT lower(hex(vacancyID)), passOnConsent, isWithdrawn, level FROM intent").fetchall()
        return {vacancy: (bool(consent), bool(withdrawn), level) for vacancy, consent, withdrawn, level in rows}
    finally:
        source.close()
        target.close()


def figures(headquarters, fair):
    connection = http.client.HTTPConnection("127.0.0.1", headquarters.desk_port, timeout=20)
    try:
        connection.request("GET", f"/api/v1/fairs/{fair}/figures")
        return json.loads(connection.getresponse().read())["intents"]
    finally:
        connection.close()


def repeat(kiosk, path, body):
    """What the page does: the very same request, until the kiosk is ready for new records."""
    def answer():
        status, said = ask(kiosk, path, body)
        return None if status == 503 else (status, said)
    return wait_until(f"an answer to {path}", 30, answer)


def browse(kiosk):
    status, page = ask(kiosk, "vacancies?limit=50")
    check(status == 200 and page["total"] >= 250, f"the kiosk shows the fair's vacancies ({page.get('total')})")
    status, tiles = ask(kiosk, "occupations")
    check(status == 200 and len(tiles["occupations"]) == 30, "thirty tiles")
    status, regions = ask(kiosk, "regions")
    check(status == 200 and regions["fairRegion"] and sum(r["vacancies"] for r in regions["regions"]) > 0,
          f"{len(regions['regions'])} regions have names")
    status, found = ask(kiosk, "vacancies?q=%E7%BC%9D%E7%BA%AB&board=true&order=pay")
    check(status == 200 and 0 < found["total"] < page["total"], f"search finds {found['total']} for 缝纫 with meals")
    times = []
    for turn in range(200):
        began = time.perf_counter()
        ask(kiosk, "matches", {"wishes": {"occupations": ["sewing"], "home": "990121", "nightShifts": False}})
        ask(kiosk, f"vacancies?q=%E5%B7%A5&turn={turn}")
        times.append(time.perf_counter() - began)
    print(f"      a list and a search together: median {1000 * sorted(times)[100]:.1f} ms, "
          f"p99 {1000 * sorted(times)[197]:.1f} ms")
    return [card["id"] for card in page["vacancies"] if not card["notUnder18"]]


def run(headquarters, kiosk, other):
    fair = headquarters.prepare(kind="fair")
    headquarters.program.start()
    for one in (kiosk, other):
        one.program.start()
        one.join(headquarters, fair, today())
        wait_until("outbox empty", 60, lambda one=one: one.status()["counts"]["pending"] == 0)
    vacancies = browse(kiosk)
    headquarters.program.stop()
    print("      headquarters is gone: no network from here on")

    status, seeker, _ = kiosk.register(
        name="测试乙", phone=PHONE, wishes={"occupations": ["sewing"], "home": "990121", "board": True, "travel": True})
    check(status == 201 and seeker["intentsAllowed"], "registered with wishes")
    slip = seeker["code"]["address"]
    status, listed = ask(kiosk, "matches", {"scanned": slip})
    check(status == 200 and len(listed["matches"]) >= 5, "the slip brings a list by its own wishes: "
          + " / ".join("、".join(line["reasons"]) for line in listed["matches"][:3]))

    third = statement(slip, vacancyId=vacancies[2], passOnConsent=True)
    for body in (statement(slip, vacancyId=vacancies[0], passOnConsent=True),
                 statement(slip, vacancyId=vacancies[1], passOnConsent=True), third, third):
        status, answer = ask(kiosk, "intents", body)
        check((status, answer) == (201, {"state": "recorded", "vacancyId": body["vacancyId"]}), "an intent is recorded")
    status, answer = ask(kiosk, "intents", statement(slip, "0000", vacancyId=vacancies[3], passOnConsent=True))
    check(status == 422 and answer["code"] == "slip.digitsWrong", "wrong digits state nothing")
    status, answer = ask(other, "intents", statement(slip, vacancyId=vacancies[2], passOnConsent=True))
    check((status, answer["state"]) == (201, "toBeChecked"), "another kiosk takes it sealed, to be checked")
    status, answer = ask(other, "intents", statement(slip, "0000", vacancyId=vacancies[4], passOnConsent=True))
    check((status, answer["state"]) == (201, "toBeChecked"), "it cannot tell wrong digits from right ones")

    year = int(today()[:4]) - 15
    status, child, _ = kiosk.register(document={"number": synthetic_id(birth=f"{year}0101")}, phone="15400001111")
    check(status == 201 and not child["intentsAllowed"], "somebody under 16 is registered")
    for path, body in (("intents", statement(child["code"]["address"], "1111", vacancyId=vacancies[0])),
                       ("matches", {"scanned": child["code"]["address"]})):
        status, answer = ask(kiosk, path, body)
        check(status == 422 and answer["code"] == "slip.noIntents", f"{path}: such a slip is refused")
    forged = slip[:-1] + ("A" if slip[-1] != "A" else "B")
    status, answer = ask(kiosk, "intents", statement(forged, vacancyId=vacancies[0]))
    check(status == 422 and answer["code"] == "slip.invalid", "a forged slip is refused")

    status, _ = ask(kiosk, "vacancy-slips", {"recordId": make_record_id(), "vacancyId": vacancies[0]})
    check(status == 202, "the slip of one vacancy is queued")
    wait_until("the slip of a vacancy", 30, lambda: glob.glob(os.path.join(kiosk.slips, "*-vacancy-*.png")))
    check(True, "and printed")

    kiosk.program.crash()
    shutil.rmtree(kiosk.runtime)
    os.makedirs(kiosk.runtime)
    kiosk.program.start()
    print("      the power was cut: the key of the digits is gone")
    wait_until("ready", 30, lambda: ask(kiosk, "intents", third)[0] == 201)
    for fields in ({"vacancyId": vacancies[1], "withdrawn": True}, {"vacancyId": vacancies[2], "passOnConsent": False}):
        status, answer = repeat(kiosk, "intents", statement(slip, **fields))
        check((status, answer.get("state")) == (201, "toBeChecked"), "what takes something back is recorded all the same")
    status, answer = repeat(kiosk, "wishes", statement(slip, wishes={"occupations": ["cook"]}))
    check((status, answer.get("state")) == (201, "toBeChecked"), "other wishes are recorded")

    headquarters.program.start()
    for one in (kiosk, other):
        wait_until("outbox empty", 120, lambda one=one: one.status()["counts"]["pending"] == 0)
        check(one.status()["counts"]["quarantined"] == 0, "headquarters took every record")
    held = intents(headquarters)
    names = [vacancy.replace("-", "") for vacancy in vacancies]
    check(set(held) == set(names[:3]), "headquarters holds three vacancies of this seeker, each once")
    check(held[names[0]] == (True, False, "preliminary"), "the first stands, with consent")
    check(held[names[1]][1], "the second is withdrawn")
    check(held[names[2]][:2] == (False, False), "the third stands, without consent")
    check(figures(headquarters, fair) == {"people": 1, "pairs": 2} or
          {key: figures(headquarters, fair)[key] for key in ("people", "pairs")} == {"people": 1, "pairs": 2},
          "figures: 1 person with 2 intents")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    programs, work = os.path.abspath(options.programs), os.path.abspath(options.work)
    shutil.rmtree(work, ignore_errors=True)
    headquarters = Headquarters(os.path.join(work, "hq"), programs)
    kiosks = [Kiosk(os.path.join(work, name), programs, name) for name in ("K1", "K2")]
    try:
        run(headquarters, *kiosks)
    finally:
        for kiosk in kiosks:
            kiosk.program.stop()
        headquarters.program.stop()
    print("intents stated without a network: every statement holds")


if __name__ == "__main__":
    sys.exit(main())
