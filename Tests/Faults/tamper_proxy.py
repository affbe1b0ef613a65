"""Stands before headquarters as a TLS server that kiosks believe, and does to requests and answers what a row says.

A road is never trusted: whoever holds this proxy may cut, hold, repeat, exchange and replace everything, and still no
record may be marked as sent that headquarters has not. Its port is the address a kiosk is enrolled with: where one
proxy stands before one kiosk, a row knows whose request it looks at.
"""

import os
import socket
import ssl
import subprocess
import threading
import time

import wire
from faults import TooManyViolations

# A proxy that waits longer than any deadline of the programs has lost them.
PATIENCE_SECONDS = 150
# Heads of requests and answers; the programs' own have some 500 bytes.
HEAD_BYTES_MAX = 65_536


class Gone(Exception):
    """The other end has closed the connection."""


def read_message(sock, before=b""):
    """Head and body of one request or answer with a Content-Length; `before` was read already."""
    content = before
    while b"\r\n\r\n" not in content:
        piece = sock.recv(65_536)
        if not piece or len(content) > HEAD_BYTES_MAX:
            raise Gone
        content += piece
    end = content.index(b"\r\n\r\n") + 4
    length = next((int(line.split(b":")[1]) for line in content[:end].lower().split(b"\r\n")
                   if line.startswith(b"content-length:")), 0)
    while len(content) < end + length:
        piece = sock.recv(65_536)
        if not piece:
            raise Gone
        content += piece
    return content[:end], content[end:end + length]


def problem(status, code, *headers):
    """An answer of headquarters' own form that says no."""
    return response(status, b'{"code":"%s"}' % code.encode(), "application/problem+json", *headers)


