#!/usr/bin/env python3
"""Seconds and peak memory of `headquartersd import`, beside Python reading the same files: a table, and no judgement.

    import-figures.py --programs DIR --work DIR [--rows N]

What is compared does not do the same: Python's csv and openpyxl only read the cells; `headquartersd` reads them, finds
the columns, makes vacancies of them, lints every text, compares with what the fair has, and (but for --dry-run)
commits. The ratio says how much all of that costs beside reading.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "EndToEnd"))
from testbed import Headquarters, write  # noqa: E402

# The Python that Debian's packages python3-openpyxl and python3-xlsxwriter belong to.
PYTHON = "/usr/bin/python3"
READ_CSV = "import csv, sys; print(len(list(csv.reader(open(sys.argv[1], encoding='utf-8', newline='')))))"
READ_XLSX = ("import openpyxl, sys; "
             "print(len(list(openpyxl.load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True))))")
FAIR = """\
name: 空的招聘会（测量）
venue: 青禾县人民广场
organiser: 青禾县就业服务中心（示例）
kind: fair
days: [today]
servicePhone: 000-0000000
notice: { version: "1", title: 告知, shortText: 测量, fullText: 测量 }
keyGroups: []
employers: [{ name: 测量, vacancies: [] }]
"""


def measure(command):
    """Seconds, peak resident megabytes and what was printed."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: status {status}\n{printed}")
    return seconds, usage.ru_maxrss / 1024, printed


def counts(printed, rows):
    """`20000 new`; a wrong count ends the run: then the seconds say nothing either."""
    match = re.search(r"vacancies: (\d+) new, (\d+) updated, (\d+) unchanged", printed)
    if match is None or sum(map(int, match.groups())) != rows or "refused rows: 0\n" not in printed:
        raise SystemExit(f"not every row went in\n{printed}")
    words = zip(match.groups(), ("new", "updated", "unchanged"))
    return ", ".join(f"{count} {word}" for count, word in words if count != "0")


def run(options, work):
    sheets, raised = os.path.join(work, "sheets"), os.path.join(work, "sheets-raised")
    maker = os.path.join(HERE, "make-vacancies.py")
    for folder, more in ((sheets, "0"), (raised, "300")):
        subprocess.run([maker, "--rows", str(options.rows), "--to", folder, "--raise", more], check=True)
    programs = os.path.abspath(options.programs)
    print(f"{options.rows} rows; {os.cpu_count()} processors; {os.path.join(options.programs, 'headquartersd')}\n")
    print(f"{'':42} {'seconds':>9} {'peak MB':>9} {'beside Python':>15}")
    for ending, reader in (("csv", READ_CSV), ("xlsx", READ_XLSX)):
        file = os.path.join(sheets, f"vacancies.{ending}")
        print(f"{ending}, {os.path.getsize(file) / 1e6:.1f} MB")
        base = min((measure([PYTHON, "-c", reader, file]) for _ in range(3)), key=lambda measured: measured[0])
        tool = "csv" if ending == "csv" else "openpyxl, read only"
        print(f"  {'Python: ' + tool:40} {base[0]:9.2f} {base[1]:9.0f}")
        headquarters = Headquarters(os.path.join(work, f"hq-{ending}"), programs)
        fair = headquarters.prepare(fair_file=write(os.path.join(work, "fair.yaml"), FAIR), kind="fair")
        command = [headquarters.binary, "import", "--config", headquarters.config, "--fair", fair]
        changed = os.path.join(raised, f"vacancies.{ending}")
        for name, arguments in (("dry run", [file, "--dry-run"]), ("first import", [file]),
                                ("again, nothing new", [file]), ("again, every pay changed", [changed])):
            seconds, megabytes, printed = measure(command + arguments)
            print(f"  {'headquartersd: ' + name:40} {seconds:9.2f} {megabytes:9.0f} {seconds / base[0]:14.1f}x   "
                  f"{counts(printed, options.rows)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="a release build; a debug build says nothing about speed")
    parser.add_argument("--work", required=True)
    parser.add_argument("--rows", type=int, default=20_000, help="as many as a fair may have")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work = os.path.abspath(options.work)
    os.makedirs(work)
    run(options, work)


if __name__ == "__main__":
    main()
