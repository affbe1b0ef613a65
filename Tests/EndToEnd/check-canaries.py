#!/usr/bin/env python3
"""Registers people whose particulars are canaries, in every way that could leave a trace, and searches for them.

    check-canaries.py --programs DIR --work DIR

Good and refused registrations, conflicts, broken JSON, lost slips, check-ins, the job-intent form with a name
completed on it, kills, crashes that would leave a core, restarts. Then find-canaries.py searches, for the particulars
and for every key: state folders, runtime folder, logs (headquarters' at level trace), slips (unpacked), temporary
files, file names, cores, and what recorders between the programs wrote down: the sync traffic behind its TLS, the
request lines and headers of the kiosk's API, the form and the figures, and all their answers. Surname and wishes may
stand where docs/protocol.md says: the surname is no canary, the name behind it is. A page of the form that comes back
after a mistake may hold what was typed on it.

Exit status: 0 nothing found, 1 something found, 2 the run itself is invalid. As root it sets core_pattern for a moment
and puts it back.
"""
import argparse
import glob
import http.client
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import zlib

from recorder import Recorder, tls_ends
from testbed import Headquarters, Kiosk, REPOSITORY, make_record_id, synthetic_id, today, wait_until

# The surname may stay; everything behind it is a canary. Rare characters show other spellings than common ones.
SURNAME, GIVEN = "欧阳", "㛃𫖯试机"
PARTICULARS = {
    "name": SURNAME + GIVEN,
    "given name": GIVEN,
    "document": synthetic_id("19860412", "377", "009173"),
    "phone": "15473920618",
    "proxy's name": "阿卜杜·试机甲",
    "proxy's phone": "15486027193",
    "mistyped document": "009173198604123770",
    "mistyped phone": "2547392061877",
    "mistyped name": "㛃机9试;甲",
    "second document": synthetic_id("19910523", "248", "009173"),
    "second phone": "15462083517",
    "name completed on the form": "司徒䶮机试",
}
COMPLETED, DOCUMENT, PHONE = (PARTICULARS[key] for key in ("name completed on the form", "document", "phone"))
CORE_PATTERN = "/proc/sys/kernel/core_pattern"
# With the zero at its end (CORENAME_MAX_SIZE of Linux).
CORE_PATTERN_BYTES = 128
# The kernel does not wait for a program to which it pipes a core.
CORE_SECONDS = 0.5
FIND = [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "find-canaries.py")]


class RecordedHeadquarters(Headquarters):
    """Kiosks are told the recorder's address."""

    recorder = None

    @property
    def sync_address(self):
        return f"https://127.0.0.1:{self.recorder.port}"


class RecordedKiosk(Kiosk):
    recorder = None

    def request(self, method, path, body=None, headers=None, timeout=20):
        own = self.port
        try:
            self.port = self.recorder.port
            return super().request(method, path, body, {"host": f"127.0.0.1:{own}", **(headers or {})}, timeout)
        finally:
            self.port = own

    def request_past_recorder(self, method, path):
        return super().request(method, path)


class Places:
    """Where everything of this run lies, and what is searched."""

    def __init__(self, work):
        self.work = work
        for name in ("tmp", "cores", "left", "captured", "unpacked"):
            setattr(self, name, os.path.join(work, name))
            os.makedirs(getattr(self, name))
        self.typed_back = os.path.join(work, "typed-back")
        self.values = self.write_values("values", PARTICULARS)

    def write_values(self, name, values):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(f"{label}\t{value}\n" for label, value in values.items()))
        return path

    def capture(self, name, content):
        with open(os.path.join(self.captured, name), "wb") as file:
            file.write(content)


def invalid(reason):
    print(f"invalid run: {reason}", file=sys.stderr)
    sys.exit(2)


