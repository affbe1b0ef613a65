"""Keys and sealed contents, written a second time: Ed25519 (RFC 8032), HPKE (RFC 9180) with suite 2 of the protocol.

Independent of the programs on purpose: what they open here was not sealed by their own library. Not for secrets:
nothing runs in constant time.
"""

import hashlib
import hmac
import os
import struct

# MARK: Ed25519

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number, point):
    out = (0, 1, 1, 0)
    while number:
        if number & 1:
            out = _add(out, point)
        point, number = _add(point, point), number >> 1
    return out


def _base():
    y = 4 * pow(5, P - 2, P) % P
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * ROOT % P
    x = P - x if x & 1 else x
    return x, y, 1, x * y % P


BASE = _base()


def _packed(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class DeviceKey:
    """An Ed25519 key from its 32 bytes."""

    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.public = digest[32:], _packed(_times(self.scalar, BASE))
        self.device_id = hashlib.sha256(self.public).digest()[:16]

    def sign(self, domain, body):
        data = domain.encode() + b"\0" + body
        nonce = int.from_bytes(hashlib.sha512(self.prefix + data).digest(), "little") % L
        point = _packed(_times(nonce, BASE))
        challenge = int.from_bytes(hashlib.sha512(point + self.public + data).digest(), "little") % L
        return point + ((nonce + challenge * self.scalar) % L).to_bytes(32, "little")


# MARK: HPKE, suite 2 of the protocol

def x25519(scalar, u):
    k = int.from_bytes(scalar, "little") & (1 << 254) - 8 | 1 << 254
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % P, c * b % P, a * a % P, b * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, (aa - bb) * (aa + 121665 * (aa - bb)) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def _block(key, counter, nonce):
    state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *struct.unpack("<8L", key), counter,
             *struct.unpack("<3L", nonce)]
    work, mask = list(state), 0xFFFFFFFF

    def turn(a, b, c, d):
        for x, y, z, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            work[x] = work[x] + work[y] & mask
            rolled = work[z] ^ work[x]
            work[z] = (rolled << by | rolled >> 32 - by) & mask
    for _ in range(10):
        for quarter in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                        (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            turn(*quarter)
    return struct.pack("<16L", *(a + b & mask for a, b in zip(work, state)))


def chacha20_poly1305(key, nonce, aad, text):
    stream = b"".join(_block(key, 1 + i, nonce) for i in range((len(text) + 63) // 64))
    sealed = bytes(a ^ b for a, b in zip(text, stream))
    once = _block(key, 0, nonce)[:32]
    r = int.from_bytes(once[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    pad = lambda part: part + bytes(-len(part) % 16)  # noqa: E731
    data = pad(aad) + pad(sealed) + struct.pack("<QQ", len(aad), len(sealed))
    total = 0
    for at in range(0, len(data), 16):
        total = (total + int.from_bytes(data[at:at + 16] + b"\1", "little")) * r % (2 ** 130 - 5)
    return sealed + (total + int.from_bytes(once[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def _extract(suite, salt, label, data):
    return hmac.new(salt, b"HPKE-v1" + suite + label + data, hashlib.sha256).digest()


def _expand(suite, key, label, data, size):
    data = struct.pack(">H", size) + b"HPKE-v1" + suite + label + data
    return hmac.new(key, data + b"\1", hashlib.sha256).digest()[:size]


def seal(public_key, info, aad, text):
    """HPKE, base mode, single shot: X25519, HKDF-SHA256, ChaCha20-Poly1305. Encapsulated key and ciphertext."""
    mine = os.urandom(32)
    sent = x25519(mine, (9).to_bytes(32, "little"))
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\1\0\3"
    prk = _extract(kem, b"", b"eae_prk", x25519(mine, public_key))
    shared = _expand(kem, prk, b"shared_secret", sent + public_key, 32)
    context = b"\0" + _extract(suite, b"", b"psk_id_hash", b"") + _extract(suite, b"", b"info_hash", info)
    secret = _extract(suite, shared, b"secret", b"")
    key, nonce = _expand(suite, secret, b"key", context, 32), _expand(suite, secret, b"base_nonce", context, 12)
    return sent, chacha20_poly1305(key, nonce, aad, text)


def padded(payload, fill=b"\0"):
    """Four bytes of length, the payload, and zeros up to a size class."""
    size = next(size for size in (256 << n for n in range(8)) if size >= len(payload) + 4)
    return struct.pack(">I", len(payload)) + payload + fill * (size - 4 - len(payload))
