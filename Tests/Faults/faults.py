"""What the rows of the fault list have in common: how a row is registered, counts, complains, and is resumed."""

import json
import os
import random
import time

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
# After so many violations a row stops: the first ones are what somebody will look at.
VIOLATIONS_MAX = 5

ROWS = {}


class Row:
    def __init__(self, name, what, invariants, quick, nightly, sometimes, seconds, judges_others, function):
        self.name, self.what, self.invariants, self.function = name, what, invariants, function
        self.counts = {"quick": quick, "nightly": nightly}
        self.sometimes, self.seconds, self.judges_others = tuple(sometimes), seconds, judges_others


def row(name, what, invariants, quick, nightly, sometimes, seconds=300, judges_others=False):
    """Registers a row. The interface is described at the top of run-faults.py."""
    def register(function):
        if name in ROWS:
            raise SystemExit(f"two rows are called {name}")
        ROWS[name] = Row(name, what, invariants, quick, nightly, sometimes, seconds, judges_others, function)
        return function
    return register


class TooManyViolations(Exception):
    pass


class Run:
    """One row under way; its state survives the process, so that a nightly row can be resumed."""

    def __init__(self, row, chosen, programs, work, seed, only=None):
        self.row, self.set, self.programs, self.only = row, chosen, programs, only
        self.count, self.work = row.counts[chosen], work
        self.folder = os.path.join(work, row.name)
        self.state_file = os.path.join(work, f"{row.name}.state.json")
        os.makedirs(self.folder, exist_ok=True)
        self.begin = time.monotonic()
        self.state = {"set": chosen, "seed": seed, "done": 0, "hits": {}, "violations": [], "seconds": 0, "kept": {}}
        if os.path.exists(self.state_file):
            with open(self.state_file, encoding="utf-8") as file:
                self.state = json.load(file)
        self.seconds_before = self.state["seconds"]

    # MARK: What a row uses

    @property
    def seed(self):
        return self.state["seed"]

    @property
    def is_nightly(self):
        return self.set == "nightly"

    def cases(self):
        """The numbers of the cases that are still to do. Each one counts as done when the next is asked for."""
        if self.only is not None:
            yield self.only
            return
        while self.state["done"] < self.count:
            yield self.state["done"]
            self.done(1)

    def done(self, count):
        """For a row that does its cases in portions."""
        self.state["done"] += count
        self.save()

    def random(self, case):
        """The same draws for the same seed, row and case: `--seed S --rows R --case N` plays one again."""
        return random.Random(f"{self.seed}/{self.row.name}/{case}")

    def hit(self, name, count=1):
        """Counts something that has to happen at least once in the row ('sometimes'), or is worth telling."""
        self.state["hits"][name] = self.state["hits"].get(name, 0) + count

    def most(self, name, value):
        """As `hit`, but keeps the greatest value."""
        self.state["hits"][name] = max(self.state["hits"].get(name, 0), value)

    def keep(self, name, value=None):
        """A value of the row's own that survives being resumed."""
        if value is not None:
            self.state["kept"][name] = value
        return self.state["kept"].get(name)

    def log(self, text):
        print(text, flush=True)

    def check(self, holds, text):
        """A violation where it does not hold. `text` says what is wrong; seed and case are added."""
        if not holds:
            self.violation(text)
        return bool(holds)

    def violation(self, text):
        again = f"--set {self.set} --rows {self.row.name} --seed {self.seed} --case {self.state['done']}"
        self.state["violations"].append(text)
        self.log(f"VIOLATION {self.row.name} case {self.state['done']}: {text}\n    again: {again}")
        self.save()
        if len(self.state["violations"]) >= VIOLATIONS_MAX:
            raise TooManyViolations()

    # MARK: State

    def save(self):
        self.state["seconds"] = self.seconds_before + time.monotonic() - self.begin
        temporary = self.state_file + ".new"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(self.state, file, ensure_ascii=False, indent=1)
        os.replace(temporary, self.state_file)
