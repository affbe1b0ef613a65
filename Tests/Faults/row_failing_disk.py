"""E2 to E4: a disk that fails, is full, or can only be read, under the real kioskd."""

import os
import resource
import shutil
import subprocess
import time

from faults import row
from kiosk_bench import AGAIN, Bench
from small_disk import small_disk
from testbed import wait_until

CUT = 0
STORED = 201
BALLAST_BYTES = 32 << 20


def wal(bench):
    return os.path.join(bench.kiosk.state, "records.sqlite-wal")


def settled(bench):
    """Nothing is printing or being sent: the next call to the disk is of the next request."""
    bench.drained()
    time.sleep(0.1)


@row("E2", "EIO on the commit's fdatasync, then killed or going on", "I1 I2 I4 I16", 20, 500,
     ["checking", "ended by itself", "killed", "stored in the end"], seconds=120)
def failing_sync(run):
    bench = Bench(run)
    try:
        for case in run.cases():
            if not bench.is_alive() and not run.check(bench.start() is not None, "kioskd does not start"):
                return
            status, _ = bench.send(bench.new_request())
            bench.resolve()
            settled(bench)
            tracer = bench.attach("-P", wal(bench), "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO")
            request = bench.new_request()
            status, answer = bench.send(request)
            run.check(status != STORED, f"I16: shown as stored although its sync failed: {answer}")
            if status == 503:
                run.check(answer["code"] == "record.checking", f"I16: not 'checking': {answer}")
                run.hit("checking")
            if case % 2:
                bench.kill()
                run.hit("killed")
            else:
                try:
                    code = bench.process.wait(timeout=20)
                    run.check(code != 0, "ended with 0 after a failed commit")
                    run.hit("ended by itself")
                except subprocess.TimeoutExpired:
                    run.violation("I16: kioskd goes on after a commit whose outcome it does not know")
                    bench.kill()
            bench.detach(tracer)
            if case % 5 == 0:
                bench.check_database()
            if not run.check(bench.start() is not None, "kioskd does not start after EIO"):
                return
            bench.resolve()
            if request["recordId"] in bench.shown:
                run.hit("stored in the end")
        bench.drained()
        bench.check_headquarters()
    finally:
        bench.close()


# MARK: E3

@row("E3", "no room: ENOSPC at the nth write; a small disk filled, freed", "I1 I8 I16", 50, 1_000,
     ["disk.full", "stored once there was room", "ballast given up", "ballast made anew", "receipts on a full disk",
      "exported on a full disk", "closed on a full disk"], seconds=240)
def no_room(run):
    bench = Bench(run)
    disk = None
    try:
        for case in run.cases():
            if not bench.is_alive() and not run.check(bench.start() is not None, "kioskd does not start"):
                return
            # The first two by a disk that really is full, the others by a write that says so.
            if case in (0, 1):
                bench.stop()
                disk = small_disk(run, bench.kiosk.state, ("tmpfs", "ext4")[case])
                if disk is None:
                    continue
                bench.start()
                full_disk(run, bench, disk)
                bench.stop()
                disk.give_back()
                disk = None
            else:
                failing_write(run, bench, 1 + case % 30)
        bench.drained()
        bench.stop()
        bench.check_database()
        bench.check_headquarters()
    finally:
        bench.close()
        if disk is not None:
            disk.remove()


def failing_write(run, bench, number):
    bench.resolve()
    settled(bench)
    ballast = os.path.join(bench.kiosk.state, "ballast")
    tracer = bench.attach("-P", wal(bench), "-e", "trace=pwrite64", "-e", f"inject=pwrite64:error=ENOSPC:when={number}+")
    for _ in range(3):
        status, answer = bench.send(bench.new_request())
        if status == 507:
            run.check(answer["code"] == "disk.full", f"I16: {answer}")
            run.hit("disk.full")
        elif status not in AGAIN | {STORED, CUT}:
            run.violation(f"I16: {status} {answer}")
    if not os.path.exists(ballast):
        run.hit("ballast given up")
    bench.detach(tracer)
    if not bench.is_alive():
        run.hit("ended by itself")
        run.check(bench.start() is not None, "kioskd does not start after ENOSPC")
    bench.resolve()
    run.hit("stored once there was room")
    if run.check(os.path.exists(ballast), "there is room, but no new ballast"):
        run.hit("ballast made anew")


