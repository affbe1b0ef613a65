"""A headquarters and some kiosks as real processes on loopback, each with its own folder, to be killed and restarted.

Only the standard library. Nothing here knows the inside of the programs: it speaks HTTP, reads exit codes, and uses
the commands a technician would use.
"""

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# Below Linux's ephemeral ports (32768 and more, ip(7)): no outgoing connection and no listener on port 0 takes them.
PORTS = range(10_000, 32_768)


def free_port():
    """A port that is given to nobody else before some 22,000 others were.

    A program binds it long after it was chosen, and many tests run side by side: whoever found its port taken would
    wait in vain, or, worse, speak with another test's program.
    """
    with open(os.path.join(tempfile.gettempdir(), f"jobfair-last-port-{os.getuid()}"), "a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        port = int(file.read() or PORTS[-1])
        for _ in PORTS:
            port = port + 1 if port + 1 in PORTS else PORTS[0]
            with socket.socket() as listener:
                try:
                    listener.bind(("127.0.0.1", port))
                except OSError:
                    continue
            file.truncate(0)
            file.write(str(port))
            return port
    raise OSError(f"every port from {PORTS[0]} to {PORTS[-1]} is taken")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def wait_until(what, seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {seconds} s")


def behind_strace(pid):
    """The process of the program itself, also where strace stands before it."""
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            if file.read().strip() != "strace":
                return pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])
    except (OSError, IndexError):
        return pid


class Program:
    """One process that is restarted, as systemd would, until it is stopped on purpose."""

    def __init__(self, name, command, folder, environment=None, port=None):
        self.name, self.command, self.folder, self.port = name, command, folder, port
        self.environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}
        self.log = open(os.path.join(folder, name + ".log"), "ab")
        self.process, self.wanted, self.starts = None, False, 0
        self.lock = threading.Lock()

    def start(self):
        with self.lock:
            self.wanted = True
            if self.process is None:
                self._spawn()
                threading.Thread(target=self._supervise, daemon=True).start()
        if self.port:
            self.wait_for_port()

    def wait_for_port(self, seconds=60):
        def answers():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        wait_until(f"{self.name} on port {self.port} (see {self.log.name})", seconds, answers)

    def _spawn(self):
        self.starts += 1
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.environment,
            start_new_session=True)

    def _supervise(self):
        while True:
            self.process.wait()
            time.sleep(0.3)
            with self.lock:
                if not self.wanted:
                    self.process = None
                    return
                self._spawn()

    def pid(self):
        return behind_strace(self.process.pid)

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)

    def crash(self):
        """SIGKILL, and not started again before `start`."""
        with self.lock:
            self.wanted = False
        self.kill()
        wait_until(f"{self.name} gone", 10, lambda: self.process is None)

    def stop(self, seconds=30):
        with self.lock:
            self.wanted = False
            process = self.process
        if process is None:
            return 0
        try:
            os.kill(self.pid(), signal.SIGTERM)
        except ProcessLookupError:
            pass
        return process.wait(timeout=seconds)


