#!/usr/bin/env python3
"""A network printer that prints nothing: each connection's bytes become one file, 0001.escpos and on.

    fake-printer.py ADDRESS PORT FOLDER
"""
import pathlib
import socketserver
import sys
import threading


class Connection(socketserver.BaseRequestHandler):
    count = 0
    lock = threading.Lock()

    def handle(self):
        content = b""
        while piece := self.request.recv(65536):
            content += piece
        if not content:
            return
        with Connection.lock:
            Connection.count += 1
            number = Connection.count
        part = folder / f"{number:04}.part"
        part.write_bytes(content)
        part.rename(folder / f"{number:04}.escpos")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


folder = pathlib.Path(sys.argv[3])
with Server((sys.argv[1], int(sys.argv[2])), Connection) as server:
    server.serve_forever()
