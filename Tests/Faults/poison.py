"""What no kiosk would say, and what has to come of it: requests, contents of records, and records, for row S5."""

import os

from protobuf import field, message, varint
from sealing import DeviceKey, padded, seal

HELLO, BATCHES = "/sync/v1/hello", "/sync/v1/batches"
GROUPS = varint(15 << 3 | 3) * 20_000


def deep(levels):
    """A message in a message in a message, of a field that nobody knows."""
    out = b""
    for _ in range(levels):
        out = field(4711, out)
    return out


def requests(client):
    """name -> (call, what comes of it)"""
    def hello(body, **more):
        client.nonce = os.urandom(16)
        return client.request("POST", HELLO, body() if callable(body) else body, **more)

    def batch(body, **more):
        client.hello()
        return client.post(BATCHES, body, **more)
    body, ids = client.hello_body, os.urandom(16)
    stranger = DeviceKey(b"s" * 32)
    malformed, forged = (400, "message.malformed"), (403, "signature.invalid")
    return {
        "hello: random bytes": (lambda: hello(os.urandom(300)), malformed),
        "hello: empty": (lambda: hello(b""), forged),
        "hello: cut off": (lambda: hello(lambda: body()[:-5]), malformed),
        "hello: groups in groups": (lambda: hello(lambda: body() + GROUPS), malformed),
        "hello: deep in a known field": (lambda: hello(lambda: body() + field(8, deep(3000))), (200, "")),
        "hello: invalid UTF-8": (lambda: hello(lambda: body(f9=b"\xff\xfe\xc0\x80")), malformed),
        "hello: NUL in a version": (lambda: hello(lambda: body(f9=b"1\x002")), (200, "")),
        "hello: numbers of 2^63": (lambda: hello(lambda: body(f3=1 << 63, f5=1 << 63, f6=(1 << 64) - 1, f10=1 << 63)),
                                   (200, "")),
        "hello: a varint of eleven bytes": (lambda: hello(lambda: body() + b"\x18" + b"\xff" * 11), malformed),
        "hello: a length beyond the end": (lambda: hello(lambda: body() + b"\x5a\xff\xff\xff\xff\x07"), malformed),
        "hello: a lineage of 15 bytes": (lambda: hello(lambda: body(f2=b"x" * 15)), malformed),
        "hello: 1024 problems of 1 KiB": (lambda: hello(lambda: body(f14=[message(f1="x" * 200)] * 1024)), (200, "")),
        "hello: 256 KiB and a byte": (lambda: hello(b"\0" * (262_144 + 1)), (413, "body.tooLarge")),
        "hello: another's nonce": (lambda: hello(lambda: body(f13=ids)), forged),
        "hello: counter 1": (lambda: hello(body, counter=1), forged),
        "hello: another's signature": (lambda: hello(body, signature=os.urandom(64)), forged),
        "hello: a signature of 63 bytes": (lambda: hello(body, signature=b"x" * 63), forged),
        "hello: no signature": (lambda: hello(body, headers={"jobfair-signature": None}), forged),
        "hello: a device of 15 bytes": (lambda: hello(body, headers={"jobfair-device": "00" * 15}), forged),
        "hello: an unknown device": (lambda: hello(body, headers={"jobfair-device": stranger.device_id.hex()}),
                                     (403, "device.unknown")),
        "hello: a counter of 2^64": (lambda: hello(body, headers={"jobfair-counter": str(1 << 64)}), forged),
        "hello: a counter of letters": (lambda: hello(body, headers={"jobfair-counter": "1e3"}), forged),
        "hello: JSON": (lambda: hello(body, headers={"content-type": "application/json"}), (415, "content.type")),
        "hello: claims of an erasure": (lambda: hello(lambda: body(
            f18=[message(f1=deep(5), f2=b"12345678", f3=b"x" * 64)])), (200, "")),
        "enrolment: random bytes": (lambda: client.request("POST", "/sync/v1/enrolments", os.urandom(200)), malformed),
        "enrolment: a code of NUL": (lambda: client.request("POST", "/sync/v1/enrolments", message(
            f1="\0" * 20, f2=b"k" * 32, f3=b"a" * 32, f4=b"p" * 64)), (403, "enrolment.codeInvalid")),
        "batch: without hello": (lambda: client.request("POST", BATCHES, b"x", nonce=ids, counter=1),
                                 (401, "session.unknown")),
        "batch: random bytes": (lambda: batch(os.urandom(500)), malformed),
        "batch: no records": (lambda: batch(message(f1=ids)), malformed),
        "batch: an id of 15 bytes": (lambda: batch(message(f1=b"x" * 15, f2=[b"x"])), malformed),
        "batch: 257 records": (lambda: batch(message(f1=ids, f2=[b"x"] * 257)), (413, "body.tooLarge")),
        "batch: 576 KiB and a byte": (lambda: batch(b"\0" * (589_824 + 1)), (413, "body.tooLarge")),
        "batch: cut off": (lambda: batch(message(f1=ids, f2=[client.entry()])[:-9]), malformed),
        "batch: another's signature": (lambda: batch(message(f1=ids, f2=[b"x"]), signature=os.urandom(64)), forged),
        "batch: a counter again": (lambda: (batch(message(f1=ids, f2=[b"x"])), client.request(
            "POST", BATCHES, message(f1=ids, f2=[b"x"]), counter=client.counter))[1], (401, "session.unknown")),
        "batch: counter 2^64 - 1": (lambda: (client.hello(), client.request(
            "POST", BATCHES, message(f1=ids, f2=[b"x"]), counter=(1 << 64) - 1))[1], (200, "")),
        "a fair of NUL": (lambda: (client.hello(), client.request(
            "GET", "/sync/v1/fairs/%00/catalogue", counter=1))[1], (404, "fair.notGranted")),
        "a fair of nobody": (lambda: (client.hello(), client.request(
            "GET", f"/sync/v1/fairs/{'0' * 32}/grant", counter=1))[1], (404, "fair.notGranted")),
        "no such route": (lambda: client.request("POST", "/sync/v9/hello", b"x"), (404, "request.unknown")),
    }


