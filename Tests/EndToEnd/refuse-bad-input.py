#!/usr/bin/env python3
"""Everything that must not get in, against the real daemon over real HTTP; and what the daemon says when the world fails it.

    refuse-bad-input.py --programs DIR --work DIR [--update]

A row is a name, a request and what has to come of it. Status and answer are golden (refuse-bad-input.golden); the rows
of every table of the kiosk's database are counted before and after each. No answer may repeat what was typed.
"""

import argparse
import itertools
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

from testbed import REPOSITORY, Headquarters, Kiosk, make_record_id, synthetic_id, today, wait_until, write

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "refuse-bad-input.golden")
TABLES = ["record", "outbox", "deskEntry", "printJob"]
NAME, PHONE = "测试乙", "15400005678"


def base(**fields):
    return {"recordId": make_record_id(), "formKey": "00112233445566778899aabbccddeeff", "noticeVersion": "2026-1",
            "document": {"number": synthetic_id()}, "name": NAME, "phone": PHONE, **fields}


def document(number, kind=None):
    return base(document={"number": number, **({"kind": kind} if kind else {})})


def wrong_check_digit():
    right = synthetic_id()
    return right[:-1] + ("1" if right[-1] != "1" else "2")


def born(years, days=0):
    """A number of somebody who is `years` old `days` days before (negative) or after a birthday, on the fair day."""
    moment = time.gmtime(time.time() + 8 * 3600 - days * 86400)
    month_day = time.strftime("%m%d", moment)
    return synthetic_id(birth=f"{moment.tm_year - years}{'0301' if month_day == '0229' else month_day}")


