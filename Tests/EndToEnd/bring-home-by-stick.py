#!/usr/bin/env python3
"""Records come home by stick: a dead kiosk's from the stick that stayed in it, others' by export and import.

    bring-home-by-stick.py --programs DIR --work DIR [--without-mounts]

Real programs, no network but for the enrolments. Prints each statement with `ok`; the first false one ends the run with
status 1. A full stick, one that is pulled out and one that hangs need root, mounts and loop devices: where they are not to be
had those statements are `unproven`, and the run ends with status 3. `--without-mounts` leaves them out, and says so.
"""
import argparse
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid

from testbed import Headquarters, Kiosk, REPOSITORY, today, wait_until

RECORDS = 40
# Nothing was false, and not everything was tried.
UNPROVEN = 3


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    print(f"ok    {statement}", flush=True)


def received(headquarters):
    """Record ids at headquarters, with how often each is there."""
    with sqlite3.connect(f"file:{headquarters.database}?mode=ro", uri=True) as database:
        return dict(database.execute("SELECT lower(hex(recordID)), count(*) FROM frame GROUP BY recordID"))


def plain(record_id):
    return uuid.UUID(record_id).hex


def register(kiosk, count):
    """Ids that the kiosk has acknowledged."""
    acknowledged = []
    for number in range(count):
        status, answer, request = kiosk.register(name="测试甲", phone=f"1990000{number:04d}")
        if status != 201:
            raise SystemExit(f"FALSE registration {number}: {status} {answer}")
        acknowledged.append(plain(request["recordId"]))
    return acknowledged


