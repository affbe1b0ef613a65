#!/usr/bin/python3
"""Intents by slip without a network, a power cut, and what the employer's list says afterwards.

    intents-offline.py --programs DIR --work DIR

Prints each statement with `ok`; the first false one ends the run with status 1. Debian's own Python: it reads the
exported workbook with Debian's python3-openpyxl.
"""
import argparse
import csv
import html
import http.client
import io
import json
import os
import re
import shutil
import urllib.parse

import openpyxl

from testbed import Headquarters, Kiosk, make_record_id, synthetic_id, today, wait_until, write

PASSWORDS = {"clerk-e2e": "a sentence of a clerk", "employer-e2e": "a sentence of an employer"}
# Kiosks try again after up to 16 s when headquarters was away for some seconds.
ARRIVAL_SECONDS = 120
NAME, PHONE = "测试甲", "15400001234"
NAME_CLAIMED, PHONE_CLAIMED = "欧阳试机", "15400005678"
WRONG_DIGITS = "0001"


def ok(statement):
    print(f"ok    {statement}", flush=True)


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    ok(statement)


def request(port, method, path, fields=None, headers=None):
    """Status, headers and body; a browser's form post where there are fields."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        headers = dict(headers or {})
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["content-type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class DeskLogin:
    """A browser at headquarters' desk."""

    def __init__(self, headquarters, name):
        self.port = headquarters.desk_port
        self.origin = f"http://127.0.0.1:{self.port}"
        status, headers, _ = request(self.port, "POST", "/desk/login", {"name": name, "password": PASSWORDS[name]},
                                     {"origin": self.origin})
        check(status == 303 and "HttpOnly" in headers.get("set-cookie", ""), f"{name} logs in at the desk")
        self.cookie = headers["set-cookie"].split(";")[0]

    def get(self, path):
        return request(self.port, "GET", path, headers={"cookie": self.cookie})

    def post(self, path, page, fields):
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
        return request(self.port, "POST", path, {**fields, "csrf": token},
                       {"cookie": self.cookie, "origin": self.origin})


def rows_of_page(body):
    """Cells of the list's lines: number, name, telephone, vacancy, level."""
    table = re.search(rb'<table class="people">.*?<tbody>(.*?)</tbody>', body, re.S)[1].decode()
    rows = []
    for line in re.findall(r"<tr>(.*?)</tr>", table, re.S):
        cells = [html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
                 for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S)]
        if len(cells) > 1:
            rows.append(tuple(cells[:5]))
    return rows


def rows_of_sheet(cells):
    """Between the line of headers and that of totals."""
    cells = [["" if cell is None else cell for cell in row] for row in cells]
    first = next(index for index, row in enumerate(cells) if row[:2] == ["号码", "姓名"])
    last = next(index for index, row in enumerate(cells) if row[:1] == ["合计"])
    return [tuple(row[:5]) for row in cells[first + 1:last]]


def rows_of_workbook(body):
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    check(not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row), "XLSX: no cell is a formula")
    rows = rows_of_sheet(cells)
    check(all(isinstance(cell, str) for row in rows for cell in row), "XLSX: numbers and telephones are text")
    return rows


def rows_of_csv(body, encoding):
    return rows_of_sheet(list(csv.reader(io.StringIO(body.decode(encoding), newline=""))))


