"""N1 to N3: requests and answers that are cut off, come twice, late, or to the wrong one."""

import threading
import time

import wire
from faults import row
from network_bench import in_portions
from spoilt import Spoilt
from tamper_proxy import SESSION_UNKNOWN, cut_ciphertext
from testbed import wait_until

# Most of a case is waiting for the kiosk's own back-off (1 to 4 s), so many kiosks wait at once.
KIOSKS = 14
# Answers to hello, receipts, grants and catalogues of two vacancies have 350 to 900 bytes with their heads.
ANSWER_BYTES = 960
# A hello with the newest receipt and a batch of one record have some 950 bytes.
REQUEST_BYTES = 1088
# TLS handshake and the first answers, either way.
CIPHERTEXT_BYTES = 4096
CIPHERTEXT_STEP = 256
NIGHTLY_PORTION = 64
# Ten minutes of the slow lane, and the back-off before it.
SLOW_LANE_SECONDS = 720


def positions(run, limit):
    """Byte and manner of a case: every 16th byte, manners by turns; in the nightly set every byte in both manners."""
    def place(case):
        return (case % limit, case >= limit) if run.is_nightly else (case * 16, case % 2 == 1)
    return place


# MARK: N1

class AnswerCuts:
    """Cuts one answer of each kind at one byte; everything after passes, and is looked at before."""

    def __init__(self, net, subject, position, abruptly):
        self.net, self.subject, self.position, self.abruptly = net, subject, position, abruptly
        self.left = {"hello", "batches", "grant", "catalogue"}
        self.greeted = self.is_half_receipt = False

    def __call__(self, exchange):
        if exchange.kind == "batches" and not self.greeted:
            self.greeted = True
            exchange.send(SESSION_UNKNOWN)
            return
        if exchange.kind in ("hello", "batches") and self.is_half_receipt:
            self.is_half_receipt = False
            pending = self.subject.pending()
            self.net.check(pending is None or pending >= 1, f"I13: marked after {self.position} bytes of a receipt")
            self.net.hit("looked at after half a receipt")
        if exchange.kind not in self.left:
            exchange.pass_on()
            return
        self.left.discard(exchange.kind)
        self.cut(exchange)

    def cut(self, exchange):
        answer = exchange.ask()
        self.net.check(wire.status_of(answer) == 200, f"{exchange.kind} was answered {answer[:40]}")
        self.net.most(f"longest {exchange.kind}", len(answer))
        is_half = self.position < len(answer)
        self.net.hit(f"{exchange.kind} {'cut' if is_half else 'whole'}")
        if is_half:
            # Grants and catalogues are cut meanwhile.
            self.is_half_receipt = self.is_half_receipt or exchange.kind == "batches"
            exchange.send(answer[:self.position])
        else:
            exchange.deliver(answer)
        exchange.end(self.abruptly)


