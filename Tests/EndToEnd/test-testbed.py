#!/usr/bin/env python3
"""Ports that tests side by side are given: each one once, and none that a connection may take meanwhile."""
import collections
import multiprocessing
import socket
import unittest

from testbed import free_port

PROCESSES, PORTS_EACH = 8, 100


def take(_):
    return [free_port() for _ in range(PORTS_EACH)]


class FreePort(unittest.TestCase):
    def test_no_port_is_given_twice_and_none_is_ephemeral(self):
        with multiprocessing.Pool(PROCESSES) as pool:
            ports = [port for some in pool.map(take, range(PROCESSES), chunksize=1) for port in some]
        twice = [port for port, times in collections.Counter(ports).items() if times > 1]
        self.assertEqual(twice, [])
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            first_ephemeral = int(file.read().split()[0])
        self.assertLess(max(ports), first_ephemeral)

    def test_a_port_in_use_is_left_out(self):
        following = free_port() + 1
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", following))
            self.assertNotEqual(free_port(), following)


if __name__ == "__main__":
    unittest.main()
