"""S5: what no kiosk would say, at the sync port and in records: clear answers, nothing lost, others served."""

import hashlib
import http.client
import os

from faults import row
from headquarters_bench import Card, Centre, begin, check_sets, drained
from poison import BATCHES, HELLO, frames, payloads, requests
from protobuf import field, fields_of, message
from sync_client import Client

MEMORY_MAX = 64 << 20
# Cases in poison.py; behind them bits are flipped.
LISTED = 105


def flipped(draw, content):
    """One to eight bits, or a byte left out or put in."""
    content, kind = bytearray(content), draw.random()
    at = draw.randrange(len(content))
    if kind < 0.1:
        del content[at]
    elif kind < 0.2:
        content.insert(at, draw.randrange(256))
    else:
        for _ in range(draw.choice([1, 1, 2, 8])):
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(content)


class Poisoned:
    """Headquarters, a kiosk that goes on, and one whose keys somebody else uses."""

    def __init__(self, run):
        self.run, self.centre = run, Centre(run)
        self.fair = self.centre.prepare(kind="fair")
        self.centre.start()
        self.good, self.bad = Card(run, "good", "S5"), Card(run, "bad", "X5")
        self.captured = {}
        self.middle = self.centre.proxy()
        self.middle.rule = self.capture
        for card in (self.good, self.bad):
            card.start()
            card.enrol(self.centre, self.fair, self.middle.address if card is self.bad else None)
        self.bad.register_people(1)
        drained(run, [self.good, self.bad])
        self.bad.stop()
        self.client = Client(self.bad, self.centre, self.fair)
        self.other = Client(self.good, self.centre, self.fair).key.device_id
        self.client.hello()
        self.stored = {}
        self.memory = self.resident()

    def close(self):
        self.middle.close()
        for program in (self.good, self.bad, self.centre):
            if program.is_alive():
                program.kill()

    def capture(self, exchange):
        """The last real hello, and the real batch with most records."""
        kept = self.captured.get(exchange.path, b"")
        if exchange.method == "POST" and (exchange.path == HELLO or len(exchange.body) > len(kept)):
            self.captured[exchange.path] = exchange.body
        exchange.pass_on()

    def resident(self):
        with open(f"/proc/{self.centre.daemon.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS"))

    # MARK: One case

    def request(self, name, call, wanted):
        got = call()[:2]
        self.run.check(got == wanted, f"{name}: {got} instead of {wanted}")
        self.run.hit("requests refused" if got[0] >= 400 else "requests taken")

    def record(self, name, frame, result, reason):
        """Between two good ones, which must come in whatever stands between them."""
        run, client = self.run, self.client
        before, after = client.entry(), client.entry()
        status, code, lines = client.send([before, frame, after])
        if not run.check(status == 200 and len(lines) == 3, f"{name}: {status} {code}, {len(lines)} lines"):
            return
        run.check(lines[1][2:] == (result, reason), f"{name}: {lines[1][2:]} instead of {(result, reason)}")
        run.check(lines[0][2] == lines[2][2] == "accepted", f"{name}: the good ones beside it are {lines[::2]}")
        for line, each in zip(lines, (before, frame, after)):
            digest = hashlib.sha256(each).hexdigest().upper()
            run.check(line[1] == digest, f"{name}: the receipt names another digest")
            if line[2] in ("accepted", "held"):
                self.stored[(line[0], digest)] = each
        run.hit(f"records {lines[1][2]}")

    def conflict(self):
        """One id with other bytes: both are kept, and it is said."""
        record = os.urandom(16)
        frames = [self.client.frame(field(2, message(f1=people, f2=1)), identity=self.client.identity(record))
                  for people in (1, 2)]
        lines = self.client.send(frames)[2]
        self.run.check([line[2:] for line in lines] == [("accepted", ""), ("held", "record.conflict")],
                       f"one id, two records: {lines}")
        self.stored.update({(line[0], line[1]): frame for line, frame in zip(lines, frames)})
        self.run.hit("records held")

    # MARK: Bits flipped

    def fuzz(self, draw):
        """A real request with some bits flipped: outside all signatures but the request's own, or under them."""
        depth = draw.choice(["hello", "batch", "record", "content"])
        if depth == "hello":
            body = self.captured[HELLO]
            status, code, _ = self.client.request("POST", HELLO, flipped(draw, body), nonce=fields_of(body)[13][0])
            # It may have been taken: headquarters keeps two sessions of a kiosk.
            self.client.counter = 0
        elif depth == "batch":
            self.renew()
            status, code, _ = self.client.post(BATCHES, flipped(draw, self.captured[BATCHES]))
        else:
            return self.fuzz_record(draw, depth)
        self.run.check(status in (200, 400, 403, 413), f"{depth}, bits flipped: {status} {code}")
        self.run.hit(f"{depth}: {status}")
        return None

    def renew(self):
        if self.client.counter == 0 or self.client.counter > 500:
            self.client.hello()

    def fuzz_record(self, draw, depth):
        """Signed by the kiosk's own key after the bits were flipped, beside a good one."""
        self.renew()
        client, beside = self.client, []
        real = fields_of(draw.choice(fields_of(self.captured[BATCHES])[2]))[1][0]
        if depth == "record":
            body = flipped(draw, real)
            frame = message(f1=body, f2=client.key.sign("jobfair record v1", body))
        else:
            payload = draw.choice([payload for payload, *_ in self.contents.values() if len(payload) < 4096])
            frame = client.frame(flipped(draw, payload or b"\0\0"), goes_on=False)
            beside = [client.entry()]
        status, code, lines = client.send([frame, *beside])
        if self.run.check(status == 200 and len(lines) == 1 + len(beside), f"{depth}, bits flipped: {status} {code}"):
            self.run.check(all(line[2] == "accepted" for line in lines[1:]), f"beside flipped bits: {lines}")
            for line, each in zip(lines, (frame, *beside)):
                if line[2] in ("accepted", "held"):
                    self.stored[(line[0], line[1])] = each
            self.run.hit(f"{depth}: {lines[0][2]}")

    # MARK: The end

    def figures(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.centre.desk_port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()

    def check_served(self):
        """The other kiosk is served, headquarters lives and has not grown."""
        self.good.register_people(1)
        drained(self.run, [self.good])
        self.run.hit("others served")
        self.run.check(self.centre.is_alive(), f"headquarters ended with {self.centre.daemon.process.poll()}")

    def check_kept(self):
        """What was accepted or held is there, byte for byte, also after a start that reads the held ones again."""
        run, centre = self.run, self.centre
        grown = self.resident() - self.memory
        run.most("grown KiB", grown >> 10)
        run.check(grown < MEMORY_MAX, f"I14: headquarters has grown by {grown >> 20} MiB")
        run.check(centre.stop() == 0, "headquarters did not end in order")
        run.check(centre.start(), "headquarters does not start on what it holds")
        for path in ("/", "/api/v1/kiosks", "/api/v1/fairs", f"/api/v1/fairs/{self.fair}/figures"):
            status = self.figures(path)
            run.check(status == 200, f"the figures page {path} answers {status} after all this")
        there = {(record, digest): content for record, digest, content in centre.rows(
            "SELECT lower(hex(recordID)), hex(digest), bytes FROM frame")}
        lost = [key for key, content in self.stored.items() if there.get(key) != content]
        run.check(not lost, f"I3: {len(lost)} records that were taken in are not there or other bytes: {lost[:2]}")
        run.hit("held ones kept", sum(state != "accepted" for state in centre.frames().values()))
        self.bad.start()
        self.bad.register_people(1)
        self.good.restart()
        drained(run, [self.good, self.bad])
        check_sets(run, centre, [self.good, self.bad], others=set(self.stored))


def listed(scene):
    """Every case of poison.py as something to call. The contents are kept: bits are flipped in them later."""
    client = scene.client
    scene.contents = payloads(client)
    cases = [(lambda name=name, row=row: scene.request(name, *row)) for name, row in requests(client).items()]
    cases += [(lambda name=name, row=row: scene.record(name, client.frame(row[0], goes_on=False), *row[1:]))
              for name, row in scene.contents.items()]
    cases += [(lambda name=name, row=row: scene.record(name, *row))
              for name, row in frames(client, scene.other).items()]
    return [*cases, scene.conflict]


@row("S5", "poison at the sync port and in records; bits flipped", "I3 I4 I8 I10 I14", LISTED + 150, LISTED + 40_000,
     ["requests refused", "records refused", "records held", "records accepted", "records retry_later", "others served",
      "held ones kept", "hello: 400", "batch: 400", "record: held", "content: held"], seconds=240)
def poison(run):
    begin(run)
    scene = Poisoned(run)
    try:
        cases = listed(scene)
        run.check(len(cases) == LISTED, f"poison.py has {len(cases)} cases, the row counts {LISTED}")
        # A row that is resumed has a new headquarters: the list is short, and played again.
        if run.state["done"] >= LISTED:
            for play in cases:
                play()
        for case in run.cases():
            if case < LISTED:
                cases[case]()
            else:
                scene.fuzz(run.random(case))
            if not run.check(scene.centre.is_alive(), f"headquarters ended at case {case}"):
                return
            if case % 50 == 49:
                scene.check_served()
        scene.check_kept()
    finally:
        scene.close()
