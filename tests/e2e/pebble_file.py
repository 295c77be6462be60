"""Opens c1z files of version 3, without any of the product's code: the envelope, and what its head says."""

import subprocess

import wire

MAGIC = b"C1Z3\x00"
FOOTER_MAGIC = b"C1ZIDX1\x00"
FOOTER = 28
STATS = ("resource_types", "resources", "entitlements", "grants")


def big(data):
    return int.from_bytes(data, "big")


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:5] != MAGIC or data[-8:] != FOOTER_MAGIC:
        raise ValueError(f"{path} is no whole c1z of version 3")
    return data


def index(path, data):
    """The entries of the index: name 1, offset 2, compressed size 3, size 4."""
    footer = data[-FOOTER:]
    at, size = big(footer[:8]), big(footer[8:12])
    if at + size + FOOTER != len(data):
        raise ValueError(f"{path}: the index is not where the footer says")
    return [wire.fields(entry) for entry in wire.fields(data[at:at + size])[1]]


def frames(path):
    """(name, offset, bytes) of every file in the file."""
    return [(wire.text(entry, 1), wire.integer(entry, 2), wire.integer(entry, 3)) for entry in index(path, read(path))]


def files(path):
    """{name: content} of the database in the file. zstd's own program checks the checksum of every frame."""
    data = read(path)
    found = {}
    for entry in index(path, data):
        begin, compressed = wire.integer(entry, 2), wire.integer(entry, 3)
        content = subprocess.run(["zstd", "-dc"], input=data[begin:begin + compressed], capture_output=True,
                                 check=True).stdout
        if len(content) != wire.integer(entry, 4):
            raise ValueError(f"{path}: {wire.text(entry, 1)} has another size than the index says")
        found[wire.text(entry, 1)] = content
    return found


def counts(path):
    """The rows of each kind, as the head tells them."""
    data = read(path)
    head = wire.fields(data[9:9 + big(data[5:9])])
    stats = wire.sub(wire.fields(head[40][-1]), 6)
    return {name: wire.integer(stats, number) for number, name in enumerate(STATS, 2)}