def response(status, body, content_type="application/protobuf", *headers):
    lines = [f"HTTP/1.1 {status} Said-By-The-Proxy", f"content-length: {len(body)}", *headers]
    if content_type:
        lines.append(f"content-type: {content_type}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


SESSION_UNKNOWN = problem(401, "session.unknown")


def unreachable(exchange):
    """A rule: headquarters hears nothing, and the kiosk is told so by somebody else."""
    exchange.send(response(502, b"", "text/plain"))


class Exchange:
    """One request of the kiosk; what becomes of it is the rule's to say."""

    def __init__(self, connection, head, body):
        self.connection, self.head, self.body = connection, head, body
        self.method, self.path = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")[:2]
        self.kind = self.path.rsplit("/", 1)[-1]
        self.at = time.monotonic()

    @property
    def request(self):
        return self.head + self.body

    def ask(self, request=None):
        """Headquarters' whole answer to this request, or to another one."""
        return self.connection.ask(self.request if request is None else request)

    def send(self, content):
        """To the kiosk. Raises Gone where it does not listen any more."""
        self.connection.proxy.capture(content[:HEAD_BYTES_MAX])
        try:
            self.connection.client.sendall(content)
        except OSError:
            raise Gone from None

    def pass_on(self):
        answer = self.ask()
        self.deliver(answer)
        return answer

    def deliver(self, answer):
        """A whole answer; what a whole receipt says counts as said to this kiosk."""
        if self.kind == "batches":
            self.connection.proxy.said(answer)
        self.send(answer)

    def end(self, abruptly=False):
        """Closes the connection: with TLS's own word that this was all, or in the middle of everything (RST)."""
        self.connection.end(abruptly)

    def cut_request(self, count, abruptly):
        """Headquarters gets so many bytes of the request and then an end; its answer, if any, is lost."""
        return self.connection.cut_request(self.request[:count], abruptly)

    def kiosk_is_gone(self, seconds):
        """Whether the kiosk closes this connection within so many seconds."""
        self.connection.client.settimeout(seconds)
        try:
            return self.connection.client.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


class Connection:
    def __init__(self, proxy, client):
        self.proxy, self.client, self.server, self.is_open = proxy, client, None, True

    def serve(self):
        rest = b""
        while self.is_open:
            head, body = read_message(self.client, rest)
            rest = b""
            self.proxy.capture(head + body)
            exchange = Exchange(self, head, body)
            self.proxy.arrived(exchange)
            self.proxy.rule(exchange)

    def connect(self):
        raw = socket.create_connection(("127.0.0.1", self.proxy.target), 10)
        raw.settimeout(PATIENCE_SECONDS)
        return self.proxy.ends[1].wrap_socket(raw, server_hostname="127.0.0.1")

    def ask(self, request):
        # Headquarters closes what was silent for a minute: then a new connection is made, once.
        for is_last in (self.server is None, True):
            try:
                self.server = self.server or self.connect()
                self.server.sendall(request)
                head, body = read_message(self.server)
                return head + body
            except (OSError, Gone):
                self.server = close(self.server)
                if is_last:
                    raise Gone from None
        raise Gone

    def cut_request(self, part, abruptly):
        server = self.connect()
        try:
            server.sendall(part)
            if abruptly:
                reset(server)
                return
            # TLS has no half-closed connections: the answer to a whole request would come after our close_notify.
            server.settimeout(0.5)
            try:
                server.recv(1)
            except TimeoutError:
                pass
        except OSError:
            pass
        finally:
            close(server)

    def end(self, abruptly):
        self.is_open = False
        if abruptly:
            reset(self.client)
        close(self.client)


def reset(sock):
    """The kernel answers with RST and TLS says nothing."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        os.close(sock.detach())
    except (OSError, ValueError):
        pass


def close(sock):
    if sock is not None:
        try:
            if isinstance(sock, ssl.SSLSocket):
                # One that waits for the peer's close_notify would wait for ever.
                sock.settimeout(0.2)
                sock.unwrap()
        except (OSError, ValueError):
            pass
        try:
            sock.close()
        except OSError:
            pass


class TamperProxy:
    """`rule(exchange)` decides over every request; `raw(socket)`, where it is set, over every new connection instead.

    `ends` are the TLS contexts of `recorder.tls_ends`. What passes goes to `captured-NAME.bin` in `folder`.
    """

    def __init__(self, folder, name, target, ends):
        self.target, self.ends = target, ends
        self.rule, self.raw = Exchange.pass_on, None
        self.lock = threading.Lock()
        self.requests, self.connections, self.said_lines = [], [], set()
        self.file = open(os.path.join(folder, f"captured-{name}.bin"), "ab")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        raw = self.raw
        if raw is None:
            self.serve_tls(client)
            return
        try:
            raw(client)
        except (OSError, Gone):
            pass
        finally:
            close(client)

    def serve_tls(self, client):
        """As headquarters would; also at the inner end of a socket pair."""
        connection = None
        try:
            client.settimeout(PATIENCE_SECONDS)
            client = self.ends[0].wrap_socket(client, server_side=True, do_handshake_on_connect=False)
            connection = Connection(self, client)
            with self.lock:
                self.connections.append(connection)
            # Known to `drop` before it is asked whether a row has taken over: no connection lives on behind its back.
            if self.raw is None:
                client.do_handshake()
                connection.serve()
        except (OSError, Gone, ValueError, TooManyViolations):
            pass  # Either end was killed or has had enough, or the row has: the connection ends, nothing else.
        finally:
            if connection is not None:
                close(connection.server)
                with self.lock:
                    self.connections.remove(connection)
            close(client)

    # MARK: What rows ask

    @property
    def address(self):
        return f"https://127.0.0.1:{self.port}"

    def capture(self, content):
        """What was seen in plain text, for the search for personal data."""
        with self.lock:
            self.file.write(content)
            self.file.flush()

    def arrived(self, exchange):
        with self.lock:
            self.requests.append((exchange.at, exchange.kind))

    def said(self, answer):
        """Keeps which records a whole receipt calls taken, by id and digest."""
        for line in wire.receipt_lines(answer):
            if line.code in wire.TAKEN:
                with self.lock:
                    self.said_lines.add((line.record, line.digest))

    def drop(self):
        """Ends every connection that is open, and every one whose handshake is under way."""
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            try:
                connection.client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
        self.drop()


def pump_cut(source, sink, count=None):
    """Passes on at most so many bytes; then both ends are closed in the middle of everything."""
    try:
        while piece := source.recv(65_536):
            if count is not None and len(piece) >= count:
                sink.sendall(piece[:count])
                break
            sink.sendall(piece)
            count = None if count is None else count - len(piece)
    except OSError:
        pass
    for sock in (source, sink):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def cut_ciphertext(proxy, down=None, up=None):
    """For `raw`: the next connection is cut after so many bytes of TLS towards the kiosk (down) or from it (up)."""
    def serve(client):
        proxy.raw = None
        inner, outer = socket.socketpair()
        threading.Thread(target=proxy.serve_tls, args=(inner,), daemon=True).start()
        back = threading.Thread(target=pump_cut, args=(outer, client, down), daemon=True)
        back.start()
        pump_cut(client, outer, up)
        back.join()
        outer.close()
    return serve


def stranger_ends(folder, name, alternative, days=30, authority=()):
    """A TLS server that is not headquarters: self-signed or under an authority (certificate, key)."""
    key, request, chain, extensions = (
        os.path.join(folder, f"stranger-{name}-{part}")
        for part in ("key.pem", "request.pem", "chain.pem", "extensions"))
    with open(extensions, "w", encoding="ascii") as file:
        file.write(f"subjectAltName={alternative}\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n")
    signer = ["-CA", authority[0], "-CAkey", authority[1], "-CAcreateserial"] if authority else ["-signkey", key]
    for command in (
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-out", request, "-subj", f"/CN={name}"],
            ["x509", "-req", "-in", request, "-out", chain, "-days", str(days), "-extfile", extensions, *signer]):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context
