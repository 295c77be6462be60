"""A tiny LDAP server with the ways of others than OpenLDAP: no paged results, values in ranges, a moment of being busy.

Knows as much of LDAP (RFC 4511) as baton-ldap says: simple binds, and searches that it tells apart by the classes in
their filters.
"""

import socketserver
import threading

BUSY = 51


def tlv(tag, data):
    if len(data) < 0x80:
        return bytes([tag, len(data)]) + data
    size = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + data


def string(text):
    return tlv(0x04, text.encode())


def elements(data):
    """The (tag, contents) pairs that `data` is made of."""
    at, found = 0, []
    while at < len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at:at + count], "big")
            at += count
        found.append((tag, data[at:at + size]))
        at += size
    return found


def result(tag, code, text=""):
    return tlv(tag, tlv(0x0A, bytes([code])) + string("") + string(text))


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return
            size = head[1]
            if size & 0x80:
                size = int.from_bytes(self.rfile.read(size & 0x7F), "big")
            (_, number), (operation, contents), *_ = elements(self.rfile.read(size))
            if operation == 0x42:  # unbind
                return
            answers = [result(0x61, 0)] if operation == 0x60 else self.server.search(elements(contents))
            for answer in answers:
                self.wfile.write(tlv(0x30, tlv(0x02, number) + answer))


class OddServer(socketserver.ThreadingTCPServer):
    """`entries` is a list of (dn, {attribute: values}); `busy` searches for users are turned away first."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, entries, range_size=1500, busy=0):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.entries, self.range_size, self.busy = entries, range_size, busy
        self.lock = threading.Lock()
        self.searches = []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    @property
    def url(self):
        return f"ldap://127.0.0.1:{self.server_address[1]}"

    def search(self, parts):
        base, scope, search_filter = parts[0][1].decode(), parts[1][1][0], parts[6][1]
        wanted = [name.decode() for _, name in elements(parts[7][1])]
        with self.lock:
            self.searches.append((base, wanted))
            if b"inetOrgPerson" in search_filter and self.busy > 0:
                self.busy -= 1
                return [result(0x65, BUSY, "come back later")]
        classes = [name for name in ("inetOrgPerson", "groupOfNames", "organizationalRole")
                   if name.encode() in search_filter]
        found = [(dn, attributes) for dn, attributes in self.entries
                 if (dn == base if scope == 0 else not classes or set(classes) & set(attributes["objectClass"]))]
        return [self.entry(dn, attributes, wanted) for dn, attributes in found] + [result(0x65, 0)]

    def entry(self, dn, attributes, wanted):
        parts = []
        for asked in wanted:
            name, _, bounds = asked.partition(";range=")
            first = int(bounds.partition("-")[0]) if bounds else 0
            for attribute, values in attributes.items():
                if name not in (attribute, "*"):
                    continue
                if first or len(values) > self.range_size:
                    last = first + self.range_size
                    end = "*" if last >= len(values) else str(last - 1)
                    parts.append((f"{attribute};range={first}-{end}", values[first:last]))
                    values = []
                if not first:
                    parts.append((attribute, values))
        body = b"".join(tlv(0x30, string(name) + tlv(0x31, b"".join(string(value) for value in values)))
                        for name, values in parts)
        return tlv(0x64, string(dn) + tlv(0x30, body))
