"""A directory made up for the tests, and what a sync of it must hold, computed from what was made up alone."""

import random

import slapd

# The types whose values ids carry in lower case; employeeNumber is none of them.
CASELESS = {"cn", "uid", "ou", "dc", "sn", "givenname", "mail", "o", "c", "l", "st", "description"}

BASE_RDNS = [[("dc", "example")], [("dc", "org")]]
PEOPLE = [[("ou", "People")], *BASE_RDNS]
GROUPS = [[("ou", "Groups")], *BASE_RDNS]


def escaped(value):
    """As ids have it: RFC 4514, and every byte that is not printable ASCII in hex."""
    out = []
    data = value.encode()
    for i, byte in enumerate(data):
        c = chr(byte)
        if byte < 32 or byte > 126:
            out.append(f"\\{byte:02x}")
        elif c in '"+,;<>\\' or (c in " #" and i == 0) or (c == " " and i == len(data) - 1):
            out.append("\\" + c)
        else:
            out.append(c)
    return "".join(out)


def canonical(rdns):
    def part(kind, value):
        return f"{kind.lower()}={escaped(value.lower() if kind.lower() in CASELESS else value)}"
    return ",".join("+".join(sorted(part(*ava) for ava in rdn)) for rdn in rdns)


def written(rdns, source=None):
    """One of the many ways to write the same DN; without a source, the plain one."""
    def mixed(text):
        return "".join(c.upper() if source and source.random() < 0.3 else c for c in text)

    def value_of(value):
        out = []
        for i, c in enumerate(mixed(value)):
            if c in ',+"\\<>;=' or (c in " #" and i == 0):
                out.append(f"\\{ord(c):02X}" if source and source.random() < 0.5 else "\\" + c)
            elif ord(c) > 126 and source and source.random() < 0.5:
                out += [f"\\{byte:02X}" for byte in c.encode()]
            else:
                out.append(c)
        return "".join(out)

    comma = ", " if source and source.random() < 0.3 else ","
    rdns = [source.sample(rdn, len(rdn)) if source else rdn for rdn in rdns]
    return comma.join("+".join(f"{mixed(kind)}={value_of(value)}" for kind, value in rdn) for rdn in rdns)


