"""K1 to K3: the real kioskd is killed at random, at every call to the disk, and while it starts."""

import os
import shutil
import subprocess
import threading
import time

from faults import row
from kiosk_bench import AGAIN, Bench
from testbed import wait_until

CLIENTS = 4
LOOK_EVERY = 10


class Load:
    """Clients that register all the time, repeat what was cut off, and now and then what was answered."""

    def __init__(self, bench, draw):
        self.bench, self.draw = bench, draw
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(draw.random(),), daemon=True) for _ in range(CLIENTS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def work(self, luck):
        bench, run = self.bench, self.bench.run
        while not self.is_over.is_set():
            request = bench.new_request()
            status, _ = bench.send(request)
            if status == 0 and not self.is_over.is_set():
                run.hit("requests cut off")
            if status == 201 and luck < 0.5:
                bench.send(request)
                run.hit("repeats answered")
            if status in AGAIN | {0}:
                time.sleep(0.01)
            luck = luck * 7.31 % 1


@row("K1", "kill -9 at a random time under load, with sync", "I1-I6 I8 I16", 200, 5_000,
     ["kills", "requests cut off", "repeats answered", "shown", "killed with an unsynced WAL"], seconds=420)
def random_kills(run):
    bench = Bench(run)
    try:
        for case in run.cases():
            draw = run.random(case)
            load = Load(bench, draw)
            load.start()
            time.sleep(draw.uniform(0.005, 0.8))
            if case % 50 == 25:
                bench.headquarters.program.kill()
                run.hit("headquarters killed too")
            bench.kill()
            load.end()
            run.hit("kills")
            wal = os.path.join(bench.kiosk.state, "records.sqlite-wal")
            if os.path.exists(wal) and os.path.getsize(wal) > 0:
                run.hit("killed with an unsynced WAL")
            if case % LOOK_EVERY == 0:
                bench.check_database()
            seconds = bench.start()
            if not run.check(seconds is not None, "kioskd does not start after a kill"):
                return
            run.most("longest start ms", int(seconds * 1000))
            bench.resolve()
        run.state["hits"]["shown"] = len(bench.shown)
        bench.drained()
        bench.stop()
        bench.check_database()
        bench.check_headquarters()
    finally:
        bench.close()


# MARK: K2

# How far each call is counted: beyond the last one the scenario passes without a kill.
CALLS = {"pwrite64": 200, "fdatasync": 20, "ftruncate": 3, "unlink": 8, "rename": 3, "fsync": 10, "write": 3}
EVERY = {"pwrite64": 5, "fdatasync": 2, "ftruncate": 1, "unlink": 2, "rename": 1, "fsync": 2, "write": 1}


def points(step):
    return [(call, number) for call, most in CALLS.items() for number in range(1, most + 1, step[call])]


QUICK = points(EVERY)
NIGHTLY = points(dict.fromkeys(CALLS, 1))


def killing(bench, call, number):
    """The environment in which kioskd dies at the numberth such call on its state folder (kill-at-call.c)."""
    library = os.path.join(bench.folder, "kill-at-call.so")
    if not os.path.exists(library):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kill-at-call.c")
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": library, "KILL_FOLDER": bench.kiosk.state, "KILL_CALL": call, "KILL_AT": str(number)}


def scenario(bench):
    """One registration, its batch and receipt, closing and opening with their checkpoints, a clean end with another."""
    request = bench.new_request()
    status, _ = bench.send(request)
    deadline = time.monotonic() + 8
    while status in AGAIN and bench.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
        status, _ = bench.send(request)
    while bench.is_alive() and time.monotonic() < deadline:
        try:
            if bench.pending() == 0:
                break
        except (ValueError, KeyError):
            pass
        time.sleep(0.05)
    if bench.is_alive():
        bench.close_fair()
        bench.open_fair()


@row("K2", "kill at every 5th call to the disk of a registration's way", "I1 I2 I6 I7 I16", len(QUICK),
     len(NIGHTLY) * 3, [f"killed at {call}" for call in CALLS] + ["passed"], seconds=420)
def kills_at_calls(run):
    bench = Bench(run)
    try:
        bench.stop()
        listed = NIGHTLY if run.is_nightly else QUICK
        for case in run.cases():
            call, number = listed[case % len(listed)]
            started = bench.start(environment=killing(bench, call, number))
            if started is not None:
                scenario(bench)
            if bench.is_alive():
                bench.stop()
            if bench.process.returncode >= 0:
                run.hit("passed")
            else:
                run.hit(f"killed at {call}")
                run.hit("killed while starting" if started is None else "killed while serving")
            bench.check_database()
            if not run.check(bench.start() is not None, f"kioskd does not start after a kill at {call} {number}"):
                return
            wait_until("fair open", 20, lambda: bench.open_fair() is None)
            bench.resolve()
            bench.stop()
        bench.start()
        bench.drained()
        bench.check_headquarters()
    finally:
        bench.close()


# MARK: K3

STARTS = {"pwrite64": 60, "fdatasync": 8, "fsync": 12, "rename": 5, "unlink": 8, "ftruncate": 2, "write": 4}


def damage(path):
    """The first page behind the header's, as a bad sector would leave it: the start has to set the file aside."""
    with open(path, "r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 4096)


@row("K3", "killed while starting: recovery, making tables, setting aside", "I1 I2 I7 I8", 50, 2_000,
     ["killed in recovery", "killed while making the file", "killed while setting aside", "salvaged"], seconds=240)
def kills_at_start(run):
    bench, begun = Bench(run), 0
    try:
        for case in run.cases():
            draw = run.random(case)
            begun += 1
            if begun % 6 == 0:
                # Each new lineage takes letters, and a grant has four pairs.
                bench.close()
                shutil.rmtree(run.folder)
                os.makedirs(run.folder)
                bench = Bench(run)
            state = bench.kiosk.state
            kind = ("recovery", "making the file", "setting aside")[case % 3]
            if not bench.is_alive() and not run.check(bench.start() is not None, "kioskd does not start"):
                return
            for _ in range(3):
                bench.send(bench.new_request())
            bench.resolve()
            if kind != "recovery":
                # What is not at headquarters would be lost with the file.
                bench.drained()
            # A clean end copies the WAL into the file: damage there is not mended by the WAL.
            bench.stop() if kind == "setting aside" else bench.kill()
            if kind == "setting aside":
                damage(bench.kiosk.database)
            elif kind == "making the file":
                for name in ("records.sqlite", "records.sqlite-wal"):
                    if os.path.exists(os.path.join(state, name)):
                        os.rename(os.path.join(state, name), os.path.join(bench.folder, name + ".before"))
            for _ in range(draw.randint(1, 3)):
                call = draw.choice(list(STARTS))
                if bench.start(environment=killing(bench, call, draw.randint(1, STARTS[call]))) is None:
                    run.hit(f"killed {'in' if kind == 'recovery' else 'while'} {kind}")
                bench.kill()
            if not run.check(bench.start() is not None, f"kioskd does not start after kills while {kind}"):
                return
            check_after(run, bench, kind)
        if not bench.is_alive():
            bench.start()
        bench.drained()
    finally:
        bench.close()


def check_after(run, bench, kind):
    """The fair goes on; what was shown is there, but where the whole file was taken away."""
    status = bench.status()
    run.check(status["fair"] is not None, f"no fair is open after kills while {kind}: {bench.problems()}")
    if kind == "making the file":
        bench.shown.clear()
        bench.sent.clear()
        bench.kill()
        bench.check_database()
        return
    if kind == "setting aside":
        asides = [name for name in os.listdir(bench.kiosk.state) if name.startswith("records.damaged-")
                  and name.endswith(".sqlite")]
        if run.check(asides, "the damaged file was not set aside"):
            run.check("recordsSetAside" in bench.problems(), "health does not say that a file was set aside")
        for name in os.listdir(bench.kiosk.state):
            if name.startswith("records.damaged-"):
                os.unlink(os.path.join(bench.kiosk.state, name))
        run.hit("salvaged")
        # Only what still was on the disk is in the new file; the rest is at headquarters.
        bench.shown.clear()
        bench.sent.clear()
    bench.kill()
    bench.check_database()