def answer_cuts(net, cases, place):
    # Twice its share for a kiosk that is quicker than others.
    fairs = net.more_fairs(2 * (len(cases) // KIOSKS + 1))
    given = {subject: iter(fairs) for subject in net.subjects}

    def play(subject, case):
        position, abruptly = place(case)
        fair = next(given[subject])
        net.give(subject, fair)
        rule = subject.proxy.rule = AnswerCuts(net, subject, position, abruptly)
        subject.register()
        try:
            wait_until("all kinds cut", 120, lambda: not rule.left)
            wait_until("catalogue and grant", 120, lambda: subject.has_fair(fair))
        except TimeoutError as error:
            net.violation(f"{subject.label} at byte {position}: {error}, not cut: {rule.left} ({subject.last_error()})")
        subject.drained(text=f"at byte {position}")
        net.check(subject.signed_catalogue(fair) != [], f"{subject.label} has no catalogue of {fair}")
    return play


def ciphertext_cuts(net, step):
    """The same below TLS, where a cut also falls into the handshake."""
    def play(subject, case):
        down = case * step
        subject.proxy.raw = cut_ciphertext(subject.proxy, down=down)
        subject.proxy.drop()
        subject.register()
        subject.drained(text=f"after {down} bytes of TLS")
        net.check(subject.proxy.raw is None, "no connection was cut")
        net.hit("ciphertext cut")
    return play


N1_QUICK = ANSWER_BYTES // 16 + CIPHERTEXT_BYTES // CIPHERTEXT_STEP
N1_NIGHTLY = 2 * ANSWER_BYTES + CIPHERTEXT_BYTES // 8


@row("N1", "answers cut at every 16th byte (nightly: every)", "I3-I5 I8 I13 I15", N1_QUICK, N1_NIGHTLY,
     [f"{kind} {end}" for kind in ("hello", "batches", "grant", "catalogue") for end in ("cut", "whole")]
     + ["looked at after half a receipt", "ciphertext cut"], seconds=240)
def answers_cut(run):
    plain = 2 * ANSWER_BYTES if run.is_nightly else ANSWER_BYTES // 16
    cut_everywhere(run, plain, answer_cuts, positions(run, ANSWER_BYTES), ciphertext_cuts)


def cut_everywhere(run, plain, work_of, place, ciphertext_of):
    """Cases below `plain` are cuts of plain text, the others of ciphertext. A nightly portion has its own programs: so
    hello stays as short as in the quick set."""
    step = 8 if run.is_nightly else CIPHERTEXT_STEP

    def play(net, cases):
        net.share([case for case in cases if case < plain], work_of(net, cases, place))
        ciphertext = ciphertext_of(net, step)
        net.share([case for case in cases if case >= plain], lambda subject, case: ciphertext(subject, case - plain))
    in_portions(run, KIOSKS, NIGHTLY_PORTION if run.is_nightly else run.count, play)


# MARK: N2

class RequestCuts:
    """Headquarters gets a part of one batch and of one hello; the kiosk's connection then ends."""

    def __init__(self, net, subject, position, abruptly):
        self.net, self.subject, self.position, self.abruptly = net, subject, position, abruptly
        self.left, self.greeted = ["batches", "hello"], False
        self.record = self.lost = None

    def __call__(self, exchange):
        if self.lost is not None and exchange.kind == "batches":
            self.repeat(exchange)
        elif self.left == ["hello"] and exchange.kind == "batches" and not self.greeted:
            self.greeted = True
            exchange.send(SESSION_UNKNOWN)
        elif self.left and exchange.kind == self.left[0]:
            self.left.pop(0)
            self.cut(exchange)
        else:
            exchange.pass_on()

    def cut(self, exchange):
        is_half = self.position < len(exchange.request)
        self.net.most(f"longest {exchange.kind}", len(exchange.request))
        self.net.hit(f"{exchange.kind} {'cut' if is_half else 'lost'}")
        if is_half:
            exchange.cut_request(self.position, self.abruptly)
            self.lost = False if exchange.kind == "batches" else None
        else:
            # Whole: headquarters commits and answers, and nobody hears it.
            answer = exchange.ask()
            self.lost = answer if exchange.kind == "batches" else None
        exchange.end(self.abruptly)

    def repeat(self, exchange):
        """The kiosk sends the batch again: what headquarters has of the first time, and what it says now."""
        lost, self.lost = self.lost, None
        there = {record for record, _ in self.net.at_headquarters()}
        pending = self.subject.pending()
        self.net.check(pending is None or pending >= 1, f"I13: marked without an answer, after {self.position} bytes")
        answer = exchange.pass_on()
        lines = {line.record: line for line in wire.receipt_lines(answer)}
        now = lines.get(self.record)
        if not self.net.check(now is not None, f"the repeat was answered {answer[:40]} without the record"):
            return
        if lost is False:
            self.net.check(self.record not in there, f"headquarters took a record from {self.position} bytes")
            self.net.check(now.code == wire.ACCEPTED, f"a record of which a half came is answered {now.code}")
            return
        first = {line.record: line for line in wire.receipt_lines(lost)}.get(self.record)
        self.net.check(self.record in there, "headquarters answered and has not the record")
        self.net.check(first is not None and first.digest == now.digest and first.code == wire.ACCEPTED
                       and now.code == wire.DUPLICATE, f"I4: first {first}, the repeat {now}")
        self.net.hit("repeats answered as such")


def request_cuts(net, _, place):
    def play(subject, case):
        position, abruptly = place(case)
        rule = RequestCuts(net, subject, position, abruptly)
        subject.proxy.rule = rule
        rule.record = subject.register()
        subject.drained(text=f"at byte {position} of a batch")
        subject.register()
        try:
            wait_until("hello cut", 120, lambda: not rule.left)
        except TimeoutError as error:
            net.violation(f"{subject.label} at byte {position}: {error}")
        subject.drained(text=f"at byte {position} of a hello")
    return play


def ciphertext_requests(net, step):
    def play(subject, case):
        up = case * step
        subject.proxy.raw = cut_ciphertext(subject.proxy, up=up)
        subject.proxy.drop()
        subject.register()
        subject.drained(text=f"after {up} bytes of TLS")
        net.hit("ciphertext cut")
    return play


N2_QUICK = REQUEST_BYTES // 16 + CIPHERTEXT_BYTES // CIPHERTEXT_STEP
N2_NIGHTLY = 2 * REQUEST_BYTES + CIPHERTEXT_BYTES // 8


@row("N2", "requests cut at every 16th byte (nightly: every)", "I3 I4 I8 I13", N2_QUICK, N2_NIGHTLY,
     ["batches cut", "batches lost", "hello cut", "hello lost", "repeats answered as such", "ciphertext cut"],
     seconds=240)
def requests_cut(run):
    plain = 2 * REQUEST_BYTES if run.is_nightly else REQUEST_BYTES // 16
    cut_everywhere(run, plain, request_cuts, positions(run, REQUEST_BYTES), ciphertext_requests)


# MARK: N3

class Memory:
    """The newest whole answers and requests of each kiosk, to be given again or to somebody else."""

    def __init__(self, net):
        self.net, self.kept, self.lock = net, {}, threading.Lock()

    def listen(self, subject):
        """A first batch and hello of every kiosk: what is remembered of the others is never missing."""
        def rule(exchange):
            if exchange.kind == "batches" and (subject.label, "hello") not in self.kept:
                exchange.send(SESSION_UNKNOWN)
            else:
                self.keep(subject, exchange, exchange.pass_on())
        subject.proxy.rule = rule
        subject.register()
        subject.drained()

    def keep(self, subject, exchange, answer):
        if wire.status_of(answer) == 200:
            with self.lock:
                self.kept[subject.label, exchange.kind] = (exchange.request, answer)

    def own(self, subject, kind):
        return self.kept[subject.label, kind]

    def of_another(self, subject, kind):
        with self.lock:
            return next(kept for (label, found), kept in self.kept.items() if label != subject.label and found == kind)


class Mixing(Spoilt):
    """Remembers what passes and what headquarters answers to a spoilt request."""

    def __init__(self, net, subject, memory, kind, way, draw):
        super().__init__(net, subject, kind, self.mix, may_count=way in WAYS_THAT_COUNT)
        self.memory, self.way, self.draw = memory, way, draw

    def play_through(self, is_patient):
        text = f"({self.way}, {self.kind})"
        self.begin()
        self.settle(is_patient, text)
        if self.way == "twice":
            # The second answer lies on the connection and is taken for that to the next request.
            self.subject.register()
            self.settle(is_patient, text)

    def settle(self, is_patient, text):
        """Drained by itself. Where a receipt named none of its records they go in the slow lane, 1 to 10 minutes later:
        only a patient case waits for that, the others start kioskd anew."""
        self.reached(text=text)
        end = time.monotonic() + (SLOW_LANE_SECONDS if is_patient else 120)
        while self.subject.pending() != 0 and time.monotonic() < end:
            if self.subject.last_error() == "noProgress" and self.subject.pending():
                self.net.hit("left for the slow lane")
                if is_patient:
                    self.net.hit("slow lane drained", int(self.subject.drained(SLOW_LANE_SECONDS, text)))
                    return
                self.subject.restart()
            time.sleep(0.05)
        self.subject.drained(5, text)

    def mix(self, exchange):
        self.net.hit(f"{self.way}")
        getattr(self, self.way.replace(" ", "_"))(exchange)

    def twice(self, exchange):
        """The second one waits on the connection for the next request."""
        answer = self.heard(exchange)
        exchange.deliver(answer)
        exchange.send(answer)

    def late(self, exchange):
        time.sleep(self.draw.choice([0.5, 1, 3]))
        exchange.deliver(self.heard(exchange))

    def an_older_one(self, exchange):
        """Of batch A to batch B; headquarters has taken B, or never heard of it."""
        old = self.memory.own(self.subject, self.kind)[1]
        if self.draw.random() < 0.5:
            self.heard(exchange)
        exchange.send(old)

    def of_another_kiosk(self, exchange):
        other = self.memory.of_another(self.subject, self.kind)[1]
        if self.draw.random() < 0.5:
            self.heard(exchange)
        exchange.send(other)

    def of_another_kind(self, exchange):
        """A receipt to hello, an answer to hello to a batch, a key list to both."""
        kind = self.draw.choice(["hello" if self.kind == "batches" else "batches", "keys"])
        if kind == "keys":
            exchange.send(exchange.ask(b"GET /sync/v1/keys HTTP/1.1\r\nhost: localhost\r\n\r\n"))
        else:
            exchange.send(self.memory.own(self.subject, kind)[1])

    def one_bit_wrong(self, exchange):
        answer = self.heard(exchange)
        head, body = wire.head_of(answer), bytearray(wire.body_of(answer))
        body[self.draw.randrange(len(body))] ^= 1 << self.draw.randrange(8)
        exchange.send(head + bytes(body))

    def asked_twice(self, exchange):
        """The same signed request twice: a counter is taken once, and a hello is no news."""
        first, second = self.heard(exchange), exchange.ask()
        if self.kind == "batches":
            self.net.check(wire.status_of(second) == 401, f"a request was taken twice: {second[:40]}")
        exchange.deliver(self.draw.choice([first, second]))

    def an_old_request(self, exchange):
        """What was sent before, once more beside the true one."""
        answer = exchange.ask(self.memory.own(self.subject, "batches")[0])
        self.net.check(wire.status_of(answer) == 401, f"an old request was taken: {answer[:40]}")
        self.memory.keep(self.subject, exchange, exchange.pass_on())

    def heard(self, exchange):
        answer = exchange.ask()
        self.memory.keep(self.subject, exchange, answer)
        return answer


WAYS = ["twice", "late", "an older one", "of another kiosk", "of another kind", "one bit wrong", "asked twice",
        "an old request"]
# Here the kiosk is given a whole receipt for what it has sent.
WAYS_THAT_COUNT = {"twice", "late", "asked twice", "an old request"}


@row("N3", "answers twice, late, old, crossed, of another kiosk", "I3 I4 I8 I13", 96, 10_000,
     [*WAYS, "looked at after a spoilt answer"], seconds=240)
def answers_mixed(run):
    def play(net, cases):
        memory = Memory(net)
        net.each(memory.listen)

        def mix(subject, case):
            draw = run.random(case)
            way = WAYS[case % len(WAYS)]
            kind = draw.choice(["batches", "batches", "hello"])
            is_patient = run.is_nightly and draw.random() < 0.01
            begin = time.monotonic()
            Mixing(net, subject, memory, kind, way, draw).play_through(is_patient)
            net.run.log(f"{time.monotonic() - begin:.1f} s {way} {kind}")
        net.share(cases, mix)
    in_portions(run, KIOSKS, 640 if run.is_nightly else run.count, play)