def rows():
    """(name, method, path, headers, body)"""
    registrations = {
        # documents
        "wrong check digit": document(wrong_check_digit()),
        "seventeen digits": document(synthetic_id()[:17]),
        "nineteen digits": document(synthetic_id() + "1"),
        "sixteen digits": document("0000007503021231"),
        "30 February": document(synthetic_id(birth="19750230")),
        "month 13": document(synthetic_id(birth="19751302")),
        "born tomorrow": document(synthetic_id(birth="20991231")),
        "15 digits, 31 April": document("000000750431123"),
        "a spreadsheet's float": document("5.10229E+17"),
        "letters in a resident ID": document("00000019750302123A"),
        "unknown kind": document(synthetic_id(), "libraryCard"),
        "a passport's number as resident ID": document("E12345678", "residentID"),
        "a passport that is too short": document("E123", "passport"),
        "a passport with signs": document("E12345!78", "passport"),
        "resident ID as residence permit": document(synthetic_id(), "residencePermit"),
        "permanent resident, 14 characters": document("ABC12345678901", "permanentResident"),
        "a document of 500 characters": document("1" * 500),
        # names
        "a name of 51 characters": base(name="测" * 51),
        "a name of digits": base(name="12345"),
        "a name with markup": base(name="<script>"),
        "a name turned round": base(name="测\u202e试"),
        "a name with zero width": base(name="测\u200b试"),
        "a name with a line feed": base(name="测\n试"),
        "a private-use character": base(name="测\ue000"),
        "a name of dots": base(name="···"),
        # phones
        "a phone of ten digits": base(phone="1540000567"),
        "a phone of twelve digits": base(phone="154000056789"),
        "a mobile beginning with 2": base(phone="25400005678"),
        "a phone with letters": base(phone="15400OO5678x"),
        "a foreign prefix": base(phone="+1 5400005678"),
        "a phone, and none": base(noPhone=True),
        "neither document nor phone": base(document=None, phone=None),
        # ages and birth dates
        "thirteen years": document(born(13)),
        "fourteen tomorrow": document(born(14, days=-1)),
        "thirteen by what was said": base(document=None, birthDate=f"{int(today()[:4]) - 13}-01-01"),
        "a birth date that does not exist": base(document=None, birthDate="1975-02-30"),
        "a birth date against the document": base(birthDate="1980-01-01"),
        "born in 1700": base(document=None, birthDate="1700-01-01"),
        "born in the future": base(document=None, birthDate="2099-01-01"),
        # consent
        "no notice": base(noticeVersion=None),
        "an old notice": base(noticeVersion="1999-1"),
        "key groups without consent": base(keyGroups=["lowIncome"]),
        "an unknown key group": base(keyGroups=["astronaut"], keyGroupConsent=True),
        "everything wrong at once": base(document={"number": "12"}, name="<b>", phone="12", noticeVersion="x",
                                         keyGroups=["astronaut"]),
        # shapes
        "an unknown key": base(nmae="x"),
        "a number where a text belongs": base(name=7),
        "a bad record id": base(recordId="0237"),
        "a bad form key": base(formKey="xyz"),
        "an empty object": {},
        "a list": [],
    }
    for name, body in registrations.items():
        yield name, "POST", "/api/v1/registrations", {}, json.dumps(body, ensure_ascii=False).encode()
    good = json.dumps(base(), ensure_ascii=False)
    for name, body in {
            "not JSON": b"hello", "cut off": good.encode()[:-3], "nothing": b"", "NaN": b'{"name":NaN}',
            "the same key twice": (good[:-1] + ',"name":"x"}').encode(),
            "nested 5,000 deep": b"[" * 5000,
            "UTF-16": good.encode("utf-16-le"), "GB18030": good.encode("gb18030"),
            "overlong NUL": good.replace(NAME, "@").encode().replace(b"@", b"\xc0\x80"),
            "a lone surrogate": good.replace(NAME, "\\ud840").encode(),
            "17 KiB": b" " * (17 << 10), "one MiB": b"x" * (1 << 20)}.items():
        yield name, "POST", "/api/v1/registrations", {}, body
    for name, headers in {
            "no content type": {"content-type": ""}, "a web form": {"content-type": "application/x-www-form-urlencoded"},
            "text": {"content-type": "text/plain"}, "another charset": {"content-type": "application/json; charset=gbk"},
            "forged Host": {"host": "evil.example"}, "another port in Host": {"host": "127.0.0.1:1"},
            "Host of the network": {"host": "192.168.1.5:7180"}, "forged Origin": {"origin": "https://evil.example"},
            "Origin null": {"origin": "null"}, "sent by another site": {"sec-fetch-site": "cross-site"}}.items():
        yield name, "POST", "/api/v1/registrations", headers, good.encode()
    yield "no such address", "GET", "/api/v2/status", {}, None
    yield "DELETE", "DELETE", "/api/v1/registrations", {}, None
    yield "the last slip, outside a demonstration", "GET", "/demonstration/last-slip.png", {}, None
    for name, scanned in {"a soup tin": "6901234567892", "a slip that was forged": "HTTP://X/I/" + "A" * 48,
                          "a very long scan": "9" * 5000}.items():
        yield (f"check-in with {name}", "POST", "/api/v1/check-ins", {},
               json.dumps({"recordId": make_record_id(), "scanned": scanned}).encode())
    yield ("lost slip of a stranger", "POST", "/api/v1/slip-copies", {}, json.dumps(
        {"recordId": make_record_id(), "formKey": "00112233445566778899aabbccddeeff",
         "documentNumber": synthetic_id("19600101"), "phoneDigits": "0000"}).encode())


SLIP = "HTTP://X/I/" + "A" * 48
NOBODY = "0199a000-0000-7000-8000-000000000099"


