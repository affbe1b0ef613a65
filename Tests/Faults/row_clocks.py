"""C1 to C3: clocks that jump, begin anew with each boot, or are absurd, at real kiosks and a real headquarters."""

import os
import shutil
import socket
import sqlite3
import threading
import time

from clock_bench import YEAR, Boots, Moments, WrongClock
from faults import row
from stick_bench import StickKiosk, together
from testbed import Headquarters, today, wait_until

JUMPS = 100
# 1970 with a dead battery, the ends of 31 and 32 bits, a loose battery, a leap day.
ABSURD = [0, 10, 951_782_400, 2**31 - 2, 2**31, 4_070_908_800, 4_085_000_000, 2**32 - 2, 2**32 + 1]
STEPS = [1, -1, 60, -60, 3_600, -3_600, 86_400, -86_400, YEAR, -YEAR, 10 * YEAR, -10 * YEAR, 50 * YEAR, -50 * YEAR,
         100 * YEAR, -100 * YEAR]
# Bounds of a record that was dated by a clock pair of its own boot: a hello's doubt of 60 s either way, and some drift.
NARROW_SECONDS = 130
# A kioskd that finds nobody waits a second at least, on each of its two connections; ten times that is no spin.
TRIES_PER_SECOND_MAX = 20


def fresh(run):
    shutil.rmtree(run.folder, ignore_errors=True)
    os.makedirs(run.folder, exist_ok=True)


