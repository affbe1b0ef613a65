"""Stands between two programs on loopback and writes down what passes, also out of TLS.

Only the standard library and the command `openssl`.
"""

import os
import socket
import ssl
import subprocess
import threading


class Recorder:
    """Forwards connections from a port of its own to `target`; one pair of files for each connection.

    What the client sends goes to `N-sent`, with `heads_only` no further than the empty line behind the first
    request's headers; the answers go to `N-answered` whole. With `ends`, a pair of TLS contexts, it is a server to
    the client and a client to the target, and writes plain text.
    """

    def __init__(self, folder, target, heads_only=False, ends=None):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.target, self.heads_only, self.ends = folder, target, heads_only, ends
        self.connections, self.lock = 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = None
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 10)
            if self.ends:
                client = self.ends[0].wrap_socket(client, server_side=True)
                server = self.ends[1].wrap_socket(server, server_hostname="127.0.0.1")
            server.settimeout(None)
            with self.lock:
                self.connections += 1
                base = os.path.join(self.folder, f"{self.connections:03}")
            with open(base + "-sent", "wb", buffering=0) as sent, \
                    open(base + "-answered", "wb", buffering=0) as answered:
                back = threading.Thread(target=self._pump, args=(server, client, answered, False), daemon=True)
                back.start()
                self._pump(client, server, sent, self.heads_only)
                back.join()
        except OSError:
            pass  # A program that was killed: its connection ends, nothing else.
        finally:
            for end in (client, server):
                if end is not None:
                    end.close()

    @staticmethod
    def _pump(source, sink, file, head_only):
        head = b""
        try:
            while piece := source.recv(65536):
                if not head_only:
                    file.write(piece)
                elif b"\r\n\r\n" not in head:
                    before, head = len(head), head + piece
                    end = head.find(b"\r\n\r\n")
                    file.write(head[before:end if end >= 0 else len(head)])
                sink.sendall(piece)
        except OSError:
            pass
        try:
            # Behind TLS there is no half-closed connection: both ends go together.
            sink.shutdown(socket.SHUT_RDWR if isinstance(sink, ssl.SSLSocket) else socket.SHUT_WR)
        except OSError:
            pass


def tls_ends(folder, authority_key, authority):
    """TLS contexts for a recorder before headquarters' sync port: with the authority's key it makes a certificate that
    kiosks believe. `authority_key` holds the 32 bytes of a P-256 key, `authority` its certificate (PEM)."""
    os.makedirs(folder, exist_ok=True)
    with open(authority_key, "rb") as file:
        raw = file.read()
    # RFC 5915: version 1, the key, the curve prime256v1.
    der = b"\x30\x31\x02\x01\x01\x04\x20" + raw + b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    paths = {name: os.path.join(folder, name) for name in ("authority.der", "authority.pem", "key.pem", "chain.pem")}
    with open(os.open(paths["authority.der"], os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(der)
    for command in (
            ["ec", "-inform", "DER", "-in", paths["authority.der"], "-out", paths["authority.pem"]],
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", paths["key.pem"], "-out", paths["chain.pem"], "-subj", "/CN=recorder",
             "-days", "30", "-CA", authority, "-CAkey", paths["authority.pem"],
             "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
             "-addext", "extendedKeyUsage=serverAuth"]):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    to_client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    to_client.load_cert_chain(paths["chain.pem"], paths["key.pem"])
    to_client.set_alpn_protocols(["http/1.1"])
    to_server = ssl.create_default_context(cafile=authority)
    to_server.set_alpn_protocols(["http/1.1"])
    return to_client, to_server
