"""S1, S4: the real headquartersd is killed at every call to its disk, and restored, while real kiosks go on."""

import glob
import os
import shutil
import sqlite3

from faults import row
from headquarters_bench import Card, Centre, begin, check_sets, check_signed_after_commit, drained, killing
from testbed import wait_until

# MARK: S1

# How far each call is counted in each scenario (beyond the last one it passes without a kill), and every
# how many-th is quick.
CALLS = {
    "serve": {"pwrite64": (170, 11), "fdatasync": (10, 2), "ftruncate": (2, 1), "unlink": (2, 1)},
    "erase": {"pwrite64": (24, 8), "fdatasync": (5, 2), "fsync": (3, 2), "write": (2, 1)},
    "backup": {"pwrite64": (240, 60), "fdatasync": (4, 2), "fsync": (4, 2), "rename": (1, 1), "unlink": (3, 2)},
}


def points(is_nightly):
    return [(scenario, call, number) for scenario, calls in CALLS.items() for call, (most, step) in calls.items()
            for number in range(1, most + 1, 1 if is_nightly else step)]


QUICK, NIGHTLY = points(False), points(True)


class Pair:
    """Headquarters and one kiosk of it."""

    def __init__(self, run):
        self.run, self.centre = run, Centre(run)
        fair = self.centre.prepare()
        self.centre.start()
        self.card = Card(run, "kiosk", "S1")
        self.card.start()
        self.card.enrol(self.centre, fair)
        drained(run, [self.card])

    def close(self):
        for program in (self.card, self.centre):
            if program.is_alive():
                program.kill()

    # MARK: What it is killed in

    def serve(self, call, number):
        """Its start, hello, a batch of four, two of one, a clean end with a checkpoint. What the kiosk believes is
        compared with headquarters' files as the kill left them."""
        run, centre, card = self.run, self.centre, self.card
        card.register_people(3)
        started = centre.start(killing(run, centre.state, call, number))
        if started:
            card.restart()
            card.register_people(1)
            for _ in range(3):
                try:
                    wait_until("sent, or dead", 4, lambda: card.pending() == 0 or not centre.is_alive())
                except TimeoutError:
                    card.restart()
                    continue
                if not centre.is_alive():
                    break
                card.register_people(1)
        ended = centre.stop()
        if ended < 0:
            run.hit(f"killed at {call}")
            run.hit("killed while starting" if not started else "killed while serving")
            contact = ((card.ask() or {}).get("sync") or {}).get("secondsSinceContact")
            if started:
                run.hit("killed in hello" if contact is None else "killed in a batch")
        else:
            run.hit("passed")
        card.kill()
        check_signed_after_commit(run, centre, [card])

    def erase(self, call, number):
        """A person is erased while headquarters serves; command and server are killed, then it is done again."""
        run, centre, card = self.run, self.centre, self.card
        centre.start()
        request = card.request_of()
        card.send(request)
        drained(run, [card])
        record, words = request["recordId"].replace("-", ""), ["--reason", "asked for it", "--by", "clerk"]
        number_of = request["document"]["number"] + "\n"
        status, _ = centre.execute("person", "erase", *words, text=number_of,
                                   environment=killing(run, centre.folder, call, number))
        if status < 0:
            run.hit(f"killed at {call}")
            run.hit("killed while erasing")
        card.restart()
        centre.kill()
        card.kill()
        check_signed_after_commit(run, centre, [card])
        if not run.check(centre.start(), f"headquarters does not start after a kill at {call} {number} of an erasure"):
            return
        if status == 0:
            self.check_erased(record, "was answered as erased")
        again, said = centre.execute("person", "erase", *words, text=number_of)
        run.check(again == 0, f"the erasure done again: {again} {said}")
        self.check_erased(record, "was erased once more")
        centre.kill()

    def check_erased(self, record, why):
        rows = self.centre.rows("SELECT length(bytes), isErased FROM frame JOIN record USING (recordID)"
                                f" WHERE lower(hex(recordID)) = '{record}'")
        self.run.check(rows == [(0, 1)], f"I12: a record {why}, and headquarters has {rows}")

    def backup(self, call, number):
        """A backup by command while headquarters serves. What the marks allow to purge is in a verified file."""
        run, centre, card = self.run, self.centre, self.card
        centre.start()
        card.register_people(2)
        card.restart()
        drained(run, [card])
        status, _ = centre.execute("backup", "--to", centre.backups,
                                   environment=killing(run, centre.folder, call, number))
        if status < 0:
            run.hit(f"killed at {call}")
            run.hit("killed in a backup")
        else:
            run.hit("backed up")
        card.restart()
        card.register_people(1)
        drained(run, [card])
        check_purged(run, centre, [card])
        if number % 4 == 1:
            centre.back_up()
            card.restart()
            wait_until("something purged", 60, lambda: card.states("purged"))
        centre.kill()
        card.kill()
        check_signed_after_commit(run, centre, [card])
        check_purged(run, centre, [card])