def full_disk(run, bench, disk):
    """An hour without room: nobody registers, everything else goes on; with room again everybody is stored."""
    ballast = os.path.join(bench.kiosk.state, "ballast")
    run.check(os.path.getsize(ballast) >= BALLAST_BYTES, "there is no ballast")
    run.check("diskAlmostFull" in bench.problems(), f"no early warning on a small disk: {bench.problems()}")
    bench.headquarters.program.stop()
    for _ in range(5):
        bench.send(bench.new_request())
    disk.fill()
    status, answer = STORED, None
    for _ in range(400):
        status, answer = bench.send(bench.new_request())
        if status != STORED:
            break
    run.check(status == 507, f"I16: {status} {answer} on a full disk")
    if not run.check(not os.path.exists(ballast), "the ballast was not given up"):
        return
    run.hit("ballast given up")
    problems = bench.problems()
    run.check("diskFull" in problems, f"health says {problems}")
    status, _ = bench.send(bench.new_request())
    run.check(status == 507, f"I16: {status} after the ballast was given up")
    run.hit("disk.full")
    bench.headquarters.program.start()
    if bench.drained():
        run.hit("receipts on a full disk")
    if run.check(bench.export() > 0, "nothing can be exported on a full disk"):
        run.hit("exported on a full disk")
    closed = bench.close_fair()
    status = bench.status()
    run.check(status["fair"] is None, f"the fair cannot be closed on a full disk: {closed}")
    run.hit("closed on a full disk")
    bench.open_fair()
    bench.kill()
    bench.check_database()
    if not run.check(bench.start() is not None, "kioskd does not start on a full disk"):
        return
    run.check("diskFull" in bench.problems(), f"after a restart health says {bench.problems()}")
    disk.free()
    bench.resolve()
    run.hit("stored once there was room")
    if run.check(os.path.exists(ballast), "there is room, but no new ballast"):
        run.hit("ballast made anew")
    run.check("diskFull" not in bench.problems(), "the disk has room and health says it is full")
    bench.drained()


# MARK: E4

def read_only(run, bench, kind):
    """Writes are refused; the daemon ends, comes back, stands still with a clear word, and goes on when it can write."""
    bench.resolve()
    settled(bench)
    tracer = bench.attach("-P", wal(bench), "-P", bench.kiosk.database, "-e", "trace=pwrite64,fdatasync,ftruncate",
                          "-e", "inject=pwrite64,fdatasync,ftruncate:error=EROFS")
    request = bench.new_request()
    status, answer = bench.send(request)
    run.check(status != STORED, f"I16: stored on a read-only disk: {answer}")
    try:
        bench.process.wait(timeout=20)
        run.hit("ended by itself")
    except subprocess.TimeoutExpired:
        run.violation(f"kioskd goes on although its disk cannot be written, after {status} {answer}")
        bench.kill()
    bench.detach(tracer)
    disk = small_disk(run, bench.kiosk.state, kind)
    if disk is None:
        bench.start()
        bench.resolve()
        return
    try:
        disk.read_only(True)
        if run.check(bench.start() is not None, "nothing answers while the disk is read-only"):
            stands_still(run, bench, request)
        disk.read_only(False)
        run.check(bench.process.wait(timeout=30) == 75, "kioskd does not try again when the disk can be written")
        run.hit("tried again by itself")
        run.check(bench.start() is not None, "kioskd does not start when the disk can be written again")
        bench.resolve()
        run.hit("stored in the end")
        bench.stop()
    finally:
        bench.kill()
        disk.give_back()


