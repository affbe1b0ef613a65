#!/usr/bin/env python3
"""Compares what people were told with what headquarters holds, after a rehearsal; reads copies, by the sqlite3 program.

    compare-rehearsal.py --acknowledged FILE... --headquarters headquarters.sqlite --kiosk records.sqlite...

Each line of an acknowledged file is `record-id ticket kiosk tries lost-answers`, as `kioskctl rehearse` wrote and
synced it. All programs must have stopped. Exit status: 0 all true; 1 something is false; 2 the run is invalid: it proves nothing
about lost answers because none was lost or none was repeated, or a file cannot be read.
"""
import argparse
import collections
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid

SHOWN_MAX = 5
Acknowledged = collections.namedtuple("Acknowledged", "ticket tries lost")


class Database:
    """A copy of a database with its write-ahead log, so that the evidence is never written to."""

    def __init__(self, path):
        self.folder = tempfile.TemporaryDirectory(prefix="compare-")
        self.path = os.path.join(self.folder.name, "copy.sqlite")
        shutil.copyfile(path, self.path)
        if os.path.exists(path + "-wal"):
            shutil.copyfile(path + "-wal", self.path + "-wal")

    def rows(self, sql):
        run = subprocess.run(
            ["sqlite3", "-batch", "-bail", "-noheader", "-separator", "\t", self.path, sql], capture_output=True,
            text=True, check=False)
        if run.returncode:
            raise ValueError(f"sqlite3: {run.stderr.strip()}")
        return [line.split("\t") for line in run.stdout.splitlines()]


class Verdicts:
    def __init__(self):
        self.false = 0

    def equal(self, name, left, right):
        """Both sets are the same."""
        missing, extra = set(left) - set(right), set(right) - set(left)
        wrong = [f"missing {item}" for item in missing] + [f"extra {item}" for item in extra]
        self.none(f"{name} ({len(set(left))})", wrong)

    def none(self, name, wrong):
        wrong = sorted(str(item) for item in wrong)
        print(f"{'ok   ' if not wrong else 'FALSE'} {name}" + (f": {len(wrong)} wrong" if wrong else ""))
        for item in wrong[:SHOWN_MAX]:
            print(f"      {item}")
        self.false += bool(wrong)


def read_acknowledged(paths):
    """Record id in hex -> what was told; an id told twice is an error of the run."""
    told, twice = {}, []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                fields = line.split()
                if len(fields) != 5 or not re.fullmatch("[A-Z]{2}[0-9]{4}", fields[1]):
                    raise ValueError(f"{path}, line {number}: not `record-id ticket kiosk tries lost-answers`")
                record = uuid.UUID(fields[0]).hex
                if record in told:
                    twice.append(record)
                told[record] = Acknowledged(fields[1], int(fields[3]), int(fields[4]))
    return told, twice


def check_kiosk(path, database, verdicts):
    """Its records, id -> digest; everything sent, chains without gaps, frames that match their digests."""
    name = os.path.basename(os.path.dirname(os.path.abspath(path)))
    records = {}
    wrong_frames = []
    rows = database.rows(
        "SELECT lower(hex(recordID)), lower(hex(digest)), state, lower(hex(frame)) "
        "FROM record JOIN outbox ON record = position")
    for record, digest, state, frame in rows:
        records[record] = digest
        if state != "purged" and hashlib.sha256(bytes.fromhex(frame)).hexdigest() != digest:
            wrong_frames.append(record)
    unsent = database.rows(
        "SELECT state, count(*) FROM outbox WHERE state NOT IN ('receipted', 'purged') GROUP BY state")
    verdicts.none(f"{name}: all {len(records)} records have a receipt", (" ".join(row) for row in unsent))
    verdicts.none(f"{name}: every frame has its digest", wrong_frames)
    gaps = database.rows(
        "SELECT chain, count(*), max(sequence) FROM record GROUP BY chain "
        "HAVING count(*) <> max(sequence) OR min(sequence) <> 1")
    verdicts.none(
        f"{name}: sequences 1, 2, 3 ... without gaps", (f"chain {row[0]}: {row[1]} of {row[2]}" for row in gaps))
    integrity = database.rows("PRAGMA integrity_check")
    verdicts.none(f"{name}: integrity", [] if integrity == [["ok"]] else ["integrity_check says otherwise"])
    tickets = {record: ticket for record, ticket in database.rows(
        "SELECT lower(hex(recordID)), ticket FROM deskEntry JOIN record ON record = position")}
    return records, tickets


