"""U2: sticks that come twice, in the wrong order, half, late, to the wrong place, or from strangers."""

import os
import random
import shutil
import time

from clock_bench import WrongClock
from faults import row
from stick_bench import CopiedHeadquarters, StickKiosk, entry_of, files_of, frames_of, prepared, together
from testbed import synthetic_id, wait_until

MAGIC = b"JOBFAIR STICK 1\n"
# Beyond every doubt about when something was registered (a hello's 60 s): then an erasure is surely later.
LATER_SECONDS = 3_600
SCENARIOS = ["twice", "wrong order", "half", "erased", "wrong kiosk", "older generation", "unknown device"]


class Travels:
    """Two kiosks that meet headquarters by stick, and by network only when a scenario says so."""

    def __init__(self, run):
        self.run = run
        self.first, self.second = StickKiosk(run, "first"), StickKiosk(run, "second")
        self.headquarters, fair = prepared(run, [self.first])
        wait_until("everything sent", 60, lambda: self.first.pending() == 0)
        self.headquarters.program.crash()
        # Of a time at which nobody had heard of the second kiosk.
        self.before = CopiedHeadquarters(run, self.headquarters, "before")
        self.headquarters.program.start()
        self.second.join(self.headquarters, fair)
        wait_until("everything sent", 60, lambda: self.second.pending() == 0)
        self.headquarters.program.crash()
        self.here = CopiedHeadquarters(run, self.headquarters, "here")
        # The one that the kiosks know, not a copy of it.
        self.here.state, self.here.config = self.headquarters.state, self.headquarters.config
        self.sticks, self.later, self.erased = 0, 0, set()
        self.clock = WrongClock(run, "headquarters")

    # MARK: Roads

    def command(self, *words, text=None):
        """headquartersd, on a clock that went on for hours where somebody was erased."""
        self.clock.shift(self.later)
        code, said = self.here.command(*words, text=text, environment=self.clock.environment)
        self.run.check(code == 0, f"headquartersd {words[0]}: {code} {said}")
        return said

    def stick(self):
        self.sticks += 1
        path = os.path.join(self.run.folder, f"stick{self.sticks}")
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def export(self, kiosk, *words):
        stick = self.stick()
        code, said = kiosk.call("export", "--same-disk", "--to", stick, *words)
        self.run.check(code == 0 and files_of(stick), f"export of {kiosk.name}: {code} {said}")
        return stick

    def of(self, frames):
        """A stick with just these frames, in this order."""
        stick = self.stick()
        os.makedirs(os.path.join(stick, "JOBFAIR"))
        with open(os.path.join(stick, "JOBFAIR", "export-mixed-0001.jobfair"), "wb") as file:
            file.write(MAGIC + b"".join(entry_of(frame) for frame in frames))
        return stick

    def answers(self, stick, other):
        """Only what headquarters wrote, onto another stick."""
        os.makedirs(os.path.join(other, "JOBFAIR"), exist_ok=True)
        for name, content in files_of(stick).items():
            if name.startswith("answer-"):
                path = os.path.join(other, "JOBFAIR", f"{len(os.listdir(os.path.join(other, 'JOBFAIR'))):03}-{name}")
                with open(path[:55 + path.rindex("/")] + ".jobfair", "wb") as file:
                    file.write(content)
        return other

    def take(self, kiosk, stick, awaited=None):
        code, said = kiosk.call("import", "--from", stick)
        self.run.check(code == 0, f"kioskctl import at {kiosk.name}: {code} {said}")
        if awaited is not None:
            self.run.check(awaited in said, f"kioskctl import at {kiosk.name} does not say '{awaited}': {said}")
        return said

    def by_network(self, *kiosks):
        """Headquarters is there until nothing waits any more; a kioskd that starts says hello at once."""
        self.headquarters.program.start()
        def restart(kiosk):
            kiosk.kiosk.program.stop()
            kiosk.kiosk.program.start()
        together(*[lambda kiosk=kiosk: restart(kiosk) for kiosk in kiosks])
        wait_until("headquarters heard", 90, lambda: all(kiosk.has_heard() for kiosk in kiosks))
        def is_settled():
            # A hello is followed by a record about the clocks.
            for _ in range(3):
                if any(kiosk.pending() != 0 for kiosk in kiosks):
                    return False
                time.sleep(0.15)
            return True
        wait_until("everything sent", 90, is_settled)
        self.headquarters.program.crash()

    # MARK: Checks

    def check(self, text, kiosks=None):
        """Each record of the kiosks once, the erased stay erased."""
        records, arrived, check = self.here.records(), self.arrived(), self.run.check
        check(all(count == 1 for count in [*records.values(), *arrived.values()]),
              f"I4: {text}: a record is twice at headquarters")
        for kiosk in kiosks or []:
            missing = set(kiosk.shown) - set(arrived)
            check(not missing, f"I3: {text}: {len(missing)} registrations of {kiosk.name} are not at headquarters")
        for identifier in self.erased & set(arrived):
            row = self.here.ask(
                f"SELECT (SELECT count(*) FROM record WHERE recordID = f.recordID AND isErased = 0),"
                " (SELECT count(*) FROM registration WHERE recordID = f.recordID), sum(length(bytes))"
                f" FROM frame f WHERE recordID = x'{identifier}'")[0]
            check(tuple(row) == (0, 0, 0), f"I12: {text}: an erased registration is there again: {row}")
            self.run.hit("erased stayed erased")

    def arrived(self):
        """Ids with how often, those too that came after they were erased: of these only the place is there."""
        found = {}
        for (identifier,) in self.here.ask("SELECT lower(hex(recordID)) FROM frame"):
            found[identifier] = found.get(identifier, 0) + 1
        return found

    def erase(self, number):
        self.later += LATER_SECONDS
        said = self.command("person", "erase", "--reason", "a row of faults", "--by", "harness", text=number + "\n")
        return int(said.split()[0])

    def close(self):
        for kiosk in (self.first, self.second):
            kiosk.kiosk.program.stop()
        self.headquarters.program.stop()