def in_backups(centre):
    """(record id, digest) in verified files: those that have their final name."""
    found = set()
    for path in glob.glob(os.path.join(centre.backups, "*.sqlite")):
        database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        found |= set(database.execute("SELECT lower(hex(recordID)), hex(digest) FROM frame"))
        database.close()
    return found


def check_purged(run, centre, cards):
    """Whatever headquarters' marks allow, and whatever a kiosk has purged, is in a verified backup (I5)."""
    held = in_backups(centre)
    for card in cards:
        purged = card.states("purged")
        run.check(purged <= held, f"I5: {card.label} purged {len(purged - held)} records that no backup holds")
        if purged:
            run.hit("purged")
    allowed = {tuple(item) for item in centre.rows(
        "SELECT lower(hex(recordID)), hex(digest) FROM frame JOIN lineage USING (deviceID, lineageID)"
        " WHERE sequence <= durableThrough")}
    run.check(allowed <= held, f"I5: headquarters' marks cover {len(allowed - held)} records that no backup holds")


@row("S1", "headquarters killed at calls of hello, batch, erasure, backup", "I1 I3-I5 I8 I12 I13", len(QUICK),
     len(NIGHTLY), ["killed while starting", "killed in hello", "killed in a batch", "killed while erasing",
                    "killed in a backup", "killed at pwrite64", "killed at fdatasync", "committed, no receipt came",
                    "nothing committed", "purged"], seconds=420)
def headquarters_killed(run):
    begin(run)
    pair = Pair(run)
    centre, card = pair.centre, pair.card
    try:
        centre.stop()
        listed = NIGHTLY if run.is_nightly else QUICK
        for case in run.cases():
            scenario, call, number = listed[case]
            getattr(pair, scenario)(call, number)
            if not run.check(centre.start(), f"headquarters does not start after a kill at {call} {number}"):
                return
            card.restart()
            drained(run, [card])
            if case % 10 == 9:
                check_sets(run, centre, [card])
            centre.kill()
        centre.start()
        card.restart()
        drained(run, [card])
        made, _ = check_sets(run, centre, [card])
        check_purged(run, centre, [card])
        run.log(f"{len(made)} records, each at headquarters once")
    finally:
        pair.close()


# MARK: S4

class Fair:
    """Headquarters and two kiosks, with backups by hand."""

    def __init__(self, run, case):
        self.run, self.centre = run, Centre(run, f"hq-{case}")
        fair = self.centre.prepare()
        self.centre.start()
        self.cards = [Card(run, f"kiosk-{case}-{number}", f"S{number}") for number in (1, 2)]
        for card in self.cards:
            card.start()
            card.enrol(self.centre, fair)

    def close(self):
        for program in [*self.cards, self.centre]:
            if program.is_alive():
                program.kill()

    def clear(self):
        """A kiosk's folder has some 40 MiB."""
        for program in [*self.cards, self.centre]:
            shutil.rmtree(program.folder, ignore_errors=True)

    def kill_cards(self):
        """Files of the dead stand still."""
        for card in self.cards:
            card.kill()

    def register(self, draw, most=3):
        for card in self.cards:
            card.register_people(draw.randint(1, most))

    def send(self):
        drained(self.run, self.cards)

    def hello(self):
        for card in self.cards:
            card.restart()
        self.send()

    def purge(self, backup):
        """The kiosks purge what this backup holds, and nothing else."""
        held = in_file(backup)
        self.hello()
        for card in self.cards:
            mine = set(card.records())
            wait_until("the kiosks purge what the backup holds", 60, lambda: card.states("purged") >= mine & held)
            self.run.check(card.states("purged") <= held, f"I5: {card.label} purged what the backup does not hold")
        self.run.hit("purged", len(held))

    def generation(self):
        return self.centre.rows("SELECT hex(generationID) FROM generation ORDER BY position DESC LIMIT 1")[0][0]


