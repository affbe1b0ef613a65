"""N6: peers that are slow or say nothing, on both sides: deadlines hold, and everybody else is served meanwhile."""

import collections
import socket
import ssl
import threading
import time

from faults import row
from network_bench import in_portions
from spoilt import Spoilt
from tamper_proxy import Gone, pump_cut

# Seconds between which the kiosk has to give up (protocol.md, Limits): 10 for connecting with TLS, 30 of silence, 60
# for a whole request, each with 5 s for the end of TLS, and room for a busy machine.
CONNECTING, SILENCE, WHOLE = (8, 40), (27, 70), (57, 110)
# Until the head is whole, the parser says nothing to the deadline of 30 s.
EITHER = (SILENCE[0], WHOLE[1])
# Headquarters closes what says nothing for 60 s.
CLOSED_SECONDS_MAX = 110


def drip(sock, content):
    """One byte a second until the other end has had enough."""
    try:
        for number in range(len(content)):
            sock.sendall(content[number:number + 1])
            if has_ended(sock, 1):
                return
    except (OSError, Gone):
        pass


def has_ended(sock, seconds):
    sock.settimeout(seconds)
    try:
        return sock.recv(65_536) == b""
    except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


# MARK: What a slow headquarters does to a request

def never_answers(exchange):
    exchange.kiosk_is_gone(WHOLE[1])


def stalls_in_the_head(exchange):
    exchange.send(exchange.ask()[:40])
    exchange.kiosk_is_gone(WHOLE[1])


def stalls_in_the_body(exchange):
    exchange.send(exchange.ask()[:-50])
    exchange.kiosk_is_gone(WHOLE[1])


def drips(exchange):
    drip(exchange.connection.client, exchange.ask())


def continues_for_ever(exchange):
    while not exchange.kiosk_is_gone(0.2):
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def trickles_for_ever(exchange):
    """A body that never ends, a byte a second."""
    exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/protobuf\r\ntransfer-encoding: chunked\r\n\r\n")
    while not exchange.kiosk_is_gone(1):
        exchange.send(b"1\r\n\0\r\n")


# MARK: And before there is one

def says_nothing_in_the_handshake(_, client):
    while not has_ended(client, WHOLE[1]):
        pass


def drips_in_the_handshake(proxy, client):
    inner, outer = socket.socketpair()
    threading.Thread(target=proxy.serve_tls, args=(inner,), daemon=True).start()
    threading.Thread(target=pump_cut, args=(client, outer), daemon=True).start()
    try:
        while piece := outer.recv(1):
            client.sendall(piece)
            time.sleep(1)
    except OSError:
        pass
    outer.close()


# Name: kind of request, action, seconds between which the kiosk gives up.
SLOW = {
    "never answers a batch": ("batches", never_answers, SILENCE),
    "never answers hello": ("hello", never_answers, SILENCE),
    "stalls in the head": ("batches", stalls_in_the_head, SILENCE),
    "stalls in the body": ("batches", stalls_in_the_body, SILENCE),
    "a byte a second": ("batches", drips, EITHER),
    "a byte a second for ever": ("hello", trickles_for_ever, WHOLE),
    "100 Continue for ever": ("batches", continues_for_ever, WHOLE),
    "catalogue stalls": ("catalogue", stalls_in_the_body, SILENCE),
}
HANDSHAKE = {
    "silence in the handshake": says_nothing_in_the_handshake,
    "a byte a second in the handshake": drips_in_the_handshake,
}
SLOW_CLIENTS = "slow clients of headquarters"
NAMES = [*SLOW, *HANDSHAKE, SLOW_CLIENTS]


def registers(net, subject, until):
    """The kiosk registers while it waits for the road."""
    while not until():
        subject.register()
        net.hit("registered meanwhile")
        time.sleep(2)


def judge(net, name, seconds, bounds):
    net.check(bounds[0] <= seconds <= bounds[1], f"{name}: the kiosk gave up after {seconds:.0f} s, not {bounds}")
    net.hit(name)
    net.most(f"seconds of {bounds[0] + (2 if bounds is CONNECTING else 3)}", round(seconds))