def use_kiosk(kiosk, places):
    """Requests of every kind; returns the statuses seen, and the answers and requests of two registrations."""
    seen = {}

    def post(name, path, body):
        seen[name] = kiosk.request("POST", path, body)[0]

    seen["registered"], answer, sent = kiosk.register(
        name=SURNAME + GIVEN, phone=PHONE, document={"number": DOCUMENT},
        proxy={"name": PARTICULARS["proxy's name"], "relation": "女儿", "phone": PARTICULARS["proxy's phone"]})
    post("repeated", "/api/v1/registrations", sent)
    post("conflict", "/api/v1/registrations", {**sent, "name": GIVEN + SURNAME})
    seen["nameless"], second, request = kiosk.register(
        name=None, phone=PARTICULARS["second phone"], document={"number": PARTICULARS["second document"]})
    other = {**sent, "recordId": make_record_id()}
    post("refused", "/api/v1/registrations", {
        **other, "document": {"number": PARTICULARS["mistyped document"]}, "phone": PARTICULARS["mistyped phone"],
        "name": PARTICULARS["mistyped name"]})
    post("wrong types", "/api/v1/registrations", {**other, "document": DOCUMENT, "phone": [PHONE], "name": {GIVEN: 1}})
    post("unknown key", "/api/v1/registrations", {**other, PHONE: DOCUMENT, GIVEN: True})
    post("broken", "/api/v1/registrations", f'{{"name": "{SURNAME}{GIVEN}", "phone": {PHONE}'.encode())
    post("GB18030", "/api/v1/registrations", f'{{"name": "{SURNAME}{GIVEN}"}}'.encode("gb18030"))
    seen["forged host"] = kiosk.request("POST", "/api/v1/registrations", sent, {"host": "forged.example.cn"})[0]
    for name, path in (("bad address", f"/api/v1/registrations/{DOCUMENT}/print-state?phone={PHONE}"),
                       ("bad path", "/" + urllib.parse.quote(GIVEN))):
        seen[name], _, body = kiosk.request_past_recorder("GET", path)
        places.capture(f"answer to {name}", body)
    check_in = {"recordId": make_record_id(), "scanned": answer["code"]["address"]}
    post("checked in", "/api/v1/check-ins", check_in)
    post("bad scan", "/api/v1/check-ins", {"recordId": make_record_id(), "scanned": DOCUMENT})
    post("entry", "/api/v1/entries", {"recordId": make_record_id(), "way": "tap"})
    copy = {"documentNumber": DOCUMENT, "phoneDigits": PHONE[-4:]}
    for name, change in (
            ("copied", {}), ("wrong digits", {"phoneDigits": "0000"}),
            ("mistyped lost", {"documentNumber": PARTICULARS["mistyped document"]}),
            ("whole phone", {"phoneDigits": PHONE})):
        post(name, "/api/v1/slip-copies", {"recordId": make_record_id(), "formKey": sent["formKey"], **copy, **change})
    expected = {"registered": 201, "repeated": 201, "conflict": 409, "nameless": 201, "refused": 422, "checked in": 201,
                "entry": 201, "copied": 202, "wrong digits": 404, "mistyped lost": 404, "forged host": 421}
    return seen, expected, [answer, second]