class Headquarters:
    def __init__(self, folder, programs, form_address=None, names=("127.0.0.1", "localhost"), sync_host="127.0.0.1",
                 settings=""):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.binary = folder, os.path.join(programs, "headquartersd")
        self.sync_port, self.form_port, self.desk_port = free_port(), free_port(), free_port()
        self.form_address = form_address or f"HTTP://127.0.0.1:{self.form_port}"
        self.state = os.path.join(folder, "state")
        self.config = write(os.path.join(folder, "headquarters.yaml"), f"""\
stateFolder: {self.state}
sync:
  host: {sync_host}
  port: {self.sync_port}
  names: [{", ".join(f'"{name}"' for name in names)}]
form:
  host: 127.0.0.1
  port: {self.form_port}
  address: {self.form_address}
desk:
  host: 127.0.0.1
  port: {self.desk_port}
{settings}""")
        self.program = Program("headquartersd", [self.binary, "serve", "--config", self.config], folder,
                               port=self.sync_port)

    @property
    def sync_address(self):
        return f"https://127.0.0.1:{self.sync_port}"

    @property
    def database(self):
        return os.path.join(self.state, "headquarters.sqlite")

    def command(self, *arguments):
        done = subprocess.run([self.binary, *arguments, "--config", self.config], capture_output=True, text=True,
                              env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"headquartersd {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def prepare(self, kind="rehearsal", fair_file=None):
        """Keys, their backup, and one fair. Returns the fair's id."""
        passphrase = write(os.path.join(self.folder, "passphrase.txt"), "synthetic passphrase of a test\n")
        os.chmod(passphrase, 0o600)
        self.command("keys", "backup", "--passphrase-file", passphrase, "--to",
                     os.path.join(self.folder, "keys.backup"))
        printed = self.command("fair", "create", "--kind", kind, "--from",
                               fair_file or os.path.join(REPOSITORY, "kiosk-config", "sample-fair.yaml"))
        return next(word for word in printed.replace(",", " ").split() if is_uuid(word))

    def add_kiosk(self, label, fair_id):
        printed = self.command("kiosk", "add", "--label", label, "--fair", fair_id)
        return next(word for word in printed.split() if len(word.replace("-", "")) == 20 and word.upper() == word)


def is_uuid(word):
    try:
        return str(uuid.UUID(word)) == word
    except ValueError:
        return False


class Kiosk:
    def __init__(self, folder, programs, label, environment=None, prefix=(), printer=None, demonstration=False):
        os.makedirs(os.path.join(folder, "run"), exist_ok=True)
        self.folder, self.label, self.programs = folder, label, programs
        self.port = free_port()
        self.state, self.runtime = os.path.join(folder, "state"), os.path.join(folder, "run")
        self.slips = os.path.join(folder, "slips")
        printer = printer or f"{{kind: folder, path: {self.slips}, profile: 58mm}}"
        self.config = write(os.path.join(folder, "kiosk.yaml"), f"""\
label: {label}
listen: {{host: 127.0.0.1, port: {self.port}}}
stateFolder: {self.state}
runtimeFolder: {self.runtime}
demonstration: {"true" if demonstration else "false"}
printer: {printer}
printerProfilesFolder: {REPOSITORY}/kiosk-config/printers
fontsConfiguration: {REPOSITORY}/kiosk-config/fonts.conf
""")
        self.socket = os.path.join(self.runtime, "control.sock")
        self.program = Program(
            "kioskd", [*prefix, os.path.join(programs, "kioskd"), "--config", self.config], folder,
            environment=environment, port=self.port)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self):
        return os.path.join(self.state, "records.sqlite")

    def control(self, *arguments, check=True):
        done = subprocess.run(
            [os.path.join(self.programs, "kioskctl"), *arguments, "--socket", self.socket],
            capture_output=True, text=True, timeout=120, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        if check and done.returncode != 0:
            raise RuntimeError(f"kioskctl {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def status(self):
        done = self.control("status", "--json", check=False)
        return json.loads(done)

    def join(self, headquarters, fair_id, day):
        """Enrols, waits for catalogue and grant, opens the fair."""
        self.control("enrol", "--address", headquarters.sync_address,
                     "--code", headquarters.add_kiosk(self.label, fair_id))
        def opened():
            try:
                self.control("fair", "open", "--day", day)
                return True
            except RuntimeError as error:
                self.last_refusal = str(error)
                return False
        try:
            wait_until("fair open", 60, opened)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.last_refusal}") from None

    def request(self, method, path, body=None, headers=None, timeout=20):
        """One request; returns status, headers and body. The body may be bytes or something for JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body, ensure_ascii=False).encode()
            headers = {"content-type": "application/json", **(headers or {})} if body is not None else headers or {}
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        finally:
            connection.close()

    def register(self, **fields):
        """A synthetic registration; every field can be replaced. Returns status, decoded answer and the request."""
        _, _, status = self.request("GET", "/api/v1/status")
        request = {
            "recordId": make_record_id(), "formKey": os.urandom(16).hex(),
            "noticeVersion": (json.loads(status)["notice"] or {}).get("version"),
            "document": {"number": synthetic_id()}, "name": "测试甲", "phone": "19900001234", **fields}
        code, _, answer = self.request("POST", "/api/v1/registrations", request)
        return code, json.loads(answer), request


def make_record_id():
    """A UUID of version 7 (RFC 9562)."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62
    return str(uuid.UUID(int=value))


def synthetic_id(birth="19750302", serial="123", region="000000"):
    """An 18-digit number with a right check digit under a region prefix that was never issued (GB 11643-1999)."""
    digits = region + birth + serial
    total = sum(int(digit) * weight for digit, weight in zip(digits, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]))
    return digits + "10X98765432"[total % 11]


def today():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