def in_file(backup):
    database = sqlite3.connect(f"file:{backup}?mode=ro&immutable=1", uri=True)
    try:
        return set(database.execute("SELECT lower(hex(recordID)), hex(digest) FROM frame"))
    finally:
        database.close()


def before_the_loss(fair, draw):
    """Registered, backed up, purged or not, and so on, registered at last: the backups, oldest first."""
    run, backups = fair.run, []
    for _ in range(draw.randint(2, 3)):
        fair.register(draw)
        fair.send()
        backups.append(fair.centre.back_up())
        if draw.random() < 0.6:
            fair.purge(backups[-1])
    fair.register(draw)
    fair.send()
    run.hit("records after the newest backup")
    return backups


def lose_and_restore(fair, draw, backup, is_newest):
    """The machine is gone in the middle of something; the kiosks register meanwhile and while it comes back."""
    fair.register(draw, most=2)
    fair.centre.kill()
    fair.register(draw, most=2)
    fair.centre.restore(backup, *([] if is_newest else ["--older"]))
    fair.centre.start()
    fair.register(draw, most=1)
    fair.hello()


def settle(fair):
    """The kiosks offer what the backup lacks, once headquarters has found out that it was restored."""
    def is_settled():
        frames = set(fair.centre.frames())
        return all(card.is_done() and {item for item, state in card.records().items() if state != "purged"} <= frames
                   for card in fair.cards)
    for _ in range(4):
        try:
            wait_until("headquarters has what the kiosks have", 8, is_settled)
            return
        except TimeoutError:
            fair.hello()
    fair.run.violation("I3: the kiosks do not offer again what a restored headquarters lacks")


@row("S4", "headquarters restored from a backup while kiosks register", "I1 I3-I5 I8", 2, 100,
     ["restored from the newest", "restored from an older one", "new generation", "purged", "came out of the backup",
      "missing, in a newer backup", "offered again"], seconds=240)
def restored(run):
    begin(run)
    for case in run.cases():
        draw, fair = run.random(case), Fair(run, case)
        try:
            backups = before_the_loss(fair, draw)
            is_newest = case % 2 == 0
            backup = backups[-1] if is_newest else backups[0]
            generation, known = fair.generation(), set(fair.centre.frames())
            lose_and_restore(fair, draw, backup, is_newest)
            settle(fair)
            run.check(fair.generation() != generation, "a restored headquarters goes on under the same generation")
            run.hit("new generation")
            run.hit("restored from the newest" if is_newest else "restored from an older one")
            run.hit("offered again", len(known - in_file(backup)))
            check_restored(fair, backups, is_newest)
        finally:
            fair.close()
            if case >= 2 and not run.state["violations"]:
                fair.clear()


def check_restored(fair, backups, is_newest):
    run, centre, cards = fair.run, fair.centre, fair.cards
    purged = set().union(*(card.states("purged") for card in cards))
    missing = purged - set(centre.frames())
    if is_newest:
        run.check(not missing, f"I5: {len(missing)} purged records are nowhere: the newest backup was restored")
        run.hit("came out of the backup", len(purged))
        fair.kill_cards()
        check_sets(run, centre, cards)
        return
    # What a newer backup allowed to purge is in that backup, it shows as a gap, and the newest backup brings it back.
    run.check(missing <= in_file(backups[-1]), "I5: purged records are missing that no backup holds")
    if missing:
        run.hit("missing, in a newer backup", len(missing))
        status, said = centre.execute("check")
        run.check(" lacks " in said, f"headquartersd check does not show the gap: {status} {said}")
    fair.register(run.random("after"), most=1)
    fair.send()
    centre.kill()
    centre.restore(backups[-1])
    centre.start()
    fair.hello()
    settle(fair)
    fair.kill_cards()
    check_sets(run, centre, cards)
