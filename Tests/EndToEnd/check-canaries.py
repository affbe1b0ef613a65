#!/usr/bin/env python3
"""Registers people whose particulars are canaries, in every way that could leave a trace, and searches for them.

    check-canaries.py --programs DIR --work DIR

Good and refused registrations, conflicts, broken JSON, a lost slip, a check-in, an intent, kills and restarts. Then the
state folders, runtime folder, logs, cores and temporary files of both programs are searched with find-canaries.py, for
the particulars and for every key. Surname and wishes may stand where docs/protocol.md says.
"""
import argparse
import glob
import os
import resource
import shutil
import subprocess
import sys
import time

from testbed import Headquarters, Kiosk, REPOSITORY, make_record_id, synthetic_id, today, wait_until

# The surname may stay; everything behind it is a canary. Rare characters show other spellings than common ones.
SURNAME, GIVEN = "欧阳", "㛃𫖯试机"
DOCUMENT = synthetic_id("19860412", "377", "009173")
WRONG_DOCUMENT = "009173198604123770"
PHONE = "15473920618"
PROXY_NAME, PROXY_PHONE = "阿卜杜·试机甲", "15486027193"


def write_values(path):
    values = {"name": SURNAME + GIVEN, "given name": GIVEN, "document": DOCUMENT, "wrong document": WRONG_DOCUMENT,
              "phone": PHONE, "proxy's name": PROXY_NAME, "proxy's phone": PROXY_PHONE}
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(f"{label}\t{value}\n" for label, value in values.items()))


def leave_traces(kiosk):
    """Requests of every kind; returns the statuses seen, so that the run can be judged."""
    seen = {}

    def post(name, path, body):
        seen[name] = kiosk.request("POST", path, body)[0]

    seen["registered"], answer, sent = kiosk.register(
        name=SURNAME + GIVEN, phone=PHONE, document={"number": DOCUMENT},
        proxy={"name": PROXY_NAME, "relation": "女儿", "phone": PROXY_PHONE})
    post("repeated", "/api/v1/registrations", sent)
    post("conflict", "/api/v1/registrations", {**sent, "name": GIVEN + SURNAME})
    post("refused", "/api/v1/registrations", {
        **sent, "recordId": make_record_id(), "document": {"number": WRONG_DOCUMENT}, "phone": PHONE + "9"})
    post("unknown key", "/api/v1/registrations", {**sent, "recordId": make_record_id(), PHONE: DOCUMENT})
    post("broken", "/api/v1/registrations", f'{{"name": "{SURNAME}{GIVEN}", "phone": {PHONE}'.encode())
    post("GB18030", "/api/v1/registrations", f'{{"name": "{SURNAME}{GIVEN}"}}'.encode("gb18030"))
    seen["address"] = kiosk.request("GET", f"/api/v1/registrations/{DOCUMENT}/print-state?phone={PHONE}")[0]
    seen["forged host"] = kiosk.request("POST", "/api/v1/registrations", sent, {"host": f"{PHONE}.example.cn"})[0]
    post("checked in", "/api/v1/check-ins", {"recordId": make_record_id(), "scanned": answer["code"]["address"]})
    post("bad scan", "/api/v1/check-ins", {"recordId": make_record_id(), "scanned": DOCUMENT})
    copy = {"recordId": make_record_id(), "documentNumber": DOCUMENT, "phoneDigits": PHONE[-4:]}
    post("copied", "/api/v1/slip-copies", copy)
    post("not copied", "/api/v1/slip-copies", {**copy, "recordId": make_record_id(), "phoneDigits": "0000"})
    return seen


def search(places, keys, values):
    command = [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "find-canaries.py"), "--values", values]
    for key in keys:
        command += ["--key", key]
    return subprocess.run(command + places, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    temporary = os.path.join(work, "tmp")
    os.makedirs(temporary)
    os.environ["TMPDIR"] = temporary
    values = os.path.join(work, "values")
    write_values(values)
    headquarters = Headquarters(os.path.join(work, "hq"), programs)
    kiosk = Kiosk(os.path.join(work, "kiosk"), programs, "C1")
    # Where a crash may leave memory behind it must be found, too.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        fair = headquarters.prepare(kind="fair")
        headquarters.program.start()
        kiosk.program.start()
        kiosk.join(headquarters, fair, today())
        seen = leave_traces(kiosk)
        print(" ".join(f"{name}: {status}" for name, status in seen.items()), flush=True)
        for name in ("registered", "repeated", "checked in"):
            if seen[name] != 201:
                raise SystemExit(f"invalid run: {name} was answered {seen[name]}")
        if seen["copied"] != 202 or seen["conflict"] != 409 or seen["refused"] != 422:
            raise SystemExit("invalid run: a way that should leave traces was not taken")
        wait_until("the outbox is empty", 60, lambda: kiosk.status()["counts"]["pending"] == 0)
        kiosk.program.kill()
        time.sleep(1)
        kiosk.program.wait_for_port()
        keys = glob.glob(os.path.join(kiosk.state, "keys", "*.key")) \
            + glob.glob(os.path.join(headquarters.state, "keys", "*.key")) + [os.path.join(kiosk.runtime, "desk.key")]
        places = [kiosk.folder, headquarters.folder, temporary]
        print("while both run:", flush=True)
        running = search(places, keys, values)
    finally:
        kiosk.program.stop()
        headquarters.program.stop()
    keys = [key for key in keys if os.path.exists(key)]
    print("after both have stopped:", flush=True)
    stopped = search(places, keys, values)
    if len(keys) < 10:
        raise SystemExit(f"invalid run: only {len(keys)} keys were looked for")
    sys.exit(max(running, stopped))


if __name__ == "__main__":
    main()
