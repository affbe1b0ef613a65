"""G2: 200,000 registrations with sync, backups and purging: nothing but the records may grow with their number."""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import time

from faults import row
from stick_bench import QUIET, StickKiosk, prepared, together
from testbed import wait_until

# A kiosk has letters for 39,996 registrations before headquarters gives it more.
KIOSKS = {"quick": 2, "nightly": 6}
MIB = 1 << 20
PORTIONS = {"quick": 100, "nightly": 5_000}
# What may be added while it runs, for each program. Allocators keep what they once had, and a page of 256 frames, a
# batch of 512 KiB and SQLite's cache of 2 MiB come and go: 96 MiB is far above that, and far below 200,000 records of
# one KiB each.
RSS_GROWTH_MAX = 96 * MIB
# Connections of a portion may still be closing; printing, sticks and backups open some files.
DESCRIPTORS_GROWTH_MAX = 64
# Swift's and libdispatch's pools: two cores and 64 for calls that block.
THREADS_MAX = 96
# wal_autocheckpoint and journal_size_limit are 16 MiB; a reader or a full queue may hold a checkpoint up for a while.
WAL_MAX = 48 * MIB
# A purged record leaves some 150 bytes and its rows in indices (docs/storage.md, Room), beside what is not purged yet.
BYTES_PER_RECORD_MAX = 1_000
DATABASE_MAX = 128 * MIB
# Machines are busy: only growth by a factor counts, beyond a time that nobody would notice.
TIMES_MAX, ANSWER_FREE_SECONDS, START_FREE_SECONDS = 8, 0.25, 5
# Hello is said at the start, and every 72 s.
HELLO_SECONDS_MAX = 150


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def process(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.rstrip("\n").split(":", 1) for line in file)
    return {"rss": int(fields["VmRSS"].split()[0]) * 1024, "threads": int(fields["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}


class Soak:
    def __init__(self, run):
        self.run = run
        shutil.rmtree(run.folder, ignore_errors=True)
        os.makedirs(run.folder, exist_ok=True)
        self.kiosks = [StickKiosk(run, f"kiosk{number}") for number in range(KIOSKS[run.set])]
        self.headquarters, _ = prepared(run, self.kiosks)
        self.backups = os.path.join(run.folder, "backups")
        os.makedirs(self.backups)
        self.headquarters.program.stop()
        with open(self.headquarters.config, "a", encoding="utf-8") as file:
            file.write(f"backup: {{folder: {self.backups}, everyMinutes: 1440, keep: 2, sameDiskCounts: true}}\n")
        self.headquarters.program.start()
        self.samples, self.starts = [], []

    def register(self, count):
        acknowledged = os.path.join(self.run.folder, "acknowledged.txt")
        if os.path.exists(acknowledged):
            os.unlink(acknowledged)
        begin = time.monotonic()
        done = subprocess.run(
            [os.path.join(self.run.programs, "kioskctl"), "rehearse", "--seekers", str(count), "--clients", "16",
             "--acknowledged", acknowledged,
             *[word for kiosk in self.kiosks for word in ("--kiosk", kiosk.kiosk.address)]],
            capture_output=True, text=True, check=False, env=QUIET)
        self.run.check(done.returncode == 0, f"kioskctl rehearse ended with {done.returncode}: {done.stdout[-300:]}"
                       f"{done.stderr[-300:]}")
        with open(acknowledged, encoding="utf-8") as file:
            shown = sum(1 for line in file if line.strip())
        self.run.check(shown == count, f"I16: {shown} of {count} were acknowledged")
        return count / (time.monotonic() - begin)

    def drain(self):
        try:
            wait_until("the outboxes empty", 600, lambda: all(kiosk.pending() == 0 for kiosk in self.kiosks))
        except TimeoutError as error:
            self.run.violation(f"I8: {error}")

    def answer_seconds(self):
        """Of one registration, nobody else being there; the median of a few."""
        times = []
        for _ in range(15):
            begin = time.monotonic()
            self.kiosks[0].register()
            times.append(time.monotonic() - begin)
        return statistics.median(times)

    def sample(self, rate):
        programs = {kiosk.name: kiosk.kiosk.program for kiosk in self.kiosks}
        programs["headquarters"] = self.headquarters.program
        sample = {name: process(program.pid()) for name, program in programs.items()}
        for kiosk in self.kiosks:
            sample[kiosk.name].update(wal=size(kiosk.kiosk.database + "-wal"), database=size(kiosk.kiosk.database))
        sample["headquarters"]["wal"] = size(self.headquarters.database + "-wal")
        sample["answer"], sample["rate"] = self.answer_seconds(), rate
        self.samples.append(sample)
        self.run.log(json.dumps(sample))

    def restart(self):
        """The first kiosk: how long its start takes, with so many records."""
        program = self.kiosks[0].kiosk.program
        program.stop()
        begin = time.monotonic()
        program.start()
        wait_until("kioskd answers", 120, lambda: self.kiosks[0].status() is not None)
        self.starts.append(time.monotonic() - begin)

    def purged(self):
        """A verified backup, then the kiosks' next hello: records go, and their pages are used again."""
        self.headquarters.command("backup", "--to", self.backups, "--keep", "2")
        if not self.run.is_nightly:
            # A kioskd that starts says hello at once; in a long run all but the first are never started again.
            for kiosk in self.kiosks:
                kiosk.kiosk.program.stop()
                kiosk.kiosk.program.start()
        def is_purged():
            listings = [kiosk.kiosk.control("outbox", "--json", check=False) for kiosk in self.kiosks]
            return all(sum(lineage["purged"] for lineage in json.loads(listing or '{"lineages": []}')["lineages"])
                       for listing in listings)
        try:
            wait_until("something purged", HELLO_SECONDS_MAX, is_purged)
        except TimeoutError as error:
            self.run.violation(f"I8: {error}")

    def headquarters_records(self):
        database = sqlite3.connect(f"file:{self.headquarters.database}?mode=ro", uri=True)
        try:
            return database.execute("SELECT count(*) FROM registration").fetchone()[0]
        finally:
            database.close()

    def close(self):
        together(*[kiosk.kiosk.program.stop for kiosk in self.kiosks], self.headquarters.program.stop)


def compare(run, soak):
    """Late portions against early ones, the first left out: caches fill there."""
    early, late = soak.samples[1 if len(soak.samples) > 2 else 0], soak.samples[-1]
    for name in ("headquarters", *[kiosk.name for kiosk in soak.kiosks]):
        grown = late[name]["rss"] - early[name]["rss"]
        run.most(f"{name} MiB grown", round(grown / MIB))
        run.most(f"{name} MiB", round(late[name]["rss"] / MIB))
        run.check(grown <= RSS_GROWTH_MAX, f"I14: {name} has {grown / MIB:.0f} MiB more than at the start")
        more = late[name]["descriptors"] - early[name]["descriptors"]
        run.most("most descriptors more", more)
        run.check(more <= DESCRIPTORS_GROWTH_MAX, f"I14: {name} has {more} descriptors more")
        run.most("most threads", late[name]["threads"])
        run.check(late[name]["threads"] <= THREADS_MAX, f"I14: {name} has {late[name]['threads']} threads")
        run.most("largest WAL KiB", late[name]["wal"] // 1024)
        run.check(late[name]["wal"] <= WAL_MAX, f"I14: the WAL of {name} has {late[name]['wal'] / MIB:.0f} MiB")
    run.most("answer ms, early", round(early["answer"] * 1000))
    run.most("answer ms, late", round(late["answer"] * 1000))
    run.check(late["answer"] <= early["answer"] * TIMES_MAX + ANSWER_FREE_SECONDS,
              f"I14: an answer takes {late['answer']:.2f} s, {early['answer']:.2f} s in the beginning")
    run.check(soak.starts[-1] <= soak.starts[0] * TIMES_MAX + START_FREE_SECONDS,
              f"I14: a start takes {soak.starts[-1]:.1f} s, {soak.starts[0]:.1f} s in the beginning")
    run.most("longest start ms", round(max(soak.starts) * 1000))


@row("G2", "soak: memory, descriptors, files, start and answers", "I3 I8 I14", 300, 200_000,
     ["registrations", "portions compared", "starts", "purged"], seconds=120)
def soak(run):
    """Within one run of the programs early and late portions are compared; a resumed row begins with new programs."""
    portion = PORTIONS[run.set]
    world, made = Soak(run), 0
    try:
        world.restart()
        while run.state["done"] < run.count:
            count = min(portion, run.count - run.state["done"])
            rate = world.register(count)
            made += count
            run.hit("registrations", count)
            run.most("most a second", round(rate))
            world.drain()
            world.sample(rate)
            if len(world.samples) > 1:
                compare(run, world)
                run.hit("portions compared")
            if len(world.samples) % 8 == 3:
                world.purged()
                run.hit("purged")
                world.restart()
                run.hit("starts")
            for kiosk in world.kiosks:
                bytes_now = world.samples[-1][kiosk.name]["database"]
                run.most("largest database MiB", round(bytes_now / MIB))
                run.check(bytes_now <= DATABASE_MAX + BYTES_PER_RECORD_MAX * made,
                          f"I14: the database of {kiosk.name} has {bytes_now / MIB:.0f} MiB after {made} registrations")
            run.done(count)
        world.drain()
        there = world.headquarters_records()
        run.check(there >= made, f"I3: {there} registrations at headquarters of {made}")
    finally:
        world.close()
