#!/usr/bin/env python3
"""One seeker's whole way: registered, slip read, form opened, intent stated, checked in, counted at headquarters.

    register-to-figures.py --programs DIR --work DIR

Prints each statement with `ok`; the first false one ends the run with status 1.
"""
import argparse
import glob
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

from testbed import Headquarters, Kiosk, REPOSITORY, make_record_id, today, wait_until

# A host of 24 characters, as long as an ordinary bureau's.
FORM_ADDRESS = "HTTPS://FORMS.JOBFAIR.EXAMPLE.CN"


def ok(statement):
    print(f"ok    {statement}", flush=True)


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    ok(statement)


def request(port, method, path, fields=None):
    """Status, headers and text; a browser's form post where there are fields."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        body = urllib.parse.urlencode(fields) if fields is not None else None
        headers = {"content-type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict((key.lower(), value) for key, value in answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def figures(headquarters, fair):
    status, _, text = request(headquarters.desk_port, "GET", f"/api/v1/fairs/{fair}/figures")
    return json.loads(text) if status == 200 else {}


def read_slip(kiosk, ticket):
    slips = wait_until("a slip", 30, lambda: glob.glob(os.path.join(kiosk.slips, f"*-{ticket}.png")))
    run = subprocess.run(
        [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "read-slip.py"), slips[0]], capture_output=True,
        text=True, check=False)
    check(run.returncode == 0, "the slip's code is read by zbarimg and by ZXing alike")
    return run.stdout.strip()


def state_intents(headquarters, fair, path, phone):
    """The form as a phone uses it: wrong digits change nothing, right ones count, a repeat counts once."""
    status, headers, page = request(headquarters.form_port, "GET", path)
    check(status == 200 and "no-store" in headers.get("cache-control", ""), "the form opens, and is kept out of caches")
    # Without the vacancies' ids: among hundreds of random ones any four digits turn up.
    shown = re.sub("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", page)
    check(phone not in page and phone[-4:] not in shown, "the form shows no digit of the phone")
    vacancies = re.findall(r'name="vacancy" value="([^"]+)"', page)
    check(len(vacancies) >= 30, f"the form lists the fair's vacancies ({len(vacancies)})")
    fields = [("post", re.search(r'name="post" value="([^"]+)"', page)[1]), ("vacancy", vacancies[0]),
              ("vacancy", vacancies[7])]
    wrong = "0000" if phone[-4:] != "0000" else "1111"
    status, _, _ = request(headquarters.form_port, "POST", path, fields + [("digits", wrong)])
    check(status == 403 and figures(headquarters, fair)["intents"]["pairs"] == 0, "wrong digits state nothing")
    for _ in range(2):
        status, headers, _ = request(headquarters.form_port, "POST", path, fields + [("digits", phone[-4:])])
        check(status == 303, "the right digits state two intents")
    status, _, _ = request(headquarters.form_port, "GET", headers["location"])
    check(status == 200, "the form shows what was stated")
    counted = figures(headquarters, fair)["intents"]
    check(counted == {"people": 1, "pairs": 2}, "figures: 1 person with 2 intents, the repeat counted once")


def run(headquarters, kiosk):
    fair = headquarters.prepare(kind="fair")
    headquarters.program.start()
    kiosk.program.start()
    kiosk.join(headquarters, fair, today())
    ok("enrolled, fair opened")

    phone = "15400001234"
    status, answer, sent = kiosk.register(name="欧阳试机", phone=phone)
    check(status == 201, f"registered: 201, ticket number {answer.get('ticket')}")
    status, _, again = kiosk.request("POST", "/api/v1/registrations", sent)
    check(status == 201 and json.loads(again) == answer, "the same request again gets the same answer")
    address = read_slip(kiosk, answer["ticket"])
    check(address == answer["code"]["address"], "paper and screen carry the same address")
    check(address.startswith(FORM_ADDRESS + "/I/"), f"it leads to a form whose host has {len(FORM_ADDRESS) - 8} characters")

    status, _, _ = kiosk.request("POST", "/api/v1/entries", {"recordId": make_record_id(), "way": "tap"})
    check(status == 201, "an entry was counted")
    status, _, text = kiosk.request("POST", "/api/v1/check-ins", {"recordId": make_record_id(), "scanned": address})
    check(status == 201 and json.loads(text)["ticket"] == answer["ticket"], "the scanned slip checks the seeker in")
    wait_until("figures count the registration", 60, lambda: figures(headquarters, fair).get("registrations") == 1)
    ok("figures: 1 registration")
    wait_until("figures count the check-in", 60, lambda: sum(day["people"] for day in figures(headquarters, fair)["checkIns"]) == 1)
    counted = figures(headquarters, fair)
    check(counted["entries"] >= 1, f"figures: {counted['entries']} entries, 1 check-in")
    state_intents(headquarters, fair, address[len(FORM_ADDRESS):], phone)
    kiosks = figures(headquarters, fair)["kiosks"]
    check(len(kiosks) == 1 and kiosks[0]["lastContactAt"], "figures: 1 kiosk, with its last contact")
    refuse_rehearsal(kiosk)


def refuse_rehearsal(kiosk):
    """A rehearsal on a real fair would spoil its figures."""
    done = subprocess.run(
        [os.path.join(kiosk.programs, "kioskctl"), "rehearse", "--seekers", "1", "--kiosk", kiosk.address,
         "--acknowledged", os.path.join(kiosk.folder, "acknowledged.txt")],
        capture_output=True, text=True, timeout=60, check=False)
    check(done.returncode != 0 and "rehearsal" in done.stderr, "a rehearsal on a real fair is refused")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    headquarters = Headquarters(os.path.join(work, "hq"), programs, form_address=FORM_ADDRESS)
    kiosk = Kiosk(os.path.join(work, "kiosk"), programs, "E1")
    try:
        run(headquarters, kiosk)
    finally:
        ended = [kiosk.program.stop(), headquarters.program.stop()]
    check(ended == [0, 0], "both programs end with status 0 on SIGTERM")
    print("end to end: all true")


if __name__ == "__main__":
    main()