def about_vacancies():
    """As rows(): search, lists, single slips, intents and wishes. No slip here is genuine."""
    def statement(**fields):
        return {"recordId": make_record_id(), "formKey": "00112233445566778899aabbccddeeff", "scanned": SLIP,
                "digits": PHONE[-4:], **fields}
    for name, query in {
            "an unknown name": "sex=1", "a name twice": "q=a&q=b", "an unknown tile": "occupation=astronaut",
            "pay as a word": "lowestPay=much", "board as a number": "board=1", "a page of 51": "limit=51",
            "an unknown order": "order=near", "a control character": "q=%00", "not UTF-8": "q=%FF",
            "a broken percent sign": "q=%E", "3 KiB": "q=" + "a" * 3000}.items():
        yield f"search with {name}", "GET", f"/api/v1/vacancies?{query}", {}, None
    yield "a vacancy nobody has", "GET", f"/api/v1/vacancies/{NOBODY}", {}, None
    yield "a vacancy that is no UUID", "GET", "/api/v1/vacancies/12", {}, None
    yield "print state of no vacancy slip", "GET", f"/api/v1/vacancy-slips/{NOBODY}/print-state", {}, None
    for name, path, body in [
            ("match with an age", "matches", {"age": 17}),
            ("match with four places", "matches", {"wishes": {"places": ["a", "b", "c", "d"]}}),
            ("match with a forged slip", "matches", {"scanned": SLIP}),
            ("match, 21 lines", "matches", {"limit": 21}),
            ("slip of a vacancy nobody has", "vacancy-slips", {"recordId": make_record_id(), "vacancyId": NOBODY}),
            ("slip of a vacancy that is no UUID", "vacancy-slips", {"recordId": make_record_id(), "vacancyId": "12"}),
            ("intent with a forged slip", "intents", statement(vacancyId=NOBODY, passOnConsent=True)),
            ("intent with a soup tin", "intents", statement(vacancyId=NOBODY, scanned="6901234567892")),
            ("intent without digits", "intents", statement(vacancyId=NOBODY, digits=None)),
            ("intent with five digits", "intents", statement(vacancyId=NOBODY, digits="12345")),
            ("intent with letters for digits", "intents", statement(vacancyId=NOBODY, digits="12a4")),
            ("intent with a level", "intents", statement(vacancyId=NOBODY, level="signed")),
            ("intent with consent as a word", "intents", statement(vacancyId=NOBODY, passOnConsent="yes")),
            ("intent without a form key", "intents", statement(vacancyId=NOBODY, formKey=None)),
            ("intent without a vacancy", "intents", statement()),
            ("wishes with a forged slip", "wishes", statement(wishes={"occupations": ["sewing"]})),
            ("wishes without wishes", "wishes", statement()),
            ("wishes with a sex", "wishes", statement(wishes={"sex": "x"})),
            ("wishes for four occupations", "wishes", statement(wishes={"occupations": ["a", "b", "c", "d"]})),
            ("wishes with an unknown form of work", "wishes", statement(wishes={"workForms": ["nightly"]})),
            ("wishes with a home turned round", "wishes", statement(wishes={"home": "测\u202e试"}))]:
        yield name, "POST", f"/api/v1/{path}", {}, json.dumps(body, ensure_ascii=False).encode()


