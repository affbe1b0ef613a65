"""U1: sticks that are pulled, full, failing, damaged, or lie about their size, under the real kioskctl and kioskd."""

import os
import shutil
import sqlite3
import subprocess
import threading
import time

from faults import row
from stick_bench import CopiedHeadquarters, Fault, StickKiosk, files_of, intact, is_whole, prepared, together
from testbed import wait_until

SAFE = "safe to remove"
# Two lineages, so that one file of an export can be finished when the stick goes.
RECORDS = 6
EIO, ENOSPC, ENODEV = 5, 28, 19
FOR_EVER = 1_000_000
# How far each call of an export of this many records is counted; beyond the last one it passes.
CALLS = {"write": 24, "fsync": 6, "rename": 3, "open": 12, "read": 10, "mkdir": 1}
WAYS = {"pull": "pulled", "kill": "killed", "fail": "EIO", "tear": "ENOSPC"}
FAKES = ["zeros", "short", "old"]
SOURCES = ["daemon alive", "daemon dead", "kiosk read-only", "kiosk damaged", "answer of headquarters"]


def export_cases():
    """Source and fault; in an order that takes something of everything early."""
    faults = []
    for call, most in CALLS.items():
        for number in range(1, most + 1):
            faults += [f"pull {call} {number} 0 {EIO}", f"kill {call} {number}", f"fail {call} {number} {number} {EIO}"]
            if call in ("write", "fsync", "mkdir", "open"):
                faults.append(f"tear {call} {number} {FOR_EVER} {ENOSPC}")
    for capacity in [0, 1, 15, 16, 17, 90, 500, 512, 1_000, 2_048, 4_096, 5_000, 6_000, 8_192, 9_000, 10_000, 65_536]:
        faults += [f"{way} {capacity}" for way in FAKES]
    faults += [f"damage {number}" for number in range(40)]
    cases = [(source, fault) for source in SOURCES for fault in faults]
    # A step that has no divisor in common with their number visits each once.
    step = 397
    assert len(cases) % step
    return [cases[index * step % len(cases)] for index in range(len(cases))]


EXPORTS = export_cases()
QUICK_EXPORTS = 42
# What happens to the stick that stays in the kiosk while people register.
RESIDENT = [fault for number in range(1, 9) for fault in (
    f"tear write {number} {FOR_EVER} {ENOSPC}", f"pull write {number} 0 {EIO}", f"kill write {number}",
    f"fail fdatasync {number} {FOR_EVER} {EIO}", f"pull any {number} 0 {ENODEV}",
    f"fail open {number} {FOR_EVER} {EIO}", f"kill fdatasync {number}", f"fail write {number} {number} {EIO}",
    f"{FAKES[number % 3]} {400 * number}")]
SLOTS = 3
QUICK_ROUNDS, NIGHTLY_ROUNDS = 3, 320


class Sticks:
    """A kiosk whose records are exported, three with a stick that stays, and a headquarters without any record."""

    def __init__(self, run):
        self.run = run
        self.source = StickKiosk(run, "source")
        self.slots, self.faults = [], []
        for number in range(SLOTS):
            stick = self.make_stick(f"resident{number}")
            # The last one is a real mount where that is allowed; it is pulled by unmounting it.
            self.is_mounted = number == SLOTS - 1 and self.mount(stick)
            fault = Fault(run, stick, f"slot{number}")
            must = "true" if self.is_mounted else "false"
            self.slots.append(StickKiosk(
                run, f"slot{number}", f"stick: {{folder: {stick}, mustBeMounted: {must}}}\n",
                environment=fault.environment))
            self.faults.append(fault)
        self.headquarters, fair = prepared(run, [self.source, *self.slots])
        self.fault = Fault(run, os.path.join(run.folder, "stick"), "export")
        wait_until("everything sent", 60, lambda: all(kiosk.pending() == 0 for kiosk in [self.source, *self.slots]))
        self.empty = CopiedHeadquarters(run, self.headquarters)
        self.two_lineages()
        self.headquarters.program.crash()
        self.source.register(RECORDS)
        self.frames = self.source.frames()
        self.copies = {"daemon dead": self.copy("dead"), "kiosk damaged": self.copy("damaged", damaged=True)}
        self.read_only = self.copy("read-only")
        if os.geteuid() == 0 and subprocess.run(
                ["mount", "--bind", "-o", "ro", self.read_only, self.read_only], check=False, capture_output=True
        ).returncode == 0:
            self.copies["kiosk read-only"] = self.read_only

    def two_lineages(self):
        self.source.register(RECORDS)
        self.headquarters.command("kiosk", "new-lineage", "--kiosk", "source", "--reason", "a row of faults")
        # A kioskd that starts says hello at once.
        self.source.kiosk.program.stop()
        self.source.kiosk.program.start()
        wait_until("another lineage", 60, lambda: self.lineages() == 2)

    def lineages(self):
        self.source.frames()
        database = sqlite3.connect(os.path.join(self.source.scratch, "records.sqlite"))
        try:
            return database.execute("SELECT count(*) FROM chain").fetchone()[0]
        finally:
            database.close()

    def make_stick(self, name):
        path = os.path.join(self.run.folder, name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    @staticmethod
    def mount(path):
        return os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", path], check=False, capture_output=True).returncode == 0

    def copy(self, name, damaged=False):
        """The kiosk's state as it is, for a kioskctl without a daemon."""
        path = os.path.join(self.run.folder, f"state-{name}")
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.source.kiosk.state, path)
        if damaged:
            self.damaged_frames = set(list(self.frames)[::4])
            # In the WAL, too: there SQLite takes what follows the damage for never written; all of it has to be found.
            for name in ("records.sqlite", "records.sqlite-wal"):
                with open(os.path.join(path, name), "r+b") as disk:
                    content = bytearray(disk.read())
                    for frame in (self.frames[identifier] for identifier in self.damaged_frames):
                        at = content.find(frame[:64])
                        while at >= 0:
                            content[at + 40] ^= 0x10
                            at = content.find(frame[:64], at + 1)
                    disk.seek(0)
                    disk.write(content)
        return path

    def close(self):
        for kiosk in [self.source, *self.slots]:
            kiosk.kiosk.program.stop()
        self.headquarters.program.stop()
        unmount_all(self.run.folder)


