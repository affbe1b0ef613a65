"""D1: catalogues that are cut, mixed, forged, brought back: what is shown is one whole edition, never an older one."""

import os
import signal
import threading
import time
import uuid

import wire
from faults import row
from network_bench import in_portions
from protobuf import one
from spoilt import Spoilt
from tamper_proxy import response

KIOSKS = 10
# A hello that is asked for brings the new edition; the rest is the kiosk's back-off after what was spoilt.
SECONDS_MAX = 90


class Editions:
    """The one fair of one kiosk, whose vacancies change with every case; every answer with a catalogue is kept."""

    def __init__(self, net, subject):
        self.net, self.subject, self.fair = net, subject, subject.fair
        printed = net.headquarters.command("vacancy", "list", "--fair", self.fair)
        self.vacancies = [line.split()[0] for line in printed.splitlines() if "  clear  " in line]
        self.headcounts = {uuid.UUID(identifier).hex: 1 for identifier in self.vacancies}
        # Whole answers, the oldest first.
        self.answers = []

    def change(self):
        """The next edition."""
        identifier = self.vacancies[0]
        self.headcounts[uuid.UUID(identifier).hex] += 1
        self.net.headquarters.command(
            "vacancy", "headcount", "--id", identifier, "--headcount", str(self.headcounts[uuid.UUID(identifier).hex]))

    def newest(self):
        return {wire.Vacancy(identifier, headcount) for identifier, headcount in self.headcounts.items()}

    def heard(self, exchange):
        answer = exchange.ask()
        if wire.status_of(answer) == 200:
            self.answers.append(answer)
        return answer

    def held(self):
        """Version of what stands in the kiosk's file; it has to be one that headquarters has signed, whole."""
        rows = self.subject.signed_catalogue(self.fair)
        if not self.net.check(len(rows) == 1, f"{self.subject.label} holds {len(rows)} catalogues of its fair"):
            return 0
        etag, signed = rows[0]
        version = wire.catalogue_version(signed)
        known = any(wire.body_of(answer) == signed for answer in self.answers)
        self.net.check(known, f"I15: {self.subject.label} holds what headquarters never said")
        self.net.check(etag.strip('"').split("-")[0] == str(version), f"I15: edition {version} is held under {etag}")
        return version


def renamed(answer, etag):
    """The same answer under another ETag."""
    return answer.replace(wire.etag_of(answer).encode(), etag.encode())