def request(port, method, path, fields=None, host=None):
    """Status, headers and text; a browser's form post where there are fields."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        headers = {"host": host} if host else {}
        body = urllib.parse.urlencode(fields) if fields is not None else None
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("location"), answer.read().decode()
    finally:
        connection.close()


def use_form(headquarters, answer, places):
    """The form of the nameless slip: typed wrong, a name completed, intents stated, one withdrawn, found by hand."""
    form = Recorder(os.path.join(places.captured, "form"), headquarters.form_port, heads_only=True)
    # A page that comes back after a mistake holds what was typed, for the person who typed it.
    typed = Recorder(places.typed_back, headquarters.form_port, heads_only=True)
    path = answer["code"]["address"][len(headquarters.form_address):]
    token, digits = path.rsplit("/", 1)[1], PARTICULARS["second phone"][-4:]
    seen, expected = {}, {}

    def go(name, status, port, method, path, fields=None):
        seen[name], location, text = request(port, method, path, fields)
        expected[name] = status
        return location, text

    _, page = go("form", 200, form.port, "GET", path)
    vacancies = re.findall(r'name="vacancy" value="([^"]+)"', page)
    post = [("post", re.search(r'name="post" value="([^"]+)"', page)[1])]
    chosen = post + [("vacancy", vacancies[0]), ("vacancy", vacancies[7])]
    named = chosen + [("name", COMPLETED)]
    go("no name", 422, form.port, "POST", path, chosen + [("digits", digits)])
    wrong = [("name", PARTICULARS["mistyped name"]), ("digits", digits)]
    go("wrong name", 422, typed.port, "POST", path, chosen + wrong)
    go("whole phone", 422, typed.port, "POST", path, named + [("digits", PARTICULARS["second phone"])])
    go("wrong digits", 403, typed.port, "POST", path, named + [("digits", "0001")])
    location, _ = go("stated", 303, form.port, "POST", path, named + [("digits", digits)])
    go("seen", 200, form.port, "GET", location)
    go("withdrawn", 303, form.port, "POST", location, [("withdraw", vacancies[0])])
    go("wrong vacancy", 422, form.port, "POST", location, [("withdraw", PHONE)])
    go("opened again", 303, form.port, "POST", path + "/mine", [("digits", digits)])
    go("list", 200, form.port, "GET", path)
    by_hand = [("fair", "1"), ("ticket", answer["ticket"])]
    go("by hand", 303, form.port, "POST", "/", by_hand + [("digits", digits)])
    wrong = [("fair", DOCUMENT), ("ticket", PHONE), ("digits", COMPLETED)]
    go("by hand, mistyped", 422, typed.port, "POST", "/", wrong)
    for name, bad in (("token", f"/I/{DOCUMENT}"), ("path", f"/{PHONE}?name={urllib.parse.quote(COMPLETED)}")):
        seen["bad " + name], _, text = request(headquarters.form_port, "GET", bad)
        expected["bad " + name] = 404
        places.capture(f"answer of the form to a bad {name}", text.encode())
    # The token and the key of a visit stand in addresses by design, and in no log.
    return seen, expected, {"slip token": token, "visit": location.rsplit("/", 1)[1]}


def look_at_figures(headquarters, fair, places):
    desk = Recorder(os.path.join(places.captured, "figures"), headquarters.desk_port)
    seen = {path: request(desk.port, "GET", path, host=f"127.0.0.1:{headquarters.desk_port}")[0]
            for path in ("/", f"/fairs/{fair}", "/api/v1/fairs", f"/api/v1/fairs/{fair}/figures")}
    return seen, dict.fromkeys(seen, 200)


def judge(what, seen, expected):
    print(f"{what}: " + " ".join(f"{name}: {status}" for name, status in seen.items()), flush=True)
    for name, status in expected.items():
        if seen[name] != status:
            invalid(f"{what}: {name} was answered {seen[name]}, not {status}")


def unpack_slips(kiosk, folder):
    """The pictures' bytes behind their compression, and the text of their codes; all other chunks as they are."""
    slips = glob.glob(os.path.join(kiosk.slips, "*.png"))
    for slip in slips:
        with open(slip, "rb") as file:
            content = file.read()
        at, data, rest = 8, b"", b""
        while at < len(content):
            size, kind = int.from_bytes(content[at:at + 4], "big"), content[at + 4:at + 8]
            body = content[at + 8:at + 8 + size]
            data, rest = (data + body, rest) if kind == b"IDAT" else (data, rest + kind + body)
            at += size + 12
        code = subprocess.run(
            [sys.executable, os.path.join(REPOSITORY, "Tests", "EndToEnd", "read-slip.py"), slip], capture_output=True,
            check=True).stdout
        with open(os.path.join(folder, os.path.basename(slip) + ".unpacked"), "wb") as file:
            file.write(zlib.decompress(data) + rest + code)
    return len(slips)


