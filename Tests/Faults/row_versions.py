"""X1: kiosks, headquarters and sticks of other versions: held, kept, and taken in after the upgrade."""

import glob
import hashlib
import itertools
import os
import shutil
import sqlite3
import struct

import wire
from faults import row
from headquarters_bench import Card, Centre, begin, check_sets, drained
from protobuf import field, fields_of, message, one
from sealing import DeviceKey, x25519
from sync_client import Client
from tamper_proxy import Exchange, problem, response, unreachable
from testbed import wait_until

MARKER = bytes.fromhex("894A46530D0A1A0A")
SCHEMA_HELD, KEY_HELD = "schema.unknown", "key.unknown"


def entry_of(kind, content):
    """One entry of a stick file."""
    head = bytes([kind]) + struct.pack(">I", len(content))
    return MARKER + head + hashlib.sha256(head + content).digest()[:16] + content


class Versions:
    """Headquarters, a kiosk behind somebody in the middle, and a kiosk of another version in Python."""

    def __init__(self, run):
        self.run, self.centre = run, Centre(run)
        self.fair = self.centre.prepare()
        self.centre.start()
        self.middle = self.centre.proxy()
        self.card, other = Card(run, "kiosk", "X1"), Card(run, "other", "Y1")
        for card in (self.card, other):
            card.start()
            card.enrol(self.centre, self.fair, self.middle.address)
            drained(run, [card])
        other.stop()
        self.other, self.client = other, Client(other, self.centre, self.fair)
        self.client.hello()
        self.sent = {}

    def close(self):
        self.middle.close()
        for program in (self.card, self.other, self.centre):
            if program.is_alive():
                program.kill()

    # MARK: Roads

    def bring(self, frames, road, tail=b""):
        """To headquarters. Nothing else than these frames decides what becomes of them."""
        self.sent.update({hashlib.sha256(frame).hexdigest().upper(): frame for frame in frames})
        if road == "network":
            status, code, lines = self.client.send(frames, extra=field(4711, "of tomorrow"))
            self.run.check(status == 200 and len(lines) == len(frames), f"a batch of another version: {status} {code}")
        else:
            stick = os.path.join(self.run.folder, "stick")
            shutil.rmtree(stick, ignore_errors=True)
            os.makedirs(os.path.join(stick, "JOBFAIR"))
            manifest = message(f1=self.client.key.device_id, f2="99.0.0", f4711=b"of tomorrow")
            with open(os.path.join(stick, "JOBFAIR", "export-0001.jobfair"), "wb") as file:
                file.write(b"JOBFAIR STICK 1\n" + entry_of(1, manifest) + tail)
                file.write(b"".join(entry_of(2, frame) for frame in frames) + entry_of(42, b"of tomorrow" * 100))
            self.centre.command("import", stick)
        self.run.hit(f"by {road}")

    def state_of(self, frame):
        digest = hashlib.sha256(frame).hexdigest().upper()
        found = self.centre.rows(f"SELECT state, heldReason, bytes FROM frame WHERE hex(digest) = '{digest}'")
        if not self.run.check(found and found[0][2] == frame, "a frame of another version is not there byte for byte"):
            return None
        return found[0][1] or found[0][0]

    def expect(self, name, frame, wanted):
        state = self.state_of(frame)
        self.run.check(state == wanted, f"{name}: {state} instead of {wanted}")
        self.run.hit("held" if wanted != "accepted" else "accepted")

    def restart_centre(self):
        self.centre.stop()
        self.centre.start()

    # MARK: Kiosks of other versions

    def newer_kiosk(self, road):
        """Records of tomorrow are held and kept over starts; what only has more fields is taken in."""
        client, entry = self.client, field(2, message(f1=1, f2=1, f3="tap"))
        held = [client.frame(entry, identity=client.identity(f4=2)), client.frame(field(99, b"x" * 60)),
                client.frame(entry, identity=client.identity(f6=16))]
        taken = [client.frame(field(2, message(f1=1, f2=1, f3="tap", f4711=b"more"))),
                 client.frame(entry, identity=client.identity(f4711=b"more")),
                 client.frame(entry, place=client.place(f4711=b"more"), clock=client.clock(f4711="more"),
                              extra=field(4711, "more"))]
        self.bring([held[0], taken[0], held[1], taken[1], held[2], taken[2]], road, tail=entry_of(9, b"of tomorrow"))
        for again in range(2):
            for frame in held:
                self.expect("a record of tomorrow", frame, SCHEMA_HELD)
            for frame in taken:
                self.expect("a record with more fields", frame, "accepted")
            if not again:
                self.restart_centre()
        self.bring(held, road)
        for frame in held:
            self.expect("a record of tomorrow that came again", frame, SCHEMA_HELD)

    def older_kiosk(self, road):
        """A kiosk that leaves out all that came later."""
        client = self.client
        frames = [client.frame(field(1, message(f2="测试乙", f7="adult", f10="2026-1", f16=1))), client.frame(
            field(2, message(f1=1, f2=1)), place=message(f1=client.lineage, f2=client.sequence + 1, f3=client.digest),
            clock=message(f1=1))]
        self.bring(frames, road)
        for frame in frames:
            self.expect("a record of yesterday", frame, "accepted")
        body = message(f1=client.key.device_id, f2=client.lineage, f3=client.sequence, f4=client.digest,
                       f13=client.nonce)
        status, code, _ = client.request("POST", "/sync/v1/hello", body)
        self.run.check(status == 200, f"a hello of yesterday got {status} {code}")

    def other_hellos(self, _):
        """A protocol of tomorrow is told so, and a hello with more fields is answered."""
        client = self.client
        status, code, _ = client.request("POST", "/sync/v2/hello", client.hello_body())
        self.run.check((status, code) == (404, "request.unknown"), f"a protocol of tomorrow got {status} {code}")
        status, code, answer = client.hello(extra=field(4711, b"x" * 5000) + field(4712, 1 << 63))
        self.run.check(status == 200 and answer, f"a hello with more fields got {status} {code}")
        self.run.hit("hellos of other versions", 2)

    def upgrade(self, road):
        """As the program before left it: held, with nothing of what it says. This one takes it in at its start."""
        frames = [self.client.entry() for _ in range(3)]
        self.bring(frames, road)
        self.centre.stop()
        ids = ", ".join(f"x'{hashlib.sha256(frame).hexdigest()}'" for frame in frames)
        database = sqlite3.connect(self.centre.database)
        for table in ("entry", "record"):
            database.execute(
                f"DELETE FROM {table} WHERE recordID IN (SELECT recordID FROM frame WHERE digest IN ({ids}))")
        database.execute(f"UPDATE frame SET state = 'held', heldReason = '{SCHEMA_HELD}' WHERE digest IN ({ids})")
        database.commit()
        database.close()
        for frame in frames:
            self.run.check(self.state_of(frame) == SCHEMA_HELD, "the file is not as the program before left it")
        self.centre.start()
        try:
            wait_until("taken in", 20, lambda: all(self.state_of(frame) == "accepted" for frame in frames))
            self.run.hit("taken in after the upgrade", len(frames))
        except TimeoutError:
            self.run.violation("held records that this program understands are not taken in at its start")
        counted = self.centre.rows(
            f"SELECT count(*) FROM entry JOIN frame USING (recordID) WHERE digest IN ({ids})")[0][0]
        self.run.check(counted == len(frames), f"I4: of {len(frames)} entries {counted} count after the upgrade")

    def other_key(self, road):
        """Headquarters comes up with another sealing key: records are held, and taken in with the right one."""
        path = os.path.join(self.centre.state, "keys", "sealing.key")
        saved = {name: open(name, "rb").read() for name in (path, path[:-3] + "pub") if os.path.exists(name)}
        self.centre.stop()
        sealing = os.urandom(32)
        for name, content in ((path, sealing), (path[:-3] + "pub", x25519(sealing, (9).to_bytes(32, "little")))):
            if name in saved:
                with open(name, "wb") as file:
                    file.write(content if len(saved[name]) == 32 else saved[name])
        started = self.centre.start()
        if started:
            frames = [self.client.entry() for _ in range(2)]
            self.bring(frames, road)
            for frame in frames:
                self.expect("a record under a key that is not here", frame, KEY_HELD)
        self.centre.kill()
        for name, content in saved.items():
            with open(name, "wb") as file:
                file.write(content)
        self.centre.start()
        if not self.run.check(started, "headquarters does not start with another sealing key"):
            return
        wait_until("taken in with the key", 20, lambda: all(self.state_of(frame) == "accepted" for frame in frames))
        self.run.hit("taken in with the key", len(frames))

    # MARK: Headquarters of other versions

    def key(self, name):
        with open(os.path.join(self.centre.state, "keys", f"{name}.key"), "rb") as file:
            return DeviceKey(file.read())

    def signed(self, body, name, domain):
        """As headquarters would sign it."""
        key = self.key(name)
        return message(f1=body, f2=hashlib.sha256(key.public).digest()[:8], f3=key.sign(f"jobfair {domain} v1", body))

    def headquarters_that(self, tried, change=None, instead=None):
        """The kiosk meets it for a while; then it is today's again. Nothing may be dropped, all comes in.

        `change(kind, content)`: another answer, or None where it is as today; `instead()`: what is said to everything.
        """
        run, card, met = self.run, self.card, []

        def rule(exchange):
            if instead:
                exchange.send(instead())
                met.append(exchange.path)
                return
            answer = exchange.ask()
            changed = change(exchange.kind, wire.body_of(answer)) if wire.status_of(answer) == 200 else None
            exchange.send(response(200, changed) if changed else answer)
            if changed:
                met.append(exchange.path)
        known = card.records()
        self.middle.rule = rule
        card.restart()
        card.register_people(2)
        wait_until("met it", 60, lambda: len(met) >= tried)
        self.middle.rule = Exchange.pass_on
        after_it = card.records()
        gone = {item for item, state in known.items() if after_it.get(item) != state and after_it.get(item) != "purged"}
        run.check(not gone, f"the state of {len(gone)} records changed by an answer of another version")
        run.check("quarantined" not in after_it.values(), "a kiosk believes that records were refused")
        run.check("kioskRevoked" not in card.problems(), "a kiosk believes that it was revoked")
        run.hit("answers of other headquarters", len(met))
        card.restart()
        drained(run, [card])

    def newer_headquarters(self, _):
        """More fields, a directive of a kind nobody knows, a result nobody knows."""
        def change(kind, content):
            if kind == "hello":
                directive = message(f1=os.urandom(16), f77=b"of tomorrow")
                body = one(content, 1) + field(9, directive) + field(4711, "more")
                return self.signed(body, "directive", "directive")
            if kind == "batches":
                body = one(content, 1) + field(4711, "more")
                return self.signed(body, "receipt", "receipt") + field(4711, "more")
            return None
        self.headquarters_that(2, change)

    def unknown_results(self, _):
        """Every line of its receipt says something nobody knows: the records stay pending."""
        def change(kind, content):
            if kind != "batches":
                return None
            found = fields_of(one(content, 1))
            lines = [message(f1=line[1][0], f2=line[2][0], f3=9, f4="of.tomorrow") for line in map(fields_of, found[5])]
            names = {f"f{number}": values for number, values in found.items() if number != 5}
            flat = {name: value[0] for name, value in names.items()}
            return self.signed(message(**flat, f5=lines), "receipt", "receipt")
        self.headquarters_that(1, change)
        self.run.hit("unknown results")

    def older_headquarters(self, _):
        """An answer to hello that knows nothing of durable marks, erasures, and other lineages."""
        def change(kind, content):
            if kind != "hello":
                return None
            found = fields_of(one(content, 1))
            kept = {f"f{number}": values if number in (6, 9, 10) else values[0]
                    for number, values in found.items() if number <= 11}
            return self.signed(message(**kept), "directive", "directive")
        self.headquarters_that(1, change)

    def gone_protocol(self, _):
        """A headquarters that no longer speaks this protocol."""
        said = itertools.cycle([problem(404, "request.unknown"), problem(426, "protocol.old"), response(410, b"", None)])
        self.headquarters_that(3, instead=lambda: next(said))
        self.run.hit("protocol gone")

    # MARK: Sticks of a real kiosk

    def stick_of_tomorrow(self, _):
        """Both read a stick on which a newer program has written entries, and a file, that they do not know."""
        run, card = self.run, self.card
        stick = os.path.join(run.folder, "travelling")
        shutil.rmtree(stick, ignore_errors=True)
        os.makedirs(stick)
        self.middle.rule = unreachable
        card.restart()
        card.register_people(3)
        card.control("export", "--same-disk", "--to", stick)
        self.add_unknown(stick)
        self.centre.command("import", stick)
        lacking = set(card.records()) - set(self.centre.frames())
        run.check(not lacking, f"a stick with entries of tomorrow brought {len(lacking)} records less")
        self.add_unknown(stick)
        card.control("import", "--from", stick)
        run.check(card.pending() == 0, f"receipts beside entries of tomorrow leave {card.pending()} records pending")
        run.hit("stick of tomorrow")
        self.middle.rule = Exchange.pass_on

    @staticmethod
    def add_unknown(stick):
        for path in glob.glob(os.path.join(stick, "JOBFAIR", "*.jobfair")):
            with open(path, "ab") as file:
                file.write(entry_of(42, b"of tomorrow" * 20))
        with open(os.path.join(stick, "JOBFAIR", "archive-0001.jobfair"), "wb") as file:
            file.write(b"JOBFAIR STICK 2\n" + os.urandom(500))


