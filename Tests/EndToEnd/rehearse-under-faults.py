#!/usr/bin/env python3
"""Plays a rehearsal on two kiosks while disks are slow, headquarters is away and killed, and kiosks are killed.

    rehearse-under-faults.py --programs DIR --work DIR [--seekers 1000] [--clients 64] [--clock true|broken]

Fails unless every fault really happened (kiosks killed while at least 20 requests were open, answers lost and
repeated) and `compare-rehearsal.py` finds headquarters' database equal to what was acknowledged.
"""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import time

from testbed import Headquarters, Kiosk, REPOSITORY, today, wait_until, write

OPEN_MIN = 20
KIOSK_KILLS = 3
HEADQUARTERS_KILLS = 2
DELAY_MICROSECONDS = 20_000


def strace():
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
            "-e", f"inject=fdatasync:delay_enter={DELAY_MICROSECONDS}"]


def faketime(folder):
    """The wall clock of one kiosk, by a file that can be rewritten while it runs; other clocks are left alone."""
    library = next(path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
                                     "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1") if os.path.exists(path))
    timers = os.path.join(folder, "true-timers.so")
    subprocess.run(["clang", "-shared", "-fPIC", "-o", timers,
                    os.path.join(REPOSITORY, "Tests", "EndToEnd", "true-timers.c")], check=True)
    clock = write(os.path.join(folder, "clock"), "@1970-01-01 00:00:10\n")
    return clock, {"LD_PRELOAD": f"{timers}:{library}", "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}


class Rehearsal:
    def __init__(self, options):
        self.options = options
        shutil.rmtree(options.work, ignore_errors=True)
        os.makedirs(options.work)
        self.headquarters = Headquarters(os.path.join(options.work, "hq"), options.programs)
        self.clocks, self.kiosks = [], []
        for number in (1, 2):
            folder = os.path.join(options.work, f"kiosk{number}")
            environment = None
            if options.clock == "broken":
                os.makedirs(folder, exist_ok=True)
                clock, environment = faketime(folder)
                self.clocks.append(clock)
            self.kiosks.append(Kiosk(folder, options.programs, f"R{number}", environment=environment, prefix=strace(),
                                     printer="{kind: none}"))
        self.acknowledged = os.path.join(options.work, "acknowledged.txt")
        self.open_requests = os.path.join(options.work, "open-requests.txt")
        self.open_at_kills = []

    def prepare(self):
        fair = self.headquarters.prepare(kind="rehearsal")
        self.headquarters.program.start()
        for kiosk in self.kiosks:
            kiosk.program.start()
            kiosk.join(self.headquarters, fair, today())
        self.headquarters.program.stop()
        print("headquarters is away", flush=True)

    def done(self, index=None):
        """How many are acknowledged, at one kiosk or at all."""
        try:
            with open(self.acknowledged, encoding="ascii") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return 0
        return sum(index is None or self.kiosks[index].address in line.split() for line in lines)

    def open_at(self, index):
        try:
            with open(self.open_requests, encoding="ascii") as file:
                return int(file.read().split()[index])
        except (FileNotFoundError, IndexError, ValueError):
            return 0

    def kill_kiosk(self, index):
        kiosk = self.kiosks[index]
        def enough_open():
            count = self.open_at(index)
            if count < OPEN_MIN:
                return False
            kiosk.program.kill()
            self.open_at_kills.append(count)
            return True
        wait_until(f"{OPEN_MIN} open requests at kiosk {index + 1}", 60, enough_open)
        print(f"kiosk {index + 1} killed with {self.open_at_kills[-1]} requests open, {self.done()} acknowledged",
              flush=True)

    def kiosk_faults(self, index):
        """A kiosk's own progress stops while it is dead, so no kill comes too late."""
        people = self.options.seekers // len(self.kiosks)
        for share in (0.15, 0.4, 0.65):
            wait_until(f"{share:.0%} at kiosk {index + 1}", 600, lambda: self.done(index) >= share * people)
            self.kill_kiosk(index)
            if self.options.clock == "broken" and share == 0.4:
                write(self.clocks[index], "@2099-06-01 12:00:00\n")
                print(f"the clock of kiosk {index + 1} jumped from 1970 to 2099", flush=True)

    def headquarters_faults(self):
        wait_until("a third", 600, lambda: self.done() >= self.options.seekers / 3)
        self.headquarters.program.start()
        print(f"headquarters is back, {self.done()} acknowledged", flush=True)
        for _ in range(HEADQUARTERS_KILLS):
            # Something has arrived since it is up, and more is on its way.
            before = self.records_at_headquarters()
            wait_until("records at headquarters", 600, lambda: self.records_at_headquarters() > before)
            self.headquarters.program.kill()
            print(f"headquarters killed with {self.records_at_headquarters()} records, {self.done()} acknowledged",
                  flush=True)
            time.sleep(1)
            self.headquarters.program.wait_for_port()

    def records_at_headquarters(self):
        done = subprocess.run(
            ["sqlite3", "-readonly", self.headquarters.database, "SELECT count(*) FROM record"],
            capture_output=True, text=True, check=False)
        return int(done.stdout or 0)

    def faults(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            work = [pool.submit(self.kiosk_faults, index) for index in range(len(self.kiosks))]
            work.append(pool.submit(self.headquarters_faults))
            for part in work:
                part.result()

    def run(self):
        self.prepare()
        self.client = subprocess.Popen(
            [os.path.join(self.options.programs, "kioskctl"), "rehearse", "--seekers", str(self.options.seekers),
             "--clients", str(self.options.clients), "--acknowledged", self.acknowledged,
             "--open-requests", self.open_requests, *sum((["--kiosk", kiosk.address] for kiosk in self.kiosks), [])],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        self.faults()
        printed, _ = self.client.communicate(timeout=900)
        print(printed, flush=True)
        if self.client.returncode != 0:
            raise SystemExit("the rehearsal itself failed")
        for kiosk in self.kiosks:
            wait_until(f"outbox of {kiosk.label} empty", 600, lambda: kiosk.status()["counts"]["pending"] == 0)
        return printed

    def stop(self):
        for program in [kiosk.program for kiosk in self.kiosks] + [self.headquarters.program]:
            program.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--seekers", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--clock", choices=["true", "broken"], default="true")
    options = parser.parse_args()
    options.programs, options.work = os.path.abspath(options.programs), os.path.abspath(options.work)
    rehearsal = Rehearsal(options)
    try:
        rehearsal.run()
    finally:
        rehearsal.stop()
    for kiosk in rehearsal.kiosks:
        print(f"{kiosk.label}: started {kiosk.program.starts} times")
    if len(rehearsal.open_at_kills) != 2 * KIOSK_KILLS or min(rehearsal.open_at_kills) < OPEN_MIN:
        raise SystemExit("invalid run: a kiosk was not killed with enough requests open")
    if rehearsal.headquarters.program.starts != 2 + HEADQUARTERS_KILLS:
        raise SystemExit("invalid run: headquarters was not killed twice")
    sys.exit(subprocess.run(
        [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "compare-rehearsal.py"),
         "--acknowledged", rehearsal.acknowledged, "--headquarters", rehearsal.headquarters.database,
         *sum((["--kiosk", kiosk.database] for kiosk in rehearsal.kiosks), [])]).returncode)


if __name__ == "__main__":
    main()
