"""Stands between a kiosk and headquarters with a certificate that the kiosk believes; may change what passes."""

import http.client
import os
import socket
import ssl
import threading

from recorder import tls_ends


class Exchange:
    """One request and its answer, as they pass."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.status, self.answer_headers, self.answer = None, [], b""

    def respond(self, status, content_type, body, headers=()):
        self.status, self.answer = status, body
        self.answer_headers = [("content-type", content_type), *headers]


class Middle:
    """`before(exchange)` may respond in headquarters' place; `after(exchange)` sees the answer before the kiosk does.

    What it saw in plain text is in `captured-N.bin` of its folder, so that a search for personal data finds it."""

    def __init__(self, folder, centre, before=None, after=None):
        keys = os.path.join(centre.state, "keys")
        self.folder, self.centre, self.before, self.after = folder, centre, before, after
        self.ends = tls_ends(os.path.join(folder, "middle"), os.path.join(keys, "sync-ca.key"),
                             os.path.join(keys, "sync-ca.pem"))
        self.connections, self.seen, self.lock = 0, [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return f"https://127.0.0.1:{self.port}"

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = None
        try:
            client = self.ends[0].wrap_socket(client, server_side=True)
            with self.lock:
                self.connections += 1
                path = os.path.join(self.folder, f"captured-{self.connections % 50}.bin")
            stream = client.makefile("rb")
            with open(path, "ab") as captured:
                while exchange := self._request(stream):
                    if self.before:
                        self.before(exchange)
                    if exchange.status is None:
                        server = server or http.client.HTTPSConnection(
                            "127.0.0.1", self.centre.sync_port, timeout=60, context=self.ends[1])
                        self._forward(server, exchange)
                    if self.after:
                        self.after(exchange)
                    captured.write(exchange.body + exchange.answer)
                    with self.lock:
                        self.seen.append((exchange.method, exchange.path, exchange.status))
                    self._answer(client, exchange)
        except (OSError, ValueError, http.client.HTTPException, ssl.SSLError):
            pass  # One of the two has gone: so does the other.
        finally:
            client.close()
            if server is not None:
                server.close()

    @staticmethod
    def _request(stream):
        first = stream.readline()
        if not first:
            return None
        method, path, _ = first.decode("latin-1").split(" ", 2)
        headers = http.client.parse_headers(stream)
        if (headers.get("transfer-encoding") or "").lower() == "chunked":
            body = b""
            while size := int(stream.readline().split(b";")[0], 16):
                body += stream.read(size)
                stream.readline()
            stream.readline()
        else:
            body = stream.read(int(headers.get("content-length") or 0))
        return Exchange(method, path, headers.items(), body)

    @staticmethod
    def _forward(server, exchange):
        dropped = {"transfer-encoding", "content-length", "host", "connection"}
        headers = {name: value for name, value in exchange.headers if name.lower() not in dropped}
        server.request(exchange.method, exchange.path, body=exchange.body if exchange.method == "POST" else None,
                       headers=headers)
        answer = server.getresponse()
        exchange.answer = answer.read()
        exchange.status = answer.status
        exchange.answer_headers = [(name, value) for name, value in answer.getheaders()
                                   if name.lower() not in dropped]

    @staticmethod
    def _answer(client, exchange):
        lines = [f"HTTP/1.1 {exchange.status} {http.client.responses.get(exchange.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in exchange.answer_headers]
        if exchange.status != 304:
            lines.append(f"content-length: {len(exchange.answer)}")
        client.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + exchange.answer)
