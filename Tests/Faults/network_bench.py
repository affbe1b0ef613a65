"""Headquarters and kiosks behind proxies, for the rows that spoil the network; what was shown is kept and compared."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import ssl
import threading
import time
import uuid

import wire
from faults import TooManyViolations, VIOLATIONS_MAX
from kiosk_bench import ControlConnection
from recorder import tls_ends
from tamper_proxy import Exchange, TamperProxy
from testbed import Headquarters, Kiosk, is_uuid, make_record_id, synthetic_id, today, wait_until, write

# A catalogue of two vacancies: small enough to be cut at every byte.
FAIR = """\
name: {name}
venue: 广场
organiser: 示例
kind: rehearsal
days: [today]
notice: {{version: "1", title: 告知, shortText: 示例, fullText: 示例}}
keyGroups: [{{code: veteran, label: 退役军人}}]
employers:
  - name: 示例一厂
    verified: true
    vacancies: [{{title: 缝纫工, headcount: 1}}, {{title: 质检员, headcount: 1}}]
"""
# What a kiosk may grow by under any answer: a catalogue may have 16 MiB, and is there as bytes, as message and as rows.
MEMORY_GROWTH_KIB_MAX = 128 * 1024


class Road:
    """Headquarters as one kiosk sees it: behind its proxy."""

    def __init__(self, headquarters, proxy):
        self.headquarters, self.sync_address = headquarters, f"https://127.0.0.1:{proxy.port}"

    def add_kiosk(self, label, fair):
        return self.headquarters.add_kiosk(label, fair)


class Subject:
    """One kiosk behind its proxy, and everything it has shown."""

    def __init__(self, net, number):
        self.net, self.number, self.label = net, number, f"N{number}"
        self.kiosk = Kiosk(os.path.join(net.folder, f"kiosk{number}"), net.run.programs, self.label,
                           printer="{kind: none}")
        self.proxy = TamperProxy(net.run.folder, self.label, net.headquarters.sync_port, net.ends)
        self.shown = {}

    def join(self, fair):
        self.fair = fair
        self.kiosk.program.start()
        # The page is served a moment before the control socket is.
        wait_until(f"the control socket of {self.label}", 60, lambda: self.control("status"))
        self.kiosk.join(Road(self.net.headquarters, self.proxy), fair, today())
        _, _, status = self.kiosk.request("GET", "/api/v1/status")
        self.notice = json.loads(status)["notice"]["version"]
        self.drained()

    def register(self):
        """A seeker; only what was shown as stored counts (I3). The kiosk registers whatever the network does."""
        number = synthetic_id(serial=f"{os.urandom(1)[0]:03}", region=f"00{os.urandom(2)[0]:04}")
        request = {"recordId": make_record_id(), "formKey": os.urandom(16).hex(), "noticeVersion": self.notice,
                   "document": {"number": number},
                   "name": "测试甲", "phone": "19900001234"}
        status, _, answer = self.kiosk.request("POST", "/api/v1/registrations", request)
        if self.net.check(status == 201, f"{self.label} does not register: {status} {answer[:200]}"):
            self.shown[request["recordId"]] = json.loads(answer)["ticket"]
        return uuid.UUID(request["recordId"]).bytes

    def control(self, path, body=None):
        """None: no answer."""
        connection = ControlConnection(self.kiosk.socket)
        try:
            connection.request("POST" if body is not None else "GET", f"/control/v1/{path}",
                               body=json.dumps(body) if body is not None else None,
                               headers={"host": "localhost", "content-type": "application/json"})
            answer = connection.getresponse()
            return json.loads(answer.read()) if answer.status == 200 else None
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def pending(self):
        """None where the kiosk does not answer."""
        status = self.control("status")
        return status and status["counts"]["pending"]

    def last_error(self):
        status = self.control("status")
        return status and (status.get("sync") or {}).get("lastError")

    def drained(self, seconds=120, text=""):
        """I8: by itself."""
        try:
            wait_until("the outbox empty", seconds, lambda: self.pending() == 0)
            return True
        except TimeoutError as error:
            self.net.violation(f"I8: {self.label} {error} {text} ({self.last_error()})")
            return False

    def states(self):
        """Outbox state by record id and digest."""
        rows = self.read_copy("SELECT recordID, digest, state FROM record JOIN outbox ON record = position")
        return {(row[0], row[1]): row[2] for row in rows}

    def read_copy(self, sql):
        """Of a copy: a running kiosk keeps its database for itself. One that checkpoints meanwhile is copied again."""
        folder = os.path.join(self.kiosk.folder, "copy")
        for is_last in (False, False, True):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            try:
                for name in ("records.sqlite", "records.sqlite-wal"):
                    if os.path.exists(os.path.join(self.kiosk.state, name)):
                        shutil.copyfile(os.path.join(self.kiosk.state, name), os.path.join(folder, name))
                database = sqlite3.connect(os.path.join(folder, "records.sqlite"))
                try:
                    return database.execute(sql).fetchall()
                finally:
                    database.close()
            except (OSError, sqlite3.Error):
                if is_last:
                    raise
                time.sleep(0.2)
        return []

    def check_receipted(self):
        """I13: nothing is marked as sent but what a whole receipt on this road said, and headquarters has it."""
        marked = {key for key, state in self.states().items() if state in ("receipted", "purged")}
        said = set(self.proxy.said_lines)
        text = f"I13: {self.label} has marked"
        self.net.check(marked <= said, f"{text} {len(marked - said)} records that no receipt named")
        there = self.net.at_headquarters()
        self.net.check(marked <= there, f"{text} {len(marked - there)} records that headquarters lacks")
        return len(marked)

    def memory_kib(self):
        """The most that this process ever held (VmHWM)."""
        with open(f"/proc/{self.kiosk.program.pid()}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1])

    def restart(self):
        """SIGKILL, and a new process that knows nothing of waits."""
        process = self.kiosk.program.process
        os.kill(self.kiosk.program.pid(), signal.SIGKILL)
        wait_until("another process", 30, lambda: self.kiosk.program.process is not process)
        self.kiosk.program.wait_for_port()

    def served(self):
        """The vacancies that the kiosk shows."""
        status, _, answer = self.kiosk.request("GET", "/api/v1/vacancies")
        if status != 200:
            return None
        vacancies = json.loads(answer)["vacancies"]
        return {wire.Vacancy(item["id"].replace("-", ""), item["headcount"]) for item in vacancies}

    def has_fair(self, fair):
        """Catalogue and grant have come."""
        status = self.control("status")
        return (status is not None and any(found["id"] == fair for found in status["fairs"])
                and os.path.exists(os.path.join(self.kiosk.state, "keys", f"grant-{fair}.key")))

    @property
    def catalogue_file(self):
        return os.path.join(self.kiosk.state, "catalogue.sqlite")

    def signed_catalogue(self, fair):
        """What stands in the kiosk's file: etag and bytes."""
        return read(self.catalogue_file, "SELECT etag, signed FROM fair WHERE fairID = ?", (uuid.UUID(fair).bytes,))


