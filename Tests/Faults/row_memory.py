"""E5: SQLite has no memory, in the record store, by the tool fault-disk."""

import json
import os
import shutil
import subprocess
import tempfile

from faults import row
from row_disk_images import MEMORY

SCENARIOS = 12
# Once and for ever: which allocations are tried. Where none succeeds any more GRDB mostly ends the process (a `try!` on
# the way out), and each of these costs a process of its own.
EVERY = {"quick": (50, 800), "nightly": (2, 40)}


def call(run, work, *arguments):
    """One process of fault-disk. Its tally, or None where it died."""
    done = subprocess.run(
        [os.path.join(run.programs, "fault-disk"), *[str(argument) for argument in arguments], "--work", work],
        capture_output=True, text=True, check=False, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    if done.returncode < 0:
        run.log(f"ended by signal {-done.returncode}: {' '.join(map(str, arguments))}: {done.stderr.strip()[-400:]}")
        return None
    if done.returncode != 0:
        run.violation(f"fault-disk ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-600:]}")
        return {"cases": 0, "hits": {}, "violations": []}
    return json.loads(done.stdout.splitlines()[-1])


def note(run, tally):
    for name, count in tally["hits"].items():
        run.hit(name, count)
    for violation in tally["violations"]:
        run.violation(violation)


@row("E5", "nth allocation of SQLite fails, once and for ever", "I1 I2 I7 I16", SCENARIOS, SCENARIOS * 2,
     ["allocations failed", "store refused or stopped", "request failed", "got through",
      "processes that ended for lack of memory"], seconds=120)
def no_memory(run):
    """A case is one scenario from its first allocation to its last."""
    for case in run.cases():
        scenario, for_ever = case % SCENARIOS, case // SCENARIOS % 2
        if not run.is_nightly:
            for_ever = case % 2
        every = EVERY[run.set][for_ever]
        nth = 1 + (run.seed + case // (SCENARIOS * 2)) % every
        work = tempfile.mkdtemp(prefix="fault-disk-", dir=MEMORY if os.path.isdir(MEMORY) else run.folder)
        try:
            scenario_through(run, work, scenario, for_ever, every, nth, run.seed + case // (SCENARIOS * 2))
        finally:
            shutil.rmtree(work, ignore_errors=True)


def scenario_through(run, work, scenario, for_ever, every, nth, seed):
    """A process that dies for lack of memory is as good as one that was killed: what it leaves is looked at, and the
    next begins behind it."""
    while True:
        tally = call(run, work, "memory", "--scenario", scenario, "--forever", for_ever, "--every", every,
                     "--first", nth, "--seed", seed)
        if tally is not None:
            note(run, tally)
            run.hit("allocations tried", tally["cases"])
            return
        run.hit("processes that ended for lack of memory")
        left = call(run, work, "memory-left")
        if left is None:
            run.violation(f"scenario {scenario}: the folder that was left cannot be opened")
            return
        note(run, left)
        with open(os.path.join(work, "nth"), encoding="ascii") as file:
            died_at = int(file.read())
        # What it counted before it died is lost with it.
        run.hit("allocations tried", (died_at - nth) // every + 1)
        nth = died_at + every
