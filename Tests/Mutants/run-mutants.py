#!/usr/bin/env python3
"""Deliberate mistakes: each patch of a folder is applied to a copy of the project, and a test has to notice.

A patch begins with lines of its own, before the first `diff` or `---`:

    Mistake: what somebody could do wrong, in one line
    Killed by: Suite.test, OtherSuite        (filters of `swift test`; without this line: all tests, then the short end-to-end run)

A mutant that does not apply, does not compile or is not noticed is a failure. Before the mutants the same tests run on the
untouched copy and have to pass there: a test that fails anyway kills nothing. What is in work stays between runs, so that
only the first build is a whole one. The project itself is never touched.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD_SECONDS_MAX = 1800  # a whole debug build takes some 10 minutes on two cores
TEST_SECONDS_MAX = 900    # all tests take some 2 minutes; a mutant may make one wait for its own time limit


class Mutant:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).removesuffix(".patch")
        head = re.split(r"^(?:diff |--- )", open(path, encoding="utf-8").read(), maxsplit=1, flags=re.M)[0]
        self.mistake = self.header(head, "Mistake")
        self.filters = [part.strip() for part in self.header(head, "Killed by").split(",") if part.strip()]

    @staticmethod
    def header(head, name):
        found = re.search(rf"^{name}: *(.*)$", head, re.M)
        return found.group(1).strip() if found else ""


class Copy:
    """The project's files (tracked, and new ones that are not ignored) beside a build folder of their own."""

    def __init__(self, work):
        self.tree = os.path.join(work, "tree")
        self.log = os.path.join(work, "logs")
        os.makedirs(self.tree, exist_ok=True)
        os.makedirs(self.log, exist_ok=True)
        # A copy inside the project must not be taken for a part of it.
        self.environment = dict(os.environ, GIT_CEILING_DIRECTORIES=os.path.dirname(self.tree), SWIFT_BACKTRACE="enable=no")

    def refresh(self):
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=PROJECT, check=True, capture_output=True)
        wanted = {name for name in listed.stdout.decode().split("\0") if name and os.path.isfile(os.path.join(PROJECT, name))}
        for folder, folders, files in os.walk(self.tree):
            if folder == self.tree:
                folders[:] = [name for name in folders if name not in (".build", ".git", ".kiosk-vm", ".run")]
            for name in files:
                path = os.path.join(folder, name)
                if os.path.relpath(path, self.tree) not in wanted | {"Package.resolved"}:
                    os.unlink(path)
        for name in wanted:
            self.put(name)

    def put(self, name):
        source, target = os.path.join(PROJECT, name), os.path.join(self.tree, name)
        with open(source, "rb") as file:
            content = file.read()
        if os.path.isfile(target):
            with open(target, "rb") as file:
                if file.read() == content:
                    return
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)
        shutil.copymode(source, target)

    def run(self, log, seconds, *command):
        with open(os.path.join(self.log, log), "w") as output:
            try:
                return subprocess.run(
                    command, cwd=self.tree, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=subprocess.STDOUT, timeout=seconds).returncode
            except subprocess.TimeoutExpired:
                return "no end after %d s" % seconds

    def apply(self, patch, *options):
        return self.run("apply.log", 60, "git", "apply", "--whitespace=nowarn", *options, os.path.abspath(patch)) == 0

    def build(self, log):
        return self.run(log, BUILD_SECONDS_MAX, "swift", "build", "--build-tests") == 0

    def test(self, log, filters):
        options = [word for name in filters for word in ("--filter", name)]
        outcome = self.run(log, TEST_SECONDS_MAX, "swift", "test", "--skip-build", *options)
        if outcome == 0 and not filters:
            outcome = self.run(log.replace(".log", "-end-to-end.log"), TEST_SECONDS_MAX, "make", "end-to-end")
        return outcome

    def tests_run(self, log):
        with open(os.path.join(self.log, log), errors="replace") as file:
            return max((int(n) for n in re.findall(r"Test run with (\d+) test", file.read())), default=0)

    def first_failure(self, log):
        with open(os.path.join(self.log, log), errors="replace") as file:
            for line in file:
                found = re.search(r"Test (.+?)(?: with \d+ test cases?)? (?:recorded an issue|failed)", line)
                if found:
                    return found.group(1)
        return ""


def judge(copy, mutant):
    """(is dead, what happened)"""
    if not copy.apply(mutant.path, "--check"):
        return False, "does not apply"
    if not copy.apply(mutant.path):
        return False, "does not apply"
    try:
        if not copy.build(mutant.name + "-build.log"):
            return False, "does not compile"
        log = mutant.name + "-test.log"
        outcome = copy.test(log, mutant.filters)
        if outcome == 0:
            return False, "SURVIVED" if copy.tests_run(log) else "SURVIVED: no test ran"
        return True, "killed by " + (copy.first_failure(log) or "an end of the test process: %s" % outcome)
    finally:
        if not copy.apply(mutant.path, "--reverse"):
            copy.refresh()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", default=os.path.dirname(os.path.abspath(__file__)), help="folder of *.patch files")
    parser.add_argument("--work", default=os.path.join(PROJECT, ".run", "mutants"))
    parser.add_argument("--only", default="", help="only mutants whose name contains this")
    arguments = parser.parse_args()
    mutants = [
        Mutant(os.path.join(arguments.dir, name)) for name in sorted(os.listdir(arguments.dir))
        if name.endswith(".patch") and arguments.only in name]
    if not mutants:
        sys.exit("mutants: no patch in %s" % arguments.dir)
    copy = Copy(os.path.abspath(arguments.work))
    copy.refresh()
    if not copy.build("untouched-build.log"):
        sys.exit("mutants: the untouched copy does not build, see %s/untouched-build.log" % copy.log)
    filters = sorted({name for mutant in mutants for name in mutant.filters})
    if any(not mutant.filters for mutant in mutants):
        filters = []
    if copy.test("untouched-test.log", filters) != 0 or not copy.tests_run("untouched-test.log"):
        sys.exit("mutants: the tests do not pass on the untouched copy, see %s/untouched-test.log" % copy.log)
    print("ok    untouched: %d tests pass" % copy.tests_run("untouched-test.log"), flush=True)
    dead = 0
    for mutant in mutants:
        begin = time.monotonic()
        is_dead, what = judge(copy, mutant)
        dead += is_dead
        print("%s %s (%s): %s, %d s" % (
            "ok   " if is_dead else "FALSE", mutant.name, mutant.mistake or "no word", what, time.monotonic() - begin), flush=True)
    print("mutants: %d of %d killed" % (dead, len(mutants)))
    sys.exit(0 if dead == len(mutants) else 1)


if __name__ == "__main__":
    main()
