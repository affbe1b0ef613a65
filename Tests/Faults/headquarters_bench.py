"""One real headquarters and real kiosks, started and killed by hand, and what must hold between their databases."""

import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from kiosk_bench import ControlConnection
from recorder import tls_ends
from tamper_proxy import TamperProxy
from testbed import Headquarters, Kiosk, make_record_id, synthetic_id, today, wait_until

QUIET = {"SWIFT_BACKTRACE": "enable=no"}
SERIALS = itertools.count(1)


def begin(run):
    """A row that is resumed has programs and folders of its own: what the stopped one left is in nobody's way."""
    for name in os.listdir(run.folder):
        path = os.path.join(run.folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)


def killing(run, folder, call, number):
    """The environment in which a program dies at the numberth such call on a file of this folder (kill-at-call.c)."""
    library = os.path.join(run.folder, "kill-at-call.so")
    if not os.path.exists(library):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kill-at-call.c")
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": library, "KILL_FOLDER": folder, "KILL_CALL": call, "KILL_AT": str(number)}


def read(path, sql, folder):
    """Of a copy with its write-ahead log: the evidence is never written to. A torn copy is taken once more."""
    names = [path, path + "-wal"]

    def marks():
        return [(os.stat(name).st_size, os.stat(name).st_mtime_ns) if os.path.exists(name) else None for name in names]
    for attempt in range(12):
        with tempfile.TemporaryDirectory(prefix="copy-", dir=folder) as copies:
            copy = os.path.join(copies, "copy.sqlite")
            try:
                # A checkpoint between the two copies would leave out what it has moved from the one into the other.
                before = marks()
                for name in names:
                    if os.path.exists(name):
                        shutil.copyfile(name, copy + name[len(path):])
                if marks() == before:
                    database = sqlite3.connect(copy)
                    try:
                        return database.execute(sql).fetchall()
                    finally:
                        database.close()
            except (sqlite3.DatabaseError, FileNotFoundError):
                if attempt > 5:
                    raise
        time.sleep(0.05)
    raise RuntimeError(f"{os.path.basename(path)} never stands still")


class Process:
    """A program that stays dead when it dies."""

    def __init__(self, command, log, answers):
        self.command, self.answers, self.process = command, answers, None
        self.log = open(log, "ab")

    def start(self, environment=None, seconds=60):
        """False where it died before it answered. One that runs goes on; an environment needs one that does not."""
        if self.is_alive():
            if environment:
                raise RuntimeError(f"{self.command[0]} runs already")
            return True
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **QUIET, **(environment or {})}, start_new_session=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            if self.answers():
                return True
            time.sleep(0.02)
        raise TimeoutError(f"{os.path.basename(self.command[0])} does not answer within {seconds} s")

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def end(self, number, seconds=40):
        """The exit status, negative where it was killed."""
        if self.is_alive():
            self.process.send_signal(number)
        return self.process.wait(timeout=seconds) if self.process else 0

    def kill(self):
        return self.end(signal.SIGKILL)

    def stop(self):
        return self.end(signal.SIGTERM)


