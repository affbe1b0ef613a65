#!/usr/bin/env python3
"""A connection in its handshake is ended, too, when a row takes over the proxy: nothing passes behind its back."""
import os
import socket
import ssl
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "EndToEnd")]

from tamper_proxy import TamperProxy  # noqa: E402
from testbed import free_port, wait_until  # noqa: E402


class TakenOver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tamper-proxy-test-")
        self.addCleanup(folder.cleanup)
        ends = [ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)]
        self.proxy = TamperProxy(folder.name, "test", free_port(), ends)
        self.addCleanup(self.proxy.file.close)
        self.addCleanup(self.proxy.close)

    def test_a_connection_in_its_handshake_is_ended(self):
        with socket.create_connection(("127.0.0.1", self.proxy.port), 10) as silent:
            wait_until("accepted", 10, lambda: self.proxy.connections)
            self.proxy.raw = lambda client: None
            self.proxy.drop()
            self.assertEqual(silent.recv(1), b"")

    def test_one_that_is_accepted_before_is_not_served_afterwards(self):
        self.proxy.raw = lambda client: None
        inner, outer = socket.socketpair()
        outer.settimeout(10)
        self.proxy.serve_tls(inner)
        self.assertEqual(outer.recv(1), b"")
        outer.close()


if __name__ == "__main__":
    unittest.main()