def slow_request(net, subject, name):
    kind, action, bounds = SLOW[name]
    lasted = []

    def timed(exchange):
        begin = time.monotonic()
        try:
            action(exchange)
        except Gone:
            pass
        lasted.append(time.monotonic() - begin)
        exchange.end(abruptly=True)
    if kind == "catalogue":
        net.give(subject, net.more_fairs(1)[0])
    rule = Spoilt(net, subject, kind, timed)
    rule.begin()
    if kind == "catalogue":
        wait = time.monotonic() + 60
        while rule.spoilt == 0 and time.monotonic() < wait:
            time.sleep(0.1)
        # Downloads never hold up uploads.
        subject.register()
        subject.drained(25, "beside a catalogue that stalls")
        net.check(not rule.done.is_set(), "the catalogue did not stall long enough to see uploads beside it")
        net.hit("uploads beside a download that stalls")
    registers(net, subject, rule.done.is_set)
    rule.reached(5, name)
    judge(net, name, max(lasted, default=0), bounds)
    subject.drained(text=name)


def slow_handshake(net, subject, name):
    lasted, is_over = [], threading.Event()

    def raw(client):
        subject.proxy.raw = None
        begin = time.monotonic()
        try:
            HANDSHAKE[name](subject.proxy, client)
        finally:
            lasted.append(time.monotonic() - begin)
            is_over.set()
    subject.proxy.raw = raw
    subject.proxy.drop()
    subject.register()
    registers(net, subject, is_over.is_set)
    judge(net, name, lasted[0], CONNECTING)
    subject.drained(text=name)


# MARK: Slow clients of headquarters

class Dawdlers:
    """Connections to the sync port that say nothing, or a byte a second: before TLS, in it, in a head, in a body."""

    def __init__(self, port, count, hello):
        self.port = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        head, body = hello
        self.ways = {"silent": (False, b"", b""), "half a client hello": (False, b"\x16\x03\x01\x02\x00\x01\x00", b""),
                     "silent in TLS": (True, b"", b""), "half a head": (True, head[:60], b""),
                     "half a body": (True, head + body[:20], b""),
                     "drips a head": (True, b"", head), "drips a body": (True, head, body)}
        self.open, self.closed = [], collections.Counter()
        for number in range(count):
            name = list(self.ways)[number % len(self.ways)]
            self.open.append(self.connect(name))

    def connect(self, name):
        is_tls, first, rest = self.ways[name]
        sock = socket.create_connection(("127.0.0.1", self.port), 30)
        if is_tls:
            sock = self.context.wrap_socket(sock)
        sock.sendall(first)
        return [sock, name, rest]

    def step(self):
        """A byte of each that drips; those that headquarters has closed are counted."""
        still = []
        for sock, name, rest in self.open:
            try:
                sock.sendall(rest[:1])
            except OSError:
                self.closed[name] += 1
                continue
            if has_ended(sock, 0.0):
                self.closed[name] += 1
                sock.close()
            else:
                still.append([sock, name, rest[1:]])
        self.open = still

    def silent(self):
        return [name for _, name, _ in self.open if not name.startswith("drips")]

    def close(self):
        for sock, _, _ in self.open:
            sock.close()


def slow_clients(net, subject, count):
    heard = []

    def listen(exchange):
        heard.append((exchange.head, exchange.body))
        exchange.pass_on()
    rule = Spoilt(net, subject, "hello", listen, may_count=True)
    rule.play()
    dawdlers = Dawdlers(net.headquarters.sync_port, count, heard[0])
    begin = time.monotonic()
    try:
        while dawdlers.silent() and time.monotonic() < begin + CLOSED_SECONDS_MAX:
            subject.register()
            net.hit("served beside slow clients", int(subject.drained(30, "beside slow clients of headquarters")))
            for _ in range(5):
                dawdlers.step()
                time.sleep(1)
        net.check(not dawdlers.silent(),
                  f"open after {CLOSED_SECONDS_MAX} s of silence: {collections.Counter(dawdlers.silent())}")
        net.hit("closed by headquarters", sum(dawdlers.closed.values()))
        seconds = time.monotonic() - begin
        net.run.log(f"closed after {seconds:.0f} s: {dict(dawdlers.closed)}, open: {len(dawdlers.open)}")
    finally:
        dawdlers.close()
    net.hit(SLOW_CLIENTS)


@row("N6", "slow peers: stalls, silence, a byte a second, both ways", "I3 I4 I8 I13 I14", len(NAMES), len(NAMES) * 20,
     [*NAMES, "registered meanwhile", "uploads beside a download that stalls", "served beside slow clients",
      "closed by headquarters"], seconds=300)
def slow_peers(run):
    def play(net, cases):
        def one(subject, case):
            name = NAMES[case % len(NAMES)]
            if name in SLOW:
                slow_request(net, subject, name)
            elif name in HANDSHAKE:
                slow_handshake(net, subject, name)
            else:
                slow_clients(net, subject, 700 if run.is_nightly else 140)
        net.share(cases, one)
    in_portions(run, len(NAMES), len(NAMES), play)