class Run:
    def __init__(self, options):
        shutil.rmtree(options.work, ignore_errors=True)
        self.programs, self.work = options.programs, options.work
        self.headquarters = Headquarters(os.path.join(options.work, "hq"), options.programs)
        os.makedirs(os.path.join(options.work, "kiosk", "state"), mode=0o700)
        self.kiosk = Kiosk(os.path.join(options.work, "kiosk"), options.programs, "B1", printer="{kind: none}")
        self.golden, self.failures, self.count = {}, [], 0
        self.mounted = False

    def counts(self):
        """Rows of a copy: the daemon holds its file alone. The copy takes the WAL along."""
        copy = os.path.join(self.work, "copy.sqlite")
        for suffix in ("", "-wal"):
            source = self.kiosk.database + suffix
            if os.path.exists(source):
                shutil.copyfile(source, copy + suffix)
            elif os.path.exists(copy + suffix):
                os.remove(copy + suffix)
        database = sqlite3.connect(copy)
        try:
            return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]
        finally:
            database.close()

    def record(self, name, value):
        self.count += 1
        if name in self.golden:
            self.failures.append(f"{name}: two rows of this name")
        self.golden[name] = value

    def expect(self, name, isTrue, detail=""):
        self.count += 1
        if not isTrue:
            self.failures.append(f"{name}: {detail}")

    def normalised(self, text):
        return text.replace(f":{self.kiosk.port}", ":PORT").replace(self.work, "WORK").replace(REPOSITORY, "REPOSITORY")

    def table(self):
        for name, method, path, headers, body in itertools.chain(rows(), about_vacancies()):
            before = self.counts()
            sent = {"content-type": "application/json", **headers} if body is not None else headers
            if sent.get("content-type") == "":
                del sent["content-type"]
            status, _, answer = self.send(method, path, sent, body)
            answer = self.normalised(answer.decode("utf-8", "replace"))
            self.record(name, {"status": status, "answer": json.loads(answer) if answer.startswith("{") else answer})
            if not 400 <= status < 500:
                self.failures.append(f"{name}: {status} is no refusal")
            after = self.counts()
            if before != after:
                self.failures.append(f"{name}: rows {before} became {after}")
            for typed in (NAME, PHONE, "19750302", "astronaut", "libraryCard"):
                if typed in answer:
                    self.failures.append(f"{name}: the answer repeats what was typed")

    def send(self, method, path, headers, body):
        """By hand, so that headers are exactly what the row says."""
        with socket.create_connection(("127.0.0.1", self.kiosk.port), 10) as connection:
            lines = [f"{method} {path} HTTP/1.1"]
            if "host" not in headers:
                lines.append(f"host: 127.0.0.1:{self.kiosk.port}")
            lines += [f"{name}: {value}" for name, value in headers.items()]
            if body is not None:
                lines.append(f"content-length: {len(body)}")
            lines.append("connection: close")
            try:
                connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
            except (BrokenPipeError, ConnectionResetError):
                pass
            received = b""
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except ConnectionResetError:
                pass
        head, _, content = received.partition(b"\r\n\r\n")
        if b"chunked" in head.lower():
            whole = b""
            while content:
                size, _, rest = content.partition(b"\r\n")
                if int(size, 16) == 0:
                    break
                whole += rest[:int(size, 16)]
                content = rest[int(size, 16) + 2:]
            content = whole
        return int(head.split()[1]) if head else 0, head, content

    def conflict(self):
        request = base()
        status, _, first = self.kiosk.request("POST", "/api/v1/registrations", request)
        self.expect("a good one", status == 201, f"{status} {first!r}")
        before = self.counts()
        status, _, again = self.kiosk.request("POST", "/api/v1/registrations", request)
        self.expect("its repeat", (status, again) == (201, first), f"{status}")
        for name, changed in {"another name under its id": {**request, "name": "测试丙"},
                              "another key under its id": {**request, "formKey": "f" * 32}}.items():
            status, _, answer = self.kiosk.request("POST", "/api/v1/registrations", changed)
            self.record(name, {"status": status, "answer": json.loads(answer)})
            self.expect(f"{name}: tells nothing", json.loads(first)["ticket"] not in answer.decode())
        self.expect("rows after repeats and conflicts", self.counts() == before, f"{before} {self.counts()}")
        return request, first

    def power_cut(self, request, first):
        """Killed, and the runtime folder gone as after a power cut: the same request still gets the same answer."""
        self.kiosk.program.kill()
        shutil.rmtree(self.kiosk.runtime)
        time.sleep(0.5)
        self.kiosk.program.wait_for_port()
        status, _, again = self.kiosk.request("POST", "/api/v1/registrations", request)
        self.expect("the same answer after a power cut", (status, again) == (201, first), f"{status} {again!r}")

    def runtime_lost(self):
        shutil.rmtree(self.kiosk.runtime)
        status, _, _ = self.kiosk.request("POST", "/api/v1/registrations", base())
        self.expect("registering while /run is lost", status == 201, f"{status}")
        _, _, text = self.kiosk.request("GET", "/api/v1/status")
        codes = [problem["code"] for problem in json.loads(text)["problems"]]
        self.expect("/run lost is a named problem", "runtimeFolderLost" in codes, f"{codes}")
        self.kiosk.program.kill()
        time.sleep(0.5)
        self.kiosk.program.wait_for_port()

    def disk_full(self):
        filler = os.path.join(self.kiosk.state, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        before, full, full_request = self.counts(), None, None
        for _ in range(400):
            full_request = base()
            status, _, answer = self.kiosk.request("POST", "/api/v1/registrations", full_request)
            if status != 201:
                full = status, json.loads(answer)
                break
            before = self.counts()
        self.record("disk full", {"status": full[0], "answer": full[1]} if full else None)
        self.expect("disk full: rows", self.counts() == before, f"{before} {self.counts()}")
        os.remove(filler)
        status, _, _ = self.kiosk.request("POST", "/api/v1/registrations", full_request)
        self.expect("the same request once there is room", status == 201, f"{status}")

    def refused_start(self, name, config, code):
        done = subprocess.run(
            [os.path.join(self.programs, "kioskd"), "--config", config], capture_output=True, text=True, timeout=30,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}, check=False)
        said = [line for line in self.normalised(done.stdout + done.stderr).splitlines()
                if "kioskd:" not in line and "thread priority" not in line]
        self.record(name, {"exit": done.returncode, "said": said})
        self.expect(f"{name}: exit code", done.returncode == code, f"{done.returncode}, {said}")

    def starts(self):
        with open(self.kiosk.config, encoding="utf-8") as file:
            good = file.read()
        def variant(name, old, new):
            self.expect(f"{name}: the settings have {old}", old in good)
            return write(os.path.join(self.work, "settings", name + ".yaml"), good.replace(old, new))
        for name, old, new in [
                ("unknown-key", "demonstration: false", "demonstartion: false"),
                ("wrong-type", f"port: {self.kiosk.port}", "port: eighty"),
                ("not-loopback", "host: 127.0.0.1", "host: 0.0.0.0"),
                ("not-yaml", "listen: {", "listen: [{"),
                ("no-label", "label: B1", "label: ''"),
                ("unknown-printer-profile", "printer: {kind: none}", "printer: {kind: none, profile: 57mm}")]:
            self.refused_start(name, variant(name, old, new), 78)
        self.refused_start("no-settings", os.path.join(self.work, "nowhere.yaml"), 78)
        write(os.path.join(self.work, "a-file"), "")
        self.refused_start("unwritable-path", variant(
            "unwritable-path", f"stateFolder: {self.kiosk.state}", f"stateFolder: {self.work}/a-file/state"), 73)
        self.refused_start("second-on-the-same-state", variant(
            "second", f"port: {self.kiosk.port}", f"port: {self.kiosk.port}"), 73)
        self.refused_start("port-in-use", write(
            os.path.join(self.work, "settings", "port-in-use.yaml"),
            good.replace(self.kiosk.state, f"{self.work}/other-state").replace(
                self.kiosk.runtime, f"{self.work}/other-run")), 69)

    def run(self):
        # A small disk of its own, with room for a ballast, so that it can be filled (root, as the appliance test).
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m,mode=0700", "tmpfs", self.kiosk.state], check=True)
        self.mounted = True
        fair = self.headquarters.prepare(kind="rehearsal")
        self.headquarters.program.start()
        self.kiosk.program.start()
        self.kiosk.join(self.headquarters, fair, today())
        wait_until("outbox empty", 60, lambda: self.kiosk.status()["counts"]["pending"] == 0)
        self.headquarters.program.stop()
        self.table()
        request, first = self.conflict()
        self.power_cut(request, first)
        self.starts()
        self.runtime_lost()
        self.disk_full()

    def close(self):
        self.kiosk.program.stop()
        self.headquarters.program.stop()
        if self.mounted:
            subprocess.run(["umount", "-l", self.kiosk.state], check=False)

    def compare(self, update):
        text = json.dumps(self.golden, ensure_ascii=False, indent=1) + "\n"
        if update:
            with open(GOLDEN, "w", encoding="utf-8") as file:
                file.write(text)
            return
        with open(GOLDEN, encoding="utf-8") as file:
            golden = json.load(file)
        for name in golden.keys() | self.golden.keys():
            if golden.get(name) != self.golden.get(name):
                self.failures.append(f"{name}:\n  golden {golden.get(name)}\n  now    {self.golden.get(name)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--update", action="store_true", help="write the golden file; look at the difference")
    options = parser.parse_args()
    options.programs, options.work = os.path.abspath(options.programs), os.path.abspath(options.work)
    run = Run(options)
    try:
        run.run()
    finally:
        run.close()
    run.compare(options.update)
    for failure in run.failures:
        print(f"FALSE {failure}")
    print(f"bad input: {len(run.golden)} rows, {run.count} statements, {len(run.failures)} false")
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