class Centre(Headquarters):
    """Headquarters with a folder of backups that stands for another disk."""

    def __init__(self, run, name="hq", more=""):
        self.run = run
        folder = os.path.join(run.folder, name)
        self.backups = os.path.join(folder, "backups")
        os.makedirs(self.backups, exist_ok=True)
        super().__init__(folder, run.programs, settings=f"""\
backup:
  folder: {self.backups}
  everyMinutes: 1440
  keep: 1000
  sameDiskCounts: true
{more}""")
        self.daemon = Process(self.program.command, os.path.join(folder, "serve.log"), self.answers)
        self.start, self.kill, self.stop, self.is_alive = (
            self.daemon.start, self.daemon.kill, self.daemon.stop, self.daemon.is_alive)

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.sync_port), 1).close()
            return True
        except OSError:
            return False

    def proxy(self):
        """Somebody in the middle, with a certificate of headquarters' own authority."""
        authority = os.path.join(self.state, "keys", "sync-ca")
        ends = tls_ends(os.path.join(self.run.folder, "middle"), authority + ".key", authority + ".pem")
        return TamperProxy(self.run.folder, "middle", self.sync_port, ends)

    def execute(self, *arguments, text=None, environment=None):
        """A command that may fail or be killed: exit status and what it said."""
        done = subprocess.run([self.binary, *arguments, "--config", self.config], capture_output=True, text=True,
                              input=text, env={**os.environ, **QUIET, **(environment or {})}, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    def rows(self, sql):
        return read(self.database, sql, self.run.folder)

    def frames(self):
        """(record id, digest) -> state, or why it is held."""
        return {(record, digest): reason or state for record, digest, state, reason in self.rows(
            "SELECT lower(hex(recordID)), hex(digest), state, heldReason FROM frame")}

    def back_up(self):
        status, said = self.execute("backup", "--to", self.backups)
        if status != 0 or not said.startswith("verified"):
            raise RuntimeError(f"backup: {status} {said}")
        return said.splitlines()[0].split()[-1]

    def restore(self, backup, *options):
        """Of a machine that is gone, as docs/operations.md says."""
        shutil.rmtree(self.state)
        self.command("restore", "--from", backup, *options)
        self.command("keys", "restore", "--passphrase-file", os.path.join(self.folder, "passphrase.txt"),
                     "--from", os.path.join(self.folder, "keys.backup"))


class Card(Kiosk):
    """A kiosk with its state folder, and what was sent to it and shown by it."""

    def __init__(self, run, name, label):
        self.run = run
        super().__init__(os.path.join(run.folder, name), run.programs, label, printer="{kind: none}")
        self.shown, self.numbers, self.notice = {}, {}, None
        self.daemon = Process(self.program.command, os.path.join(self.folder, "kioskd.log"), self.answers)
        self.kill, self.stop, self.is_alive = self.daemon.kill, self.daemon.stop, self.daemon.is_alive

    def answers(self):
        try:
            _, _, text = self.request("GET", "/api/v1/status", timeout=5)
            return json.loads(text)["problems"] is not None
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return False

    def start(self, environment=None):
        return self.daemon.start(environment)

    def restart(self):
        """A kiosk says hello when it starts: nobody has to wait for the end of a pause."""
        if self.is_alive():
            self.stop()
        return self.start()

    def enrol(self, centre, fair, address=None):
        """Also through somebody in the middle, who listens on another address."""
        class Road:
            sync_address = address or centre.sync_address
            add_kiosk = centre.add_kiosk
        self.join(Road, fair, today())
        _, _, status = self.request("GET", "/api/v1/status")
        self.notice = json.loads(status)["notice"]["version"]
        return self

    def copied(self, name):
        """The card in another machine: the whole state folder, but nothing of /run."""
        other = Card(self.run, name, self.label)
        shutil.copytree(self.state, other.state)
        other.notice, other.shown, other.numbers = self.notice, dict(self.shown), dict(self.numbers)
        return other

    # MARK: People

    def request_of(self, **fields):
        serial = next(SERIALS)
        number = synthetic_id(serial=f"{serial % 1000:03}", region=f"00{serial // 1000:04}")
        return {"recordId": make_record_id(), "formKey": os.urandom(16).hex(), "noticeVersion": self.notice,
                "document": {"number": number}, "name": "测试甲", "phone": "19900001234", **fields}

    def send(self, request):
        try:
            status, _, answer = self.request("POST", "/api/v1/registrations", request)
            answer = json.loads(answer)
        except (OSError, ValueError, http.client.HTTPException):
            return 0, None
        if status == 201:
            record = request["recordId"].replace("-", "")
            before = self.shown.setdefault(record, answer["ticket"])
            self.run.check(before == answer["ticket"], f"I16: {record} was {before}, is now {answer['ticket']}")
        return status, answer

    def register_people(self, count):
        """The tickets that were shown."""
        tickets = []
        for _ in range(count):
            status, answer = self.send(self.request_of())
            if status != 201:
                raise RuntimeError(f"a registration got {status} {answer}")
            tickets.append(answer["ticket"])
        return tickets

    def count_entry(self):
        status, _, _ = self.request("POST", "/api/v1/entries", {"recordId": make_record_id(), "way": "tap"})
        return status

    # MARK: What it knows

    def ask(self, path="status"):
        connection = ControlConnection(self.socket)
        try:
            connection.request("GET", f"/control/v1/{path}", headers={"host": "localhost"})
            return json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def pending(self):
        status = self.ask()
        return status["counts"]["pending"] if status else None

    def is_done(self):
        """Nothing left to send, and headquarters has answered since the start."""
        status = self.ask()
        return bool(status) and status["counts"]["pending"] == 0 \
            and (status.get("sync") or {}).get("secondsSinceContact") is not None

    def problems(self):
        return {problem["code"] for problem in self.ask()["problems"]}

    STATES = "SELECT lower(hex(recordID)), hex(digest), state FROM record JOIN outbox ON record = position"

    def records(self):
        """(record id, digest) -> state."""
        return {(record, digest): state for record, digest, state in read(
            self.database, self.STATES, self.run.folder)}

    def states(self, *wanted):
        return {item for item, state in self.records().items() if state in wanted}

    def lineages(self):
        return [row[0] for row in read(
            self.database, "SELECT hex(lineageID) FROM chain ORDER BY number", self.run.folder)]

    def tickets(self):
        """Ticket -> record id, of all that it has given."""
        return {ticket: record for ticket, record in read(
            self.database, "SELECT ticket, lower(hex(recordID)) FROM deskEntry JOIN record ON record = position",
            self.run.folder)}


def drained(run, cards, seconds=90):
    """I8. A kiosk that waits after a failure is started anew, as nobody has time for its pauses."""
    for card in cards:
        end, patience = time.monotonic() + seconds, 1
        while not card.is_done():
            if time.monotonic() > end:
                run.violation(f"I8: {card.label} has {card.pending()} records left after {seconds} s")
                return False
            try:
                wait_until("an empty outbox", patience, card.is_done)
            except TimeoutError:
                card.restart()
                patience = min(2 * patience, 16)
    return True


def check_signed_after_commit(run, centre, cards):
    """Of dead programs: each record that a kiosk holds a receipt of is in headquarters' database (I4, I5, I13)."""
    frames = set(centre.frames())
    for card in cards:
        records = card.records()
        receipted = {item for item, state in records.items() if state in ("receipted", "purged")}
        lost = receipted - frames
        run.check(not lost, f"I5: {card.label} has receipts of {len(lost)} records that headquarters does not have: "
                            f"{sorted(lost)[:2]}")
        waiting = {item for item, state in records.items() if state == "pending"}
        if waiting & frames:
            run.hit("committed, no receipt came")
        if waiting - frames:
            run.hit("nothing committed")
    return frames


def check_sets(run, centre, cards, held=(), others=frozenset()):
    """When everything is sent headquarters has exactly the kiosks' records, each once, and its check is true (I3, I4).

    `held`: reasons for which records may be held. `others`: what came from kiosks that are not among `cards`."""
    frames = centre.frames()
    made = {}
    for card in cards:
        records = card.records()
        made.update(records)
        missing = set(card.shown) - {record for record, _ in records}
        run.check(not missing, f"I1: {card.label} has lost {len(missing)} records that it had shown")
        quarantined = [item for item, state in records.items() if state == "quarantined"]
        run.check(not quarantined, f"{card.label}: headquarters refused {len(quarantined)} records")
    lacking, strange = set(made) - set(frames), set(frames) - set(made) - set(others)
    run.check(not lacking, f"I3: headquarters lacks {len(lacking)} of {len(made)} records: {sorted(lacking)[:2]}")
    run.check(not strange, f"I3: headquarters has {len(strange)} records that no kiosk has: {sorted(strange)[:2]}")
    reasons = {frames[item] for item in made if item in frames} - {"accepted"} - set(held)
    run.check(not reasons, f"records are held: {reasons}")
    ids = [row[0] for row in centre.rows("SELECT lower(hex(recordID)) FROM record")]
    accepted = {record for (record, _), state in frames.items() if state == "accepted"}
    run.check(len(ids) == len(set(ids)) and set(ids) == accepted,
              f"I4: {len(ids)} records, {len(accepted)} accepted frames")
    status, said = centre.execute("check")
    run.check(status == 0 and "FALSE" not in said, f"headquartersd check: {status} {said}")
    return made, frames
