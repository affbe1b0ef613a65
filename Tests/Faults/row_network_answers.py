"""N4 and N5: refusals, storms and strangers' answers: what the kiosk then asks for, how often, and what it costs."""

import email.utils
import gzip
import os
import time

import wire
from faults import row
from network_bench import MEMORY_GROWTH_KIB_MAX, in_portions
from spoilt import Spoilt
from tamper_proxy import Gone, problem, response, stranger_ends

KIOSKS = 14
# The least that a kiosk waits after a failure (protocol.md, Waiting), less what two clocks and threads may differ by.
WAIT_SECONDS_MIN = 0.95
# The page of a captive portal.
PAGE = b"<html><title>Login</title><form action=/login>\xe7\x99\xbb\xe5\xbd\x95</form></html>"
MIB = 1 << 20
# A kiosk that has seen enough waits 5 s for the other end's close_notify and throws away what comes meanwhile.
ENDLESS_SECONDS_MAX = 40
ENDLESS_BYTES_A_SECOND = 4 * MIB

# MARK: N4

# Name, answer, and the least number of seconds until the kiosk comes again.
REFUSALS = {
    "500": (lambda: response(500, b""), 1),
    "500 of headquarters": (lambda: problem(500, "headquarters.failed"), 1),
    "502": (lambda: response(502, PAGE, "text/html"), 1),
    "503": (lambda: response(503, b""), 1),
    "503 seconds": (lambda: response(503, b"", None, "retry-after: 3"), 3),
    "503 date": (lambda: response(503, b"", None, *in_seconds(3)), 3),
    "503 date without Date": (lambda: response(503, b"", None, in_seconds(900)[1]), 1),
    "503 date gone by": (lambda: response(503, b"", None, *in_seconds(-900)), 1),
    "503 negative": (lambda: response(503, b"", None, "retry-after: -5"), 1),
    "503 garbage": (lambda: response(503, b"", None, "retry-after: \xb2 soon"), 1),
    "503 9e9": (lambda: response(503, b"", None, "retry-after: 9e9"), 1),
    "503 beyond 64 bits": (lambda: response(503, b"", None, "retry-after: 99999999999999999999999"), 1),
    "503 0": (lambda: response(503, b"", None, "retry-after: 0"), 1),
    "429 seconds": (lambda: problem(429, "ingest.paced", "retry-after: 2"), 2),
    "429": (lambda: response(429, b""), 1),
    "408": (lambda: response(408, b""), 1),
    "409 with a code": (lambda: problem(409, "record.conflict"), 1),
    "409": (lambda: response(409, b"", "text/plain"), 1),
    # Asks for half of the records, at once.
    "413": (lambda: problem(413, "body.tooLarge"), 0),
    "404": (lambda: response(404, PAGE, "text/html"), 1),
    "403": (lambda: problem(403, "device.unknown"), 1),
    "401 of somebody": (lambda: response(401, PAGE, "text/html"), 1),
    "401 session.unknown": (lambda: problem(401, "session.unknown"), 1),
    "304": (lambda: response(304, b""), 1),
    "504": (lambda: response(504, PAGE, "text/html"), 1),
    "599": (lambda: response(599, b""), 1),
}
HOUR = "503 for an hour and more"
STORM = "503 storm"


def in_seconds(seconds):
    now = time.time()
    dates = [email.utils.formatdate(moment, usegmt=True) for moment in (now, now + seconds)]
    return f"date: {dates[0]}", f"retry-after: {dates[1]}"


class Refused(Spoilt):
    """The first requests of a kind are refused; how soon the kiosk comes again is compared with the plan."""

    def __init__(self, net, subject, kind, name, times):
        answer, self.wait = REFUSALS[name]
        self.name = name
        super().__init__(net, subject, kind, lambda exchange: exchange.send(answer()), times)

    def check_pace(self):
        waits = [again - answered for answered, again in zip(self.answered, self.came_again)]
        least = self.wait - (1 - WAIT_SECONDS_MIN) if self.wait else 0
        self.net.check(
            all(wait >= least for wait in waits), f"I14: {self.name}: came again after {waits}, not {least} s")
        if waits:
            self.net.most("most seconds waited", round(max(waits)))
            self.net.hit("waits as planned", len(waits))


