"""N8: twenty kiosks come back from an outage at the same moment."""

import os
import sqlite3
import subprocess
import time
import uuid

from faults import row
from testbed import Headquarters, Kiosk, today

KIOSKS = 20
# Drained within this, debug build on two busy cores; a bound for a hang, no measure of speed.
SECONDS_MAX = 900


def read(path, sql):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


@row("N8", "20 kiosks with their records at once after an outage", "I3 I4 I8 I14", 1_200, 20_000,
     ["records", "receipts"], seconds=300)
def crowd(run):
    headquarters = Headquarters(os.path.join(run.folder, "hq"), run.programs)
    kiosks = [Kiosk(os.path.join(run.folder, f"kiosk{n}"), run.programs, f"{n}号机", printer="{kind: none}") for n in range(KIOSKS)]
    try:
        fair = headquarters.prepare()
        headquarters.program.start()
        for kiosk in kiosks:
            kiosk.program.start()
            kiosk.join(headquarters, fair, today())
        headquarters.program.stop()
        acknowledged = os.path.join(run.folder, "acknowledged.txt")
        done = subprocess.run(
            [os.path.join(run.programs, "kioskctl"), "rehearse", "--seekers", str(run.count), "--clients", "64", "--acknowledged",
             acknowledged, *[word for kiosk in kiosks for word in ("--kiosk", kiosk.address)]],
            capture_output=True, text=True, check=False, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        run.check(done.returncode == 0, f"kioskctl rehearse ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")
        drain(run, headquarters, kiosks)
    finally:
        for program in [*(kiosk.program for kiosk in kiosks), headquarters.program]:
            program.stop()
    with open(acknowledged, encoding="utf-8") as file:
        shown = {uuid.UUID(line.split()[0]).bytes for line in file if line.strip()}
    made = {row[0] for kiosk in kiosks for row in read(kiosk.database, "SELECT recordID FROM record")}
    there = [row[0] for row in read(headquarters.database, "SELECT recordID FROM record")]
    run.check(len(there) == len(set(there)), f"{len(there) - len(set(there))} records twice at headquarters")
    run.check(shown <= set(there), f"{len(shown - set(there))} shown records are not at headquarters")
    run.check(made == set(there), f"kiosks {len(made)}, headquarters {len(there)}, both {len(made & set(there))}")
    run.hit("records", len(there))
    run.done(run.count)


def drain(run, headquarters, kiosks):
    """Asks every kiosk what it still has to send; the longest time in which one with records to send got rid of none."""
    pending = {kiosk.label: kiosk.status()["sync"]["pending"] for kiosk in kiosks}
    run.log(f"{sum(pending.values())} records wait on {len(kiosks)} kiosks, {min(pending.values())} to {max(pending.values())} each")
    headquarters.program.start()
    begin = time.monotonic()
    moved, longest, finished = {kiosk.label: begin for kiosk in kiosks}, 0.0, {}
    while len(finished) < len(kiosks) and time.monotonic() - begin < SECONDS_MAX:
        for kiosk in kiosks:
            if kiosk.label in finished:
                continue
            left, now = kiosk.status()["sync"]["pending"], time.monotonic()
            longest = max(longest, now - moved[kiosk.label])
            if left != pending[kiosk.label]:
                pending[kiosk.label], moved[kiosk.label] = left, now
            if left == 0:
                finished[kiosk.label] = now - begin
        time.sleep(0.5)
    run.check(len(finished) == len(kiosks), f"{len(kiosks) - len(finished)} kiosks are not drained after {SECONDS_MAX} s")
    run.hit("receipts", read(headquarters.database, "SELECT count(*) FROM receipt")[0][0])
    run.most("seconds until the first is drained", round(min(finished.values(), default=0)))
    run.most("seconds until the last is drained", round(max(finished.values(), default=0)))
    run.most("longest wait of a kiosk in seconds", round(longest))
