#!/usr/bin/env python3
"""Reads the QR code of a slip, PNG or ESC/POS bytes, with zbarimg and with ZXing; prints what both say.

    read-slip.py FILE

Exit status 1 where one of them reads nothing or they differ.
"""
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib


def raster_rows(content):
    """The rows of all `GS v 0` bands, one after the other, and the bytes in a row."""
    rows, width, at = [], None, 0
    while (at := content.find(b"\x1dv0", at)) >= 0:
        bytes_per_row, count = struct.unpack_from("<HH", content, at + 4)
        if width not in (None, bytes_per_row):
            raise ValueError("bands of different widths")
        width, at = bytes_per_row, at + 8
        rows += [content[at + row * width:at + (row + 1) * width] for row in range(count)]
        at += count * width
    if not rows:
        raise ValueError("no raster band in the printer's bytes")
    return rows, width


def png_of(rows, width):
    """A grey 1-bit PNG; the printer's 1 is black, PNG's 0 is."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + bytes(byte ^ 0xFF for byte in row) for row in rows)
    header = struct.pack(">IIBBBBB", width * 8, len(rows), 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def main():
    content = pathlib.Path(sys.argv[1]).read_bytes()
    if not content.startswith(b"\x89PNG"):
        content = png_of(*raster_rows(content))
    with tempfile.NamedTemporaryFile(suffix=".png") as picture:
        picture.write(content)
        picture.flush()
        zbar = output_of("zbarimg", "--quiet", "--raw", "--nodbus", picture.name).strip()
        zxing = [line.split('"')[1] for line in output_of("ZXingReader", picture.name).splitlines()
                 if line.startswith("Text:") and '"' in line]
    if not zbar or [zbar] != zxing:
        print(f"zbarimg read {'one' if zbar else 'no'} code, ZXing {len(zxing)}; they must agree", file=sys.stderr)
        return 1
    print(zbar)
    return 0


if __name__ == "__main__":
    sys.exit(main())
