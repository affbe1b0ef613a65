"""Wrong clocks and new boots for real programs, and what headquarters made of the times of their records."""

import os
import shutil
import signal
import struct
import subprocess
import time
import uuid

from stick_bench import compile_library
from testbed import wait_until

SECOND = 1_000_000_000
YEAR = 365 * 86_400


class WrongClock:
    """The wall clock of the programs that are started with its environment (wrong-clock.c)."""

    def __init__(self, run, name):
        self.path = os.path.join(run.folder, f"{name}.clock")
        self.environment = {"LD_PRELOAD": compile_library(run, "wrong-clock"), "WRONG_CLOCK": self.path}
        with open(self.path, "wb") as file:
            file.write(struct.pack("=qq", 0, 0))

    def _write(self, *numbers):
        # In place: the programs have it mapped.
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("=qq", *numbers))

    def shift(self, seconds):
        """From the true time."""
        self._write(0, int(seconds * SECOND))

    def say(self, seconds_since_1970):
        """Now, and goes on from there."""
        self.shift(seconds_since_1970 - time.time())

    def freeze(self, seconds_since_1970):
        self._write(1, int(seconds_since_1970 * SECOND))


class Moments:
    """When each registration was really made: between sending it and its answer."""

    def __init__(self):
        self.made = {}

    def register(self, kiosk):
        before = time.time()
        identifier = kiosk.register()
        self.made[identifier] = (before, time.time())
        return identifier

    def compare(self, run, ask, text, only=None, narrow=None):
        """Headquarters' bounds of each registration hold the true moment. `narrow`: seconds that they are apart at most
        where they count as a date at all."""
        rows = {identifier: (lower / 1000, upper / 1000) for identifier, lower, upper in
                ask("SELECT lower(hex(recordID)), occurredLower, occurredUpper FROM record")}
        wrong = []
        for identifier, (sent, answered) in self.made.items():
            if identifier not in rows or only is not None and identifier not in only:
                continue
            lower, upper = rows[identifier]
            # One millisecond is lost where seconds become milliseconds.
            if not lower <= answered + 0.002 or not upper >= sent - 0.002:
                wrong.append((identifier, round(lower - answered, 3), round(upper - sent, 3)))
            elif narrow and upper - lower <= narrow:
                run.hit("dated")
            run.most("widest bounds in seconds", round(upper - lower))
        run.check(not wrong, f"{text}: {len(wrong)} records whose bounds do not hold the true time (seconds from it to "
                  f"the lower and the upper bound): {wrong[:3]}")


class Boots:
    """A kioskd under another boot id and with clocks since boot that begin anew, as after switching it on (root)."""

    def __init__(self, kiosk, clock):
        self.kiosk, self.clock, self.number, self.process = kiosk, clock, 0, None
        self.log = open(os.path.join(kiosk.kiosk.folder, "boots.log"), "ab")

    @staticmethod
    def is_possible():
        return os.geteuid() == 0 and bool(shutil.which("unshare")) and subprocess.run(
            ["unshare", "--mount", "--time", "--boottime", "0", "--monotonic", "0", "true"], check=False,
            capture_output=True).returncode == 0

    def boot(self, uptime):
        """`uptime`: seconds since it was switched on."""
        self.number += 1
        boot_id = os.path.join(self.kiosk.kiosk.folder, f"boot-id-{self.number}")
        with open(boot_id, "w", encoding="ascii") as file:
            file.write(f"{uuid.uuid4()}\n")
        up = int(time.clock_gettime(time.CLOCK_BOOTTIME)) - uptime
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--time", "--boottime", str(-up), "--monotonic", str(-up), "sh", "-c",
             'mount --bind "$1" /proc/sys/kernel/random/boot_id && shift && exec "$@"', "sh", boot_id,
             *self.kiosk.kiosk.program.command],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **self.clock.environment})
        wait_until("kioskd answers after a boot", 60, lambda: self.kiosk.status() is not None)

    def switch_off(self):
        """As the plug does; the page cache stays, as with every kill."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)
