#!/usr/bin/env python3
"""Runs the rows of the fault list (docs/faults.md) and says of each whether its invariants held.

    run-faults.py --set quick|nightly --programs DIR --work DIR [--rows K1,P1] [--seed N] [--jobs N]
    run-faults.py ... --rows K2 --seed N --case 7     plays one case of a row again, with its output on the terminal
    run-faults.py --list

A line a row:

    row  what  count  invariants  result  sometimes(name=count ...)

The result is true, false (an invariant did not hold, or the row itself failed) or unproven (a counter that must not be
0 is 0: the fault was never reached). The exit code is 0 only where every row is true.

Rows live in files `row_*.py` beside this one; any number of rows in a file:

    from faults import row

    @row("K1", "kill -9 under load", invariants="I1-I6 I16", quick=200, nightly=5000,
         sometimes=["kills", "requests cut off"], seconds=120)
    def kill_under_load(run):
        for case in run.cases():               # numbers 0 ... count - 1; resumes where the last run ended
            draw = run.random(case)            # a random.Random of seed, row and case
            ...
            run.hit("requests cut off")        # what must be hit at least once
            run.check(stored == shown, f"{stored} instead of {shown}")   # a violation where it does not hold

`run` (faults.py) also has `folder` (the row's own, empty in a new run), `programs` (folder with kioskd, kioskctl,
headquartersd, fault-disk), `set`, `is_nightly`, `count`, `seed`, `done(n)` for rows that work in portions, `hit`, `most`
(the greatest value), `keep` (values that survive being resumed) and `log`. An exception in a row makes it false.
`seconds`: what the quick row may take; nightly rows have 90 minutes. `judges_others`: the row begins when all others have
ended, and is run anew each time; it finds what they left in `run.work`. Each row runs in a process of its own, `--jobs` of
them at a time; what it prints goes to `WORK/ROW.log`, of nightly rows to Tests/Faults/logs/ROW.log.

The quick set always begins anew. A nightly row goes on from `WORK/ROW.state.json`; a finished one is not run again
before the file is deleted. A violation prints the command that plays its case again.
"""

import argparse
import glob
import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

from faults import REPOSITORY, ROWS, Run, TooManyViolations

HERE = os.path.dirname(os.path.abspath(__file__))
NIGHTLY_SECONDS = 90 * 60
DEFAULT_SEED = 4