def expect(world, kiosk, number, text):
    pending = kiosk.pending()
    world.run.check(pending == number, f"I13: {text}: {pending} pending at {kiosk.name} instead of {number}")


# MARK: Scenarios

def twice(world, draw):
    world.first.register(draw.randint(1, 6))
    stick = world.export(world.first)
    for _ in range(draw.randint(2, 3)):
        world.command("import", stick)
        world.check("twice", [world.first])
    again = world.export(world.first, "--all")
    world.command("import", again)
    world.check("twice", [world.first])
    for _ in range(2):
        world.take(world.first, stick)
        expect(world, world.first, 0, "receipts twice")
    world.take(world.first, again)
    world.run.hit("imported twice")


def wrong_order(world, draw):
    kiosks = [world.first, world.second]
    frames, sticks = [], []
    for kiosk in kiosks:
        known = world.arrived()
        kiosk.register(draw.randint(3, 7))
        frames += [frame for identifier, frame in kiosk.frames().items() if identifier not in known]
    frames.reverse()
    if draw.random() < 0.5:
        draw.shuffle(frames)
    size = draw.randint(1, 4)
    for at in range(0, len(frames), size):
        # Some frames stand on two of the sticks.
        sticks.append(world.of(frames[at:at + size] + draw.sample(frames, min(2, len(frames)))))
    for stick in sticks:
        world.command("import", stick)
        world.check("wrong order")
    world.check("wrong order", kiosks)
    gaps = world.here.ask("SELECT count(*) FROM lineage WHERE contiguousThrough != highestSequence")[0][0]
    world.run.check(gaps == 0, f"I2: {gaps} lineages have gaps although everything came")
    draw.shuffle(sticks)
    for stick in sticks:
        for kiosk in kiosks:
            world.take(kiosk, stick)
    for kiosk in kiosks:
        expect(world, kiosk, 0, "answers in any order")
    world.run.hit("in the wrong order")


