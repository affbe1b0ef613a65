#!/usr/bin/env python3
"""The drill: headquarters' machine is gone; another one comes up from a backup and the key file.

    restore-headquarters.py --programs DIR --work DIR [--seekers 30]

Two kiosks register while a backup is made and after it, a third is enrolled after it, and all go on while there is no
headquarters at all; then headquarters is restored as docs/operations.md says, and holds exactly the kiosks' records,
digest for digest. Before that the kiosks have purged what the backup holds, so those records can come from nowhere else.
Then the machine is lost once more, and an older backup than the newest is put in place: what is missing is exactly what
was purged, it is shown with what to do, and the newest backup brings it back.

Prints each statement with `ok` and the minutes each restore took; the first false one ends the run with status 1.
"""
import argparse
import hashlib
import os
import shutil
import subprocess
import tempfile
import time

from testbed import Headquarters, Kiosk, today, wait_until

# Hello is said every 60 to 72 s, and after failures a kiosk waits for up to five minutes.
WAIT_SECONDS = 400


def ok(statement):
    print(f"ok    {statement}", flush=True)


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    ok(statement)


def rows(database, sql):
    """Of a copy, with its write-ahead log: the evidence is never written to. A copy that was torn is taken once more."""
    for attempt in range(5):
        with tempfile.TemporaryDirectory(prefix="drill-") as folder:
            path = os.path.join(folder, "copy.sqlite")
            shutil.copyfile(database, path)
            if os.path.exists(database + "-wal"):
                shutil.copyfile(database + "-wal", path + "-wal")
            run = subprocess.run(["sqlite3", "-batch", "-bail", "-noheader", "-separator", "\t", path, sql],
                                 capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return [line.split("\t") for line in run.stdout.splitlines()]
        time.sleep(0.2 * (attempt + 1))
    raise SystemExit(f"FALSE {database} can be read: {run.stderr.strip()}")


def kiosk_records(kiosks):
    """(record id, digest) -> state, of all kiosks."""
    return {(record, digest): state for kiosk in kiosks for record, digest, state in rows(
        kiosk.database, "SELECT hex(recordID), hex(digest), state FROM record JOIN outbox ON record = position")}


def headquarters_frames(headquarters):
    return {(record, digest): content for record, digest, content in rows(
        headquarters.database, "SELECT hex(recordID), hex(digest), hex(bytes) FROM frame")}


def states(kiosks, state):
    return {item for item, found in kiosk_records(kiosks).items() if found == state}


def register(kiosks, count):
    for number in range(count):
        for kiosk in kiosks:
            status, _, _ = kiosk.register(name="测试甲", phone=f"1990000{number:04d}")
            if status != 201:
                raise SystemExit(f"FALSE {kiosk.label} registers: {status}")


def drain(kiosks):
    for kiosk in kiosks:
        wait_until(f"outbox of {kiosk.label} empty", WAIT_SECONDS, lambda: kiosk.status()["counts"]["pending"] == 0)


def back_up(headquarters, folder):
    printed = headquarters.command("backup", "--to", folder)
    check(printed.startswith("verified"), f"backup verified while headquarters serves: {printed.splitlines()[1]}")
    return printed.splitlines()[0].split()[-1]


def wait_for_purge(kiosks, backup):
    """What the backup holds is purged, as soon as the next receipts or hellos say so; nothing else is."""
    held = {(record, digest) for record, digest in rows(backup, "SELECT hex(recordID), hex(digest) FROM frame")}
    def purged():
        found = states(kiosks, "purged")
        return found if found >= held else None
    found = wait_until("the kiosks purge what the backup holds", WAIT_SECONDS, purged)
    check(found == held, f"the kiosks purged exactly what the backup holds ({len(found)} records)")
    frames = [row for kiosk in kiosks for row in rows(
        kiosk.database, "SELECT count(*) FROM outbox WHERE state = 'purged' AND frame IS NOT NULL")]
    check(all(row == ["0"] for row in frames), "no purged record has its frame any more")


def join(kiosk, headquarters, fair):
    kiosk.program.start()
    kiosk.join(headquarters, fair, today())


def lose(headquarters):
    headquarters.program.crash()
    shutil.rmtree(headquarters.state)


def refuse_new_keys(headquarters):
    """They would open nothing that is in the database, and no kiosk would take them."""
    try:
        headquarters.command("keys", "backup", "--passphrase-file", os.path.join(headquarters.folder, "passphrase.txt"),
                             "--to", os.path.join(headquarters.folder, "other.backup"))
    except RuntimeError as error:
        check("keys restore" in str(error), "no new keys are made for a restored database, and keys restore is named")
    else:
        check(False, "no new keys are made for a restored database")


def restore(headquarters, backup, *options):
    """As docs/operations.md says; returns what `restore` printed."""
    printed = headquarters.command("restore", "--from", backup, *options)
    if not os.path.exists(os.path.join(headquarters.state, "keys")):
        refuse_new_keys(headquarters)
    headquarters.command("keys", "restore", "--passphrase-file", os.path.join(headquarters.folder, "passphrase.txt"),
                         "--from", os.path.join(headquarters.folder, "keys.backup"))
    headquarters.command("check")
    headquarters.program.start()
    return printed


def equal(kiosks, headquarters):
    """Whether headquarters holds exactly the kiosks' records; all of them are receipted."""
    records = kiosk_records(kiosks)
    return set(records) == set(headquarters_frames(headquarters)) and "pending" not in records.values()


def check_frames(headquarters, statement):
    wrong = [digest for (_, digest), content in headquarters_frames(headquarters).items()
             if hashlib.sha256(bytes.fromhex(content)).hexdigest().upper() != digest]
    check(not wrong, statement)
    printed = headquarters.command("check")
    check("FALSE" not in printed, "headquartersd check: every line is true")
    return printed


def minutes(since):
    seconds = time.monotonic() - since
    return f"{int(seconds // 60)} min {seconds % 60:.0f} s"


def lose_all_but_a_backup(headquarters, kiosks, late, fair, folder, count):
    register(kiosks, count)
    drain(kiosks)
    first = back_up(headquarters, folder)
    # Its mark comes with the receipts of these, or with a hello.
    register(kiosks, count // 2)
    drain(kiosks)
    wait_for_purge(kiosks, first)
    newest = back_up(headquarters, folder)
    join(late, headquarters, fair)
    kiosks.append(late)
    register(kiosks, count // 3)
    drain(kiosks)
    ok("registered, backed up, purged, backed up again; a kiosk more is enrolled, and all register after it")

    generation = rows(headquarters.database, "SELECT hex(generationID) FROM generation ORDER BY position DESC LIMIT 1")
    lose(headquarters)
    register(kiosks, count // 3)
    ok("the machine is gone with everything on it; the kiosks go on registering")
    since = time.monotonic()
    printed = restore(headquarters, newest)
    check("Next:" in printed and "minutes ago" in printed, "restore says which backup it is, how old, and what to do next")
    wait_until("headquarters holds the kiosks' records", WAIT_SECONDS, lambda: equal(kiosks, headquarters))
    ok(f"another machine, from backup and key file: the sets are equal after {minutes(since)}")
    ok(f"{late.label}, enrolled after that backup, has come home by itself")
    after = rows(headquarters.database, "SELECT hex(generationID) FROM generation ORDER BY position DESC LIMIT 1")
    check(after != generation, "by a receipt it does not know headquarters found out that it was restored: a new generation")
    purged = states(kiosks, "purged")
    check(purged <= set(headquarters_frames(headquarters)), f"the {len(purged)} purged records came out of the backup")
    printed = check_frames(headquarters, "every frame is what its digest says")
    check(" lacks " not in printed, "no lineage lacks a record")


def restore_an_older_one(headquarters, kiosks, folder, count):
    register(kiosks, 2)
    drain(kiosks)
    older = back_up(headquarters, folder)
    register(kiosks, count // 3)
    drain(kiosks)
    newest = back_up(headquarters, folder)
    register(kiosks, 2)
    drain(kiosks)
    wait_for_purge(kiosks, newest)
    lose(headquarters)
    try:
        headquarters.command("restore", "--from", older)
        check(False, "an older backup beside a newer one is refused")
    except RuntimeError as error:
        check(os.path.basename(newest) in str(error), "an older backup beside a newer one is refused, and the newer named")
    since = time.monotonic()
    restore(headquarters, older, "--older")
    records = kiosk_records(kiosks)
    unpurged = {item for item, state in records.items() if state != "purged"}
    wait_until("the kiosks offer what they still have", WAIT_SECONDS,
               lambda: unpurged <= set(headquarters_frames(headquarters)))
    wait_until("the kiosks have nothing pending", WAIT_SECONDS,
               lambda: "pending" not in kiosk_records(kiosks).values())
    missing = set(kiosk_records(kiosks)) - set(headquarters_frames(headquarters))
    in_newest = {(record, digest) for record, digest in rows(newest, "SELECT hex(recordID), hex(digest) FROM frame")}
    check(missing, f"{len(missing)} records are missing: they were purged by the newer backup")
    check(missing <= in_newest and missing <= states(kiosks, "purged"), "each of them is in the newer backup")
    printed = headquarters.command("check")
    check(printed.count(" lacks ") == len(kiosks) and "restore" in printed,
          "headquartersd check shows the gap of each kiosk, and what to do")
    headquarters.program.stop()
    restore(headquarters, newest, "--move-aside")
    wait_until("headquarters holds the kiosks' records", WAIT_SECONDS, lambda: equal(kiosks, headquarters))
    ok(f"the newer backup closes it: the sets are equal after {minutes(since)} in all")
    printed = check_frames(headquarters, "every frame is what its digest says")
    check(" lacks " not in printed, "no lineage lacks a record")


def run(headquarters, kiosks, late, folder, count):
    fair = headquarters.prepare(kind="fair")
    headquarters.program.start()
    wait_until("the first backup by itself", 60,
               lambda: any(name.endswith(".sqlite") for name in os.listdir(folder)))
    ok("headquarters backs itself up after its start")
    for kiosk in kiosks:
        join(kiosk, headquarters, fair)
    lose_all_but_a_backup(headquarters, kiosks, late, fair, folder, count)
    restore_an_older_one(headquarters, kiosks, folder, count)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--seekers", type=int, default=30, help="of each kiosk in the first part")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    folder = os.path.join(work, "backups")
    os.makedirs(folder)
    # Once a day by itself, and by hand where the drill needs one; the folder stands for another disk.
    headquarters = Headquarters(os.path.join(work, "hq"), programs, settings=f"""\
backup:
  folder: {folder}
  everyMinutes: 1440
  keep: 20
  sameDiskCounts: true
""")
    kiosks = [Kiosk(os.path.join(work, f"kiosk-{number}"), programs, f"D{number}") for number in (1, 2)]
    late = Kiosk(os.path.join(work, "kiosk-3"), programs, "D3")
    since = time.monotonic()
    try:
        run(headquarters, kiosks, late, folder, options.seekers)
    finally:
        ended = [program.stop() for program in [*(kiosk.program for kiosk in {*kiosks, late}), headquarters.program]]
    check(set(ended) == {0}, "all programs end with status 0 on SIGTERM")
    print(f"drill: all true, in {minutes(since)}")


if __name__ == "__main__":
    main()
