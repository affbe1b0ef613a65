#!/usr/bin/env python3
"""Plants canaries in a log, a write-ahead log and temporary files; find-canaries.py has to find each of them."""
import base64
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

SEARCH = str(pathlib.Path(__file__).with_name("find-canaries.py"))
NAME, DOCUMENT, PHONE = "欧阳测试㛃", "99900119900307001X", "19900001234"


class FindCanaries(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="canaries-")
        self.addCleanup(self.folder.cleanup)
        root = pathlib.Path(self.folder.name)
        self.values, self.place = root / "values", root / "place"
        self.place.mkdir()
        self.values.write_text(f"name\t{NAME}\ndocument\t{DOCUMENT}\nphone\t{PHONE}\n", encoding="utf-8")
        (self.place / "innocent").write_bytes(os.urandom(100_000) + "欧阳* AB0237 13800000000".encode())

    def run_search(self, *arguments):
        run = subprocess.run(
            [sys.executable, SEARCH, "--values", str(self.values), *arguments, str(self.place)],
            capture_output=True, text=True, check=False)
        for value in (NAME, DOCUMENT, PHONE):
            self.assertNotIn(value, run.stdout + run.stderr, "the report itself tells the value")
        return run

    def expect(self, file, label, encoding):
        run = self.run_search()
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn(f"{self.place / file}: {label} in {encoding}\n", run.stdout)

    def plant(self, content):
        (self.place / "tmp.part").write_bytes(b"before " + content + b" after")

    def test_clean_folder_passes(self):
        run = self.run_search()
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_log_line(self):
        (self.place / "kioskd.log").write_text(f"info registration stored name={NAME}\n", encoding="utf-8")
        self.expect("kioskd.log", "name", "UTF-8")

    def test_write_ahead_log(self):
        connection = sqlite3.connect(self.place / "records.sqlite")
        self.addCleanup(connection.close)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE seeker (document TEXT)")
        connection.execute("INSERT INTO seeker VALUES (?)", (DOCUMENT,))
        connection.commit()
        self.assertNotIn(DOCUMENT.encode(), (self.place / "records.sqlite").read_bytes())
        self.expect("records.sqlite-wal", "document", "UTF-8")

    def test_every_text_encoding(self):
        for name, codec in (("UTF-16LE", "utf-16-le"), ("UTF-16BE", "utf-16-be"), ("GB18030", "gb18030")):
            with self.subTest(name):
                self.plant(NAME.encode(codec))
                self.expect("tmp.part", "name", name)

    def test_behind_and_before_empty_pages(self):
        self.plant(b"\0" * (1 << 20) + NAME.encode() + b"\0" * (1 << 20))
        self.expect("tmp.part", "name", "UTF-8")
        self.plant(b"\0" * (1 << 20) + NAME.encode("utf-16-be") + b"\0" * 4096 + b"x")
        self.expect("tmp.part", "name", "UTF-16BE")

    def test_base64_at_three_offsets(self):
        for name, codec in (("UTF-8", "utf-8"), ("UTF-16LE", "utf-16-le"), ("GB18030", "gb18030")):
            for offset in range(3):
                with self.subTest(f"{name} {offset}"):
                    self.plant(base64.b64encode(b"{:;"[:offset] + NAME.encode(codec) + b"tail"))
                    self.expect("tmp.part", "name", f"base64 of {name}, offset {offset}")
        self.plant(base64.urlsafe_b64encode(b"?" + NAME.encode()))
        self.expect("tmp.part", "name", "base64 of UTF-8, offset 1")

    def test_hex_in_both_cases(self):
        for text in (PHONE.encode().hex(), NAME.encode("gb18030").hex().upper()):
            with self.subTest(text[:4]):
                self.plant(text.encode())
                self.assertEqual(self.run_search().returncode, 1)

    def test_escapes(self):
        percent = "".join(f"%{byte:02X}" for byte in NAME.encode())
        json = "".join(f"\\u{ord(character):04X}" for character in NAME)
        for encoding, text in (
                ("percent escapes", percent), ("percent escapes", percent.lower()), ("JSON escapes", json)):
            with self.subTest(encoding):
                self.plant(text.encode())
                self.expect("tmp.part", "name", encoding)

    def test_across_two_pieces_of_a_large_file(self):
        with open(self.place / "core", "wb") as file:
            file.truncate((64 << 20) - 9)
            file.seek(0, os.SEEK_END)
            file.write(DOCUMENT.encode() + b"\0" * 1000)
        self.expect("core", "document", "UTF-8")

    def test_key_outside_its_file(self):
        keys = self.place / "keys"
        keys.mkdir()
        secret = os.urandom(32)
        key = keys / "device.key"
        key.write_bytes(secret)
        key.chmod(0o600)
        self.assertEqual(self.run_search("--key", str(key)).returncode, 0)
        self.plant(base64.b64encode(b"k" + secret))
        run = self.run_search("--key", str(key))
        self.assertEqual(run.returncode, 1)
        self.assertIn("tmp.part: key device.key in base64 of whole file, offset 1", run.stdout)

    def test_token_key_inside_a_serialised_grant(self):
        token = os.urandom(32)
        grant = self.place / "grant.key"
        grant.write_bytes(b"\x0a\x10" + os.urandom(16) + b"\x22\x20" + token)
        grant.chmod(0o600)
        self.plant(token.hex().encode())
        run = self.run_search("--key", str(grant))
        self.assertIn("tmp.part: key grant.key in hex of 32-byte field", run.stdout)

    def test_key_readable_by_others(self):
        key = self.place / "root.key"
        key.write_bytes(os.urandom(32))
        key.chmod(0o640)
        run = self.run_search("--key", str(key))
        self.assertEqual(run.returncode, 1)
        self.assertIn("root.key: mode 0640, not 0600", run.stdout)

    def test_a_search_that_searched_nothing_is_invalid(self):
        (self.place / "innocent").unlink()
        self.assertEqual(self.run_search().returncode, 2)
        (self.place / "innocent").write_bytes(b"x")
        self.values.write_text("phone\t123\n", encoding="utf-8")
        self.assertEqual(self.run_search().returncode, 2)


if __name__ == "__main__":
    unittest.main()