def check_headquarters(database, told, kiosk_records, kiosk_tickets, verdicts):
    held = database.rows("SELECT heldReason, count(*) FROM frame WHERE state = 'held' GROUP BY heldReason")
    verdicts.none("headquarters: nothing is held", (" ".join(row) for row in held))
    forks = database.rows("SELECT kind, count(*) FROM fork GROUP BY kind")
    verdicts.none("headquarters: no fork, no conflict", (" ".join(row) for row in forks))
    frames = {}
    wrong_frames = []
    for record, digest, content in database.rows(
            "SELECT lower(hex(recordID)), lower(hex(digest)), lower(hex(bytes)) FROM frame"):
        frames[record] = digest
        if hashlib.sha256(bytes.fromhex(content)).hexdigest() != digest:
            wrong_frames.append(record)
    verdicts.none("headquarters: every frame has its digest", wrong_frames)
    verdicts.equal(
        "headquarters holds exactly the records of the kiosks, digest for digest", kiosk_records.items(), frames.items())
    registrations = {}
    for record, ticket, rehearsal, opened in database.rows(
            "SELECT lower(hex(record.recordID)), ticket, isRehearsal, registration.recordID IS NOT NULL FROM record "
            "LEFT JOIN registration ON registration.recordID = record.recordID WHERE kind = 'registration'"):
        registrations[record] = ticket
        if rehearsal != "1" or opened != "1":
            wrong_frames.append(record)
    verdicts.none("headquarters: every registration is opened, and marked as a rehearsal", wrong_frames)
    verdicts.equal("acknowledged ids are exactly the registrations at headquarters", told, registrations)
    verdicts.none(
        "headquarters has the ticket number that the person was told",
        (record for record, answer in told.items() if registrations.get(record) not in (None, answer.ticket)))
    verdicts.equal("kiosks and headquarters agree on ticket numbers", kiosk_tickets.items(), registrations.items())
    twice = database.rows(
        "SELECT lower(hex(fairID)), ticket, count(*) FROM record WHERE ticket IS NOT NULL AND kind = 'registration' "
        "GROUP BY fairID, ticket HAVING count(*) > 1")
    verdicts.none("ticket numbers are unique in a fair", (f"{row[1]} {row[2]} times" for row in twice))
    integrity = database.rows("PRAGMA integrity_check")
    verdicts.none("headquarters: integrity", [] if integrity == [["ok"]] else ["integrity_check says otherwise"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acknowledged", nargs="+", action="extend", required=True)
    parser.add_argument("--headquarters", required=True)
    parser.add_argument("--kiosk", nargs="+", action="extend", required=True)
    arguments = parser.parse_args()
    verdicts = Verdicts()
    try:
        told, twice = read_acknowledged(arguments.acknowledged)
        if not told:
            raise ValueError("nothing was acknowledged")
        verdicts.none(f"{len(told)} acknowledged ids, each once", twice)
        records, tickets = {}, {}
        for path in arguments.kiosk:
            some_records, some_tickets = check_kiosk(path, Database(path), verdicts)
            verdicts.none("no record stands on two kiosks", set(records) & set(some_records))
            records.update(some_records)
            tickets.update(some_tickets)
        check_headquarters(Database(arguments.headquarters), told, records, tickets, verdicts)
    except (OSError, ValueError) as error:
        print(f"compare-rehearsal: {error}", file=sys.stderr)
        return 2
    lost = sum(answer.lost for answer in told.values())
    repeated = sum(answer.tries > 1 for answer in told.values())
    print(f"answers lost: {lost}; people answered on a repeat: {repeated}")
    if verdicts.false:
        print(f"{verdicts.false} statements are false")
        return 1
    if not lost or not repeated:
        print("INVALID: no answer was lost and repeated, so this run says nothing about lost answers", file=sys.stderr)
        return 2
    print("all true")
    return 0


if __name__ == "__main__":
    sys.exit(main())