def unmount_all(folder):
    """Also what a run that was killed has left."""
    with open("/proc/mounts", encoding="utf-8") as file:
        paths = [line.split()[1] for line in file]
    for path in reversed([path for path in paths if path.startswith(folder + "/")]):
        subprocess.run(["umount", "-l", path], check=False, capture_output=True)


# MARK: Export

def export(run, sticks, case):
    """One export under a fault; what the stick then holds, what was said, and what headquarters gets of it."""
    source, text = EXPORTS[case]
    way = text.split()[0]
    if source == "answer of headquarters":
        answer(run, sticks, text)
        return
    state = sticks.copies.get(source)
    if source != "daemon alive" and state is None:
        run.log(f"{source}: not possible here")
        return
    stick, fault = sticks.make_stick("stick"), sticks.fault
    fault.set("none" if way == "damage" else text)
    words = ["export", "--same-disk", "--all", "--to", stick]
    code, said = sticks.source.call(*words, environment=fault.environment, state=state)
    fault.take_out(way)
    if way == "damage":
        damage_stick(run.random(case), stick)
    frames, there = sticks.frames, intact(stick, sticks.frames)
    wanted = set(frames) - (sticks.damaged_frames if source == "kiosk damaged" else set())
    told = SAFE in said
    # 2: told, and not everything could be found.
    run.check(told == (code == (2 if source == "kiosk damaged" else 0)), f"{source}, {text}: status {code} and {said}")
    if told and way != "damage":
        run.check(there == wanted, f"U1: {source}, {text}: 'safe to remove' with {len(there)} of {len(wanted)} records")
        run.hit("fault hit, verified all the same" if fault.is_hit() else "passed")
        if source == "kiosk damaged":
            run.check("could not be read" in said, f"damage is not said: {said}")
            run.hit("damaged frames left out and said")
    elif fault.is_hit():
        run.hit(f"{WAYS.get(way, 'fake capacity')}, not called safe")
        run.hit(f"{source}: not called safe")
    elif way != "damage":
        run.check(False, f"{source}, {text}: fails without a fault: {code} {said}")
    bring_home(run, sticks, stick, there, f"{source}, {text}", case)
    fault.lift()
    if not told and case % 4 == 0:
        code, said = sticks.source.call(*words, environment=fault.environment, state=state)
        run.check(SAFE in said and intact(stick, frames) >= wanted, f"{source}, after {text}: {code} {said}")
        run.hit("exported again beside what was left")
    if case % 8 == 0:
        before = sticks.source.pending()
        run.check(before is not None and before == pending_of(sticks), f"{text}: the outbox has changed")


def pending_of(sticks):
    """Of this kiosk nothing was sent since the frames were read: a stick changes no state."""
    if not hasattr(sticks, "pending"):
        sticks.pending = sticks.source.pending()
    return sticks.pending


