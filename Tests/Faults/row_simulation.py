"""SIM: kiosks, headquarters, roads, clocks, disks and sticks in virtual time, by the tests of Tests/SimulationTests."""

import os
import re
import subprocess

from faults import REPOSITORY, row

# Histories in one run of the tests: enough that every fault is met in each.
PORTION = 20


@row("SIM", "histories in virtual time: loss, cuts, copied and restored cards, sticks, restores", "I3-I6 I8 I11-I13", 40, 4_000,
     ["answers lost", "power cuts", "databases put back", "cards copied", "restores", "restores of an older backup",
      "records purged", "records offered again for a gap", "receipts by another road", "erased records answered",
      "lineages left: forked", "lineages left: rolledBack"], seconds=240)
def simulation(run):
    while run.state["done"] < run.count or run.only is not None:
        first = run.only if run.only is not None else run.state["done"]
        environment = dict(os.environ, SIMULATION_FIRST=str(run.seed * 1_000_000 + first), SIMULATION_SEEDS=str(PORTION),
                           SWIFT_BACKTRACE="enable=no")
        done = subprocess.run(["swift", "test", "--filter", "SimulationTests"], cwd=REPOSITORY, env=environment,
                              capture_output=True, text=True, check=False)
        said = re.search(r"simulation: (\d+) histories, (\d+) records; (.*)", done.stdout)
        if said:
            run.hit("records", int(said.group(2)))
            for what in said.group(3).split(", "):
                name, _, count = what.rpartition("=")
                run.hit(name, int(count))
        for failure in re.findall(r"(seed \d+: .*)", done.stdout):
            run.violation(failure[:600])
        run.check(done.returncode == 0 and said, f"swift test ended with {done.returncode}: {done.stdout[-400:]}{done.stderr[-400:]}")
        run.done(PORTION)
        if run.only is not None:
            return