def refuse(net, subject, name, draw):
    """A batch of four: so that one that is halved is not one record alone, which goes in the slow lane."""
    kind = draw.choice(["batches", "batches", "hello"])
    if name in ("413", "408") or name[:1] == "5" and name[:3] not in ("503", "502", "504"):
        kind = "batches" if name == "413" else kind
        times = 1
    else:
        times = draw.choice([1, 1, 2])
    rule = Refused(net, subject, kind, name, times)
    rule.play(records=4, text=f"({name}, {kind})")
    rule.check_pace()
    if name == "413":
        net.check(max(rule.sizes[1:], default=0) <= rule.sizes[0] // 2, f"413: batches of {rule.sizes}")
    net.hit(name)


def wait_an_hour(net, subject, *_):
    """Longer than a row: the kiosk keeps still, registers, and goes on as soon as it is started anew."""
    answer = response(503, b"", None, "retry-after: 9000000000")
    rule = Spoilt(net, subject, "batches", lambda exchange: exchange.send(answer))
    rule.begin()
    rule.reached()
    before = len(subject.proxy.requests)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        subject.register()
        time.sleep(0.5)
    net.check(len(subject.proxy.requests) == before, "I14: came again within an hour that headquarters asked for")
    subject.restart()
    subject.drained(text=HOUR)
    net.hit(HOUR)


def storm(net, subject, draw):
    """503 to everything for a while: at most a request a second and lane, and it ends by itself."""
    seconds = draw.choice([4, 5])
    begin = time.monotonic()
    def rule(exchange):
        if time.monotonic() < begin + seconds:
            exchange.send(response(503, b""))
        else:
            exchange.pass_on()
    subject.proxy.rule = rule
    count = len(subject.proxy.requests)
    while time.monotonic() < begin + seconds:
        subject.register()
        time.sleep(0.2)
    asked = len(subject.proxy.requests) - count
    net.check(asked <= 2 * (seconds + 1), f"I14: {asked} requests in a storm of {seconds} s")
    subject.drained(text=STORM)
    net.hit(STORM)


@row("N4", "refusals, Retry-After of every kind, storms of 503", "I3 I4 I8 I13 I14", 60, 5_000,
     [*REFUSALS, HOUR, STORM, "waits as planned", "looked at after a spoilt answer"], seconds=240)
def refusals(run):
    names = [*REFUSALS, HOUR, STORM]

    def play(net, cases):
        def one(subject, case):
            name, draw = names[case % len(names)], run.random(case)
            if name == HOUR:
                wait_an_hour(net, subject)
            elif name == STORM:
                storm(net, subject, draw)
            else:
                refuse(net, subject, name, draw)
        net.share(cases, one)
    in_portions(run, KIOSKS, 560 if run.is_nightly else run.count, play)


# MARK: N5

def endless(first, piece):
    """Sends for ever, some MiB a second, until the kiosk ends the connection; how long that took is kept."""
    def action(exchange):
        begin = time.monotonic()
        try:
            exchange.send(first)
            while time.monotonic() < begin + 2 * ENDLESS_SECONDS_MAX:
                exchange.connection.client.sendall(piece)
                time.sleep(len(piece) / ENDLESS_BYTES_A_SECOND)
        except (OSError, Gone):
            pass
        exchange.lasted = time.monotonic() - begin
        exchange.end(abruptly=True)
    return action


def plainly(content, ends=False):
    def action(exchange):
        exchange.send(content)
        if ends:
            exchange.end()
    return action


def head(*lines):
    return ("\r\n".join(["HTTP/1.1 200 OK", *lines]) + "\r\n\r\n").encode()


def bomb():
    """4 MiB that would be 4 GiB: gzip squeezes zeros to a thousandth."""
    squeezed = gzip.compress(bytes(64 * MIB), 9)
    return squeezed * (4 * MIB // len(squeezed) + 1)


def wrong_length(difference):
    def action(exchange):
        answer = exchange.ask()
        length = len(wire.body_of(answer))
        head = wire.head_of(answer).replace(b"%d" % length, b"%d" % (length + difference))
        exchange.send(head + wire.body_of(answer))
        # One that is too long: the kiosk waits for the rest until the connection ends.
        time.sleep(0.3)
        exchange.end()
    return action


def of_another_message(exchange):
    """A whole message of headquarters, of the wrong kind: its key list."""
    exchange.send(exchange.ask(b"GET /sync/v1/keys HTTP/1.1\r\nhost: localhost\r\n\r\n"))


def strangers():
    """What somebody else answers over a connection that the kiosk believes."""
    protobuf = "content-type: application/protobuf"
    return {
        "200 HTML": plainly(response(200, PAGE, "text/html; charset=utf-8")),
        "200 HTML as protobuf": plainly(response(200, PAGE)),
        "302": plainly(response(302, PAGE, "text/html", "location: http://127.0.0.1:1/login")),
        "307": plainly(response(307, b"", None, "location: https://127.0.0.1:1/sync/v1/batches")),
        "511": plainly(response(511, PAGE, "text/html")),
        "length too small": wrong_length(-7),
        "length too great": wrong_length(7),
        "two lengths": plainly(head("content-length: 5", "content-length: 6", protobuf) + b"hello", ends=True),
        "length not a number": plainly(head("content-length: 0x10", protobuf) + bytes(16), ends=True),
        "gzip bomb": lambda exchange: exchange.send(
            response(200, bomb(), "application/protobuf", "content-encoding: gzip")),
        "endless body": endless(head(protobuf, "content-length: 1073741824"), bytes(65_536)),
        "endless chunks": endless(head(protobuf, "transfer-encoding: chunked"), b"10000\r\n" + bytes(65_536) + b"\r\n"),
        "endless header": endless(b"HTTP/1.1 200 OK\r\nset-cookie: ", b"a" * 65_536),
        "endless headers": endless(b"HTTP/1.1 200 OK\r\n", b"x-portal: 1\r\n" * 4096),
        "empty 200": plainly(response(200, b"")),
        "empty 200, no type": plainly(response(200, b"", None)),
        "204": plainly(b"HTTP/1.1 204 No Content\r\n\r\n"),
        "of another message": of_another_message,
        "noise": plainly(b"\x00\xff\x16\x03\x01 no HTTP at all\r\n\r\n", ends=True),
        "HTTP/0.9 page": plainly(PAGE, ends=True),
    }


def other_certificates(net):
    """Self-signed; and of headquarters' own authority, but for another name, or of days gone by."""
    keys = os.path.join(net.folder, "proxy", "authority.pem")
    authority = (os.path.join(net.headquarters.state, "keys", "sync-ca.pem"), keys)
    return {
        "self-signed": stranger_ends(net.folder, "self", "IP:127.0.0.1"),
        "wrong name": stranger_ends(net.folder, "name", "DNS:login.example", authority=authority),
        "expired": stranger_ends(net.folder, "expired", "IP:127.0.0.1", -1, authority),
    }


def other_tls(net, subject, name, context):
    """A TLS server of somebody else's on headquarters' address: not one byte of a request is said to it."""
    heard, tried = [], []

    def raw(client):
        tried.append(time.monotonic())
        client.settimeout(20)
        try:
            secured = context.wrap_socket(client, server_side=True)
            heard.append(secured.recv(65_536))
            secured.sendall(response(200, b""))
            secured.close()
        except OSError:
            pass
    subject.proxy.raw = raw
    subject.proxy.drop()
    subject.register()
    end = time.monotonic() + 60
    while len(tried) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    net.check(len(tried) >= 2, f"{name}: the kiosk tried {len(tried)} times in 60 s")
    net.check(not any(heard), f"{name}: the kiosk said {len(b''.join(heard))} bytes to a stranger")
    net.check(subject.pending() != 0, f"I13: {name}: nothing is pending")
    subject.proxy.raw = None
    subject.drained(text=name)
    net.hit(name)


def portal(net, subject, name, action, kind):
    exchanges = []

    def noted(exchange):
        exchanges.append(exchange)
        action(exchange)
    rule = Spoilt(net, subject, kind, noted)
    identifiers = rule.begin()
    rule.reached(text=f"({name}, {kind})")
    # Whatever is said there, the kiosk registers.
    identifiers.append(subject.register())
    subject.drained(text=f"({name}, {kind})")
    for exchange in exchanges:
        if hasattr(exchange, "lasted"):
            net.check(
                exchange.lasted < ENDLESS_SECONDS_MAX, f"I14: {name}: the kiosk listens for {exchange.lasted:.0f} s")
            net.most("most seconds of an endless answer", round(exchange.lasted))
    net.hit(name)


NAMES = [*strangers(), "self-signed", "wrong name", "expired"]


@row("N5", "captive portals, strangers' TLS, bombs and endless answers", "I3 I4 I8 I13 I14",
     len(NAMES) * 2, len(NAMES) * 80, [*NAMES, "looked at after a spoilt answer", "catalogues spoilt"], seconds=240)
def portals(run):
    def play(net, cases):
        ways, tls = strangers(), other_certificates(net)
        fairs = iter(net.more_fairs(len(cases) // 4 + 1))
        before = {subject: (subject.kiosk.program.pid(), subject.memory_kib()) for subject in net.subjects}

        def one(subject, case):
            name = NAMES[case % len(NAMES)]
            # By turns batch and hello; every third time a catalogue, which may be 16 MiB.
            kind = ("batches", "hello", "catalogue")[(case // len(NAMES) + case) % 3]
            if name in tls:
                other_tls(net, subject, name, tls[name])
                return
            if kind == "catalogue":
                with net.lock:
                    fair = next(fairs, None)
                if fair is None:
                    kind = "batches"
                else:
                    net.give(subject, fair)
                    net.hit("catalogues spoilt")
            portal(net, subject, name, ways[name], kind)
        net.share(cases, one)
        for subject in net.subjects:
            pid, kib = before[subject]
            net.check(subject.kiosk.program.pid() == pid, f"{subject.label} is another process: it died")
            grown = subject.memory_kib() - kib
            net.check(grown <= MEMORY_GROWTH_KIB_MAX, f"I14: {subject.label} grew by {grown} KiB")
            net.most("most KiB grown", grown)
    in_portions(run, KIOSKS, 96 if run.is_nightly else run.count, play)
