"""E6: headquarters' disk is full or fails; kiosks keep everything, and it goes on by itself when there is room."""

import glob
import os
import subprocess
import time

from faults import row
from kiosk_bench import Bench
from small_disk import small_disk
from testbed import wait_until

# Fills its last blocks within these, so that the next commit does not fit.
RECORDS_MAX = 200


def log_of(headquarters):
    with open(headquarters.program.log.name, encoding="utf-8", errors="replace") as file:
        return file.read()


def attach(headquarters, log, *inject):
    process = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", log, "-p", str(headquarters.program.pid()), "-P", headquarters.database + "-wal",
         *inject], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = f"/proc/{headquarters.program.pid()}/task"
    wait_until("strace attached", 20, lambda: all(
        "TracerPid:\t0" not in open(f"{folder}/{task}/status", encoding="ascii").read() for task in os.listdir(folder)))
    return process


def drained_soon(run, bench):
    """Kiosks wait for minutes after several 503: one that starts anew asks at once."""
    bench.stop()
    return run.check(bench.start() is not None, "kioskd does not start") and bench.drained()


def register(run, bench, count):
    for _ in range(count):
        status, answer = bench.send(bench.new_request())
        run.check(status == 201, f"the kiosk does not register while headquarters' disk fails: {status} {answer}")


@row("E6", "headquarters' disk full, or failing at the nth write or sync", "I3 I4 I8 I14", 5, 120,
     ["writes refused", "calls failed", "drained after room was made", "restarted on a full disk",
      "receipts stand after a full disk"], seconds=150)
def headquarters_disk(run):
    bench = Bench(run)
    disk = None
    try:
        for case in run.cases():
            if case in (0, 1):
                bench.headquarters.program.stop()
                disk = small_disk(run, bench.headquarters.state, ("tmpfs", "ext4")[case], mebibytes=64)
                bench.headquarters.program.start()
                if disk is not None:
                    full_disk(run, bench, disk)
                    bench.headquarters.program.stop()
                    disk.give_back()
                    bench.headquarters.program.start()
                disk = None
            else:
                failing_call(run, bench, case)
        bench.drained()
        bench.check_headquarters()
    finally:
        bench.close()
        if disk is not None:
            disk.remove()


def full_disk(run, bench, disk):
    """Nothing fits: kiosks wait and register; a restart does not help and does not harm; then there is room."""
    before = log_of(bench.headquarters).count("error.code=diskFull")
    register(run, bench, 3)
    bench.drained()
    disk.fill()
    # What the write-ahead log still has room for is used up first.
    for _ in range(RECORDS_MAX):
        register(run, bench, 1)
        if log_of(bench.headquarters).count("error.code=diskFull") > before:
            break
        time.sleep(0.05)
    if run.check(log_of(bench.headquarters).count("error.code=diskFull") > before,
                 "headquarters does not say that its disk is full"):
        run.hit("writes refused")
    run.check(bench.pending() > 0, "the kiosk has nothing to send although headquarters could not store it")
    bench.headquarters.program.crash()
    bench.headquarters.program.start()
    run.hit("restarted on a full disk")
    register(run, bench, 2)
    run.check(bench.pending() > 0, "receipts came from a full disk")
    receipted = count(bench.headquarters.database)
    disk.free()
    if drained_soon(run, bench):
        run.hit("drained after room was made")
    if run.check(count(bench.headquarters.database) > receipted, "nothing arrived after room was made"):
        run.hit("receipts stand after a full disk")


def count(database):
    """By the sqlite3 shell, as somebody beside it would look; it reads only."""
    done = subprocess.run(["sqlite3", "-readonly", database, "SELECT count(*) FROM record"], capture_output=True,
                          text=True, check=True, timeout=30)
    return int(done.stdout)


def failing_call(run, bench, case):
    """The nth write or sync of the write-ahead log fails, once or for ever; strace counts for each thread by itself."""
    call, error = (("pwrite64", "ENOSPC"), ("fdatasync", "EIO"), ("pwrite64", "EIO"))[case % 3]
    number = 1 + case // 3 % 6
    trace = os.path.join(bench.folder, "strace-headquarters.txt")
    tracer = attach(bench.headquarters, trace, "-e", f"trace={call}",
                    "-e", f"inject={call}:error={error}:when={number}{'+' if case % 2 else ''}")
    starts = bench.headquarters.program.starts

    def failed():
        with open(trace, encoding="utf-8", errors="replace") as file:
            return file.read().count("(INJECTED)")
    end = time.monotonic() + 6
    while not failed() and time.monotonic() < end:
        register(run, bench, 1)
        time.sleep(0.1)
    register(run, bench, 2)
    run.hit("calls failed", failed())
    tracer.terminate()
    tracer.wait(timeout=20)
    run.hit("ended by itself", bench.headquarters.program.starts - starts)
    drained_soon(run, bench)