class Story:
    def __init__(self, headquarters, kiosk):
        self.headquarters, self.kiosk = headquarters, kiosk

    # -- steps

    def figures(self):
        status, _, body = request(self.headquarters.desk_port, "GET", f"/api/v1/fairs/{self.fair}/figures")
        return json.loads(body) if status == 200 else {}

    def pairs(self):
        return self.figures().get("intents", {}).get("pairs")

    def state(self, address, digits, vacancy, consent, record=None, withdrawn=False):
        """Status, answer and the request, to be repeated."""
        sent = record or {
            "recordId": make_record_id(), "formKey": os.urandom(16).hex(), "scanned": address, "digits": digits,
            "vacancyId": vacancy["id"], "passOnConsent": consent, "withdrawn": withdrawn}
        status, _, body = self.kiosk.request("POST", "/api/v1/intents", sent)
        return status, json.loads(body), sent

    def cut_power(self):
        """kill -9, and the runtime folder gone."""
        program = self.kiosk.program
        program.crash()
        shutil.rmtree(self.kiosk.runtime)
        os.makedirs(self.kiosk.runtime)

    def form_path(self, address):
        return address[len(self.headquarters.form_address):]

    # -- the story

    def prepare(self):
        headquarters, kiosk = self.headquarters, self.kiosk
        self.fair = headquarters.prepare(kind="fair")
        headquarters.program.start()
        kiosk.program.start()
        kiosk.join(headquarters, self.fair, today())
        _, _, body = kiosk.request("GET", "/api/v1/vacancies?limit=50")
        cards = [card for card in json.loads(body)["vacancies"] if not card["notUnder18"]]
        by_employer = {}
        for card in cards:
            by_employer.setdefault(card["employerId"], []).append(card)
        self.employer, self.vacancies = max(by_employer.items(), key=lambda item: len(item[1]))
        self.other_employer = next(employer for employer in by_employer if employer != self.employer)
        check(len(self.vacancies) >= 4, f"an employer with {len(self.vacancies)} vacancies is on the kiosk's list")
        for name, role in (("clerk-e2e", ["clerk"]), ("employer-e2e", ["employer", "--employer", self.employer])):
            password = write(os.path.join(headquarters.folder, name + ".txt"), PASSWORDS[name] + "\n")
            os.chmod(password, 0o600)
            headquarters.command("login", "add", "--name", name, "--password-file", password, "--role", *role)
        ok("logins for a clerk and for the employer")
        self.list_path = f"/desk/fairs/{self.fair}/employers/{self.employer}/list"

    def state_three(self):
        check(self.headquarters.program.stop() == 0, "headquarters is stopped: the kiosk has no network")
        status, answer, _ = self.kiosk.register(name=NAME, phone=PHONE)
        check(status == 201, f"registered without a network, ticket number {answer['ticket']}")
        self.ticket, self.address = answer["ticket"], answer["code"]["address"]
        status, problem, _ = self.state(self.address, WRONG_DIGITS, self.vacancies[0], True)
        check((status, problem["code"]) == (422, "slip.digitsWrong"), "wrong digits are refused at the kiosk")
        sent = []
        for vacancy, consent in zip(self.vacancies, (True, True, False)):
            status, body, record = self.state(self.address, PHONE[-4:], vacancy, consent)
            check((status, body) == (201, {"state": "recorded", "vacancyId": vacancy["id"]}),
                  f"intent by slip: recorded, {'with' if consent else 'without'} consent")
            sent.append(record)
        self.refuse_forged(self.address)
        self.refuse_young()
        self.cut_power()
        self.kiosk.program.start()
        ok("power cut: kioskd killed with SIGKILL, /run empty, started again")
        for record in sent:
            status, body, _ = self.state(None, None, None, None, record)
            check(status == 201 and body["vacancyId"] == record["vacancyId"],
                  "the same request again is taken as the same")
        status, body, _ = self.state(self.address, WRONG_DIGITS, self.vacancies[3], True)
        check((status, body["state"]) == (201, "toBeChecked"),
              "digits that the kiosk cannot check any longer go sealed to headquarters")

    def refuse_forged(self, address):
        forged = address[:-1] + ("A" if address[-1] != "A" else "B")
        status, problem, _ = self.state(forged, PHONE[-4:], self.vacancies[0], True)
        check((status, problem["code"]) == (422, "slip.invalid"), "a forged token is refused at the kiosk")
        self.forged = forged

    def refuse_young(self):
        status, answer, _ = self.kiosk.register(
            name="测试丁", phone="15400009999", document={"number": synthetic_id(birth="20120315")})
        check(status == 201 and answer["intentsAllowed"] is False, "somebody under 16 gets a slip of purpose 2")
        self.young = answer["code"]["address"]
        status, problem, _ = self.state(self.young, "9999", self.vacancies[0], True)
        check((status, problem["code"]) == (422, "slip.noIntents"), "with it the kiosk takes no intent")

    def arrive(self):
        self.headquarters.program.start()
        wait_until("three intents at headquarters", ARRIVAL_SECONDS, lambda: self.pairs() == 3)
        wait_until("everything uploaded", ARRIVAL_SECONDS, lambda: self.figures()["notUploaded"]["records"] == 0)
        figures = self.figures()
        check(figures["registrations"] == 2, "network back: both registrations arrive")
        check(figures["intents"] == {"people": 1, "pairs": 3},
              "three intents of one person are counted, that with the wrong digits is not")

    def read_lists(self):
        employer = DeskLogin(self.headquarters, "employer-e2e")
        expected = sorted((self.ticket, NAME, PHONE, vacancy["title"]) for vacancy in self.vacancies[:2])
        status, headers, body = employer.get(self.list_path)
        check(status == 200 and headers.get("cache-control") == "no-store", "the employer opens its list")
        check(sorted(row[:4] for row in rows_of_page(body)) == expected,
              "it has exactly the two intents with consent, once each, with name and telephone")
        exports = {".xlsx": rows_of_workbook, ".csv": lambda body: rows_of_csv(body, "utf-8-sig"),
                   ".csv?encoding=gb18030": lambda body: rows_of_csv(body, "gb18030")}
        for ending, read in exports.items():
            status, headers, body = employer.get(self.list_path + ending)
            check(status == 200 and "attachment" in headers.get("content-disposition", ""),
                  f"the list as {ending} is handed out")
            check(sorted(row[:4] for row in read(body)) == expected, f"{ending} holds the same two lines")
        status, _, _ = employer.get(self.list_path.replace(self.employer, self.other_employer))
        check(status == 404, "another employer's list is not there for it")
        status, headers, _ = request(self.headquarters.desk_port, "GET", self.list_path)
        check(status == 303 and headers["location"].startswith("/desk/login"), "without a login there is no list")
        self.employer_login = employer
        self.read_as_clerk(expected)

    def read_as_clerk(self, expected):
        clerk = DeskLogin(self.headquarters, "clerk-e2e")
        status, _, body = clerk.get(self.list_path)
        rows = rows_of_page(body)
        check(status == 200 and len(rows) == 2 and NAME not in body.decode() and PHONE not in body.decode(),
              "a clerk sees the two lines masked")
        page = body.decode()
        status, _, _ = clerk.post(self.list_path, page, {"reason": "看"})
        check(status == 422, "a clerk who gives no reason sees no more")
        reason = "替单位打电话通知面试"
        status, _, body = clerk.post(self.list_path, page, {"reason": reason})
        check(status == 200 and sorted(row[:4] for row in rows_of_page(body)) == expected,
              "with a reason a clerk sees them in full")
        status, _, body = clerk.post(self.list_path + ".xlsx", page, {"reason": reason})
        check(status == 200 and sorted(row[:4] for row in rows_of_workbook(body)) == expected,
              "and can export them in full")
        _, _, body = clerk.get("/desk/audit")
        audit = body.decode()
        lines = re.findall(r"<tr>(.*?)</tr>", audit, re.S)
        check(sum(reason in line and "clerk-e2e" in line for line in lines) == 2,
              "the audit has who, when and why for both")
        check(sum("employer-e2e" in line and 'class="number">2<' in line for line in lines) == 4,
              "and the employer's one look and three exports, with two lines each")
        check(NAME not in audit and PHONE not in audit, "the audit names no seeker")

    def withdraw_consent(self):
        self.headquarters.program.stop()
        status, _, _ = self.state(self.address, PHONE[-4:], self.vacancies[1], False)
        check(status == 201, "without a network the seeker takes one consent back at the kiosk")
        self.headquarters.program.start()
        self.wait_for_lines([(self.ticket, NAME, PHONE, self.vacancies[0]["title"])])
        ok("after sync its line is gone from the employer's list")
        check(self.pairs() == 3, "the intent itself stands")

    def wait_for_lines(self, expected):
        def lines():
            status, _, body = self.employer_login.get(self.list_path)
            return status == 200 and sorted(row[:4] for row in rows_of_page(body)) == sorted(expected)
        wait_until(f"{len(expected)} lines on the employer's list", ARRIVAL_SECONDS, lines)

    def use_phone(self):
        """A slip that headquarters has not heard of, on the phone's form."""
        self.headquarters.program.stop()
        status, answer, _ = self.kiosk.register(
            name=NAME_CLAIMED, phone=PHONE_CLAIMED, document={"number": synthetic_id(serial="457")})
        check(status == 201, "a second seeker is registered without a network")
        self.cut_power()
        self.headquarters.program.start()
        path, port = self.form_path(answer["code"]["address"]), self.headquarters.form_port
        status, _, body = request(port, "GET", path)
        check(status == 200 and NAME_CLAIMED[:2] not in body.decode(), "the form opens before the record has arrived")
        first, third = self.vacancies[0]["id"], self.vacancies[2]["id"]
        for digits, fields in ((PHONE_CLAIMED[-4:], [("vacancy", first), ("vacancy", third), ("withhold", third)]),
                               (WRONG_DIGITS, [("vacancy", self.vacancies[1]["id"])])):
            status, _, _ = request(port, "POST", path, [*fields, ("digits", digits)])
            claimed = len({vacancy for _, vacancy in fields})
            words = "wrong" if digits == WRONG_DIGITS else "right"
            check(status == 303, f"intents claimed on the phone with the {words} digits: {claimed}")
        check(self.pairs() == 3, "claimed intents are not counted")
        self.wait_for_lines([(self.ticket, NAME, PHONE, self.vacancies[0]["title"])])
        ok("and not on the employer's list")
        self.kiosk.program.start()
        wait_until("the second registration", ARRIVAL_SECONDS, lambda: self.figures()["registrations"] == 3)
        check(self.figures()["intents"] == {"people": 2, "pairs": 5},
              "the record arrives: the two with the right digits count, the third is void")
        second = (answer["ticket"], NAME_CLAIMED, PHONE_CLAIMED, self.vacancies[0]["title"])
        self.wait_for_lines([(self.ticket, NAME, PHONE, self.vacancies[0]["title"]), second])
        ok("and the one with consent is on the employer's list")
        status, headers, _ = request(port, "POST", path + "/mine", {"digits": PHONE_CLAIMED[-4:]})
        status, _, _ = request(port, "POST", headers["location"], {"withhold": first})
        self.wait_for_lines([(self.ticket, NAME, PHONE, self.vacancies[0]["title"])])
        check(status == 303 and self.pairs() == 5,
              "consent taken back on the phone: the line is gone, the intent stands")
        self.refuse_on_phone()

    def refuse_on_phone(self):
        port = self.headquarters.form_port
        fields = [("vacancy", self.vacancies[0]["id"]), ("digits", PHONE[-4:])]
        seen = [request(port, method, self.form_path(self.forged), data)[0]
                for method, data in (("GET", None), ("POST", fields))]
        check(seen == [404, 404], "the form knows no forged token")
        status, _, body = request(port, "GET", self.form_path(self.young))
        check(status == 200 and b'name="vacancy"' not in body, "under 16 the form offers no vacancy")
        status, _, _ = request(port, "POST", self.form_path(self.young), [*fields[:1], ("digits", "9999")])
        check(status == 403 and self.pairs() == 5, "and takes no intent")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    headquarters = Headquarters(os.path.join(work, "hq"), programs)
    kiosk = Kiosk(os.path.join(work, "kiosk"), programs, "F1")
    story = Story(headquarters, kiosk)
    try:
        story.prepare()
        story.state_three()
        story.arrive()
        story.read_lists()
        story.withdraw_consent()
        story.use_phone()
    finally:
        ended = [kiosk.program.stop(), headquarters.program.stop()]
    check(ended == [0, 0], "both programs end with status 0 on SIGTERM")
    print("intents: all true")


if __name__ == "__main__":
    main()
