"""Reads of the protocol's messages what the rows on the network look at: signed parts, receipts, catalogues."""

import collections
import os
import subprocess

from protobuf import field, fields, one

# ResultCode of jobfair.proto: accepted, duplicate, duplicate_erased, held.
ACCEPTED, DUPLICATE = 1, 2
TAKEN = {ACCEPTED, DUPLICATE, 3, 4}

Line = collections.namedtuple("Line", "record digest code")
Vacancy = collections.namedtuple("Vacancy", "identifier headcount")


def body_of(answer):
    """Behind the head of an HTTP message."""
    return answer.split(b"\r\n\r\n", 1)[1]


def head_of(answer):
    return answer.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"


def etag_of(answer):
    return next((line.split(b":", 1)[1].strip().decode() for line in head_of(answer).split(b"\r\n")
                 if line.lower().startswith(b"etag:")), None)


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def signed(body, key_id, signature):
    return field(1, body) + field(2, key_id) + field(3, signature)


def receipt_lines(answer):
    """Of an HTTP answer with a Signed(Receipt); nothing where it is another answer."""
    if status_of(answer) != 200:
        return []
    receipt = one(body_of(answer), 1)
    return [Line(one(line, 1), one(line, 2), one(line, 3, 0))
            for number, line in fields(receipt) if number == 5]


def batch_size(body):
    return sum(1 for number, _ in fields(body) if number == 2)


def vacancies(signed_catalogue):
    """Ids and numbers of people of a Signed(Catalogue)."""
    return {Vacancy(one(vacancy, 1).hex(), one(vacancy, 4, 0))
            for number, vacancy in fields(one(signed_catalogue, 1)) if number == 9}


def catalogue_version(signed_catalogue):
    return one(one(signed_catalogue, 1), 2, 0)


# MARK: Ed25519, by the command openssl

def public_key(key_list, purpose):
    """The current key of a Signed(KeyList) for a purpose (KeyPurpose of jobfair.proto): id and 32 bytes."""
    for number, key in fields(one(key_list, 1)):
        if number == 3 and one(key, 2, 0) == purpose and one(key, 4, 0):
            return one(key, 1), one(key, 3)
    raise ValueError(f"no key for purpose {purpose}")


def is_valid(message, domain, key, folder):
    """Whether a Signed message carries the signature of an Ed25519 public key of 32 bytes."""
    paths = [os.path.join(folder, f"verify-{name}") for name in ("key.der", "signature", "content")]
    # RFC 8410: the identifier of Ed25519 before the key.
    parts = (bytes.fromhex("302a300506032b6570032100") + key, one(message, 3), domain + b"\0" + one(message, 1))
    for path, content in zip(paths, parts):
        with open(path, "wb") as file:
            file.write(content)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", paths[0],
         "-sigfile", paths[1], "-in", paths[2]], capture_output=True, check=False)
    return done.returncode == 0


def sign(content, domain, folder):
    """A signature of a key that nobody trusts."""
    key, path = os.path.join(folder, "untrusted.pem"), os.path.join(folder, "untrusted-content")
    if not os.path.exists(key):
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    with open(path, "wb") as file:
        file.write(domain + b"\0" + content)
    return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", path], check=True,
                          capture_output=True).stdout