def search(what, places, keys, values, show=True):
    """Status and output of find-canaries.py."""
    command = FIND + ["--values", values] + [word for key in keys for word in ("--key", key)] + places
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    if show:
        print(f"{what}: {run.stdout}{run.stderr}", end="", flush=True)
    return run.returncode, run.stdout


def search_all(what, places, programs, keys):
    """Everything at rest and everything captured."""
    folders = [program.folder for program in programs] + [
        places.tmp, places.left, places.captured, places.unpacked]
    names = [os.path.join(folder, name) for top in folders for folder, _, files in os.walk(top) for name in files]
    places.capture("file names", "\n".join(names).encode())
    but_completed = {label: value for label, value in PARTICULARS.items() if "on the form" not in label
                     and label not in ("mistyped name", "document", "phone")}
    found = search(what, folders, keys, places.values)[0]
    typed = search(f"{what}, pages with what was typed", [places.typed_back], keys,
                   places.write_values("values-typed-back", but_completed))[0]
    return max(found, typed)


def kill_control(places):
    """A process that holds all canaries and may leave a core is killed; whether its core is found with all of them."""
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; held = sys.stdin.buffer.read(); print(flush=True); time.sleep(60)"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open(places.values, "rb") as file:
        holder.stdin.write(file.read())
    holder.stdin.close()
    holder.stdout.readline()
    os.kill(holder.pid, signal.SIGSEGV)
    holder.wait()
    time.sleep(CORE_SECONDS)
    cores = os.listdir(places.cores)
    status, output = search("", [places.cores], [], places.values, show=False) if cores else (0, "")
    for core in cores:
        os.unlink(os.path.join(places.cores, core))
    return status == 1 and all(f": {label} in UTF-8" in output for label in PARTICULARS)


def crash(pattern, places, programs, kiosk):
    """Both daemons crash twice, each time fresh from a registration. Cores are put by. Returns whether one would have
    been seen."""
    is_seen = kill_control(places)
    print(f"core_pattern {pattern}: a program that holds all canaries " + (
        "leaves a core, and they are found in it" if is_seen else "leaves no core here"), flush=True)
    for number in (signal.SIGSEGV, signal.SIGABRT):
        if kiosk.register(name=SURNAME + GIVEN, phone=PHONE, document={"number": DOCUMENT})[0] != 201:
            invalid("no registration before a crash")
        wait_until("the outbox is empty", 60, lambda: kiosk.status()["counts"]["pending"] == 0)
        for program in programs:
            before, process = program.starts, program.process
            os.kill(process.pid, number)
            if process.wait(30) != -number:
                invalid(f"{program.name} did not die of {number.name}")
            wait_until(f"{program.name} starts again", 30, lambda: program.starts > before)
            program.wait_for_port()
    time.sleep(CORE_SECONDS)
    left = os.listdir(places.cores)
    for core in left:
        os.rename(os.path.join(places.cores, core), os.path.join(places.left, f"{len(os.listdir(places.left))}-{core}"))
    print(f"core_pattern {pattern}: SIGSEGV and SIGABRT to both daemons left {len(left)} cores", flush=True)
    return is_seen


def crash_under_patterns(places, programs, kiosk):
    """With core_pattern as it is; as root also with one that puts cores into the working folder, and with one that
    pipes them to a program, to which the limit on cores does not apply (core(5))."""
    with open(CORE_PATTERN, encoding="utf-8") as file:
        pattern = file.read().strip()
    is_seen = crash(f"{pattern} (as it is)", places, programs, kiosk)
    if not os.access(CORE_PATTERN, os.W_OK):
        if not is_seen:
            print("cores were NOT checked: none is left here, and only root may change core_pattern", flush=True)
        return
    piped = f"|/usr/bin/tee {places.cores}/piped.%p"
    try:
        for other in ["filed.%p"] + [piped] * (len(piped) < CORE_PATTERN_BYTES):
            with open(CORE_PATTERN, "w", encoding="utf-8") as file:
                file.write(other + "\n")
            if not crash(other, places, programs, kiosk) and other != piped:
                invalid("no program leaves a core, whatever core_pattern says")
    finally:
        with open(CORE_PATTERN, "w", encoding="utf-8") as file:
            file.write(pattern + "\n")


