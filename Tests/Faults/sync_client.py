"""A kiosk in Python: it speaks to the real headquarters with an enrolled kiosk's keys, and says what none would."""

import base64
import hashlib
import http.client
import json
import os
import ssl
import struct
import time
import uuid

from protobuf import field, fields_of, message
from sealing import DeviceKey, padded, seal
from testbed import make_record_id, today

CODES = {1: "accepted", 2: "duplicate", 3: "duplicate_erased", 4: "held", 5: "retry_later", 6: "refused"}
SCHEMA, SUITE, KEY = 1, 2, b""


class Client:
    """`card` is enrolled and its daemon need not run; its own lineage is not touched, the client has one of its own."""

    def __init__(self, card, centre, fair):
        def file(*names):
            with open(os.path.join(card.state, *names), "rb") as opened:
                return opened.read()
        self.centre, self.fair = centre, uuid.UUID(fair).bytes
        self.key = DeviceKey(file("keys", "device.key"))
        keys = [fields_of(key) for key in fields_of(fields_of(file("enrolment", "key-list.pb"))[1][0])[3]]
        sealing = next(key for key in keys if key[2] == [4])
        self.sealing_id, self.sealing_key = sealing[1][0], sealing[3][0]
        self.context = ssl.create_default_context(cafile=os.path.join(centre.state, "keys", "sync-ca.pem"))
        self.lineage, self.sequence, self.digest = os.urandom(16), 0, b""
        self.nonce, self.counter, self.connection = os.urandom(16), 0, None

    # MARK: HTTP

    def request(self, method, path, body=b"", nonce=None, counter=0, headers=None, signature=None):
        """Status, code of the problem, body. (0, what happened) where there was no answer."""
        nonce = nonce if nonce is not None else self.nonce
        signed = method.encode() + b"\0" + path.encode() + b"\0" + hashlib.sha256(body).digest() \
            + nonce + struct.pack(">Q", counter & (1 << 64) - 1)
        signature = signature or self.key.sign("jobfair request v1", signed)
        all_headers = {  # None: left out
            "jobfair-device": self.key.device_id.hex(), "jobfair-nonce": base64.b64encode(nonce).decode(),
            "jobfair-counter": str(counter), "jobfair-signature": base64.b64encode(signature).decode(),
            "content-type": "application/protobuf", **(headers or {})}
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    "127.0.0.1", self.centre.sync_port, timeout=60, context=self.context)
            try:
                self.connection.request(
                    method, path, body=body if method == "POST" else None,
                    headers={name: value for name, value in all_headers.items() if value is not None})
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                self.connection.close()
                self.connection = None
                # A connection that was kept may have ended with the headquarters of before.
                if attempt == 2:
                    return 0, type(error).__name__, b""
        code = ""
        if "json" in (answer.getheader("content-type") or ""):
            code = json.loads(content).get("code", "")
        return answer.status, code, content

    # MARK: What is said

    def hello_body(self, **more):
        return message(**{"f1": self.key.device_id, "f2": self.lineage, "f3": self.sequence, "f4": self.digest,
                          "f9": "99.0.0", "f12": 1, "f13": self.nonce, **more})

    def hello(self, extra=b""):
        """A new session; the answer's fields."""
        self.nonce = os.urandom(16)
        status, code, content = self.request("POST", "/sync/v1/hello", self.hello_body() + extra)
        if status != 200:
            return status, code, {}
        answer = fields_of(fields_of(content)[1][0])
        self.nonce, self.counter = answer[1][0], 0
        return status, code, answer

    def post(self, path, body, **more):
        """Within the session."""
        self.counter += 1
        return self.request("POST", path, body, counter=self.counter, **more)

    def send(self, frames, extra=b""):
        """A batch: status, code, and of each line of the receipt (record id, digest, result, reason)."""
        body = message(f1=os.urandom(16), f2=list(frames)) + extra
        status, code, content = self.post("/sync/v1/batches", body)
        if (status, code) == (401, "session.unknown"):
            self.hello()
            status, code, content = self.post("/sync/v1/batches", body)
        if status != 200:
            return status, code, []
        return status, code, [self.line(fields_of(line)) for line in fields_of(fields_of(content)[1][0]).get(5, [])]

    @staticmethod
    def line(found):
        return (found.get(1, [b""])[0].hex(), found.get(2, [b""])[0].hex().upper(),
                CODES.get(found.get(3, [0])[0], "?"), found.get(4, [b""])[0].decode())

    # MARK: Records

    def identity(self, record=None, **more):
        record = record or uuid.UUID(make_record_id()).bytes
        return message(**{"f1": record, "f2": self.key.device_id, "f3": self.fair, "f4": SCHEMA, "f5": self.sealing_id,
                          "f6": SUITE, **more})

    def place(self, **more):
        """The next one of its lineage, unless the fields say otherwise."""
        return message(**{"f1": self.lineage, "f2": self.sequence + 1, "f3": self.digest, "f4": today(), "f5": 1,
                          **more})

    def clock(self, **more):
        return message(**{"f1": int(time.time() * 1000), "f2": b"b" * 16, "f3": 1, "f4": 1000, "f5": 2, **more})

    def frame(self, payload, identity=None, place=None, clock=None, sealed=None, signer=None, extra=b"", goes_on=True):
        """The exact bytes. `goes_on`: the next frame follows this one in the lineage."""
        identity = identity or self.identity()
        sent, ciphertext = sealed or seal(self.sealing_key, b"jobfair record v1", identity, padded(payload))
        body = message(f1=identity, f2=sent, f3=ciphertext, f4=place or self.place(), f5=clock or self.clock()) + extra
        frame = message(f1=body, f2=(signer or self.key).sign("jobfair record v1", body))
        if goes_on:
            self.sequence, self.digest = self.sequence + 1, hashlib.sha256(frame).digest()
        return frame

    def entry(self, people=1):
        """One person who walked in: the smallest good record."""
        return self.frame(field(2, message(f1=people, f2=1, f3="tap")))
