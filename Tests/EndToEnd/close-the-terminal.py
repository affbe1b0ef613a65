#!/usr/bin/env python3
"""Starts `make run` in a terminal of its own, closes that terminal, and looks that neither program outlives it.

    close-the-terminal.py --programs DIR --work DIR
"""
import argparse
import os
import pty
import select
import shutil
import signal
import socket
import time

from testbed import REPOSITORY, free_port, wait_until

START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 60


def is_listening(port):
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def read_until(terminal, text, seconds):
    seen, end = b"", time.monotonic() + seconds
    while text not in seen:
        if time.monotonic() > end:
            raise SystemExit(f"FALSE make run was not ready within {seconds} s:\n{seen.decode(errors='replace')}")
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 4096)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    ports = {name: free_port() for name in ("KIOSK", "SYNC", "FORM", "DESK")}
    environment = {**os.environ, "JOBFAIR_RUN_DIR": os.path.abspath(options.work),
                   "JOBFAIR_BUILD": os.path.abspath(options.programs),
                   **{f"JOBFAIR_{name}_PORT": str(port) for name, port in ports.items()}}
    script = os.path.join(REPOSITORY, "kiosk-config", "run-demonstration.sh")
    process, terminal = pty.fork()
    if process == 0:
        # Whoever started us may ignore it (nohup does), and a shell cannot trap what was ignored before it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.execve(script, [script], environment)
    read_until(terminal, b"Ctrl-C stops both", START_SECONDS_MAX)
    # The kernel tells whoever runs in a terminal that it is gone (SIGHUP).
    os.close(terminal)
    try:
        wait_until("both programs end", STOP_SECONDS_MAX,
                   lambda: not any(is_listening(port) for port in ports.values()))
    except TimeoutError as error:
        raise SystemExit(f"FALSE {error}: a program outlives its terminal") from None
    os.waitpid(process, 0)
    print("ok    make run: the terminal was closed, both programs have stopped")


if __name__ == "__main__":
    main()
