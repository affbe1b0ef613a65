"""G1: whatever the other rows did, the seekers' particulars are in no file, log, stick or captured request of theirs."""

import concurrent.futures
import os
import re
import subprocess
import sys

from faults import REPOSITORY, row

# What the rows register people with (kiosk_bench.py, testbed.py). The birth date stands in every document number.
PARTICULARS = {"name": "测试甲", "phone": "19900001234", "birth date in a document number": "19750302"}
# How the control file has the particulars, so that a search that finds nothing is known to be able to find.
SPELLINGS = ["utf-8", "utf-16-le", "gb18030"]
# Their seekers are made by `kioskctl rehearse`.
REHEARSALS = ["G2", "N8"]
SEEKERS = os.path.join(REPOSITORY, "Sources", "Shared", "JobFair", "RehearsalSeekers.swift")
FIND = [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "find-canaries.py")]


def names_of_rehearsals():
    """Of `kioskctl rehearse`: the names that are too long to stand anywhere by chance."""
    with open(SEEKERS, encoding="utf-8") as file:
        lists = re.findall(r"let (?:dottedNames|latinNames) = \[(.*?)\]", file.read(), re.S)
    return [name for text in lists for name in re.findall(r'"([^"]+)"', text)]


def search(values, places):
    done = subprocess.run([*FIND, "--values", values, *places], capture_output=True, text=True, check=False)
    said = re.search(r"(\d+) files, \d+ patterns, (\d+) findings", done.stdout)
    if not said:
        raise RuntimeError(f"find-canaries.py ended with {done.returncode}: {(done.stdout + done.stderr)[-400:]}")
    return int(said.group(1)), int(said.group(2)), done.stdout


def write_values(path, values):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{label}\t{value}\n" for label, value in values)
    return path


def check_the_search(run, values):
    """A finding of each value at least, or the search is blind."""
    control = os.path.join(run.folder, "control")
    with open(control, "wb") as file:
        for value in PARTICULARS.values():
            file.write(b"\0".join(value.encode(codec) for codec in SPELLINGS) + b"\0")
    run.hit("findings in the control", search(values, [control])[1])
    run.check(run.state["hits"]["findings in the control"] >= len(PARTICULARS), "the search does not find the control")


@row("G1", "particulars of seekers in what all other rows left", "I9", 1, 1,
     ["rows searched", "files searched", "logs searched", "databases searched", "findings in the control"],
     seconds=240, judges_others=True)
def traces(run):
    names = names_of_rehearsals()
    run.check(len(names) >= 10, f"only {len(names)} names of rehearsals were read from {os.path.basename(SEEKERS)}")
    values = write_values(os.path.join(run.folder, "values"), PARTICULARS.items())
    check_the_search(run, values)
    # Also what the rows printed and counted, which lies beside their folders.
    places = sorted(entry.path for entry in os.scandir(run.work) if not entry.name.startswith(run.row.name))
    run.hit("rows searched", sum(os.path.isdir(place) for place in places))
    left = [os.path.join(folder, name) for place in places for folder, _, files in os.walk(place) for name in files]
    run.hit("logs searched", sum(path.endswith(".log") for path in left))
    run.hit("databases searched", sum(path.endswith(".sqlite") for path in left))
    run.hit("captures searched", sum("captured" in os.path.basename(path) for path in left))
    file_names = os.path.join(run.folder, "file-names")
    with open(file_names, "w", encoding="utf-8") as file:
        file.write("\n".join(left))
    # Every core takes each so manyth place.
    cores = os.cpu_count() or 1
    searches = [(values, where) for core in range(cores) if (where := [*places, file_names][core::cores])]
    rehearsed = [place for place in places if os.path.basename(place) in REHEARSALS]
    if rehearsed:
        searches.append((write_values(os.path.join(run.folder, "names"), [("a seeker's name", name) for name in names]),
                         rehearsed))
    with concurrent.futures.ThreadPoolExecutor(cores) as pool:
        results = list(pool.map(lambda order: search(*order), searches))
    for searched, findings, said in results:
        run.hit("files searched", searched)
        for line in said.splitlines()[:findings][:4]:
            run.violation(line)
    run.done(1)
