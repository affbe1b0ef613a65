"""F4: kiosks are revoked at each step of the protocol, and somebody in the middle says 401 and 403."""

import os
import shutil
import subprocess

from faults import row
from headquarters_bench import QUIET, Card, Centre, begin, check_sets, drained
from tamper_proxy import Exchange, problem, response, unreachable
from testbed import wait_until

STEPS = ("before hello", "between hello and batch", "on the way to headquarters", "between batch and receipt",
         "while offline", "during a stick export")
BARE = {
    "401 without a word": response(401, b"", "text/plain"),
    "403 of a hotel": response(403, b"<h1>Forbidden</h1>", "text/html"),
    "401 with a code": problem(401, "session.unknown"),
    "403 with a code": problem(403, "device.unknown"),
}
CASES = [*STEPS, *BARE]


class Watched:
    """A kiosk whose road leads through somebody in the middle."""

    def __init__(self, run):
        self.run, self.centre = run, Centre(run)
        fair = self.centre.prepare()
        self.centre.start()
        self.middle = self.centre.proxy()
        self.card = Card(run, "kiosk", "F4")
        self.card.start()
        self.card.enrol(self.centre, fair, self.middle.address)
        drained(run, [self.card])

    def close(self):
        self.middle.close()
        for program in (self.card, self.centre):
            if program.is_alive():
                program.kill()

    def revoke(self):
        self.centre.command("kiosk", "revoke", "--kiosk", "F4", "--reason", "it was stolen")

    def reinstate(self):
        self.centre.command("kiosk", "reinstate", "--kiosk", "F4", "--reason", "it was found again")

    # MARK: Revoked

    def revoked_at(self, step):
        """Two people register, and headquarters revokes the kiosk at this step of their way."""
        card, middle, told = self.card, self.middle, []

        def now(exchange):
            if exchange.kind == "batches" and not told:
                told.append(exchange.path)
                self.revoke()

        def before(exchange):
            now(exchange)
            exchange.pass_on()

        def after(exchange):
            answer = exchange.ask()
            now(exchange)
            exchange.deliver(answer)
        if step == "before hello":
            card.stop()
            self.revoke()
            # The first answer that it has is the one that revokes it; before it, it registers.
            middle.rule = unreachable
            card.start()
            card.register_people(2)
            middle.rule = Exchange.pass_on
        elif step == "while offline":
            middle.rule = unreachable
            card.register_people(2)
            self.revoke()
            card.register_people(1)
            middle.rule = Exchange.pass_on
        elif step == "between hello and batch":
            self.revoke()
            card.register_people(2)
        elif step == "during a stick export":
            return self.export()
        else:
            middle.rule = before if step == "on the way to headquarters" else after
            card.register_people(2)
            wait_until("a batch on its way", 60, lambda: told)
        self.run.hit(f"revoked {step}")
        return None

    def export(self):
        """While kioskctl writes the stick; headquarters imports it afterwards."""
        self.middle.rule = unreachable
        self.card.register_people(8)
        stick = os.path.join(self.run.folder, "stick")
        shutil.rmtree(stick, ignore_errors=True)
        os.makedirs(stick)
        writing = subprocess.Popen(
            [os.path.join(self.run.programs, "kioskctl"), "export", "--same-disk", "--to", stick,
             "--socket", self.card.socket, "--config", self.card.config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **QUIET})
        self.revoke()
        said, _ = writing.communicate(timeout=60)
        self.run.check(writing.returncode == 0 and "safe to remove" in said, f"the export failed: {said}")
        self.centre.command("import", stick)
        held = [state for state in self.centre.frames().values() if state == "device.revoked"]
        self.run.check(len(held) >= 8, f"of 8 records on a revoked kiosk's stick {len(held)} are held")
        self.middle.rule = Exchange.pass_on
        self.run.hit("revoked during a stick export")

    def check_revoked(self):
        """It is told, registers nobody, counts entries all the same, and everything it has comes in and is held."""
        run, card = self.run, self.card
        card.restart()
        wait_until("the kiosk knows that it is revoked", 30, lambda: "kioskRevoked" in card.problems())
        status, answer = card.send(card.request_of())
        run.check((answer or {}).get("code") == "kiosk.revoked", f"a revoked kiosk answered {status} {answer}")
        run.check(card.count_entry() in (200, 201), "a revoked kiosk counts no entries")
        drained(run, [card])
        frames = self.centre.frames()
        run.hit("held", sum(state == "device.revoked" for state in frames.values()))
        self.check_nothing_dropped()
        card.restart()
        wait_until("revoked after a restart", 30, lambda: "kioskRevoked" in card.problems())

    def check_nothing_dropped(self):
        records = self.card.records()
        lacking = set(records) - set(self.centre.frames())
        self.run.check(not lacking, f"headquarters lacks {len(lacking)} records of a kiosk it revoked")
        self.run.check("quarantined" not in records.values(), "a kiosk believes that records were refused")

    # MARK: Somebody in the middle

    def answered(self, name):
        """Somebody says 401 or 403 to everything. No record changes its state; then the road is free again."""
        run, card, given = self.run, self.card, []

        def say(exchange):
            given.append(exchange.path)
            exchange.send(BARE[name])
        self.middle.rule = say
        before = card.records()
        card.register_people(2)
        wait_until("asked", 60, lambda: given)
        card.restart()
        wait_until("asked again", 60, lambda: len(given) >= 3)
        after = card.records()
        changed = [item for item, state in before.items() if after[item] != state]
        run.check(not changed, f"{name} changed the state of {len(changed)} records")
        new = set(after) - set(before)
        states = {after[item] for item in new}
        run.check(states == {"pending"}, f"{name}: new records are {states}")
        run.check("kioskRevoked" not in card.problems(), f"a kiosk took {name} for a revocation")
        card.register_people(1)
        self.middle.rule = Exchange.pass_on
        run.hit("bare answers", len(given))


@row("F4", "revoked at each step of the protocol; bare 401 and 403", "I1 I3 I4 I8 I13", len(CASES), 200,
     [*(f"revoked {step}" for step in STEPS), "bare answers", "held", "taken in again"], seconds=240)
def revoked(run):
    begin(run)
    scene = Watched(run)
    try:
        for case in run.cases():
            name, draw = CASES[case % len(CASES)], run.random(case)
            if name in STEPS:
                scene.revoked_at(name)
                scene.check_revoked()
                scene.middle.rule = Exchange.pass_on
                scene.reinstate()
                # Held ones are looked at again when headquarters starts, and each minute.
                if draw.random() < 0.9:
                    scene.centre.stop()
                    scene.centre.start()
            else:
                scene.answered(name)
            scene.card.restart()
            drained(run, [scene.card])
            wait_until("nothing held", 130, lambda: set(scene.centre.frames().values()) == {"accepted"})
            run.hit("taken in again", name in STEPS)
            wait_until("no longer revoked", 30, lambda: "kioskRevoked" not in scene.card.problems())
            scene.card.register_people(1)
            drained(run, [scene.card])
            check_sets(run, scene.centre, [scene.card])
    finally:
        scene.close()