def read(path, sql, arguments=()):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return database.execute(sql, arguments).fetchall()
    finally:
        database.close()


class Net:
    """Headquarters, kiosks and proxies of one row."""

    def __init__(self, run, kiosks, own_fairs=False):
        self.run, self.lock, self.case = run, threading.RLock(), threading.local()
        # A nightly row that is resumed begins with other programs: the cases before are done and compared.
        self.folder = os.path.join(run.folder, f"from-case-{run.state['done']}")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.headquarters = Headquarters(os.path.join(self.folder, "hq"), run.programs)
        self.fair_file = write(os.path.join(self.folder, "fair.yaml"), FAIR.format(name="示例会"))
        self.fair = self.headquarters.prepare(fair_file=self.fair_file)
        self.own_fairs, self.subjects, self.kiosks = own_fairs, [], kiosks

    def start(self):
        self.headquarters.program.start()
        authority = os.path.join(self.headquarters.state, "keys", "sync-ca")
        self.ends = tls_ends(os.path.join(self.folder, "proxy"), authority + ".key", authority + ".pem")
        self.subjects = [Subject(self, number) for number in range(1, self.kiosks + 1)]
        self.each(lambda subject: subject.join(self.more_fairs(1)[0] if self.own_fairs else self.fair))

    def each(self, work, subjects=None):
        """The same with every kiosk at once; the first exception is raised here."""
        with concurrent.futures.ThreadPoolExecutor(len(self.subjects)) as pool:
            return [part.result() for part in [pool.submit(work, subject) for subject in subjects or self.subjects]]

    def share(self, cases, work):
        """`work(subject, case)` for every case, shared out among the kiosks."""
        cases = list(reversed(cases))

        def serve(subject):
            while True:
                with self.lock:
                    if len(self.run.state["violations"]) >= VIOLATIONS_MAX:
                        raise TooManyViolations
                    if not cases:
                        return
                    self.case.number = cases.pop()
                work(subject, self.case.number)
        self.each(serve)

    # MARK: Of `run`, by many threads at once

    def hit(self, name, count=1):
        with self.lock:
            self.run.hit(name, count)

    def most(self, name, value):
        with self.lock:
            self.run.most(name, value)

    def violation(self, text):
        with self.lock:
            number = getattr(self.case, "number", None)
            self.run.violation(text if number is None else f"case {number}: {text}")

    def check(self, holds, text):
        if not holds:
            self.violation(text)
        return bool(holds)

    # MARK: Headquarters

    def at_headquarters(self):
        return set(read(self.headquarters.database, "SELECT recordID, digest FROM record"))

    def key_list(self):
        """As anybody may fetch it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.headquarters.sync_port, context=context, timeout=20)
        try:
            connection.request("GET", "/sync/v1/keys")
            return connection.getresponse().read()
        finally:
            connection.close()

    def more_fairs(self, count):
        """Ids of new fairs; no kiosk has them yet."""
        fairs = []
        for _ in range(count):
            printed = self.headquarters.command("fair", "create", "--from", self.fair_file)
            fairs.append(next(word for word in printed.replace(",", " ").split() if is_uuid(word)))
        return fairs

    def give(self, subject, fair):
        """From the next hello on the kiosk is offered catalogue and grant of this fair."""
        self.headquarters.command("kiosk", "grant", "--kiosk", subject.label, "--fair", fair)

    # MARK: The end of a row

    def finish(self):
        """Drains, then I3, I4, I13 over all kiosks and headquarters."""
        for subject in self.subjects:
            subject.proxy.rule, subject.proxy.raw = Exchange.pass_on, None
        self.each(lambda subject: subject.drained())
        key = wire.public_key(self.key_list(), 1)[1]
        for subject in self.subjects:
            subject.check_receipted()
            receipt = subject.read_copy("SELECT signed FROM newestReceipt")[0][0]
            self.check(wire.is_valid(receipt, b"jobfair receipt v1", key, self.run.folder),
                       f"I13: the newest receipt of {subject.label} does not verify")
        self.stop()
        self.compare()

    def compare(self):
        made, shown = [], set()
        for subject in self.subjects:
            made += read(subject.kiosk.database, "SELECT recordID, digest FROM record")
            shown |= {uuid.UUID(identifier).bytes for identifier in subject.shown}
        rows = read(self.headquarters.database, "SELECT recordID, digest FROM record")
        there = set(rows)
        check = self.check
        check(len(rows) == len({row[0] for row in rows}), "I4: records twice at headquarters")
        missing = shown - {row[0] for row in rows}
        check(not missing, f"I3: {len(missing)} shown records are not at headquarters")
        check(set(made) == there, f"I3: kiosks {len(made)}, headquarters {len(there)}, both {len(set(made) & there)}")
        held = read(self.headquarters.database,
                    "SELECT count(*) FROM frame WHERE digest NOT IN (SELECT digest FROM record)")
        check(held[0][0] == 0, f"I4: {held[0][0]} frames at headquarters are no records")
        self.run.log(f"{len(shown)} shown, {len(made)} at kiosks, {len(there)} at headquarters")

    def stop(self):
        for program in [*(subject.kiosk.program for subject in self.subjects), self.headquarters.program]:
            program.stop()
        for subject in self.subjects:
            subject.proxy.close()
            # Room of 32 MiB, and nothing in it: a nightly row would leave some 20 GB of them.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(subject.kiosk.state, "ballast"))


def with_net(run, kiosks, play, own_fairs=False):
    """Builds, plays, compares, and always stops."""
    net = Net(run, kiosks, own_fairs)
    try:
        net.start()
        play(net)
        net.finish()
    finally:
        net.stop()


def in_portions(run, kiosks, portion, play, own_fairs=False):
    """`play(net, cases)` with programs of its own for each portion; a nightly row is resumed behind the last one.

    With `own_fairs` every kiosk has a fair for itself, else all have the same.
    """
    if run.only is not None:
        with_net(run, kiosks, lambda net: play(net, [run.only]), own_fairs)
        return
    while run.state["done"] < run.count:
        cases = range(run.state["done"], min(run.state["done"] + portion, run.count))
        with_net(run, kiosks, lambda net: play(net, cases), own_fairs)
        run.done(len(cases))
