#!/usr/bin/env python3
"""Searches files for values that must not be there: personal data planted by a test, and secret keys.

    find-canaries.py --values FILE [--key FILE]... PLACE...

Each line of the values file is `label<TAB>value`. Values are searched in UTF-8, UTF-16 both ends and GB18030, each as
it is, as base64 at three offsets (both alphabets) and as hex in either case; and in percent and JSON escapes. A key file
is searched for everywhere but in itself (raw, base64, hex), and must have mode 0600. PLACEs are files and folders;
sockets, devices and links are left out. Prints the file, the label and the encoding, never the value.

Exit status: 0 nothing found, 1 something found, 2 the search itself is invalid (nothing searched, unreadable file).
"""
import argparse
import base64
import os
import re
import stat
import sys

CHUNK_BYTES = 64 << 20
# Empty pages (ballast, free pages of databases) are shortened before they are searched: no pattern holds so many zeros.
ZEROS = re.compile(rb"\0{4096,}")
ZEROS_LEFT = b"\0" * 1024
# Shorter patterns turn up by chance: 6 base64 characters are 36 bits.
PATTERN_BYTES_MIN = 6
TEXT_ENCODINGS = {"UTF-8": "utf-8", "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be", "GB18030": "gb18030"}


class Pattern:
    """Bytes to look for; `folded` patterns are lower case and matched against the lower-cased file."""

    def __init__(self, label, encoding, pattern, folded=False, home=None):
        self.label, self.encoding, self.pattern, self.folded, self.home = label, encoding, pattern, folded, home


def base64_cores(raw):
    """The characters that stand in any base64 text holding `raw`, for each offset of it modulo 3."""
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw)
        first = (offset * 8 + 5) // 6
        last = (offset + len(raw)) * 8 // 6
        core = text[first:last]
        yield offset, core
        # The alphabet for addresses, and the slash as Foundation writes it in JSON.
        yield offset, core.replace(b"+", b"-").replace(b"/", b"_")
        yield offset, core.replace(b"/", b"\\/")


def byte_patterns(label, name, raw, home=None):
    yield Pattern(label, name, raw, home=home)
    for offset, core in base64_cores(raw):
        yield Pattern(label, f"base64 of {name}, offset {offset}", core, home=home)
    yield Pattern(label, f"hex of {name}", raw.hex().encode(), folded=True, home=home)


def text_patterns(label, value):
    for name, codec in TEXT_ENCODINGS.items():
        yield from byte_patterns(label, name, value.encode(codec))
    utf8 = value.encode("utf-8")
    yield Pattern(label, "percent escapes", "".join(f"%{byte:02x}" for byte in utf8).encode(), folded=True)
    yield Pattern(
        label, "percent escapes", "".join(chr(b) if 32 < b < 127 else f"%{b:02x}" for b in utf8).lower().encode(),
        folded=True)
    utf16 = value.encode("utf-16-be")
    units = [int.from_bytes(utf16[at:at + 2], "big") for at in range(0, len(utf16), 2)]
    yield Pattern(label, "JSON escapes", "".join(f"\\u{unit:04x}" for unit in units).encode(), folded=True)
    yield Pattern(
        label, "JSON escapes", "".join(chr(u) if 32 <= u < 127 else f"\\u{u:04x}" for u in units).lower().encode(),
        folded=True)


def secrets_of(raw):
    """The file's bytes, and the 32-byte fields of a PEM, DER or protobuf key file (04 20 ..., tag 20 ...)."""
    yield "whole file", raw
    if raw.startswith(b"-----BEGIN"):
        raw = base64.b64decode(b"".join(line for line in raw.splitlines() if b"-----" not in line))
        yield "DER", raw
    for at in range(1, len(raw) - 32):
        if raw[at] == 32 and (raw[at - 1] == 4 or raw[at - 1] & 7 == 2):
            yield "32-byte field", raw[at + 1:at + 33]


def key_patterns(path):
    label = f"key {os.path.basename(path)}"
    home = os.path.realpath(path)
    with open(path, "rb") as file:
        raw = file.read()
    for name, secret in secrets_of(raw):
        yield from byte_patterns(label, name, secret, home=home)


def read_values(path):
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            label, _, value = line.partition("\t")
            if not value:
                raise ValueError(f"{path}: a line has no value after a tab")
            yield label, value


def files_of(place):
    if not os.path.lexists(place):
        raise ValueError(f"{place} is not there")
    if not os.path.isdir(place):
        yield place
        return

    def refuse(error):
        raise error

    for folder, _, names in os.walk(place, onerror=refuse):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield path


def search(path, patterns):
    """Labels and encodings found in one file, read in pieces that overlap by the longest pattern."""
    overlap = max(len(item.pattern) for item in patterns) - 1
    found, real, tail = {}, os.path.realpath(path), b""
    with open(path, "rb") as file:
        while piece := file.read(CHUNK_BYTES):
            if piece == bytes(len(piece)):
                tail = bytes(overlap)
                continue
            window = ZEROS.sub(ZEROS_LEFT, tail + piece)
            folded = window.lower()
            for item in patterns:
                if item.home != real and item.pattern in (folded if item.folded else window):
                    found[(item.label, item.encoding)] = True
            tail = window[-overlap:] if overlap else b""
    return sorted(found)


def distinct(patterns):
    """One of each: many encodings of digits are the same bytes."""
    chosen = {}
    for item in patterns:
        if len(item.pattern) < PATTERN_BYTES_MIN:
            raise ValueError(f"{item.label}: too short to be searched for in {item.encoding}")
        chosen.setdefault((item.pattern, item.folded, item.home), item)
    return list(chosen.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", metavar="FILE")
    parser.add_argument("--key", metavar="FILE", action="append", default=[])
    parser.add_argument("places", metavar="PLACE", nargs="+")
    arguments = parser.parse_args()
    findings = []
    try:
        patterns = []
        for label, value in read_values(arguments.values) if arguments.values else []:
            patterns += text_patterns(label, value)
        for path in arguments.key:
            patterns += key_patterns(path)
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            if mode != 0o600:
                findings.append(f"{path}: mode {mode:04o}, not 0600")
        if not patterns:
            raise ValueError("nothing to search for: neither --values nor --key")
        patterns = distinct(patterns)
        values_file = os.path.realpath(arguments.values) if arguments.values else None
        searched = 0
        for place in arguments.places:
            for path in files_of(place):
                if os.path.realpath(path) == values_file:
                    continue
                searched += 1
                findings += [f"{path}: {label} in {encoding}" for label, encoding in search(path, patterns)]
        if not searched:
            raise ValueError("nothing to search: no file in the places given")
    except (OSError, ValueError) as error:
        print(f"find-canaries: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{searched} files, {len(patterns)} patterns, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
