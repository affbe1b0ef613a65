"""X2: programs find tables of an older one, are killed while they bring them up to date, or find newer ones."""

import glob
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess

from faults import REPOSITORY, row
from headquarters_bench import QUIET, Card, Centre, begin, check_sets, drained, killing, read

MIGRATIONS = os.path.join(REPOSITORY, "Sources", "Kiosk", "KioskStore", "Migration*.swift")
CENTRE_MIGRATIONS = os.path.join(REPOSITORY, "Sources", "Headquarters", "HeadquartersStore", "Migration*.swift")
# Headquarters' steps from here on only add tables and columns, so they can be taken back.
CENTRE_BEFORE = 9
CALLS = {"pwrite64": (70, 7), "fdatasync": (6, 2), "fsync": (4, 2), "ftruncate": (2, 1)}
CENTRE_CALLS = {"pwrite64": (50, 10), "fdatasync": (4, 2)}


def steps():
    """The SQL of each version of the kiosk's tables, from the repository: every literal of its file, in order."""
    found = {}
    for path in sorted(glob.glob(MIGRATIONS)):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for version in re.findall(r"SchemaMigration\(version: (\d+)\)", text):
            found[int(version)] = [block or line for block, line in re.findall(
                r'"""\n(.*?)"""|sql: "([^"\n]+)"', text, re.DOTALL)]
    return found


STEPS = steps()
NEWEST = max(STEPS)