BY_ROADS = ("newer_kiosk", "older_kiosk", "upgrade", "other_key")
OTHERS = ("other_hellos", "newer_headquarters", "unknown_results", "older_headquarters", "gone_protocol",
          "stick_of_tomorrow")
CASES = [(name, road) for name in BY_ROADS for road in ("network", "stick")] + [(name, "") for name in OTHERS]


@row("X1", "versions: newer and older kiosks, headquarters, sticks", "I1 I3 I4 I8 I13", len(CASES), len(CASES) * 20,
     ["by network", "by stick", "held", "accepted", "taken in after the upgrade", "taken in with the key",
      "hellos of other versions", "answers of other headquarters", "unknown results", "protocol gone",
      "stick of tomorrow"], seconds=240)
def versions(run):
    begin(run)
    scene = Versions(run)
    try:
        for case in run.cases():
            name, road = CASES[case % len(CASES)]
            getattr(scene, name)(road)
        scene.card.restart()
        scene.card.register_people(1)
        drained(run, [scene.card])
        sent = {item for item in scene.centre.frames() if item[1] in scene.sent}
        run.check(len(sent) == len(scene.sent), f"I3: of {len(scene.sent)} frames {len(sent)} are there")
        scene.other.stop()
        check_sets(run, scene.centre, [scene.card, scene.other], others=sent)
    finally:
        scene.close()
