"""Protocol Buffers' wire format (protobuf.dev, Encoding), as far as the rows write and read it.

Independent of the programs on purpose: what they read here was not written by their own encoder.
"""


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, value):
    """A bytes, text or unsigned value; defaults are written, too. A negative number is an int64."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (1 << 64) - 1)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(**values):
    """`f1=..., f4=...`, in order, defaults left out; a list is a repeated field."""
    out = b""
    for name, value in sorted(values.items(), key=lambda item: int(item[0][1:])):
        for each in value if isinstance(value, list) else [value]:
            if each or isinstance(value, list):
                out += field(int(name[1:]), each)
    return out


def fields(content):
    """Number and value of each field: an integer, or bytes."""
    at = 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte = content[at]
            value, at, shift = value | (byte & 0x7F) << shift, at + 1, shift + 7
            if byte < 0x80:
                return value
    while at < len(content):
        key = take()
        value = take()
        if key & 7 == 2:
            value, at = content[at:at + value], at + value
        elif key & 7 != 0:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def fields_of(content):
    """Number -> values, of one message."""
    found = {}
    for number, value in fields(content):
        found.setdefault(number, []).append(value)
    return found


def one(content, number, default=b""):
    return next((value for found, value in fields(content) if found == number), default)
