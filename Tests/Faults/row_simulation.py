"""SIM and its kin: kiosks, headquarters, roads, clocks, disks and sticks in virtual time (Tests/SimulationTests).

Each row is one profile of Tests/SimulationTests/Profile.swift and runs the test bundle itself: no lock of the package
is held, so rows may run side by side. The bundle is built where it is older than its sources; SIMULATION_BUNDLE names
another one.
"""

import fcntl
import glob
import os
import re
import subprocess

from faults import REPOSITORY, row

SOURCES = ["Package.swift", "Tests/SimulationTests", "Sources/Kiosk/KioskCore", "Sources/Headquarters/HeadquartersCore",
           "Sources/Shared"]
# What a purge, a lost answer and the like are called in the tests.
GAPS = "records offered again for a gap"
RESTORED = "records offered again after a restore"


def newest_source():
    times = []
    for source in SOURCES:
        path = os.path.join(REPOSITORY, source)
        files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names] or [path]
        times += [os.path.getmtime(file) for file in files]
    return max(times)


def bundle(run):
    """The test bundle, built anew where a source is younger. One row builds, the others wait."""
    if os.environ.get("SIMULATION_BUNDLE"):
        return os.environ["SIMULATION_BUNDLE"]
    pattern = os.path.join(REPOSITORY, ".build", "debug", "*PackageTests.xctest")
    # A build that had nothing to do leaves the bundle as old as it was.
    stamp = os.path.join(os.path.dirname(run.folder), "simulation.built")
    with open(f"{stamp}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = [os.path.getmtime(path) for path in [*glob.glob(pattern), stamp] if os.path.exists(path)]
        if not glob.glob(pattern) or max(built) < newest_source():
            subprocess.run(["swift", "build", "--build-tests"], cwd=REPOSITORY, check=True)
            with open(stamp, "w", encoding="utf-8"):
                pass
    return glob.glob(pattern)[0]


def play(run, portion):
    """`portion` histories in one process, until the row's are done."""
    program = bundle(run)
    while run.state["done"] < run.count or run.only is not None:
        first = run.only if run.only is not None else run.state["done"]
        count = portion if run.only is not None else min(portion, run.count - first)
        environment = dict(os.environ, SIMULATION_PROFILE=run.row.name, SIMULATION_SEEDS=str(count),
                           SIMULATION_FIRST=str(run.seed * 1_000_000 + first), SWIFT_BACKTRACE="enable=no")
        done = subprocess.run([program, "--testing-library", "swift-testing", "--filter", "SimulationTests/histories"],
                              cwd=run.folder, env=environment, capture_output=True, text=True, check=False)
        said = re.search(r"simulation \S+: (\d+) histories, (\d+) records; (.*)", done.stdout)
        if said:
            run.hit("records", int(said.group(2)))
            for what in filter(None, said.group(3).split(", ")):
                name, _, value = what.rpartition("=")
                (run.most if name.startswith("most") else run.hit)(name, int(value))
        for failure in sorted(set(re.findall(r"(\S+ seed \d+: .*)", done.stdout + done.stderr))):
            run.violation(failure[:600])
        run.check(done.returncode == 0 and said,
                  f"the tests ended with {done.returncode}: {done.stdout[-400:]}{done.stderr[-400:]}")
        if run.only is not None:
            return
        run.done(count)


def profile(name, what, invariants, quick, nightly, sometimes, portion):
    row(name, what, invariants, quick, nightly, ["records", *sometimes], seconds=300)(lambda run: play(run, portion))


profile("SIM", "all faults together: roads, power, cards, sticks, restores", "I3-I6 I8 I11-I13", 16, 4_000,
        ["answers lost", "power cuts", "databases put back", "cards copied", "cards that died", "restores",
         "restores of an older backup", "records purged", GAPS, "receipts by another road", "records put off",
         "erased records answered", "lineages left: rolledBack", "lineages left: toldToLeave"], 40)
profile("SIM-N3", "answers twice, late, exchanged, of another kiosk", "I3 I4 I8 I13", 16, 10_000,
        ["answers that came late", "requests that came late", "requests that came twice", "receipts of another batch",
         "receipts of another kiosk", "hellos answered with something else", "batches answered with something else",
         "receipts by another road"], 200)
profile("SIM-N7", "a network that flaps every 50 ms to 60 s, up to 30 days", "I3 I8 I14", 2, 100,
        ["carriers lost", "answers lost", "records purged", "most tries in an hour"], 10)
profile("SIM-N8", "200 kiosks with up to 50,000 records after an outage", "I3 I4 I8 I14", 1, 20,
        ["batches turned away", "most batches at once", "most seconds without progress"], 2)
profile("SIM-C2", "ten starts without a clock, the first contact at the end", "I3 I6", 20, 5_000,
        ["power cuts", "records dated by the boot clock", "records dated by their fair day"], 200)
profile("SIM-C3", "kiosks and a headquarters with absurd clocks", "I3 I6 I8", 16, 1_000,
        ["absurd clocks of kiosks", "absurd clocks of headquarters", "records dated by the boot clock",
         "estimates that an absurd headquarters spoiled"], 100)
profile("SIM-F1", "copied cards that both go on", "I3 I4 I11", 10, 5_000,
        ["cards copied", "lineages left: forked", "lineages left: toldToLeave", "lineages left: rolledBack",
         "places with two records", "records purged"], 100)
profile("SIM-F2", "databases of a minute to seven days ago put back", "I3 I6 I11", 20, 3_000,
        ["databases put back", "lineages left: rolledBack", "places with two records", "records purged", "power cuts"],
        100)
profile("SIM-F3", "lost answers raise no alarm, stale copies do", "I3 I4 I11", 20, 10_000,
        ["answers lost", "answers that came late", "requests that came twice", "power cuts", "restores",
         "databases put back", "stale copies that alarmed"], 100)
profile("SIM-F4", "revoked and reinstated at every step", "I3 I4 I8", 12, 2_000,
        ["revoked while hello", "revoked while uploading", "revoked while idle", "revoked while backingOff",
         "kiosks reinstated", "records held", "held records read again", "registrations refused after a revocation",
         "strange answers"], 100)
profile("SIM-S4", "headquarters restored from older backups again and again", "I3 I5 I8", 10, 1_000,
        ["restores of an older backup", "restores", "generations that kiosks noticed", "records purged", RESTORED, GAPS,
         "receipts of another generation"], 100)