def payloads(client):
    """Contents that are sealed as they should be: name -> (payload, result, reason)."""
    registration = {"f2": "测试乙", "f7": "adult", "f10": "2026-1", "f15": 1, "f16": 1}
    held = ("held", "payload.invalid")
    return {
        "an unknown kind": (field(99, b"x" * 40), "held", "schema.unknown"),
        "no kind at all": (b"", "held", "schema.unknown"),
        "random bytes inside": (os.urandom(200), *held),
        "invalid UTF-8 in a name": (field(1, message(**{**registration, "f2": b"\xff\xfe"})), *held),
        "NUL in a name": (field(1, message(**{**registration, "f2": "测\0试"})), "accepted", ""),
        "a name of 30,000 bytes": (field(1, message(**{**registration, "f2": "测" * 10_000})), "accepted", ""),
        "a name that turns round": (field(1, message(**{**registration, "f2": "\u202e测试"})), "accepted", ""),
        "a document of NUL": (field(1, message(**registration, f1=message(f2="\0" * 18))), "accepted", ""),
        "a registration of nothing": (field(1, b"\x80\x01\x01"), "accepted", ""),
        "2^32 - 1 people": (field(2, message(f1=(1 << 32) - 1, f2=1)), "accepted", ""),
        "2^64 - 1 people": (field(2, message(f1=(1 << 64) - 1, f2=1)), "accepted", ""),
        "a check-in of 15 bytes": (field(3, message(f1=b"x" * 15)), *held),
        "a check-in of nobody": (field(3, message(f1=b"x" * 16)), "accepted", ""),
        "an intent with a level nobody knows": (field(4, message(f1=b"x" * 16, f2=b"y" * 16, f3="astronaut")), *held),
        "a day that does not exist": (field(7, message(f1="dayOpened", f2="2026-02-30", f3="x\0")), "accepted", ""),
        "a clock anchor of 2^63": (field(8, message(f1=b"b" * 16, f2=1 << 63, f3=5)), *held),
        "a clock anchor of the year 292,278,994": (field(8, message(
            f1=b"b" * 16, f2=1, f3=(1 << 63) - 1, f4=(1 << 32) - 1)), "accepted", ""),
        "a clock anchor before everything": (field(8, message(f1=b"c" * 16, f2=1, f3=-(1 << 63))), "accepted", ""),
        "deep inside": (field(1, field(14, deep(4000))), "accepted", ""),
        "groups in groups inside": (field(1, GROUPS[:20_000]), *held),
    }


