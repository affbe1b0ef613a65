"""One request of one kiosk that meets a fault, and what has to be true when the kiosk comes again."""

import threading
import time

import wire
from tamper_proxy import SESSION_UNKNOWN


class Spoilt:
    """A rule: the first `times` requests of one kind meet `action(exchange)`, all others pass.

    Hello is made to be said now by telling the first batch that its session is not known; it waits for `ready`, so that
    what was registered until then goes in one batch. When the kiosk comes again after a spoilt answer to a batch,
    nothing may have left its outbox, unless `may_count`: then a whole receipt did come.
    """

    LANE = ("hello", "batches")

    def __init__(self, net, subject, kind, action, times=1, may_count=False):
        self.net, self.subject, self.kind, self.action = net, subject, kind, action
        self.times, self.may_count = times, may_count
        self.ready, self.greeted, self.before, self.done = threading.Event(), False, None, threading.Event()
        # When each spoilt answer was given, and when the next request of that lane came.
        self.answered, self.came_again = [], []
        self.spoilt = 0
        # Records in each batch from the first spoilt one on.
        self.sizes = []

    def __call__(self, exchange):
        if exchange.kind == "batches" and not self.greeted:
            self.greeted = True
            exchange.send(SESSION_UNKNOWN)
            return
        if exchange.kind == "hello" and not self.ready.wait(30):
            return
        if self.is_same_lane(exchange.kind) and len(self.came_again) < self.spoilt:
            self.came_again.append(exchange.at)
            self.check_kept()
        if exchange.kind == "batches":
            self.sizes.append(wire.batch_size(exchange.body))
        if exchange.kind != self.kind or self.times == 0:
            exchange.pass_on()
            return
        self.times -= 1
        self.before = self.subject.pending()
        # Counted before: the kiosk may come again while an endless answer is still being sent.
        self.spoilt += 1
        try:
            self.action(exchange)
        finally:
            self.answered.append(time.monotonic())
            if self.times == 0:
                self.done.set()

    def is_same_lane(self, kind):
        return (kind in self.LANE) == (self.kind in self.LANE)

    def check_kept(self):
        if self.kind == "batches" and not self.may_count:
            now = self.subject.pending()
            self.net.check(now is None or self.before is None or now >= self.before,
                           f"I13: {self.subject.label} had {self.before} to send, and {now} after a spoilt answer")
            self.net.hit("looked at after a spoilt answer")

    def begin(self, records=1):
        """Sets the rule and registers; the records go in one batch behind the hello."""
        self.subject.proxy.rule = self
        identifiers = [self.subject.register() for _ in range(records)]
        self.ready.set()
        return identifiers

    def reached(self, seconds=120, text=""):
        if not self.done.wait(seconds):
            self.net.violation(f"{self.subject.label}: the fault was not reached within {seconds} s {text}")

    def play(self, records=1, seconds=120, text=""):
        """Until everything has arrived by itself."""
        self.begin(records)
        self.reached(seconds, text)
        self.subject.drained(seconds, text)
