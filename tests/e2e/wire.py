"""Reads protobuf messages by field number: an oracle that shares no code with the product."""


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """{field number: [value, …]}: integers for varints, bytes for everything else."""
    found = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = data[at:at + 8], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            if len(value) != size:
                raise ValueError("a field ends after the message")
        elif kind == 5:
            value, at = data[at:at + 4], at + 4
        else:
            raise ValueError(f"wire type {kind}")
        found.setdefault(number, []).append(value)
    return found


def text(message, number):
    return message.get(number, [b""])[-1].decode("utf-8")


def integer(message, number):
    return message.get(number, [0])[-1]


def sub(message, number):
    """The fields of a message inside the message, {} where it is absent."""
    return fields(message.get(number, [b""])[-1])


def any_messages(values):
    """google.protobuf.Any values as {message name: bytes}; a name that occurs twice is an error."""
    found = {}
    for value in values:
        entry = fields(value)
        prefix, _, name = text(entry, 1).rpartition("/")
        if prefix != "type.googleapis.com" or name in found:
            raise ValueError(f"annotation {text(entry, 1)!r}")
        found[name] = entry.get(2, [b""])[-1]
    return found


def timestamp(message):
    """google.protobuf.Timestamp as (seconds, nanoseconds)."""
    return integer(message, 1), integer(message, 2)


def struct_strings(message):
    """A google.protobuf.Struct of nothing but strings."""
    found = {}
    for entry in message.get(1, []):
        pair = fields(entry)
        value = fields(pair[2][0])
        if list(value) != [3]:
            raise ValueError("a value of the struct is no string")
        found[text(pair, 1)] = text(value, 3)
    return found