def answer(run, sticks, text):
    """The stick fails while headquarters writes its answer: the records are in, and nothing is promised."""
    stick, fault = sticks.make_stick("stick"), sticks.fault
    code, said = sticks.source.call("export", "--same-disk", "--all", "--to", stick)
    run.check(code == 0, f"a stick without a fault: {code} {said}")
    before = files_of(stick)
    sticks.empty.fresh()
    fault.set("none" if text.startswith("damage") else text)
    code, said = sticks.empty.command("import", stick, environment=fault.environment)
    fault.take_out(text.split()[0])
    new = {name: content for name, content in files_of(stick).items() if name not in before}
    told = "written and read back" in said
    run.check(told or code != 0 or "nothing was written" in said, f"answer, {text}: status {code} and {said}")
    if told:
        run.check(len(new) == 1 and all(is_whole(content) for content in new.values()),
                  f"answer, {text}: 'written and read back', and it is not whole")
    elif fault.is_hit() and not text.startswith("kill"):
        run.hit("answer of headquarters: not called safe")
        # Reading may have failed before writing did; what could be read is in.
        if "records that were read are stored" in said:
            arrived = set(sticks.empty.records()) & set(sticks.frames)
            run.check(arrived or "open" in text or "read" in text, f"answer, {text}: the records are not in: {said}")
    fault.lift()
    code, said = sticks.empty.command("import", stick)
    got = sticks.empty.records()
    run.check(code == 0 and set(got) >= set(sticks.frames) and all(count == 1 for count in got.values()),
              f"answer, after {text}: {code} {said}")


def damage_stick(draw, stick):
    """Bits, sectors, cuts, and a piece of the file a second time in the middle of it."""
    for name, content in files_of(stick).items():
        content = bytearray(content)
        for _ in range(draw.randint(0, 4)):
            at = draw.randrange(len(content))
            kind = draw.randrange(5)
            if kind == 0:
                content[at] ^= 1 << draw.randrange(8)
            elif kind == 1:
                at -= at % 512
                content[at:at + 512] = bytes(len(content[at:at + 512]))
            elif kind == 2:
                del content[at:]
            elif kind == 3:
                content[at:at] = content[:draw.randrange(len(content))]
            else:
                del content[at:at + draw.randint(1, 700)]
            if not content:
                break
        with open(os.path.join(stick, "JOBFAIR", name), "wb") as file:
            file.write(content)


def bring_home(run, sticks, stick, there, text, case):
    """Into a headquarters that has none of these records: exactly the intact ones arrive, each once."""
    if not files_of(stick) or not run.is_nightly and len(there) == len(sticks.frames) and case % 4:
        return
    sticks.empty.fresh()
    before = set(sticks.empty.records())
    code, said = sticks.empty.command("import", stick)
    got = sticks.empty.records()
    run.check(code == 0, f"{text}: headquartersd import ended with {code}: {said}")
    run.check(set(got) - before == there - before, f"{text}: {len(there)} intact records on the stick, "
              f"{len(set(got) - before)} arrived of {len(there - before)}: {said}")
    run.check(all(count == 1 for count in got.values()), f"I4: {text}: a record is twice at headquarters")
    run.hit("brought home")
    if 0 < len(there) < len(sticks.frames):
        run.hit("partial stick brought home")


# MARK: The stick that stays

def resident_rounds(run, sticks, slot, rounds):
    for number in rounds:
        if slot == SLOTS - 1 and number % 2 and sticks.is_mounted:
            unmounted(run, sticks, slot)
        else:
            resident(run, sticks, slot, RESIDENT[(number * SLOTS + slot) % len(RESIDENT)])
        run.hit("rounds with a stick that stays")


def register_under_fault(run, kiosk, fault, text):
    """The state says so, and registering goes on."""
    seen, is_over = set(), threading.Event()
    def watch():
        while not is_over.is_set():
            seen.add(kiosk.condition())
            if text.startswith("kill") and fault.is_hit():
                fault.set("none", keep_report=True)
            time.sleep(0.1)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        kiosk.register(2)
        begin = time.monotonic()
        while not fault.is_hit() and time.monotonic() - begin < 1.5:
            kiosk.register()
            time.sleep(0.2)
        if fault.is_hit() and not text.startswith("kill"):
            try:
                wait_until("the state says so", 20, lambda: seen & {"failed", "full", "missing"})
                run.hit(f"said {', '.join(sorted(seen & {'failed', 'full', 'missing'}))}")
            except TimeoutError:
                run.violation(f"{kiosk.name}, {text}: the stick failed, the state says only {seen}")
    finally:
        is_over.set()
        watcher.join()
    if text.startswith("kill") and fault.is_hit():
        run.hit("killed while writing to the stick")