class Clocks:
    """One headquarters and some kiosks; each program has a clock that can be moved."""

    def __init__(self, run, kiosks=1):
        self.run = run
        self.true = Moments()
        self.clock = WrongClock(run, "headquarters")
        self.headquarters = Headquarters(os.path.join(run.folder, "hq"), run.programs)
        self.headquarters.program.environment.update(self.clock.environment)
        self.clocks = [WrongClock(run, f"kiosk{number}") for number in range(kiosks)]
        self.kiosks = [StickKiosk(run, f"kiosk{number}", environment=clock.environment)
                       for number, clock in enumerate(self.clocks)]
        fair = self.headquarters.prepare(kind="rehearsal")
        self.headquarters.program.start()
        together(*[lambda kiosk=kiosk: kiosk.join(self.headquarters, fair) for kiosk in self.kiosks])
        wait_until("everything sent", 60, lambda: all(kiosk.pending() == 0 for kiosk in self.kiosks))

    def ask(self, sql):
        database = sqlite3.connect(f"file:{self.headquarters.database}?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def drained(self, text, seconds=90):
        try:
            wait_until("the outbox empty", seconds, lambda: all(kiosk.pending() == 0 for kiosk in self.kiosks))
        except TimeoutError as error:
            self.run.violation(f"I8: {text}: {error}: {[kiosk.pending() for kiosk in self.kiosks]} records wait")

    def check_arrival(self, text):
        """All that was shown is there once, by numbers without holes, and no ticket twice (I3, I4, I6)."""
        there = [row[0] for row in self.ask("SELECT lower(hex(recordID)) FROM record")]
        shown = {identifier: ticket for kiosk in self.kiosks for identifier, ticket in kiosk.shown.items()}
        check = self.run.check
        check(len(there) == len(set(there)), f"I4: {text}: a record is twice at headquarters")
        missing = set(shown) - set(there)
        check(not missing, f"I3: {text}: {len(missing)} shown registrations did not arrive")
        check(len(set(shown.values())) == len(shown), f"I6: {text}: a ticket number was given twice")
        holes = self.ask("SELECT count(*) FROM lineage WHERE contiguousThrough != highestSequence")[0][0]
        check(holes == 0, f"I6: {text}: {holes} lineages with holes")
        self.run.hit("registrations arrived", len(shown))

    def close(self):
        for kiosk in self.kiosks:
            kiosk.kiosk.program.stop()
        self.headquarters.program.stop()


# MARK: C1

class People:
    """Some who register all the time; nobody of them may ever wait long."""

    def __init__(self, world, clients=2):
        self.world, self.is_over, self.longest = world, threading.Event(), 0.0
        self.errors = []
        self.threads = [threading.Thread(target=self.work) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def work(self):
        try:
            while not self.is_over.is_set():
                begin = time.monotonic()
                self.world.true.register(self.world.kiosks[0])
                self.longest = max(self.longest, time.monotonic() - begin)
                time.sleep(0.08)
        except BaseException as error:
            self.errors.append(error)

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


class NobodyHome:
    """In the place of headquarters for a while: counts who comes, and closes the door."""

    def __init__(self, port):
        self.count, self.is_over = 0, False
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.settimeout(0.2)
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.is_over:
            try:
                self.listener.accept()[0].close()
                self.count += 1
            except OSError:
                pass

    def end(self):
        self.is_over = True
        self.thread.join()
        self.listener.close()


def jump(clock, draw):
    if draw.random() < 0.4:
        clock.say(draw.choice(ABSURD))
    else:
        # No kernel takes a time before 1970.
        clock.shift(max(draw.choice(STEPS) * draw.uniform(0.5, 1), 1 - time.time()))


def jumps(world, draw, clocks, count):
    for _ in range(count):
        jump(draw.choice(clocks), draw)
        world.run.hit("jumps")
        time.sleep(draw.uniform(0.05, 0.12))


@row("C1", "the wall clock jumps 100 times, 1970 to 2106", "I3 I4 I6 I8", 1, 40,
     ["jumps", "jumps while nobody answers", "dated", "registrations arrived", "tries while nobody answers"],
     seconds=240)
def jumping(run):
    for case in run.cases():
        fresh(run)
        draw, world = run.random(case), Clocks(run)
        try:
            one_run(run, world, draw)
        finally:
            world.close()


def one_run(run, world, draw):
    people = People(world)
    try:
        jumps(world, draw, world.clocks, JUMPS // 2)
        # Back-off: headquarters is away, and the clock goes on jumping.
        world.headquarters.program.crash()
        nobody, begin = NobodyHome(world.headquarters.sync_port), time.monotonic()
        try:
            jumps(world, draw, world.clocks, JUMPS // 4)
            run.hit("jumps while nobody answers", JUMPS // 4)
            wait_until("a try", 40, lambda: nobody.count)
        finally:
            nobody.end()
        seconds = time.monotonic() - begin
        run.hit("tries while nobody answers", nobody.count)
        run.check(nobody.count <= 10 + TRIES_PER_SECOND_MAX * seconds,
                  f"I14: {nobody.count} tries in {seconds:.0f} s: back-off spins")
        world.headquarters.program.start()
        if draw.random() < 0.5:
            world.kiosks[0].kiosk.program.kill()
    finally:
        people.end()
    world.drained("jumps at the kiosk")
    world.check_arrival("jumps at the kiosk")
    world.true.compare(run, world.ask, "jumps at the kiosk", narrow=NARROW_SECONDS)
    # And both at once: nobody can say what time it is, but nothing is lost.
    people = People(world)
    try:
        jumps(world, draw, [*world.clocks, world.clock], JUMPS // 4)
    finally:
        people.end()
    for clock in [*world.clocks, world.clock]:
        clock.shift(0)
    world.drained("jumps at both")
    world.check_arrival("jumps at both")
    run.most("longest wait of a seeker ms", round(people.longest * 1000))
    run.check(people.longest < 20, f"I14: a registration took {people.longest:.0f} s")


# MARK: C2

BOOTS = 10
# When the program was built: what a machine without a clock believes it is.
BUILD_TIME = 1_780_000_000


@row("C2", "ten boots without a clock, headquarters met at the last", "I2 I3 I4 I6", 2, 60,
     ["boots", "dated", "bounds of hours and days", "day confirmed", "registrations arrived", "boots told apart"],
     seconds=240)
def boots(run):
    if not Boots.is_possible():
        run.log("no namespaces of time and mounts here: the row cannot be run")
        return
    while run.state["done"] < run.count or run.only is not None:
        fresh(run)
        first = run.only if run.only is not None else run.state["done"]
        sequences = min(2, run.count - first) if run.only is None else 1
        world = Clocks(run, kiosks=sequences)
        try:
            world.headquarters.program.crash()
            for kiosk in world.kiosks:
                kiosk.kiosk.program.stop()
            machines = [Boots(kiosk, clock) for kiosk, clock in zip(world.kiosks, world.clocks)]
            try:
                together(*[lambda number=number: ten_boots(run, world, machines[number], run.random(first + number))
                           for number in range(sequences)])
                after_boots(run, world)
            finally:
                for machine in machines:
                    machine.switch_off()
        finally:
            world.close()
        run.done(sequences)
        if run.only is not None:
            return


def ten_boots(run, world, machine, draw):
    for number in range(BOOTS):
        # Half of the machines have a clock that at least goes on from there.
        if draw.random() < 0.5:
            machine.clock.freeze(BUILD_TIME)
        else:
            machine.clock.say(BUILD_TIME)
        is_last = number == BOOTS - 1
        if is_last and not world.headquarters.program.process:
            world.headquarters.program.start()
        machine.boot(draw.randint(20, 20_000))
        run.hit("boots")
        if draw.random() < 0.5:
            machine.kiosk.kiosk.control("fair", "day", "--day", today())
            run.hit("day confirmed")
        for _ in range(draw.randint(1, 3)):
            world.true.register(machine.kiosk)
        if not is_last:
            machine.switch_off()


def after_boots(run, world):
    world.drained("after ten boots")
    world.check_arrival("after ten boots")
    world.true.compare(run, world.ask, "after ten boots", narrow=NARROW_SECONDS)
    wide = world.ask("SELECT count(*) FROM record WHERE occurredUpper - occurredLower >= 3600000")[0][0]
    run.hit("bounds of hours and days", wide)
    for kiosk in world.kiosks:
        # One client each: the order in which they were shown is the order in which they were made.
        order = list(kiosk.shown)
        place = dict(world.ask("SELECT lower(hex(recordID)), sequence FROM frame"))
        numbers = [place[identifier] for identifier in order if identifier in place]
        run.check(numbers == sorted(numbers), f"I2: the sequences are not in the order of {kiosk.name}: {numbers}")
        with open(os.path.join(kiosk.kiosk.state, "boot.counter"), encoding="ascii") as file:
            count = int(file.read().split()[0])
        # One more: the boot in which it joined.
        if run.check(count == BOOTS + 1, f"{kiosk.name} counts {count} boots of {BOOTS + 1}"):
            run.hit("boots told apart")


# MARK: C3

@row("C3", "headquarters with an absurd time, kiosks with another", "I3 I4 I6 I8", 2, 40,
     ["headquarters in 1970", "headquarters in the future", "registrations arrived", "dated", "restarted while wrong"],
     seconds=240)
def absurd(run):
    """A case has its own headquarters: what it believed while it was wrong stays in its database."""
    for case in run.cases():
        fresh(run)
        draw, world = run.random(case), Clocks(run)
        try:
            absurd_run(run, world, draw, case)
        finally:
            world.close()


def absurd_run(run, world, draw, case):
    kiosk, program = world.kiosks[0], world.headquarters.program
    time_there = draw.choice([[0, 60, 86_400], [2**31 + 5, 4_070_908_800, 2**32 + 5]][case % 2])
    run.hit("headquarters in 1970" if case % 2 == 0 else "headquarters in the future")
    for _ in range(2):
        world.true.register(kiosk)
    world.drained("before")
    program.crash()
    world.clock.say(time_there)
    jump(world.clocks[0], draw)
    for _ in range(2):
        world.true.register(kiosk)
    program.start()
    # A kiosk that starts shakes hands with a headquarters of another century, says hello, and makes a record of both
    # clocks; one of them will have been faster on its way than the one that is right.
    for _ in range(3):
        kiosk.kiosk.program.stop()
        kiosk.kiosk.program.start()
        run.hit("restarted while wrong")
        world.true.register(kiosk)
        world.drained("while headquarters is wrong")
    world.check_arrival("while headquarters is wrong")
    wrong = set(world.true.made)
    program.crash()
    world.clock.shift(0)
    # From here on headquarters is right. Some wait for it: when they arrive says nothing about when they were made.
    for _ in range(3):
        world.true.register(kiosk)
        time.sleep(0.7)
    program.start()
    kiosk.kiosk.program.stop()
    kiosk.kiosk.program.start()
    wait_until("headquarters is heard", 60, kiosk.has_heard)
    for _ in range(3):
        world.true.register(kiosk)
    world.drained("after headquarters is right")
    world.check_arrival("after headquarters is right")
    world.true.compare(run, world.ask, "after headquarters is right", only=set(world.true.made) - wrong,
                       narrow=NARROW_SECONDS)
