"""P1 to P5, E1, B1, B2: power cuts, failing calls and damage below SQLite, by the tool fault-disk on the real store."""

import json
import os
import shutil
import subprocess
import tempfile

from faults import row

# Images live in memory: half a million of them would wear out the disk of whoever runs this.
MEMORY = "/dev/shm"
IMAGES_PER_WORKLOAD = 500


def call(run, *arguments):
    """One portion in a process of its own; its tally is added to the row's. Returns how many cases it had."""
    keep = os.path.join(run.folder, "kept")
    os.makedirs(keep, exist_ok=True)
    work = tempfile.mkdtemp(prefix="fault-disk-", dir=MEMORY if os.path.isdir(MEMORY) else run.folder)
    command = [os.path.join(run.programs, "fault-disk"), *[str(argument) for argument in arguments], "--work", work]
    if "--keep" in command:
        command[command.index("--keep") + 1] = keep
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if done.returncode != 0:
        run.violation(f"fault-disk ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-600:]}"
                      f" ({' '.join(command)})")
        return 0
    tally = json.loads(done.stdout.splitlines()[-1])
    for name, count in tally["hits"].items():
        run.hit(name, count)
    for violation in tally["violations"]:
        run.violation(violation)
    return tally["cases"]


def power_cuts(run, mode):
    """Portions of one workload; a workload's number follows from the cases done, so that it is resumed rightly."""
    while run.state["done"] < run.count or run.only is not None:
        done = run.only if run.only is not None else run.state["done"]
        images = min(IMAGES_PER_WORKLOAD, run.count - done)
        cases = call(run, "power-cuts", "--mode", mode, "--seed", run.seed, "--first", done // IMAGES_PER_WORKLOAD,
                     "--workloads", 1, "--images", images, "--keep", "KEEP")
        run.done(max(cases, 1))
        if run.only is not None:
            return


@row("P1", "power cut: unsynced writes dropped, kept, reordered, torn", "I1 I2 I6 I7 I16", 20_000, 500_000,
     ["writes dropped", "writes torn", "reordered", "WAL recovered", "in a checkpoint", "WAL without a name",
      "commits shared", "receipts", "went on"], seconds=400)
def honest(run):
    power_cuts(run, "honest")


@row("P2", "power cut: the sectors of the last write become garbage", "I2 I7", 2_000, 50_000,
     ["WAL recovered", "images with loss", "in a checkpoint", "went on"], seconds=200)
def blast(run):
    """I1 is measured, not asked for: docs/decisions/0004-power-cuts-and-psow.md."""
    power_cuts(run, "blast")


@row("P3", "lying flush: the last writes lost in order, though synced", "I2 I7", 1_000, 20_000,
     ["writes lost", "images with loss", "went on"], seconds=200)
def lying_in_order(run):
    power_cuts(run, "lying-in-order")


@row("P4", "lying flush out of order, also in a checkpoint", "I7 I11", 1_000, 20_000,
     ["writes dropped", "writes torn", "reordered", "in a checkpoint", "images with loss", "set aside", "salvaged",
      "went on"], seconds=200)
def lying(run):
    power_cuts(run, "lying")


@row("P5", "names lost or files emptied, in every combination", "I7", 80, 1_600,
     ["set aside", "salvaged", "left the lineage", "tail lost: headquarters tells"], seconds=120)
def lost_names(run):
    while run.state["done"] < run.count:
        cases = call(run, "lost-names", "--seed", run.seed, "--first", run.state["done"], "--cases",
                     min(80, run.count - run.state["done"]))
        run.done(max(cases, 1))


SCENARIOS = 12


@row("E1", "nth call to the disk fails, once and for ever", "I1 I2 I7 I16", SCENARIOS * 2, SCENARIOS * 2 * 2,
     ["calls failed", "store refused or stopped", "request failed", "got through"], seconds=250)
def failing_calls(run):
    """A case is one scenario from its first call to its last: every 5th call, nightly every call."""
    for case in run.cases():
        calls = call(run, "io-errors", "--scenario", case % SCENARIOS, "--forever", case // SCENARIOS % 2,
                     "--every", 1 if run.is_nightly else 5, "--seed", run.seed + case // (SCENARIOS * 2))
        run.hit("runs", calls)


@row("B1", "bits, bytes, sectors damaged at rest", "I7", 300, 20_000,
     ["one bit of the database", "64 bytes of the database", "a sector of the database",
      "a sector of zeros of the WAL", "one bit of the WAL", "set aside", "salvaged", "salvaged everything",
      "tail lost: headquarters tells", "no harm"], seconds=200)
def damage(run):
    while run.state["done"] < run.count or run.only is not None:
        first = run.only if run.only is not None else run.state["done"]
        cases = call(run, "damage", "--seed", run.seed, "--first", first, "--cases",
                     1 if run.only is not None else min(100, run.count - first), "--keep", "KEEP")
        run.done(max(cases, 1))
        if run.only is not None:
            return


@row("B2", "files exchanged, missing, or of another kiosk", "I7 I11", 10, 100,
     ["set aside", "salvaged", "left the lineage", "tail lost: headquarters tells"], seconds=60)
def exchange(run):
    while run.state["done"] < run.count:
        run.done(max(call(run, "exchange", "--seed", run.seed + run.state["done"]), 1))