class Directory:
    """`users`: id -> facts. `groups`: id -> name. `direct`: group id -> {(type, id)}. `roles`, `held` likewise."""

    def __init__(self, seed, users=5000, plain=60, unique=20, posix=30):
        self.source = random.Random(f"ldap {seed}")
        self.out = []
        self.users, self.groups, self.direct, self.roles, self.held = {}, {}, {}, {}, {}
        self.dangling, self.unknown_names, self.immutable = 0, 0, set()
        self.loop = set()
        self.people = []  # (rdns, uid, gid, description)
        self.group_rdns = []
        self.add_tree()
        for i in range(users):
            self.add_user(i)
        for i in range(plain):
            self.add_group(f"Team {i}", "groupOfNames", "member", 40, dangling=i % 5 == 0)
        for i in range(unique):
            self.add_group(f"Crew Ünique {i}", "groupOfUniqueNames", "uniqueMember", 30, dangling=i % 7 == 0)
        self.add_loop()
        for i in range(posix):
            self.add_posix_group(i)
        self.add_everyone()
        self.add_dynamic_groups()
        self.add_roles()

    def text(self):
        return "".join(self.out)

    def entry(self, rdns, *attributes):
        self.out.append(slapd.ldif(written(rdns), list(attributes)))

    def add_tree(self):
        self.entry(BASE_RDNS, ("objectClass", "dcObject"), ("objectClass", "organization"), ("o", "Example"),
                   ("dc", "example"))
        self.entry(PEOPLE, ("objectClass", "organizationalUnit"), ("ou", "People"))
        self.entry(GROUPS, ("objectClass", "organizationalUnit"), ("ou", "Groups"))
        for dn in (slapd.READER, slapd.LIMITED):
            # An account of the directory itself, neither a user nor a role of the listings.
            self.out.append(slapd.ldif(dn, [
                ("objectClass", "applicationProcess"), ("objectClass", "simpleSecurityObject"),
                ("cn", dn[3:].split(",")[0]), ("userPassword", slapd.PASSWORD)]))

    def add_user(self, i):
        uid, cn = f"user{i:04d}", f"Person {i}"
        kind = i % 10
        if kind == 1:
            cn = f"Zoë Ångström {i}"
        elif kind == 2:
            uid = f"User{i:04d}"
        elif kind == 3:
            cn = f"Doe, Jane {i}"
        rdn = [("cn", cn)] if kind in (1, 3) else [("uid", uid)]
        if kind == 4:
            rdn.append(("employeeNumber", f"Ab-{i}"))
        rdns = [rdn, *PEOPLE]
        gid = str(5000 + i % 40) if i % 2 == 0 else ""
        classes = ["top", "person", "organizationalPerson", "inetOrgPerson", *(["posixAccount"] if gid else [])]
        attributes = [("objectClass", name) for name in classes]
        attributes += [("cn", cn), ("sn", f"Sn{i}"), ("uid", uid), ("mail", f"{uid}@example.org")]
        if kind == 4:
            attributes.append(("employeeNumber", f"Ab-{i}"))
        if i % 3:
            attributes.append(("givenName", f"Given{i}"))
        if kind == 5:
            attributes.append(("userPassword", "a secret of somebody"))
        description = "déjà vu" if i % 100 == 8 else "many" if i % 4 == 0 else ""
        if description:
            attributes.append(("description", description))
        if gid:
            attributes += [("uidNumber", str(10000 + i)), ("gidNumber", gid), ("homeDirectory", f"/srv/{uid}")]
        self.entry(rdns, *attributes)
        first, _, rest = cn.partition(" ")
        if i % 3:
            first, rest = f"Given{i}", f"Sn{i}"
        self.users[canonical(rdns)] = {
            "name": cn, "login": uid, "email": f"{uid}@example.org", "first_name": first, "last_name": rest,
            "description": description if description.isascii() else ""}
        self.people.append((rdns, uid, cn, gid, description))

    def some_people(self, count):
        return self.source.sample(self.people, min(count, len(self.people)))

    def new_group(self, name, *attributes):
        rdns = [[("cn", name)], *GROUPS]
        self.entry(rdns, ("cn", name), *attributes)
        self.groups[canonical(rdns)] = name
        self.group_rdns.append(rdns)
        return self.direct.setdefault(canonical(rdns), set())

    def add_group(self, name, kind, attribute, members, dangling=False):
        values, holders = set(), set()
        for rdns, *_ in self.some_people(members):
            values.add(written(rdns, self.source))
            holders.add(("user", canonical(rdns)))
        inner = self.source.sample(self.group_rdns, min(len(self.group_rdns), 2))
        for rdns in inner:
            values.add(written(rdns, self.source))
            holders.add(("group", canonical(rdns)))
        if dangling:
            gone = [[("uid", f"Gone {name}")], *PEOPLE]
            values.add(written(gone, self.source))
            holders.add(("user", canonical(gone)))
            self.dangling += 1
        direct = self.new_group(name, ("objectClass", kind), ("description", f"The {name}"),
                                *[(attribute, value) for value in sorted(values)])
        direct |= holders

    def add_loop(self):
        names = ["Ring A", "Ring B", "Ring C"]
        rdns = [[[("cn", name)], *GROUPS] for name in names]
        for i, name in enumerate(names):
            following = rdns[(i + 1) % len(names)]
            person = self.people[i][0]
            direct = self.new_group(name, ("objectClass", "groupOfNames"), ("member", written(following)),
                                    ("member", written(person)))
            direct |= {("group", canonical(following)), ("user", canonical(person))}
            self.loop.add(canonical(rdns[i]))

    def add_posix_group(self, i):
        gid = str(5000 + i)
        names, holders = set(), set()
        for rdns, uid, cn, _, _ in self.some_people(25):
            by_name = cn.isascii() and "," not in cn and self.source.random() < 0.2
            names.add(cn if by_name else uid)
            holders.add(("user", canonical(rdns)))
        if i % 3 == 0:
            names.add(f"nobody{i}")
            self.unknown_names += 1
        for rdns, _, _, primary, _ in self.people:
            if primary == gid:
                holders.add(("user", canonical(rdns)))
        direct = self.new_group(f"posix-{i}", ("objectClass", "posixGroup"), ("gidNumber", gid),
                                *[("memberUid", name) for name in sorted(names)])
        direct |= holders

    def add_everyone(self):
        direct = self.new_group("Everyone", ("objectClass", "groupOfNames"),
                                *[("member", written(rdns)) for rdns, *_ in self.people],
                                ("member", written(self.group_rdns[0])))
        direct |= {("user", canonical(rdns)) for rdns, *_ in self.people}
        direct.add(("group", canonical(self.group_rdns[0])))

    def add_dynamic_groups(self):
        people = written(PEOPLE)
        searches = {
            "Dynamic many": [(f"ldap:///{people}??sub?(description=many)", "many")],
            "Dynamic two": [(f"ldap:///{people}??one?(description=d%C3%A9j%C3%A0%20vu)", "déjà vu"),
                            (f"ldap:///ou=Nowhere,{slapd.BASE}??sub?(objectClass=*)", None)],
        }
        for name, urls in searches.items():
            direct = self.new_group(name, ("objectClass", "groupOfURLs"), *[("memberURL", url) for url, _ in urls])
            wanted = {description for _, description in urls}
            direct |= {("user", canonical(rdns)) for rdns, *_, description in self.people if description in wanted}
            self.immutable.add(canonical(self.group_rdns[-1]))

    def add_roles(self):
        for i in range(5):
            rdns = [[("cn", f"Role {i}")], *GROUPS]
            holders = [person[0] for person in self.some_people(6)]
            self.entry(rdns, ("objectClass", "organizationalRole"), ("cn", f"Role {i}"),
                       *[("roleOccupant", written(holder)) for holder in holders])
            self.roles[canonical(rdns)] = f"Role {i}"
            # What a role says is taken as it is written: a value that distinguishes case keeps its own.
            self.held[canonical(rdns)] = {("user", canonical(holder)) for holder in holders}

    def expanded(self):
        """Group id -> every user that is in it, directly or through groups inside groups.

        Groups in a loop do not get each other's members: so it is upstream, and expansion does as upstream does.
        """
        inside = {group: {who for kind, who in direct if kind == "group" and not {group, who} <= self.loop}
                  for group, direct in self.direct.items()}
        result = {}
        for group in self.direct:
            seen, waiting = {group}, [group]
            while waiting:
                for inner in inside.get(waiting.pop(), ()):
                    if inner not in seen:
                        seen.add(inner)
                        waiting.append(inner)
            result[group] = {who for one in seen for kind, who in self.direct.get(one, ()) if kind == "user"}
        return result

    def direct_count(self):
        return sum(len(holders) for holders in (*self.direct.values(), *self.held.values()))