def kioskctl(kiosk, *arguments):
    config = ["--config", kiosk.config] if arguments[0] in ("export", "import") else []
    done = subprocess.run(
        [os.path.join(kiosk.programs, "kioskctl"), *arguments, "--socket", kiosk.socket, *config],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    print("      " + (done.stdout + done.stderr).strip().replace("\n", "\n      "), flush=True)
    return done.returncode, done.stdout + done.stderr


def states(kiosk):
    """Of a kiosk that is switched off."""
    with sqlite3.connect(f"file:{kiosk.database}?mode=ro", uri=True) as database:
        return dict(database.execute("SELECT state, count(*) FROM outbox GROUP BY state"))


def is_open(kiosk):
    """Of a kiosk that is switched off: a fair."""
    with sqlite3.connect(f"file:{kiosk.database}?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM openFair").fetchone()[0] > 0


def files(stick):
    return sorted(glob.glob(os.path.join(stick, "JOBFAIR", "*.jobfair")))


def damage(source, target):
    """A copy of a stick with a byte changed in the middle of each file and the last 40 cut off. Returns entries hit."""
    shutil.copytree(source, target)
    hit = 0
    for path in files(target):
        with open(path, "r+b") as file:
            content = bytearray(file.read())
            content[len(content) // 2] ^= 0x40
            file.seek(0)
            file.write(content[:-40])
            file.truncate()
        hit += 2
    return hit


def dead_kiosk(headquarters, kiosk, stick, work):
    """(a) and (c): the card is gone, the stick is there."""
    acknowledged = register(kiosk, RECORDS)
    wait_until("the stick has every record", 30, lambda: kiosk.status()["stick"]["written"] >= RECORDS
               and kiosk.status()["stick"]["condition"] == "upToDate")
    kiosk.program.crash()
    shutil.rmtree(kiosk.state)
    check(not os.path.exists(kiosk.database) and not set(acknowledged) & set(received(headquarters)),
          f"the kiosk died with {RECORDS} acknowledged records that headquarters has never seen")

    broken = os.path.join(work, "broken")
    hit = damage(stick, broken)
    print("      " + headquarters.command("import", broken).replace("\n", "\n      "))
    home = set(acknowledged) & set(received(headquarters))
    check(RECORDS - hit <= len(home) < RECORDS, f"a damaged stick yields its intact frames ({len(home)} of {RECORDS})")

    print("      " + headquarters.command("import", stick).replace("\n", "\n      "))
    home = received(headquarters)
    check(all(home.get(record) == 1 for record in acknowledged), f"the stick brings all {RECORDS} home, each once")
    headquarters.command("import", stick)
    check(received(headquarters) == home, "a second import changes nothing")


def mounted(kiosk, stick):
    """A stick that is full, gets room, is pulled out: a file system in memory that is really mounted (root).

    Returns what could not be tried; None: nothing.
    """
    def problems():
        return {problem["code"] for problem in kiosk.status()["problems"]}

    def mount(*options):
        done = subprocess.run(["mount", *options, stick], capture_output=True, text=True, check=False)
        return done.returncode == 0

    wait_until("no stick", 30, lambda: "stickMissing" in problems())
    check(len(register(kiosk, 1)) == 1, "without its stick the kiosk says stickMissing and registers")
    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=48k", "tmpfs"):
        return "a full stick, a read-only one, and one that is pulled out: not root, or mounting is not allowed here"
    try:
        wait_until("the stick has every record", 30, lambda: kiosk.status()["stick"]["condition"] == "upToDate")
        acknowledged = register(kiosk, 100)
        wait_until("the stick is full", 30, lambda: "stickFull" in problems())
        check(len(acknowledged) == 100, "a full stick is said (stickFull) and stops nobody from registering")
        mount("-o", "remount,size=4m")
        wait_until("the stick has every record", 30, lambda: kiosk.status()["stick"]["condition"] == "upToDate")
        check(not problems() & {"stickFull", "stickMissing", "stickFailed"}, "with room it gets what it lacks")
        mount("-o", "remount,ro")
        register(kiosk, 1)
        wait_until("the stick is read-only", 30, lambda: "stickFailed" in problems())
        check(True, "a stick that became read-only is said (stickFailed)")
    finally:
        subprocess.run(["umount", "--lazy", stick], check=False)
    wait_until("no stick", 30, lambda: "stickMissing" in problems())
    check(len(register(kiosk, 1)) == 1, "pulled out: stickMissing, and registering goes on")
    return None


def hanging(kiosk, stick, work):
    """A stick that never answers: an ext4 image on a loop device, frozen (fsfreeze(8)), which leaves the writer in the kernel.

    Returns what could not be tried; None: nothing.
    """
    def condition():
        return kiosk.status()["stick"]["condition"]

    image = os.path.join(work, "stick.img")
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    steps = [["mke2fs", "-q", "-t", "ext4", "-L", "JOBFAIR", image], ["mount", "-o", "loop,nodev,nosuid,noexec", image, stick]]
    if os.geteuid() != 0 or not shutil.which("mke2fs") or any(
            subprocess.run(step, capture_output=True, check=False).returncode for step in steps):
        return "a hanging stick: not root, or no loop devices here"
    frozen = False
    try:
        wait_until("the stick has every record", 60, lambda: condition() == "upToDate")
        frozen = subprocess.run(["fsfreeze", "-f", stick], check=False).returncode == 0
        check(frozen, "the stick is frozen")
        starts = kiosk.program.starts
        check(len(register(kiosk, 5)) == 5, "people register while the stick hangs")
        wait_until("the hang shows", 60, lambda: condition() == "failed")
        check(len(register(kiosk, 5)) == 5 and kiosk.program.starts == starts,
              "it is said (stickFailed), and kioskd goes on with its thread in the kernel")
        subprocess.run(["fsfreeze", "-u", stick], check=True)
        frozen = False
        wait_until("the stick has every record", 60, lambda: condition() == "upToDate")
        check(True, "once it answers again it gets what it lacks")
    finally:
        if frozen:
            subprocess.run(["fsfreeze", "-u", stick], check=False)
        subprocess.run(["umount", "--lazy", stick], check=False)
    return None


def travelling(headquarters, kiosk, stick):
    """(b): export, import, receipts back; no network at any time."""
    acknowledged = register(kiosk, RECORDS)
    waiting = kiosk.status()["counts"]["pending"]
    code, text = kioskctl(kiosk, "export", "--to", stick)
    check(code != 0 and "safe to remove" not in text and not files(stick),
          "a folder on the kiosk's own disk is not taken for a stick")
    code, text = kioskctl(kiosk, "export", "--same-disk", "--to", stick)
    check(code == 0 and "可以拔出 safe to remove" in text and f"{waiting} records" in text,
          f"{waiting} waiting records are exported while kioskd runs")
    check(kiosk.status()["counts"]["pending"] == waiting, "an export changes no record's state")
    first = files(stick)
    code, text = kioskctl(kiosk, "export", "--same-disk", "--to", stick, "--all")
    check(code == 0 and set(first) < set(files(stick)), "a second export stands beside the first")

    headquarters.command("import", stick)
    home = received(headquarters)
    check(all(home.get(record) == 1 for record in acknowledged), "headquarters has every record once")
    code, text = kioskctl(kiosk, "import", "--from", stick)
    check(code == 0 and kiosk.status()["counts"]["pending"] == 0,
          "receipts come back by stick: the outbox is empty without any network")
    check("went from the stick" in text and not [path for path in files(stick) if "/answer-" in path],
          "answers that are in the kiosk go from the stick")
    headquarters.command("import", stick)
    code, text = kioskctl(kiosk, "import", "--from", stick)
    check(code == 0 and "receipts: 已有 known" in text, "a second import takes no receipt again")


def orders(headquarters, kiosk, stick):
    """What headquarters tells a kiosk that it reaches by stick alone."""
    def carry():
        kioskctl(kiosk, "export", "--same-disk", "--to", stick, "--all")
        headquarters.command("import", stick)
        return kioskctl(kiosk, "import", "--from", stick)

    headquarters.command("kiosk", "revoke", "--kiosk", kiosk.label, "--reason", "找不到了")
    code, text = carry()
    problems = {problem["code"] for problem in kiosk.status()["problems"]}
    check(code == 0 and "1 order of headquarters carried out" in text and "kioskRevoked" in problems, "a revocation comes by stick")
    status, _, _ = kiosk.register(name="测试甲", phone="19900009998")
    check(status == 503 or status == 403, f"and registering stops ({status})")
    headquarters.command("kiosk", "reinstate", "--kiosk", kiosk.label, "--reason", "找到了")
    headquarters.command("fair", "close", "--kiosk", kiosk.label, "--fair", kiosk.status()["open"]["id"])
    code, text = carry()
    check(code == 0 and kiosk.status().get("open") is None and "2 orders of headquarters carried out" in text,
          "it is taken back, and the fair is closed, by stick")
    code, text = carry()
    check(code == 0 and "answers: 已读入 taken 1" in text and "carried out" not in text,
          "an answer without an order is not called one")


def without_daemon(headquarters, kiosk, stick):
    acknowledged = register(kiosk, 5)
    headquarters.command("fair", "close", "--kiosk", kiosk.label, "--fair", kiosk.status()["open"]["id"])
    deaf = subprocess.run(
        [os.path.join(kiosk.programs, "kioskctl"), "export", "--same-disk", "--to", stick, "--socket",
         kiosk.socket + ".none", "--config", kiosk.config], capture_output=True, text=True, timeout=60, check=False)
    check(deaf.returncode != 0 and "systemctl stop kioskd" in deaf.stderr and not files(stick),
          "a kioskd that runs and does not answer: a clear word, and nothing on the stick")
    kiosk.program.crash()
    code, text = kioskctl(kiosk, "export", "--same-disk", "--to", stick)
    check(code == 0 and "safe to remove" in text, "export works while kioskd is dead, from its last commits")
    headquarters.command("import", stick)
    check(set(acknowledged) <= set(received(headquarters)), "headquarters has them")
    code, text = kioskctl(kiosk, "import", "--from", stick)
    check(code == 0 and states(kiosk).get("pending") == 1, "receipts are taken in while kioskd is dead")
    check("1 order of headquarters carried out" in text and not is_open(kiosk),
          "an order is carried out while kioskd is dead, and is the record that waits")
    code, text = kioskctl(kiosk, "status")
    check(code != 0 and "kioskctl export --to" in text, "who asks a dead kioskd hears how the records come home")

    with open(kiosk.database, "r+b") as file:
        for page in range(3, os.path.getsize(kiosk.database) // 4096, 7):
            file.seek(page * 4096)
            file.write(b"\0" * 16)
    rescue = stick + "-rescue"
    os.makedirs(rescue)
    code, text = kioskctl(kiosk, "export", "--same-disk", "--to", rescue, "--all")
    check(code == 2 and "damaged" in text and files(rescue), "a damaged database yields its intact frames")


def next_fair(headquarters, kiosk, stick):
    """(d): a fair that the kiosk has never heard of by network."""
    fair = headquarters_fair(headquarters)
    headquarters.command("kiosk", "grant", "--kiosk", kiosk.label, "--fair", fair)
    kioskctl(kiosk, "export", "--same-disk", "--to", stick, "--all")
    headquarters.command("import", stick)
    code, text = kioskctl(kiosk, "import", "--from", stick)
    check(code == 0, "catalogue and grant of another fair come by stick")
    kiosk.control("fair", "open", "--fair", fair, "--day", today())
    check(kiosk.status()["open"]["id"] == fair, "the kiosk opens it, without any network")
    check(len(register(kiosk, 2)) == 2, "and registers people there")


def headquarters_fair(headquarters):
    printed = headquarters.command("fair", "create", "--kind", "fair", "--from",
                                   os.path.join(REPOSITORY, "kiosk-config", "sample-fair.yaml"))
    for word in printed.replace(",", " ").split():
        try:
            return str(uuid.UUID(word))
        except ValueError:
            continue
    raise SystemExit(f"FALSE no fair in: {printed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--without-mounts", action="store_true")
    options = parser.parse_args()
    programs, work = os.path.abspath(options.programs), os.path.abspath(options.work)
    shutil.rmtree(work, ignore_errors=True)

    def stick(name):
        path = os.path.join(work, name)
        os.makedirs(path)
        return path

    headquarters = Headquarters(os.path.join(work, "headquarters"), programs)
    resident = stick("resident")
    first = Kiosk(os.path.join(work, "kiosk1"), programs, "1号机")
    with open(first.config, "a", encoding="utf-8") as file:
        file.write(f"stick: {{folder: {resident}, mustBeMounted: false}}\n")
    second = Kiosk(os.path.join(work, "kiosk2"), programs, "2号机")
    third = Kiosk(os.path.join(work, "kiosk3"), programs, "3号机")
    slot = stick("slot")
    with open(third.config, "a", encoding="utf-8") as file:
        file.write(f"stick: {{folder: {slot}}}\n")
    kiosks = [first, second, third]
    try:
        fair = headquarters.prepare(kind="fair")
        headquarters.program.start()
        for kiosk in kiosks:
            kiosk.program.start()
            kiosk.join(headquarters, fair, today())
        # What was made so far may go by network; from here on there is none.
        headquarters.program.stop()
        print("ok    three kiosks are enrolled; headquarters is out of reach from now on", flush=True)
        travelling(headquarters, second, stick("travelling"))
        next_fair(headquarters, second, stick("next-fair"))
        without_daemon(headquarters, second, stick("dead-daemon"))
        dead_kiosk(headquarters, first, resident, work)
        missing = []
        if options.without_mounts:
            print("      left out (--without-mounts): full, read-only, pulled out and hanging sticks", flush=True)
        else:
            missing = [what for what in (mounted(third, slot), hanging(third, slot, work)) if what]
        orders(headquarters, third, stick("orders"))
    finally:
        for kiosk in kiosks:
            kiosk.program.stop()
        headquarters.program.stop()
    for what in missing:
        print(f"unproven {what}", flush=True)
    print(json.dumps({"records": len(received(headquarters)), "unproven": len(missing)}))
    return UNPROVEN if missing else 0


if __name__ == "__main__":
    sys.exit(main())