def stands_still(run, bench, request):
    first = bench.pid()
    run.check("diskReadOnly" in bench.problems(), f"health says {bench.problems()}")
    status, answer = bench.send(request)
    run.check(status not in (STORED, CUT), f"I16: {status} {answer} on a read-only disk")
    shown = bench.control("GET", "status")
    run.check(shown and [problem["code"] for problem in shown["problems"]] == ["diskReadOnly"],
              f"the control socket does not say it: {shown}")
    run.check(shown and not {"counts", "isEnrolled"} & set(shown), f"what nobody has looked at is said: {shown}")
    if run.check(bench.export() > 0, "nothing can be exported from a read-only disk"):
        run.hit("exported from a read-only disk")
    time.sleep(3)
    run.check(bench.is_alive() and bench.pid() == first, "kioskd restarts while the disk is read-only")
    run.hit("stood still")


def interrupted(run, bench, number):
    settled(bench)
    tracer = bench.attach("-P", wal(bench), "-e", "trace=pwrite64", "-e", f"inject=pwrite64:error=EINTR:when={number}")
    status, answer = bench.send(bench.new_request())
    run.check(status == STORED, f"I16: an interrupted write is written again, not {status} {answer}")
    run.hit("interrupted")
    bench.detach(tracer)


def short_write(run, bench, number):
    """RLIMIT_FSIZE in the middle of a commit: a real short write, and then the signal that ends the process."""
    settled(bench)
    bench.send(bench.new_request())
    settled(bench)
    size = os.path.getsize(wal(bench))
    _, hard = resource.prlimit(bench.pid(), resource.RLIMIT_FSIZE)
    resource.prlimit(bench.pid(), resource.RLIMIT_FSIZE, (size + 100 + 613 * number, hard))
    status, answer = STORED, None
    for _ in range(30):
        status, answer = bench.send(bench.new_request())
        if status != STORED:
            break
    if status != STORED:
        run.hit("short writes")
    if bench.is_alive():
        resource.prlimit(bench.pid(), resource.RLIMIT_FSIZE, (hard, hard))
        time.sleep(0.3)
    if not bench.is_alive():
        run.hit("ended by itself")
        bench.check_database()
        run.check(bench.start() is not None, "kioskd does not start after a short write")
    bench.resolve()


def no_descriptors(run, bench):
    """No file can be opened, no connection taken: what is under way goes on, and all goes on afterwards."""
    settled(bench)
    soft, hard = resource.prlimit(bench.pid(), resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{bench.pid()}/fd"))
    resource.prlimit(bench.pid(), resource.RLIMIT_NOFILE, (used, hard))
    for _ in range(3):
        status, _ = bench.send(bench.new_request(), timeout=2)
        run.hit("no descriptor left" if status != STORED else "answered all the same")
    if bench.is_alive():
        resource.prlimit(bench.pid(), resource.RLIMIT_NOFILE, (soft, hard))
    else:
        run.hit("ended by itself")
        run.check(bench.start() is not None, "kioskd does not start after EMFILE")
    try:
        wait_until("kioskd answers", 20, lambda: bench.send(bench.new_request(), timeout=5)[0] == STORED)
    except TimeoutError:
        run.violation("I14: kioskd does not answer after it had no descriptors")
        bench.kill()
        bench.start()
    bench.resolve()


@row("E4", "read-only disk, no descriptors, interrupted and short writes", "I1 I2 I16", 40, 500,
     ["stood still", "exported from a read-only disk", "tried again by itself", "no descriptor left", "interrupted", "short writes", "stored in the end"],
     seconds=240)
def unwilling_disk(run):
    bench = Bench(run)
    try:
        for case in run.cases():
            if not bench.is_alive() and not run.check(bench.start() is not None, "kioskd does not start"):
                return
            if case % 20 == 0:
                read_only(run, bench, ("tmpfs", "ext4")[case // 20 % 2])
            elif case % 4 == 1:
                no_descriptors(run, bench)
            elif case % 2:
                short_write(run, bench, case % 11)
            else:
                interrupted(run, bench, 1 + case % 13)
        bench.drained()
        bench.stop()
        bench.check_database()
        bench.check_headquarters()
    finally:
        bench.close()
