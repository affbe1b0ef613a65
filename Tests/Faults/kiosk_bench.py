"""One real kiosk and one real headquarters for the rows that kill and starve kioskd; what was shown is kept and compared."""

import collections
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import uuid

from testbed import Headquarters, Kiosk, behind_strace, make_record_id, synthetic_id, today, wait_until

# Answers that say "not stored" or "not known": the same request is sent again.
AGAIN = {503, 507}


class ControlConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=5)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Bench:
    """A kiosk that is started and killed by hand, with everything that was sent and shown."""

    def __init__(self, run, with_headquarters=True):
        self.run = run
        self.folder = run.folder
        self.lock = threading.Lock()
        self.sent, self.shown = {}, {}
        self.process = None
        self.headquarters = Headquarters(os.path.join(self.folder, "hq"), run.programs)
        self.kiosk = Kiosk(os.path.join(self.folder, "kiosk"), run.programs, "F1", printer="{kind: none}")
        self.log = open(os.path.join(self.folder, "kioskd.log"), "ab")
        fair = self.headquarters.prepare(kind="rehearsal")
        self.headquarters.program.start()
        self.start()
        self.kiosk.join(self.headquarters, fair, today())
        _, _, status = self.kiosk.request("GET", "/api/v1/status")
        self.notice = json.loads(status)["notice"]["version"]
        self.drained()

    # MARK: The process

    def start(self, prefix=(), wait=True, environment=None):
        """Seconds until it answers; None where it died before."""
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [*prefix, *self.kiosk.program.command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}, start_new_session=True)
        if not wait:
            return None
        while time.monotonic() - begin < 60:
            if self.process.poll() is not None:
                return None
            try:
                if self.status()["problems"] is not None:
                    return time.monotonic() - begin
            except (OSError, ValueError, KeyError, http.client.HTTPException):
                time.sleep(0.02)
        raise TimeoutError("kioskd does not answer within 60 s")

    def pid(self):
        return behind_strace(self.process.pid)

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.is_alive():
            try:
                os.kill(self.pid(), signal.SIGKILL)
            except ProcessLookupError:
                pass
        return self.process.wait(timeout=20)

    def stop(self):
        if not self.is_alive():
            return self.process.returncode if self.process else 0
        try:
            os.kill(self.pid(), signal.SIGTERM)
        except ProcessLookupError:
            pass
        return self.process.wait(timeout=30)

    def close(self):
        if self.process is not None and self.is_alive():
            self.kill()
        self.headquarters.program.stop()

    # MARK: Asking

    def status(self):
        _, _, text = self.kiosk.request("GET", "/api/v1/status", timeout=10)
        return json.loads(text)

    def problems(self):
        return [problem["code"] for problem in self.status()["problems"]]

    def new_request(self):
        request = {"recordId": make_record_id(), "formKey": os.urandom(16).hex(), "noticeVersion": self.notice,
                   "document": {"number": synthetic_id(serial=f"{os.urandom(1)[0]:03}", region=f"00{os.urandom(2)[0]:04}")},
                   "name": "测试甲", "phone": "19900001234"}
        with self.lock:
            self.sent[request["recordId"]] = request
        return request

    def send(self, request, timeout=20):
        """Status and answer; (0, None) where the connection was cut. What is shown twice must be the same (I16)."""
        try:
            status, _, answer = self.kiosk.request("POST", "/api/v1/registrations", request, timeout=timeout)
        except (OSError, ValueError, http.client.HTTPException):
            return 0, None
        try:
            answer = json.loads(answer)
        except ValueError:
            return 0, None
        if status == 201:
            with self.lock:
                before = self.shown.setdefault(request["recordId"], answer["ticket"])
            self.run.check(before == answer["ticket"], f"I16: {request['recordId']} was {before}, now {answer['ticket']}")
        return status, answer

    def unresolved(self):
        with self.lock:
            return [request for identifier, request in self.sent.items() if identifier not in self.shown]

    def resolve(self, seconds=30):
        """Sends everything again whose outcome is not known, as the page does."""
        end = time.monotonic() + seconds
        for request in self.unresolved():
            while True:
                status, answer = self.send(request)
                if status == 201:
                    break
                if status not in AGAIN | {0} or time.monotonic() > end:
                    self.run.violation(f"I16: the repeat of {request['recordId']} got {status} {answer}")
                    return
                time.sleep(0.05)

    def control(self, method, path, body=None):
        """One request to the control socket: kioskctl waits long for a daemon that dies while it is asked. None: no answer."""
        connection = ControlConnection(self.kiosk.socket)
        try:
            connection.request(method, f"/control/v1/{path}", body=json.dumps(body) if body is not None else None,
                               headers={"host": "localhost", "content-type": "application/json"})
            answer = connection.getresponse()
            return json.loads(answer.read()) if answer.status == 200 else None
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def pending(self):
        status = self.control("GET", "status")
        if status is None:
            raise ValueError("no status")
        return status["counts"]["pending"]

    def close_fair(self):
        return self.control("POST", "fair/close", {})

    def open_fair(self):
        """Where none is open."""
        status = self.control("GET", "status")
        if status is not None and status.get("open") is None:
            return self.control("POST", "fair/open", {"day": today()})
        return None

    def export(self):
        """How many files `kioskctl export` put on a stick and verified; 0 where it failed."""
        stick = os.path.join(self.folder, "stick")
        shutil.rmtree(stick, ignore_errors=True)
        os.makedirs(stick)
        done = subprocess.run(
            [os.path.join(self.run.programs, "kioskctl"), "export", "--same-disk", "--all", "--to", stick, "--config",
             self.kiosk.config, "--socket", self.kiosk.socket], capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        if done.returncode != 0 or "safe to remove" not in done.stdout:
            self.run.log(f"export: {done.returncode} {done.stdout}{done.stderr}")
            return 0
        return sum(len(files) for _, _, files in os.walk(stick))

    def drained(self, seconds=90):
        """I8."""
        def is_empty():
            try:
                return self.pending() == 0
            except (ValueError, KeyError):
                return False
        try:
            wait_until("the outbox empty", seconds, is_empty)
            return True
        except TimeoutError as error:
            self.run.violation(f"I8: {error}")
            return False

    # MARK: The disk

    def attach(self, *inject):
        """strace on the running daemon; ends with `detach`. Injections count from now on, for each thread by itself."""
        log = os.path.join(self.folder, "strace.txt")
        process = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", log, "-p", str(self.pid()), *inject],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        # Every thread is traced when its status says so.
        def is_attached():
            try:
                tasks = os.listdir(f"/proc/{self.pid()}/task")
                return all(
                    "TracerPid:\t0" not in open(f"/proc/{self.pid()}/task/{task}/status", encoding="ascii").read()
                    for task in tasks)
            except OSError:
                return True
        wait_until("strace attached", 20, is_attached)
        return process

    @staticmethod
    def detach(process):
        process.terminate()
        process.wait(timeout=20)

    def check_database(self, copied="copy"):
        """Of the killed kiosk, on a copy: whole, every chain without a hole, what was shown is in it (I1, I2, I6, I7)."""
        folder = os.path.join(self.folder, copied)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name in ("records.sqlite", "records.sqlite-wal"):
            path = os.path.join(self.kiosk.state, name)
            if os.path.exists(path):
                shutil.copyfile(path, os.path.join(folder, name))
        check = self.run.check
        database = sqlite3.connect(os.path.join(folder, "records.sqlite"))
        try:
            integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
            check(integrity == "ok", f"I7: {integrity}")
            check(not database.execute("PRAGMA foreign_key_check").fetchall(), "I7: foreign keys")
            if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'record'").fetchone():
                check(not self.shown, "I1: there are no tables")
                return
            rows = database.execute(
                "SELECT recordID, chain, sequence, digest, frame, outbox.record FROM record"
                " LEFT JOIN outbox ON outbox.record = position ORDER BY chain, sequence").fetchall()
            heads = dict((number, (sequence, digest)) for number, sequence, digest in
                         database.execute("SELECT number, lastSequence, lastDigest FROM chain"))
            tickets = database.execute(
                "SELECT ticket, count(*) FROM deskEntry GROUP BY fairID, ticket HAVING count(*) > 1").fetchall()
        finally:
            database.close()
        self.check_chains(rows, heads)
        check(not tickets, f"I6: tickets given twice: {tickets}")
        there = {str(uuid.UUID(bytes=row[0])) for row in rows}
        missing = [identifier for identifier in self.shown if identifier not in there]
        check(not missing, f"I1: {len(missing)} shown registrations are not in the database: {missing[:3]}")

    def check_chains(self, rows, heads):
        check = self.run.check
        by_chain = collections.defaultdict(list)
        for row in rows:
            by_chain[row[1]].append(row)
        for number, (sequence, digest) in heads.items():
            records = by_chain.get(number, [])
            check([row[2] for row in records] == list(range(1, len(records) + 1)), f"I2: holes in lineage {number}")
            check(sequence == len(records) and (not records or digest == records[-1][3]),
                  f"I2: the head of lineage {number} says {sequence}, there are {len(records)}")
        check(all(row[5] is not None for row in rows), "I2: a record is not in the outbox")
        check(all(row[4] is None or hashlib.sha256(row[4]).digest() == row[3] for row in rows),
              "I2: a frame is not its digest")

    def check_headquarters(self):
        """After everything is sent and stopped: one row per record, all that was shown, nothing that was not sent by the
        kiosk (I3, I4)."""
        def read(path, sql):
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            try:
                return database.execute(sql).fetchall()
            finally:
                database.close()
        self.stop()
        self.headquarters.program.stop()
        kiosk = {row[0] for row in read(self.kiosk.database, "SELECT recordID FROM record")}
        rows = [row[0] for row in read(self.headquarters.database, "SELECT recordID FROM record")]
        check = self.run.check
        check(len(rows) == len(set(rows)), f"I4: {len(rows) - len(set(rows))} records twice at headquarters")
        shown = {uuid.UUID(identifier).bytes for identifier in self.shown}
        check(shown <= set(rows), f"I3: {len(shown - set(rows))} shown records are not at headquarters")
        check(kiosk == set(rows), f"I3: kiosk {len(kiosk)}, headquarters {len(rows)}, both {len(kiosk & set(rows))}")
        self.run.log(f"{len(self.shown)} shown, {len(kiosk)} records at the kiosk, {len(rows)} at headquarters")