def half(world, draw):
    known = set(world.arrived())
    kiosk = draw.choice([world.first, world.second])
    kiosk.register(draw.randint(4, 9))
    new = [frame for identifier, frame in kiosk.frames().items() if identifier not in known]
    part = draw.sample(new, len(new) // 2)
    stick = world.of(part)
    world.command("import", stick)
    if draw.random() < 0.5:
        world.take(kiosk, stick)
        expect(world, kiosk, len(new) - len(part), "half of the receipts")
    kiosk.register(1)
    world.by_network(kiosk)
    world.check("half by stick, half by network", [kiosk])
    world.command("import", stick)
    world.command("import", world.export(kiosk, "--all"))
    world.check("the stick after the network", [kiosk])
    world.run.hit("half by network")


def erased(world, draw):
    """Two registrations of one person: one is there when she is erased, one still on a stick and in its kiosk."""
    number = synthetic_id(serial=f"{draw.randrange(1000):03}", region=f"00{draw.randrange(10_000):04}")
    gone = {world.first.register(document={"number": number}), world.second.register(document={"number": number})}
    other = world.first.register()
    here, late = world.export(world.first), world.export(world.second)
    world.command("import", here)
    row = world.here.ask(f"SELECT isErased FROM record WHERE recordID = x'{other}'")
    world.run.check(row == [(0,)], f"a registration does not arrive: {row}")
    count = world.erase(number)
    world.run.check(count == 1, f"I12: {count} registrations erased of one that is there")
    world.erased |= gone
    sticks = [here, late, here]
    draw.shuffle(sticks)
    for stick in sticks:
        world.command("import", stick)
        world.check("sticks of before the erasure")
    world.run.check(gone <= set(world.arrived()), "what came erased has no place in the chain")
    world.take(world.first, here)
    if draw.random() < 0.5:
        world.take(world.second, late)
        expect(world, world.second, 0, "the erased are receipted")
    world.by_network(world.first, world.second)
    world.command("import", world.export(world.second, "--all"))
    world.check("the erased by network and stick", [world.first, world.second])
    row = world.here.ask(f"SELECT isErased FROM record WHERE recordID = x'{other}'")
    world.run.check(row == [(0,)], f"somebody else was erased, too: {row}")
    world.run.hit("erased")


def wrong_kiosk(world, draw):
    one, two = draw.sample([world.first, world.second], 2)
    one.register(draw.randint(1, 4))
    two.register(draw.randint(1, 4))
    waiting = two.pending()
    stick = world.export(one)
    world.command("import", stick)
    answer = world.answers(stick, world.stick())
    world.take(two, answer, awaited="for others")
    expect(world, two, waiting, "another kiosk's receipts")
    forged = world.stick()
    forge(answer, forged)
    before = one.pending()
    world.take(one, forged, awaited="not trusted")
    expect(world, one, before, "receipts whose signature is wrong")
    world.run.hit("forged receipts refused")
    world.take(one, answer)
    expect(world, one, 0, "the right kiosk's receipts")
    expect(world, two, waiting, "another kiosk's receipts")
    other = world.export(two)
    world.command("import", other)
    world.take(two, other)
    world.check("wrong kiosk", [one, two])
    world.run.hit("carried to the wrong kiosk")


def forge(stick, other):
    """A bit of each receipt's signature is changed, its check sum made right again."""
    os.makedirs(os.path.join(other, "JOBFAIR"))
    for name, content in files_of(stick).items():
        entries, at = [], len(MAGIC)
        while at < len(content):
            size = int.from_bytes(content[at + 9:at + 13], "big")
            kind, body = content[at + 8], bytearray(content[at + 29:at + 29 + size])
            if kind == 3:
                body[-1] ^= 1
                # entry_of makes frames; a receipt has another kind under its check sum.
                entries.append(entry_of(bytes(body), kind=kind))
            at += 29 + size
        with open(os.path.join(other, "JOBFAIR", name), "wb") as file:
            file.write(MAGIC + b"".join(entries))


def older_generation(world, draw):
    """An answer that lay in a drawer while headquarters was restored from a backup."""
    kiosk = draw.choice([world.first, world.second])
    backups = os.path.join(world.run.folder, "backups")
    os.makedirs(backups, exist_ok=True)
    said = world.command("backup", "--to", backups)
    # A receipt that the backup does not know tells the restored headquarters that it was restored.
    kiosk.register(draw.randint(1, 3))
    world.by_network(kiosk)
    drawer = CopiedHeadquarters(world.run, world.headquarters, f"drawer{world.sticks}")
    drawer.fresh()
    world.command("restore", "--from", said.splitlines()[0].split()[-1], "--move-aside")
    world.by_network(world.first, world.second)
    kiosk.register(draw.randint(1, 4))
    waiting = kiosk.pending()
    stick = world.export(kiosk)
    old = world.of([frame for content in [frames_of(kiosk.kiosk.state, kiosk.scratch)] for frame in content.values()])
    # As it was written before the restore: orders on a stick count only where they are newer than what was heard last.
    world.clock.shift(-2 * LATER_SECONDS)
    code, said = drawer.command("import", old, environment=world.clock.environment)
    world.run.check(code == 0, f"import of the older generation: {code} {said}")
    world.take(kiosk, world.answers(old, world.stick()), awaited="another state of headquarters")
    expect(world, kiosk, waiting, "receipts of an older generation")
    world.command("import", stick)
    world.take(kiosk, stick)
    expect(world, kiosk, 0, "receipts of today's generation")
    world.check("after a restore", [world.first, world.second])
    world.run.hit("of an older generation")
    shutil.rmtree(drawer.kept)


def unknown_device(world, draw):
    """At a headquarters that knows the first kiosk only."""
    for kiosk in (world.first, world.second):
        kiosk.register(draw.randint(1, 3))
    strange, known = world.second.frames(), world.first.frames()
    frames = [*strange.values(), *known.values()]
    draw.shuffle(frames)
    stick = world.of(frames)
    world.before.fresh()
    expected = set(world.before.records()) | set(known)
    code, said = world.before.command("import", stick)
    world.run.check(code == 0 and f"{len(strange)} " in said, f"a stick of a stranger: {code} {said}")
    got = set(world.before.records())
    # Records of a person who was erased elsewhere are registrations here: this headquarters has heard of no erasure.
    world.run.check(got == expected, f"I13: {len(got)} records instead of {len(expected)}: {said}")
    devices = world.before.ask("SELECT count(*) FROM device")[0][0]
    world.run.check(devices == 1, f"I13: {devices} devices are known now")
    names = [name for name in files_of(stick) if name.startswith("answer-")]
    world.run.check(len(names) == 1, f"answers for {len(names)} kiosks")
    waiting = world.second.pending()
    world.take(world.second, stick)
    expect(world, world.second, waiting, "an answer for a stranger")
    world.by_network(world.first, world.second)
    world.check("after a stranger's stick", [world.first, world.second])
    world.run.hit("of an unknown device")


PLAYS = dict(zip(SCENARIOS, [twice, wrong_order, half, erased, wrong_kiosk, older_generation, unknown_device]))


@row("U2", "sticks twice, out of order, half, late, forged, strange", "I2 I3 I4 I12 I13", len(SCENARIOS), 105,
     ["imported twice", "in the wrong order", "half by network", "erased", "erased stayed erased",
      "carried to the wrong kiosk", "forged receipts refused", "of an older generation", "of an unknown device"],
     seconds=240)
def mixes(run):
    shutil.rmtree(run.folder, ignore_errors=True)
    os.makedirs(run.folder, exist_ok=True)
    world = Travels(run)
    try:
        for case in run.cases():
            name = SCENARIOS[case % len(SCENARIOS)]
            begin = time.monotonic()
            PLAYS[name](world, random.Random(f"{run.seed}/{case}"))
            run.log(f"{case}: {name}, {time.monotonic() - begin:.1f} s")
        world.check("in the end")
    finally:
        world.close()
