#!/usr/bin/env python3
"""docs/openapi.yaml against both programs, by schemathesis: no 500, no answer that the document does not describe.

    check-openapi.py --programs DIR --work DIR --schemathesis PROGRAM

`kioskd` and `headquartersd` run with a fair open, a seeker registered and an intent stated, so that most requests can
name what is there (openapi_hooks.py). The seed is fixed: the same requests every time. Each statement is printed with
`ok`; the first false one ends the run with status 1.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import time

from testbed import Headquarters, Kiosk, REPOSITORY, make_record_id, synthetic_id, today, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(REPOSITORY, "docs", "openapi.yaml")
SEED = "20260214"
# Random requests per call of the API, besides those that cover each limit of the document: half a minute in all.
EXAMPLES = "60"
PHONE = "15400001234"
VACANCIES = 10


def ok(statement):
    print(f"ok    {statement}", flush=True)


def check(condition, statement):
    if not condition:
        raise SystemExit(f"FALSE {statement}")
    ok(statement)


def prepare(headquarters, kiosk, fair, path):
    """A seeker with a slip, intents, and copies of what requests have to name; written for the hooks."""
    document = synthetic_id()
    status, answer, sent = kiosk.register(name="测试甲", phone=PHONE, document={"number": document})
    check(status == 201, "a seeker is registered")
    scanned = answer["code"]["address"]
    _, _, page = kiosk.request("GET", f"/api/v1/vacancies?limit={VACANCIES}")
    vacancies = [card["id"] for card in json.loads(page)["vacancies"]]
    check(len(vacancies) == VACANCIES, f"{VACANCIES} vacancies are known by their ids")
    # First of all, so that wrong digits of the run cannot use up the tries before the right ones were seen.
    status, _, text = kiosk.request("POST", "/api/v1/intents", {
        "recordId": make_record_id(), "formKey": os.urandom(16).hex(), "scanned": scanned, "digits": PHONE[-4:],
        "vacancyId": vacancies[0], "passOnConsent": True})
    check(status == 201 and json.loads(text)["state"] == "recorded", "an intent is stated")
    slip = make_record_id()
    status, _, _ = kiosk.request("POST", "/api/v1/vacancy-slips", {"recordId": slip, "vacancyId": vacancies[0]})
    check(status == 202, "a vacancy is printed")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"document": document, "digits": PHONE[-4:], "fair": fair, "registration": sent["recordId"],
                   "scanned": scanned, "slip": slip, "vacancies": vacancies,
                   "noticeVersion": sent["noticeVersion"]}, file)


def run_schemathesis(program, name, address, selection, work, real):
    """The answers by operation and status; a finding ends the run."""
    answers = os.path.join(work, f"{name}.answers")
    log = os.path.join(work, f"{name}.log")
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": HERE,
                   "PYTHONDONTWRITEBYTECODE": "1", "OPENAPI_REAL": real, "OPENAPI_ANSWERS": answers}
    begin = time.monotonic()
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run(
            [program, "--config-file", os.path.join(HERE, "schemathesis.toml"), "--no-color", "run", DOCUMENT,
             "--url", address, *selection, "--seed", SEED, "--max-examples", EXAMPLES],
            stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=work, timeout=600, check=False)
    if done.returncode != 0:
        with open(log, encoding="utf-8") as file:
            print(file.read())
    check(done.returncode == 0, f"{name}: schemathesis finds nothing ({log})")
    counts = collections.defaultdict(collections.Counter)
    with open(answers, encoding="utf-8") as file:
        for line in file:
            operation, status = line.rstrip("\n").split("\t")
            counts[operation][int(status)] += 1
    total = sum(sum(statuses.values()) for statuses in counts.values())
    print(f"      {name}: {total} requests in {time.monotonic() - begin:.0f} s")
    for operation, statuses in sorted(counts.items(), key=lambda item: item[0].split(" ")[::-1]):
        seen = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(f"        {operation:58} {seen}")
    return counts


def run(options, work, headquarters, kiosk):
    fair = headquarters.prepare(kind="fair")
    headquarters.program.start()
    kiosk.program.start()
    kiosk.join(headquarters, fair, today())
    ok("both programs run, a fair is open")
    real = os.path.join(work, "real.json")
    prepare(headquarters, kiosk, fair, real)
    wait_until("the slip", 30, lambda: os.path.isdir(kiosk.slips) and os.listdir(kiosk.slips))
    arguments = (work, real)
    counts = run_schemathesis(options.schemathesis, "kioskd", kiosk.address, ["--exclude-tag", "figures"], *arguments)
    counts.update(run_schemathesis(
        options.schemathesis, "headquartersd", f"http://127.0.0.1:{headquarters.desk_port}",
        ["--include-tag", "figures"], *arguments))
    failing = [operation for operation, statuses in counts.items()
               if not any(200 <= status < 300 for status in statuses)]
    check(not failing, f"each of {len(counts)} calls succeeded at least once {' '.join(failing)}".rstrip())
    starts = (kiosk.program.starts, headquarters.program.starts)
    check(starts == (1, 1), "neither program fell over")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--schemathesis", required=True, help="its program, as `make openapi` installs it")
    options = parser.parse_args()
    options.schemathesis = os.path.abspath(options.schemathesis)
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    headquarters = Headquarters(os.path.join(work, "hq"), programs)
    # A demonstration, so that the last slip can be seen.
    kiosk = Kiosk(os.path.join(work, "kiosk"), programs, "D1", demonstration=True)
    try:
        run(options, work, headquarters, kiosk)
    finally:
        ended = [kiosk.program.stop(), headquarters.program.stop()]
    check(ended == [0, 0], "both programs end with status 0 on SIGTERM")
    print("openapi: all true")


if __name__ == "__main__":
    main()