def allow_cores():
    """In this process and all its children: `ulimit -c unlimited`, as far as the hard limit goes."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    most = resource.RLIM_INFINITY if os.geteuid() == 0 else hard
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def key_files(headquarters, kiosk):
    return glob.glob(os.path.join(kiosk.state, "keys", "*.key")) \
        + glob.glob(os.path.join(headquarters.state, "keys", "*.key")) + [os.path.join(kiosk.runtime, "desk.key")]


def run(headquarters, kiosk, places):
    """Returns the worst status of all searches."""
    fair = headquarters.prepare(kind="fair")
    authority = os.path.join(headquarters.state, "keys", "sync-ca")
    headquarters.recorder = Recorder(
        os.path.join(places.captured, "sync"), headquarters.sync_port,
        ends=tls_ends(os.path.join(places.work, "recorder"), authority + ".key", authority + ".pem"))
    kiosk.recorder = Recorder(os.path.join(places.captured, "kiosk"), kiosk.port, heads_only=True)
    programs = [headquarters.program, kiosk.program]
    for program in programs:
        program.start()
    kiosk.join(headquarters, fair, today())
    seen, expected, answers = use_kiosk(kiosk, places)
    judge("kiosk", seen, expected)
    wait_until("the outbox is empty", 60, lambda: kiosk.status()["counts"]["pending"] == 0)
    seen, expected, unlogged = use_form(headquarters, answers[1], places)
    judge("form", seen, expected)
    judge("figures", *look_at_figures(headquarters, fair, places))
    wait_until("two slips and a copy", 60, lambda: len(glob.glob(os.path.join(kiosk.slips, "*.png"))) == 3)
    if not kiosk.request("GET", "/demonstration/last-slip.png")[2].startswith(b"\x89PNG"):
        invalid("no last slip in a demonstration")
    places.capture("status", (kiosk.control("status", check=False) + kiosk.control("status", "--json")).encode())
    slips, connections = unpack_slips(kiosk, places.unpacked), headquarters.recorder.connections
    print(f"{slips} slips unpacked, {connections} connections of the sync recorded behind their TLS", flush=True)
    keys = key_files(headquarters, kiosk)
    if len(keys) < 11:
        invalid(f"only {len(keys)} keys were looked for")
    found = [search_all("while both run", places, programs, keys)]
    crash_under_patterns(places, programs, kiosk)
    found.append(1 if os.listdir(places.left) else 0)
    for program in programs:
        program.kill()
    time.sleep(1)
    for program in programs:
        program.wait_for_port()
    logs = [program.log.name for program in programs]
    found.append(search("token and visit in logs", logs, [], places.write_values("values-unlogged", unlogged))[0])
    return max(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    programs, places = os.path.abspath(options.programs), Places(os.path.abspath(options.work))
    os.environ["TMPDIR"] = places.tmp
    allow_cores()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    headquarters = RecordedHeadquarters(os.path.join(places.work, "hq"), programs)
    with open(headquarters.config, "a", encoding="utf-8") as file:
        file.write("log:\n  level: trace\n")
    kiosk = RecordedKiosk(os.path.join(places.work, "kiosk"), programs, "C1", demonstration=True)
    # A core lands in the working folder of the process that crashed.
    os.chdir(places.cores)
    try:
        found = run(headquarters, kiosk, places)
    finally:
        kiosk.program.stop()
        headquarters.program.stop()
    keys = [key for key in key_files(headquarters, kiosk) if os.path.exists(key)]
    found = max(found, search_all("after both have stopped", places, [headquarters.program, kiosk.program], keys))
    print("canaries: none found" if found == 0 else "canaries: FOUND", flush=True)
    sys.exit(found)


if __name__ == "__main__":
    main()
