"""Sticks for the rows U1 and U2: kiosks with a stick that fails on demand, what a stick really holds, and headquarters'
word about it."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import uuid

from kiosk_bench import ControlConnection
from testbed import Headquarters, Kiosk, make_record_id, synthetic_id, today, wait_until

MARKER = bytes.fromhex("894A46530D0A1A0A")
FRAME = 2
QUIET = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}


def entry_of(content, kind=FRAME):
    """The bytes of an entry (docs/protocol.md, Sticks)."""
    head = bytes([kind]) + len(content).to_bytes(4, "big")
    return MARKER + head + hashlib.sha256(head + content).digest()[:16] + content


def files_of(stick):
    """Contents of the finished files by name."""
    folder, found = os.path.join(stick, "JOBFAIR"), {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.endswith(".jobfair"):
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = file.read()
    return found


def is_whole(content):
    """From the magic line to the end nothing but whole entries."""
    at = 16
    while at < len(content):
        head, size = content[at + 8:at + 13], int.from_bytes(content[at + 9:at + 13], "big")
        if content[at:at + 8] != MARKER or len(content) < at + 29 + size:
            return False
        if hashlib.sha256(head + content[at + 29:at + 29 + size]).digest()[:16] != content[at + 13:at + 29]:
            return False
        at += 29 + size
    return content[:16] == b"JOBFAIR STICK 1\n" and at > 16


def frames_of(state, scratch):
    """Of a kiosk, running or not: record id to frame, from a copy of database and WAL."""
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    for name in ("records.sqlite", "records.sqlite-wal"):
        path = os.path.join(state, name)
        if os.path.exists(path):
            shutil.copyfile(path, os.path.join(scratch, name))
    database = sqlite3.connect(os.path.join(scratch, "records.sqlite"))
    try:
        return {row[0].hex(): row[1] for row in database.execute(
            "SELECT recordID, frame FROM record JOIN outbox ON outbox.record = position WHERE frame IS NOT NULL")}
    finally:
        database.close()


def intact(stick, frames):
    """Ids of the records whose entries are whole on the stick."""
    content = list(files_of(stick).values())
    return {identifier for identifier, frame in frames.items() if any(entry_of(frame) in file for file in content)}


def compile_library(run, name):
    """`name.c` beside this file as something to be loaded before a program."""
    library = os.path.join(run.folder, name + ".so")
    if not os.path.exists(library):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".c")
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


class Fault:
    """What stick-faults.c does to one stick, from now on."""

    def __init__(self, run, stick, name):
        self.library = compile_library(run, "stick-faults")
        self.stick = stick
        self.control, self.report = (os.path.join(run.folder, f"{name}.{kind}") for kind in ("fault", "report"))
        self.environment = {"LD_PRELOAD": self.library, "STICK_FOLDER": stick, "STICK_FAULT": self.control,
                            "STICK_REPORT": self.report}
        self.lift()

    def set(self, text, keep_report=False):
        if os.path.exists(self.report) and not keep_report:
            os.unlink(self.report)
        with open(self.control + ".new", "w", encoding="ascii") as file:
            file.write(text + "\n")
        os.replace(self.control + ".new", self.control)

    def lift(self):
        self.set("none")

    def lines(self, word):
        if not os.path.exists(self.report):
            return []
        with open(self.report, encoding="ascii") as file:
            return [line.split()[1:] for line in file if line.startswith(word + " ")]

    def is_hit(self):
        return bool(self.lines("hit") or self.lines("lost"))

    def take_out(self, way):
        """What the medium does not have goes out of the files."""
        by_file = {}
        for file, offset, size in self.lines("lost"):
            by_file.setdefault(int(file), []).append((int(offset), int(size)))
        for folder, _, names in os.walk(self.stick):
            for path in [os.path.join(folder, name) for name in names]:
                for offset, size in by_file.get(os.stat(path).st_ino, []):
                    if way == "short":
                        os.truncate(path, min(offset, os.path.getsize(path)))
                        continue
                    with open(path, "r+b") as file:
                        file.seek(offset)
                        file.write((b"\xa5" if way == "old" else b"\0") * size)


class StickKiosk:
    """A kiosk under a supervisor; what was shown is kept."""

    def __init__(self, run, name, settings="", environment=None):
        self.run, self.name = run, name
        self.kiosk = Kiosk(os.path.join(run.folder, name), run.programs, name, environment=environment,
                           printer="{kind: none}")
        if settings:
            with open(self.kiosk.config, "a", encoding="utf-8") as file:
                file.write(settings)
        self.shown, self.notice = {}, None
        self.scratch = os.path.join(run.folder, name + ".scratch")

    def join(self, headquarters, fair):
        self.kiosk.program.start()
        self.kiosk.join(headquarters, fair, today())
        self.notice = json.loads(self.kiosk.request("GET", "/api/v1/status")[2])["notice"]["version"]

    def request(self, **fields):
        number = synthetic_id(serial=f"{os.urandom(1)[0]:03}", region=f"00{os.urandom(2)[0]:04}")
        return {"recordId": make_record_id(), "formKey": os.urandom(16).hex(), "noticeVersion": self.notice,
                "document": {"number": number}, "name": "测试甲", "phone": "19900001234", **fields}

    def register(self, count=1, **fields):
        """Registrations that are shown, whatever happens to the stick; a kioskd that was killed is waited for."""
        for _ in range(count):
            request = self.request(**fields)
            def is_shown():
                try:
                    status, _, answer = self.kiosk.request("POST", "/api/v1/registrations", request)
                except (OSError, ValueError):
                    return False
                if status == 201:
                    self.shown[uuid.UUID(request["recordId"]).hex] = json.loads(answer)["ticket"]
                return status == 201
            wait_until(f"a registration at {self.name} shown", 60, is_shown)
        return uuid.UUID(request["recordId"]).hex

    def status(self):
        """Of the control socket; None while it does not answer."""
        connection = ControlConnection(self.kiosk.socket)
        try:
            connection.request("GET", "/control/v1/status", headers={"host": "localhost"})
            answer = connection.getresponse()
            return json.loads(answer.read()) if answer.status == 200 else None
        except (OSError, ValueError):
            return None
        finally:
            connection.close()

    def condition(self):
        return ((self.status() or {}).get("stick") or {}).get("condition")

    def pending(self):
        status = self.status()
        return None if status is None else status["counts"]["pending"]

    def has_heard(self):
        """Headquarters has answered a hello since this kioskd started."""
        return ((self.status() or {}).get("sync") or {}).get("secondsSinceContact") is not None

    def frames(self):
        return frames_of(self.kiosk.state, self.scratch)

    def call(self, *words, environment=None, state=None, socket=None):
        """kioskctl; with `state` on files without a daemon. Returns exit status and what it printed."""
        config = self.kiosk.config
        if state:
            config = self.scratch + ".yaml"
            with open(self.kiosk.config, encoding="utf-8") as file:
                text = file.read().replace(f"stateFolder: {self.kiosk.state}", f"stateFolder: {state}")
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
            socket = self.scratch + ".no-socket"
        done = subprocess.run(
            [os.path.join(self.run.programs, "kioskctl"), *words, "--config", config, "--socket",
             socket or self.kiosk.socket],
            capture_output=True, text=True, timeout=120, check=False, env={**QUIET, **(environment or {})})
        return done.returncode, done.stdout + done.stderr


class CopiedHeadquarters:
    """A headquarters as it was at some moment: each stick is imported into a copy of its own."""

    def __init__(self, run, headquarters, name="empty"):
        self.run, self.headquarters = run, headquarters
        self.kept = os.path.join(run.folder, f"hq-{name}")
        shutil.copytree(headquarters.state, self.kept)
        self.state = self.kept + ".copy"
        self.config = self.kept + ".yaml"
        with open(headquarters.config, encoding="utf-8") as file:
            text = file.read().replace(f"stateFolder: {headquarters.state}", f"stateFolder: {self.state}")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def fresh(self):
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.kept, self.state)

    def command(self, *words, text=None, environment=None):
        done = subprocess.run([self.headquarters.binary, *words, "--config", self.config], capture_output=True,
                              text=True, timeout=120, check=False, env={**QUIET, **(environment or {})}, input=text)
        return done.returncode, done.stdout + done.stderr

    def ask(self, sql):
        database = sqlite3.connect(f"file:{os.path.join(self.state, 'headquarters.sqlite')}?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def records(self):
        """Ids with how often each is there, erased ones too."""
        found = {}
        for (identifier,) in self.ask("SELECT lower(hex(recordID)) FROM record"):
            found[identifier] = found.get(identifier, 0) + 1
        return found


def together(*works):
    """Each in a thread of its own; the first exception is raised once all have ended."""
    errors = []
    def guarded(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def prepared(run, kiosks, kind="rehearsal"):
    """A headquarters that serves, and kiosks that have joined its fair. Returns both and the fair's id."""
    headquarters = Headquarters(os.path.join(run.folder, "hq"), run.programs)
    fair = headquarters.prepare(kind=kind)
    headquarters.program.start()
    together(*[lambda kiosk=kiosk: kiosk.join(headquarters, fair) for kiosk in kiosks])
    return headquarters, fair