def load_rows():
    sys.path[:0] = [HERE, os.path.join(REPOSITORY, "Tests", "EndToEnd")]
    for path in sorted(glob.glob(os.path.join(HERE, "row_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])


def natural(name):
    return (name.rstrip("0123456789"), int("0" + name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")))


def result_of(run):
    """true, false or unproven, and the counters."""
    hits = run.state["hits"]
    counters = " ".join(f"{name}={hits.get(name, 0)}" for name in [*run.row.sometimes, *sorted(set(hits) - set(run.row.sometimes))])
    if run.state["violations"] or run.state.get("failure"):
        return "false", counters
    if run.state["done"] < run.count:
        return "unfinished", counters
    if any(not hits.get(name) for name in run.row.sometimes):
        return "unproven", counters
    return "true", counters


def line_of(run):
    result, counters = result_of(run)
    text = f"{run.row.name:<6} {run.row.what:<58} {run.state['done']:>7} {run.row.invariants:<22} {result:<10} {counters}"
    return f"{text}  [{run.state['seconds']:.0f} s]"


def run_one(options):
    """The row itself, in this process."""
    row = ROWS[options.one]
    run = Run(row, options.set, options.programs, options.work, options.seed, only=options.case)
    run.state.pop("failure", None)
    try:
        row.function(run)
    except TooManyViolations:
        pass
    except BaseException:
        traceback.print_exc()
        said = [line for line in traceback.format_exc(limit=1).splitlines() if line.strip()]
        run.state["failure"] = said[-1]
    run.save()
    return 0


def groups_under(folder):
    """Process groups of programs that were given a file of this folder: those of the row."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if f"{folder}/".encode() in file.read() and int(pid) != os.getpid():
                    found.add(os.getpgid(int(pid)))
        except (OSError, ProcessLookupError):
            pass
    return found - {os.getpgid(0)}


class Worker:
    """One row in a process of its own."""

    def __init__(self, name, options):
        self.row, self.options = ROWS[name], options
        # A row may be given less time than the process needs to say why; it is never waited for in vain.
        self.limit = NIGHTLY_SECONDS if options.set == "nightly" else self.row.seconds
        if options.set == "quick" or options.case is not None or self.row.judges_others:
            for path in (os.path.join(options.work, name), ):
                shutil.rmtree(path, ignore_errors=True)
            for path in (os.path.join(options.work, f"{name}.state.json"), ):
                if os.path.exists(path):
                    os.unlink(path)
        self.run = Run(self.row, options.set, options.programs, options.work, options.seed)
        self.is_finished = options.set == "nightly" and self.run.state["done"] >= self.run.count and options.case is None
        self.process = None

    def start(self):
        logs = self.options.work if self.options.set == "quick" else os.path.join(HERE, "logs")
        os.makedirs(logs, exist_ok=True)
        self.log = os.path.join(logs, f"{self.row.name}.log")
        command = [sys.executable, os.path.abspath(__file__), "--one", self.row.name, "--set", self.options.set,
                   "--programs", self.options.programs, "--work", self.options.work, "--seed", str(self.options.seed)]
        self.begin = time.monotonic()
        if self.options.case is not None:
            subprocess.run([*command, "--case", str(self.options.case)], check=False)
            return
        with open(self.log, "a" if self.options.set == "nightly" else "w", encoding="utf-8") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)

    def is_running(self):
        if self.process is None:
            return False
        if self.process.poll() is None:
            if time.monotonic() - self.begin < self.limit:
                return True
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            if self.options.set == "quick":
                self.fail(f"not done within {self.limit} s")
        elif self.process.returncode != 0:
            self.fail(f"the row's process ended with {self.process.returncode}")
        self.end()
        return False

    def end(self):
        """The row, and what it has started and not ended: its process group and the groups of its programs."""
        if self.process is None:
            return
        for group in [self.process.pid, *groups_under(self.run.folder)]:
            try:
                os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def fail(self, reason):
        run = Run(self.row, self.options.set, self.options.programs, self.options.work, self.options.seed)
        run.state["failure"] = reason
        run.save()

    def report(self):
        run = Run(self.row, self.options.set, self.options.programs, self.options.work, self.options.seed)
        print(line_of(run), flush=True)
        for violation in run.state["violations"]:
            print(f"     {violation}", flush=True)
        if run.state.get("failure"):
            print(f"     {run.state['failure']} (see {self.log})", flush=True)
        return result_of(run)[0] == "true"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=["quick", "nightly"], default="quick")
    parser.add_argument("--rows", default="", help="names with commas; without: all")
    parser.add_argument("--programs", default=os.path.join(REPOSITORY, ".build", "debug"))
    parser.add_argument("--work", default=os.path.join(REPOSITORY, ".run", "faults"))
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    # Twice the cores: most rows wait for back-offs, deadlines and starts.
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--case", type=int)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.programs, options.work = os.path.abspath(options.programs), os.path.abspath(options.work)
    return options


def main():
    options = arguments()
    load_rows()
    if options.one:
        return run_one(options)
    names = [name for name in options.rows.split(",") if name] or sorted(ROWS, key=natural)
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise SystemExit(f"no such row: {', '.join(unknown)}")
    if options.list:
        for name in names:
            row = ROWS[name]
            print(f"{name:<6} {row.what:<58} {row.counts['quick']:>7} {row.counts['nightly']:>7}  {row.invariants}")
        return 0
    os.makedirs(options.work, exist_ok=True)
    # Whoever stops the runner stops the rows and their programs, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begin = time.monotonic()
    # The long ones first: then nobody waits for a last one alone.
    order = sorted(names, key=lambda name: -ROWS[name].seconds)
    running = []
    try:
        isTrue = play([Worker(name, options) for name in order if not ROWS[name].judges_others], running, options)
        isTrue = play([Worker(name, options) for name in order if ROWS[name].judges_others], running, options) and isTrue
    finally:
        for worker in running:
            worker.end()
    print(f"{len(names)} rows, {options.set}, seed {options.seed}: {'all true' if isTrue else 'NOT TRUE'}"
          f" after {time.monotonic() - begin:.0f} s", flush=True)
    return 0 if isTrue else 1


def play(waiting, running, options):
    isTrue = True
    while waiting or running:
        for worker in [worker for worker in running if not worker.is_running()]:
            running.remove(worker)
            isTrue = worker.report() and isTrue
        while waiting and len(running) < max(1, options.jobs):
            worker = waiting.pop(0)
            if not worker.is_finished:
                worker.start()
            else:
                worker.log = "the log of the run that finished it"
            running.append(worker)
        time.sleep(0.1)
    return isTrue


if __name__ == "__main__":
    sys.exit(main())
