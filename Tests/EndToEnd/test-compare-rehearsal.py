#!/usr/bin/env python3
"""Spoils the evidence of a good rehearsal in one way after the other, and expects compare-rehearsal.py to say so."""
import hashlib
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import uuid

COMPARE = str(pathlib.Path(__file__).with_name("compare-rehearsal.py"))
KIOSK_TABLES = """
    CREATE TABLE record (position INTEGER PRIMARY KEY, recordID BLOB, chain INTEGER, sequence INTEGER, digest BLOB);
    CREATE TABLE outbox (record INTEGER PRIMARY KEY, state TEXT, frame BLOB);
    CREATE TABLE deskEntry (record INTEGER PRIMARY KEY, ticket TEXT);
"""
HEADQUARTERS_TABLES = """
    CREATE TABLE frame (digest BLOB PRIMARY KEY, recordID BLOB, state TEXT, heldReason TEXT, bytes BLOB);
    CREATE TABLE fork (kind TEXT);
    CREATE TABLE record (recordID BLOB PRIMARY KEY, kind TEXT, fairID BLOB, ticket TEXT, isRehearsal INTEGER);
    CREATE TABLE registration (recordID BLOB PRIMARY KEY);
"""


class CompareRehearsal(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="compare-test-")
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        self.acknowledged, self.headquarters = root / "acknowledged", root / "headquarters.sqlite"
        self.kiosks = [root / "kiosk1" / "records.sqlite", root / "kiosk2" / "records.sqlite"]
        lines = []
        central = sqlite3.connect(self.headquarters)
        central.executescript(HEADQUARTERS_TABLES)
        for kiosk, path in enumerate(self.kiosks):
            path.parent.mkdir()
            local = sqlite3.connect(path)
            local.executescript(KIOSK_TABLES)
            for number in range(1, 11):
                record, frame = uuid.uuid4(), f"frame {kiosk} {number}".encode()
                digest, ticket = hashlib.sha256(frame).digest(), f"A{'AB'[kiosk]}{number:04}"
                local.execute("INSERT INTO record VALUES (?, ?, 1, ?, ?)", (number, record.bytes, number, digest))
                local.execute("INSERT INTO outbox VALUES (?, 'receipted', ?)", (number, frame))
                local.execute("INSERT INTO deskEntry VALUES (?, ?)", (number, ticket))
                central.execute("INSERT INTO frame VALUES (?, ?, 'accepted', NULL, ?)", (digest, record.bytes, frame))
                central.execute("INSERT INTO record VALUES (?, 'registration', x'01', ?, 1)", (record.bytes, ticket))
                central.execute("INSERT INTO registration VALUES (?)", (record.bytes,))
                lines.append(f"{record} {ticket} http://127.0.0.1:{kiosk} {2 if number == 3 else 1} {int(number == 3)}")
            local.commit()
            local.close()
        central.commit()
        central.close()
        self.acknowledged.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def expect(self, status, text):
        run = subprocess.run(
            [sys.executable, COMPARE, "--acknowledged", str(self.acknowledged),
             "--headquarters", str(self.headquarters), "--kiosk", str(self.kiosks[0]), "--kiosk", str(self.kiosks[1])],
            capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        self.assertIn(text, run.stdout + run.stderr)

    def spoil(self, path, sql):
        connection = sqlite3.connect(path)
        connection.executescript(sql)
        connection.close()

    def test_a_good_rehearsal(self):
        self.expect(0, "answers lost: 2; people answered on a repeat: 2\nall true")

    def test_no_answer_lost_is_invalid(self):
        text = self.acknowledged.read_text(encoding="utf-8")
        self.acknowledged.write_text(text.replace(" 2 1\n", " 1 0\n"), encoding="utf-8")
        self.expect(2, "INVALID")

    def test_an_acknowledged_id_is_missing(self):
        self.spoil(self.headquarters, "DELETE FROM record WHERE rowid = 4")
        self.expect(1, "FALSE acknowledged ids are exactly the registrations")

    def test_a_registration_nobody_was_told_of(self):
        lines = self.acknowledged.read_text(encoding="utf-8").splitlines()
        self.acknowledged.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
        self.expect(1, "FALSE acknowledged ids are exactly the registrations")

    def test_another_ticket_than_told(self):
        self.spoil(self.headquarters, "UPDATE record SET ticket = 'CC0001' WHERE ticket = 'AA0001'")
        self.expect(1, "FALSE headquarters has the ticket number")

    def test_a_ticket_twice(self):
        self.spoil(self.headquarters, "UPDATE record SET ticket = 'AA0001' WHERE ticket = 'AA0002'")
        self.expect(1, "FALSE ticket numbers are unique")

    def test_other_bytes(self):
        self.spoil(self.headquarters, "UPDATE frame SET bytes = x'00' WHERE rowid = 1")
        self.expect(1, "FALSE headquarters: every frame has its digest")

    def test_a_record_still_on_the_kiosk(self):
        self.spoil(self.kiosks[0], "UPDATE outbox SET state = 'pending' WHERE record = 5")
        self.expect(1, "FALSE kiosk1: all 10 records have a receipt")

    def test_a_gap(self):
        self.spoil(self.kiosks[1], "UPDATE record SET sequence = 12 WHERE sequence = 10")
        self.expect(1, "FALSE kiosk2: sequences")

    def test_a_fork(self):
        self.spoil(self.headquarters, "INSERT INTO fork VALUES ('conflict')")
        self.expect(1, "FALSE headquarters: no fork")

    def test_counted_in_the_figures(self):
        self.spoil(self.headquarters, "UPDATE record SET isRehearsal = 0 WHERE rowid = 2")
        self.expect(1, "FALSE headquarters: every registration is opened, and marked as a rehearsal")

    def test_told_twice(self):
        text = self.acknowledged.read_text(encoding="utf-8")
        self.acknowledged.write_text(text + text.splitlines()[0] + "\n", encoding="utf-8")
        self.expect(1, "FALSE 20 acknowledged ids, each once")


if __name__ == "__main__":
    unittest.main()