def frames(client, other):
    """Frames that are wrong outside the seal: name -> (frame, result, reason). Most do not go on in the lineage."""
    entry, key = field(2, message(f1=1, f2=1)), client.key
    info, identity = b"jobfair record v1", client.identity

    def made(**parts):
        return client.frame(entry, goes_on=False, **parts)

    def under(**fields):
        """Sealed under this identity, so that only its fields are wrong."""
        return made(identity=identity(**fields))
    good, wrong = made(), ("refused", "frame.malformed")
    wide = lambda seconds: made(clock=client.clock(f1=seconds, f3=(1 << 64) - 1, f4=(1 << 64) - 1))  # noqa: E731
    return {
        "nothing": (b"", *wrong),
        "NUL": (b"\0" * 100, *wrong),
        "random bytes": (os.urandom(700), *wrong),
        "64 KiB and a byte": (os.urandom(65_537), "refused", "frame.tooLarge"),
        "cut off": (good[:-7], *wrong),
        "with a tail": (good + b"\0", *wrong),
        "an unknown field behind it": (good + field(9, b"x"), *wrong),
        "deep": (field(1, deep(5000)), *wrong),
        "groups in groups": (GROUPS, *wrong),
        "a signature of 63 bytes": (message(f1=b"x", f2=b"y" * 63), *wrong),
        "another's signature": (made(signer=DeviceKey(b"t" * 32)), "refused", "signature.invalid"),
        "one bit flipped": (good[:200] + bytes([good[200] ^ 4]) + good[201:], "refused", "signature.invalid"),
        "another kiosk's device": (under(f2=other), "refused", "signature.invalid"),
        "a device nobody knows": (under(f2=os.urandom(16)), "retry_later", "device.unknown"),
        "schema 0": (under(f4=0), *wrong),
        "schema 2": (under(f4=2), "held", "schema.unknown"),
        "schema 2^32 - 1": (under(f4=(1 << 32) - 1), "held", "schema.unknown"),
        "schema 2^63": (under(f4=1 << 63), *wrong),
        "suite 17": (under(f6=17), "held", "schema.unknown"),
        "suite 0": (under(f6=0), "held", "schema.unknown"),
        "a sealing key nobody has": (under(f5=os.urandom(8)), "held", "key.unknown"),
        "a fair nobody knows": (under(f3=os.urandom(16)), "held", "fair.unknown"),
        "a record id of 15 bytes": (under(f1=b"x" * 15), *wrong),
        "a record id of NUL": (under(f1=b"\0" * 16), "accepted", ""),
        "another lineage": (made(place=client.place(f1=os.urandom(16), f2=1, f3=b"")), "retry_later",
                            "batch.otherLineage"),
        "sequence 0": (made(place=client.place(f2=0)), *wrong),
        "sequence 2^63": (made(place=client.place(f2=1 << 63)), *wrong),
        "sequence 2^63 - 1": (made(place=client.place(f2=(1 << 63) - 1)), *wrong),
        "sequence 2^64 - 1": (made(place=client.place(f2=(1 << 64) - 1)), *wrong),
        "a previous digest of 31 bytes": (made(place=client.place(f3=b"x" * 31)), *wrong),
        "a previous digest of nobody": (made(place=client.place(f2=client.sequence + 50, f3=b"x" * 32)),
                                        "accepted", ""),
        "a day of eleven bytes": (made(place=client.place(f4="2026-11-211")), *wrong),
        "a day of invalid UTF-8": (made(place=client.place(f4=b"\xff\xfe")), *wrong),
        "a ticket of NUL": (made(place=client.place(f2=client.sequence + 51, f3=b"x" * 32, f6="AB\x000001")),
                            "accepted", ""),
        "a boot id of 15 bytes": (made(clock=client.clock(f2=b"x" * 15)), *wrong),
        "a clock of 2^63 - 1": (wide((1 << 63) - 1), "accepted", ""),
        "a clock of -2^63": (wide(-(1 << 63)), "accepted", ""),
        "a broken seal": (made(sealed=(b"k" * 32, b"c" * 272)), "held", "seal.broken"),
        "a ciphertext of one byte": (made(sealed=(b"k" * 32, b"c")), "held", "payload.invalid"),
        "no ciphertext": (made(sealed=(b"k" * 32, b"")), *wrong),
        "an encapsulated key of 2049 bytes": (made(sealed=(b"k" * 2049, b"c")), *wrong),
        "an encapsulated key of zeros": (made(sealed=(b"\0" * 32, b"c" * 272)), "held", "seal.broken"),
        "a padding that is not zero": (padding(client, padded(entry, b"\1")), "held", "payload.invalid"),
        "a length beyond the end": (padding(client, b"\xff" * 4 + b"\0" * 252), "held", "payload.invalid"),
        "unknown fields under the signature": (made(extra=field(4711, "x" * 50)), "accepted", ""),
    }


def padding(client, text):
    """Sealed as it should be, with this in the place of length, payload and zeros."""
    identity = client.identity()
    sent, ciphertext = seal(client.sealing_key, b"jobfair record v1", identity, text)
    return client.frame(b"", identity=identity, sealed=(sent, ciphertext), goes_on=False)