def resident(run, sticks, slot, text):
    kiosk, fault = sticks.slots[slot], sticks.faults[slot]
    wait_until(f"{kiosk.name}: the stick is up to date", 60, lambda: kiosk.condition() == "upToDate")
    fault.set(text)
    if text.split()[0] in FAKES:
        lying(run, kiosk, fault, text)
        return
    register_under_fault(run, kiosk, fault, text)
    run.hit("stick failed while people registered", 1 if fault.is_hit() else 0)
    fault.lift()
    caught_up(run, kiosk, fault, text)


def lying(run, kiosk, fault, text):
    """Nobody can know it at once; whoever opens the stick again sees what it has, and writes what it lacks."""
    wait_until("something lost", 60, lambda: kiosk.register() and fault.lines("lost"))
    wait_until("the stick is called up to date", 60, lambda: kiosk.condition() == "upToDate")
    kiosk.kiosk.program.crash()
    fault.take_out(text.split()[0])
    frames = kiosk.frames()
    run.hit("a stick that stays lied", 1 if len(intact(fault.stick, frames)) < len(frames) else 0)
    fault.lift()
    kiosk.kiosk.program.start()
    caught_up(run, kiosk, fault, text)


def unmounted(run, sticks, slot):
    """Really pulled: unmounted while it is written to, and another, empty stick in its place."""
    kiosk, fault = sticks.slots[slot], sticks.faults[slot]
    subprocess.run(["umount", "-l", fault.stick], check=True)
    kiosk.register(2)
    wait_until(f"{kiosk.name} says that the stick is missing", 30, lambda: kiosk.condition() == "missing")
    run.check(not os.listdir(fault.stick), "records went to the kiosk's own disk while there was no stick")
    kiosk.register(1)
    run.check(Sticks.mount(fault.stick), "the stick cannot be mounted again")
    caught_up(run, kiosk, fault, "unmounted")
    run.hit("unmounted and another one mounted")


def caught_up(run, kiosk, fault, text):
    """Every record that was shown is in the kiosk, and on the stick."""
    try:
        wait_until("the stick is up to date", 60, lambda: kiosk.condition() == "upToDate")
        wait_until("every record on the stick", 20, lambda: intact(fault.stick, kiosk.frames()) == set(kiosk.frames()))
        run.hit("caught up")
    except TimeoutError as error:
        frames = kiosk.frames()
        run.violation(f"{kiosk.name}, after {text}: {error}: {len(intact(fault.stick, frames))} of {len(frames)}")
    missing = set(kiosk.shown) - set(kiosk.frames())
    run.check(not missing, f"I1: {kiosk.name}, after {text}: {len(missing)} shown registrations are not stored")


@row("U1", "stick pulled, full, failing, damaged, or of fake capacity", "I1 I4 I16",
     QUICK_EXPORTS + SLOTS * QUICK_ROUNDS, len(EXPORTS) + SLOTS * NIGHTLY_ROUNDS,
     ["pulled, not called safe", "killed, not called safe", "EIO, not called safe", "ENOSPC, not called safe",
      "fake capacity, not called safe", *[f"{source}: not called safe" for source in SOURCES], "passed",
      "partial stick brought home", "exported again beside what was left", "damaged frames left out and said",
      "stick failed while people registered", "killed while writing to the stick", "a stick that stays lied",
      "caught up"], seconds=240)
def sticks(run):
    """Exports have the first numbers, then the rounds with a stick that stays; both run side by side, in portions."""
    exports = len(EXPORTS) if run.is_nightly else QUICK_EXPORTS
    rounds = NIGHTLY_ROUNDS if run.is_nightly else QUICK_ROUNDS
    unmount_all(run.folder)
    shutil.rmtree(run.folder, ignore_errors=True)
    os.makedirs(run.folder, exist_ok=True)
    world = Sticks(run)
    try:
        if run.only is not None:
            export(run, world, run.only) if run.only < exports else resident_rounds(
                run, world, (run.only - exports) % SLOTS, [(run.only - exports) // SLOTS])
            return
        # A portion has as many of both as the whole.
        portions = max(1, rounds // 5) if run.is_nightly else 1
        for portion in range(run.keep("portion") or 0, portions):
            mine = range(exports * portion // portions, exports * (portion + 1) // portions)
            turns = range(rounds * portion // portions, rounds * (portion + 1) // portions)
            together(lambda: [export(run, world, case) for case in mine],
                     *[lambda slot=slot: resident_rounds(run, world, slot, turns) for slot in range(SLOTS)])
            run.keep("portion", portion + 1)
            run.done(len(mine) + SLOTS * len(turns))
    finally:
        world.close()