def undo():
    """Number of a step of headquarters' tables -> the statements that take it back, the newest first."""
    found = {}
    for path in sorted(glob.glob(CENTRE_MIGRATIONS), reverse=True):
        number = int(re.search(r"Migration(\d{4})", path).group(1))
        if number >= CENTRE_BEFORE:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            found[number] = [f"DROP TABLE {name}" for name in re.findall(r"CREATE TABLE (\w+)", text)] + [
                f"ALTER TABLE {table} DROP COLUMN {column}"
                for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", text)]
    return found


def points(is_nightly):
    listed = [("kiosk", version, call, number) for version in range(1, NEWEST) for call, (most, step) in CALLS.items()
              for number in range(1, most + 1, 1 if is_nightly else step * (NEWEST - 1))]
    listed += [("centre", 8, call, number) for call, (most, step) in CENTRE_CALLS.items()
               for number in range(1, most + 1, 1 if is_nightly else step)]
    return [*listed, ("newer kiosk", NEWEST + 1, "", 0), ("newer centre", 0, "", 0)]


QUICK, NIGHTLY = points(False), points(True)
AGAIN = max(1, 500 // len(NIGHTLY) + 1)


def columns(database, table):
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def tables(database):
    return [name for name, in database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]


def make_older(current, version, path):
    """A file as the program of this version would have left it, with the records of `current`."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    for step in range(1, version + 1):
        for block in STEPS[step]:
            database.executescript(block)
    owner = sqlite3.connect(current).execute("PRAGMA application_id").fetchone()[0]
    database.execute("ATTACH ? AS now", (current,))
    for table in tables(database):
        shared = [name for name in columns(database, table) if name in
                  [row[1] for row in database.execute(f"PRAGMA now.table_info({table})")]]
        if not shared:
            continue
        only = " WHERE registration IS NOT NULL" if table == "printJob" else ""
        names = ", ".join(shared)
        database.execute(f"INSERT OR IGNORE INTO main.{table} ({names}) SELECT {names} FROM now.{table}{only}")
    database.execute(f"PRAGMA application_id = {owner}")
    database.execute(f"PRAGMA user_version = {version}")
    database.commit()
    database.execute("DETACH now")
    content = content_of(database)
    database.close()
    return content


def content_of(database):
    """Table -> columns -> rows. Print jobs may change at a start: their numbers count alone."""
    content = {}
    for table in tables(database):
        names = ["id", "registration", "isCopy"] if table == "printJob" else columns(database, table)
        content[table] = (names, rows_of(database, table, names))
    return content


def rows_of(database, table, names):
    return sorted(map(repr, database.execute(f"SELECT {', '.join(names)} FROM {table}")))


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Upgrade:
    """One headquarters and one kiosk whose files are put back to older tables again and again."""

    def __init__(self, run):
        self.run, self.centre = run, Centre(run)
        fair = self.centre.prepare()
        self.centre.start()
        self.card = Card(run, "kiosk", "X2")
        self.card.start()
        self.card.enrol(self.centre, fair)
        self.card.register_people(4)
        drained(run, [self.card])
        self.centre.stop()
        self.card.register_people(4)
        self.card.stop()
        self.current = os.path.join(run.folder, "current.sqlite")
        self.save(self.card.database, self.current)
        # Of the programs under test, which may be older than the repository.
        self.newest = self.version()

    @staticmethod
    def save(source, target):
        """Whole, without a WAL."""
        database, copy = sqlite3.connect(source), sqlite3.connect(target)
        database.backup(copy)
        copy.close()
        database.close()

    def put(self, source, target):
        for suffix in ("-wal", "-shm"):
            if os.path.exists(target + suffix):
                os.unlink(target + suffix)
        shutil.copyfile(source, target)

    def close(self):
        for program in (self.card, self.centre):
            if program.is_alive():
                program.kill()

    # MARK: The kiosk

    def kiosk(self, draw, version, call, number):
        """Headquarters is off, so that nothing is sent. Killed in between, some twice, then whole and up to date."""
        run, card, version = self.run, self.card, min(version, self.newest - 1)
        if self.centre.is_alive():
            self.centre.stop()
        older = os.path.join(run.folder, "older.sqlite")
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(older + suffix):
                os.unlink(older + suffix)
        content = make_older(self.current, version, older)
        self.put(older, card.database)
        for again in range(draw.choice([1, 1, 2])):
            if card.start(killing(run, card.state, call, number if again == 0 else draw.randint(1, 40))):
                run.hit("upgraded without a kill")
            elif card.daemon.process.returncode < 0:
                run.hit("killed while upgrading" if self.version() < self.newest else "killed after it")
            card.kill()
            self.tear(draw)
        if not run.check(card.start(), f"kioskd does not start on version {version} after a kill at {call} {number}"):
            return
        card.stop()
        self.check_content(content, version)

    def tear(self, draw):
        """A power cut may keep less of the WAL than a kill: a tail of it is gone, or one sector is garbage."""
        path = self.card.database + "-wal"
        if not os.path.exists(path) or os.path.getsize(path) < 1024 or draw.random() < 0.5:
            return
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            if draw.random() < 0.5:
                file.truncate(draw.randrange(0, size, 512))
            else:
                file.seek(draw.randrange(512, size, 512))
                file.write(os.urandom(512))
        self.run.hit("WAL torn")

    def version(self):
        return read(self.card.database, "PRAGMA user_version", self.run.folder)[0][0]

    def check_content(self, content, version):
        run, check = self.run, self.run.check
        database = sqlite3.connect(self.card.database)
        try:
            check(database.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "I7: integrity")
            check(not database.execute("PRAGMA foreign_key_check").fetchall(), "I7: foreign keys")
            now = database.execute("PRAGMA user_version").fetchone()[0]
            check(now == self.newest, f"the tables are of version {now} after the upgrade, not {self.newest}")
            for table, (names, rows) in content.items():
                found = rows_of(database, table, names)
                check(found == rows, f"I2: {table} had {len(rows)} rows, now {len(found)}, or others")
        finally:
            database.close()
        check(not glob.glob(os.path.join(self.card.state, "records.damaged-*")), "a sound file was set aside")
        run.hit("upgraded", 1)

    def newer_kiosk(self):
        """Refused untouched, with what to do; the stick export brings the records home all the same."""
        run, card = self.run, self.card
        self.put(self.current, card.database)
        database = sqlite3.connect(card.database)
        database.execute(f"PRAGMA user_version = {self.newest + 1}")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        before = digest_of(card.database)
        began = os.path.getsize(os.path.join(card.folder, "kioskd.log"))
        run.check(not card.start(), "kioskd starts on tables of a newer program")
        run.check(card.daemon.process.returncode > 0, f"kioskd ended with {card.daemon.process.returncode}")
        with open(os.path.join(card.folder, "kioskd.log"), encoding="utf-8") as log:
            log.seek(began)
            said = log.read()
        run.check("newerVersion" in said and "install the newer program" in said, f"kioskd says: {said}")
        stick = os.path.join(run.folder, "stick")
        shutil.rmtree(stick, ignore_errors=True)
        os.makedirs(stick)
        done = subprocess.run(
            [os.path.join(run.programs, "kioskctl"), "export", "--same-disk", "--all", "--to", stick,
             "--config", card.config, "--socket", card.socket], capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, **QUIET})
        run.check(done.returncode == 0 and "safe to remove" in done.stdout, f"the export: {done.stdout}{done.stderr}")
        run.check(digest_of(card.database) == before, "the refused file was changed")
        self.centre.start()
        self.centre.command("import", stick)
        lacking = set(card.records()) - set(self.centre.frames())
        run.check(not lacking, f"the stick of a refused kiosk lacks {len(lacking)} records")
        run.hit("newer refused, exported")
        self.put(self.current, card.database)

    # MARK: Headquarters

    def older_centre(self, draw, call, number):
        """Two steps back, killed on the way forward: every row is there after it."""
        run, centre = self.run, self.centre
        if centre.is_alive():
            centre.stop()
        before, known = centre.frames(), 0
        database = sqlite3.connect(centre.database)
        for number, statements in undo().items():
            if database.execute("DELETE FROM grdb_migrations WHERE identifier LIKE ?", (f"{number:04} %",)).rowcount:
                known += 1
                for statement in statements:
                    database.execute(statement)
        database.commit()
        database.close()
        if not centre.start(killing(run, centre.state, call, number)):
            run.hit("headquarters killed while upgrading")
        centre.kill()
        if run.check(centre.start(), f"headquarters does not start on older tables after a kill at {call} {number}"):
            run.check(centre.frames() == before, "headquarters' frames are not what they were before the upgrade")
            done = centre.rows("SELECT count(*) FROM grdb_migrations")[0][0]
            run.check(done >= 9 and known >= 1, f"headquarters' tables are of step {done}")

    def newer_centre(self):
        run, centre = self.run, self.centre
        if centre.is_alive():
            centre.stop()
        database = sqlite3.connect(centre.database)
        database.execute("INSERT INTO grdb_migrations VALUES ('9999 of tomorrow')")
        database.commit()
        database.close()
        before = digest_of(centre.database)
        run.check(not centre.start(), "headquartersd starts on tables of a newer program")
        with open(os.path.join(centre.folder, "serve.log"), encoding="utf-8") as log:
            said = log.read()[-300:]
        run.check("written by a newer headquartersd" in said, f"headquartersd does not say why: {said}")
        run.check(digest_of(centre.database) == before, "the refused database was changed")
        run.hit("newer headquarters refused")
        database = sqlite3.connect(centre.database)
        database.execute("DELETE FROM grdb_migrations WHERE identifier = '9999 of tomorrow'")
        database.commit()
        database.close()


@row("X2", "older tables, killed while upgrading; newer tables refused", "I1-I4 I7", len(QUICK), len(NIGHTLY) * AGAIN,
     ["killed while upgrading", "WAL torn", "upgraded", "newer refused, exported",
      "headquarters killed while upgrading", "newer headquarters refused"], seconds=240)
def upgraded(run):
    begin(run)
    scene = Upgrade(run)
    try:
        listed = NIGHTLY if run.is_nightly else QUICK
        for case in run.cases():
            draw, (kind, version, call, number) = run.random(case), listed[case % len(listed)]
            if kind == "kiosk":
                scene.kiosk(draw, version, call, number)
            elif kind == "centre":
                scene.older_centre(draw, call, number)
            elif kind == "newer kiosk":
                scene.newer_kiosk()
            else:
                scene.newer_centre()
        # The last kiosk that was upgraded sends what it has.
        if not scene.centre.is_alive():
            scene.centre.start()
        scene.card.restart()
        scene.card.register_people(1)
        drained(run, [scene.card])
        check_sets(run, scene.centre, [scene.card])
    finally:
        scene.close()