class Tamper:
    """One way to spoil a catalogue; `action` is what Spoilt calls."""

    def __init__(self, net, editions, others, way, draw):
        self.net, self.editions, self.others, self.way, self.draw = net, editions, others, way, draw

    def action(self, exchange):
        self.net.hit(self.way)
        getattr(self, self.way.replace(" ", "_"))(exchange, self.editions.heard(exchange))

    def cut(self, exchange, answer):
        exchange.send(answer[:self.draw.randrange(len(answer))])
        exchange.end(self.draw.random() < 0.5)

    def one_bit_wrong(self, exchange, answer):
        body = bytearray(wire.body_of(answer))
        body[self.draw.randrange(len(body))] ^= 1 << self.draw.randrange(8)
        exchange.send(wire.head_of(answer) + bytes(body))

    def older(self, exchange, _):
        """True bytes of headquarters, of the edition before the one that is held."""
        exchange.send(self.editions.answers[-3])

    def older_under_the_new_ETag(self, exchange, answer):
        exchange.send(renamed(self.editions.answers[-3], wire.etag_of(answer)))

    def held_under_the_new_ETag(self, exchange, answer):
        exchange.send(renamed(self.editions.answers[-2], wire.etag_of(answer)))

    def signed_by_another_key(self, exchange, answer):
        """In the name of headquarters' key, or of a key of its own."""
        body = one(wire.body_of(answer), 1)
        key_id = self.draw.choice([one(wire.body_of(answer), 2), os.urandom(8)])
        with self.net.lock:
            forged = wire.signed(body, key_id, wire.sign(body, b"jobfair catalogue v1", self.net.folder))
        exchange.send(response(200, forged, "application/protobuf", f"etag: {wire.etag_of(answer)}"))

    def replaced_in_the_middle(self, exchange, answer):
        """The first part of the new one, the rest of the old one; both are of the same length."""
        old, new = wire.body_of(self.editions.answers[-2]), wire.body_of(answer)
        middle = self.draw.randrange(1, len(new) - 1)
        mixed = new[:middle] + old[middle:]
        if mixed in (old, new):
            mixed = new[:len(new) // 2] + old[len(new) // 2:]
        exchange.send(response(200, mixed, "application/protobuf", f"etag: {wire.etag_of(answer)}"))

    def of_another_fair(self, exchange, answer):
        other = next(editions for editions in self.others if editions is not self.editions and editions.answers)
        exchange.send(renamed(other.answers[-1], wire.etag_of(answer)))

    def of_another_message(self, exchange, _):
        exchange.send(exchange.ask(b"GET /sync/v1/keys HTTP/1.1\r\nhost: localhost\r\n\r\n"))

    def without_ETag(self, exchange, answer):
        exchange.send(response(200, wire.body_of(answer)))

    def not_modified(self, exchange, _):
        exchange.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    def killed_while_it_takes_it(self, exchange, answer):
        program = self.editions.subject.kiosk.program
        process = program.process
        exchange.send(answer)
        time.sleep(self.draw.uniform(0, 0.06))
        self.killed(program, process)

    def killed_in_the_middle(self, exchange, answer):
        program = self.editions.subject.kiosk.program
        process = program.process
        exchange.send(answer[:self.draw.randrange(len(answer))])
        time.sleep(self.draw.uniform(0, 0.02))
        self.killed(program, process)

    @staticmethod
    def killed(program, process):
        os.kill(program.pid(), signal.SIGKILL)
        process.wait()


WAYS = [name.replace("_", " ") for name in vars(Tamper)
        if not name.startswith("_") and name not in ("action", "killed")]


class Looking:
    """Looks at what the kiosk shows while everything happens: versions never fall, what is shown is one edition."""

    def __init__(self, net, editions, shown):
        self.net, self.editions, self.before, self.shown = net, editions, editions.held(), shown

    def look(self):
        version = self.editions.held()
        self.net.check(version >= self.before, f"I15: edition {version} is held after {self.before}")
        self.before = max(self.before, version)
        try:
            served = self.editions.subject.served()
        except (OSError, ValueError):
            return None
        if served is not None:
            self.net.check(served in self.shown, "I15: what is shown is no edition as a whole, or an older one")
            self.net.hit("looked at")
        return served


def tamper(net, editions, others, way, draw):
    subject = editions.subject
    looking = Looking(net, editions, [editions.newest()])
    editions.change()
    looking.shown.append(editions.newest())
    rule = Spoilt(net, subject, "catalogue", Tamper(net, editions, others, way, draw).action)
    rule.begin()
    rule.reached(text=f"({way})")
    if way.startswith("killed"):
        subject.kiosk.program.wait_for_port()
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        looking.look()
        time.sleep(0.05)
    # The next hello says which edition there is; it brings it whole.
    fetching = Spoilt(
        net, subject, "catalogue", lambda exchange: exchange.deliver(editions.heard(exchange)), times=1000)
    fetching.begin()
    end = time.monotonic() + SECONDS_MAX
    while looking.look() != editions.newest() and time.monotonic() < end:
        time.sleep(0.05)
    net.check(
        looking.look() == editions.newest(), f"I15: after '{way}' the new edition is not shown within {SECONDS_MAX} s")
    subject.drained(text=way)


@row("D1", "catalogues cut, forged, mixed, of another fair, brought back", "I3 I4 I8 I15", len(WAYS) * 2, 4_000,
     [*WAYS, "looked at"], seconds=240)
def catalogues(run):
    def play(net, cases):
        all_editions = {}

        def learn(subject):
            """Two editions before the first case, so that there is an older one than is held."""
            editions = all_editions[subject] = Editions(net, subject)
            for _ in range(2):
                fetched = threading.Event()
                def keep(exchange):
                    exchange.deliver(editions.heard(exchange))
                    fetched.set()
                editions.change()
                Spoilt(net, subject, "catalogue", keep).play()
                net.check(fetched.wait(60), f"{subject.label} does not fetch a new edition")
            end = time.monotonic() + 30
            while editions.held() < 3 and time.monotonic() < end:
                time.sleep(0.05)
        net.each(learn)

        def one(subject, case):
            tamper(net, all_editions[subject], list(all_editions.values()), WAYS[case % len(WAYS)], run.random(case))
        net.share(cases, one)
    in_portions(run, KIOSKS, 400 if run.is_nightly else run.count, play, own_fairs=True)
