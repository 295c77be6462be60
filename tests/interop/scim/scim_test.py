"""baton-scim on a SCIM server that someone else wrote: complete against what this test itself loaded into it.

The server is scimmy behind server.cjs, found through NODE_PATH. It is filled through its own API.
"""

import datetime
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

import c1z_file
import support
import wire

SCIM = os.path.join(support.BIN, "baton-scim")
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "server.cjs")
TOKEN = "a-token-that-must-not-show"

USERS = 2000
GROUPS = 200
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TRAIT = "c1.connector.v2."

GIVEN = ("Zoë", "Søren", "Łucja", "José", "Данило", "美咲", "Ada", "Grace", "Müzeyyen", "O'Neil")
FAMILY = ("Ångström", "García", "Müller", "Иваненко", "田中", "Smith", "van der Berg", "D’Arcy")


class Server:
    """The server and a connection that loads it."""

    def __enter__(self):
        self.process = subprocess.Popen(
            ["node", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "SCIM_TOKEN": TOKEN})
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on (http://(127\.0\.0\.1:\d+)/scim/v2)\n", line)
        if not found:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"the server did not come up: {line!r}")
        self.url = found[1]
        self.connection = http.client.HTTPConnection(found[2], timeout=support.DEADLINE)
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.communicate(timeout=support.DEADLINE)

    def call(self, method, path, body=None):
        self.connection.request(
            method, urllib.parse.urlsplit(self.url).path + path, body=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise AssertionError(f"{method} {path}: {answer.status} {text!r}")
        return json.loads(text)

    def requests(self):
        """{"GET /Users": how often, …} since the start."""
        self.connection.close()  # the server ends one that was idle for long
        self.connection.request("GET", "/requests")
        return json.loads(self.connection.getresponse().read())


def make_users(source):
    """The users to load, each as its SCIM JSON without an id."""
    for number in range(USERS):
        given, family = source.choice(GIVEN), source.choice(FAMILY)
        user = {"schemas": [CORE + "User", ENTERPRISE], "userName": f"user{number:04d}@example.com",
                "name": {"givenName": given, "familyName": family}, "active": number % 9 != 4,
                "emails": [{"value": f"{number}@home.example", "type": "home"},
                           {"value": f"{number}@work.example", "type": "work", "primary": True}]}
        if number % 50 == 3:
            del user["name"], user["emails"]
            user["displayName"] = f"Dienstkonto № {number}"
        if number % 3 == 0:
            user["title"] = "Ingeniør"
            user[ENTERPRISE] = {"employeeNumber": str(70000 + number), "department": source.choice(FAMILY),
                                "manager": {"value": "user-1"}}
        if number % 4 == 1:
            user["roles"] = [{"value": value, "display": f"The {value}"} for value in
                             source.sample(("Admin", "ReadOnly", "Audit 2", "ops"), source.randint(1, 3))]
        if number % 10 == 7:
            user["entitlements"] = [{"value": source.choice(("E3", "E5", "é-plan"))}]
        yield user


def make_members(source, users, groups):
    """{group: [(type, id), …]}: people in several groups, nested groups, loops, a group in itself, empty groups."""
    members = {}
    for number, group in enumerate(groups):
        if number % 20 == 19:
            members[group] = []
            continue
        chosen = [("user", user) for user in source.sample(users, source.randint(1, 40))]
        # Mostly groups of higher numbers, so that there are deep nests that are no loops.
        if number % 3 == 0:
            inside = source.sample(groups[number + 1:], min(2, GROUPS - number - 1))
            chosen += [("group", other) for other in inside]
        members[group] = chosen
    for loop in ((10, 11, 12), (50, 51), (60,), (61, 70, 62, 80)):
        for place, number in enumerate(loop):
            inner = ("group", groups[loop[(place + 1) % len(loop)]])
            if inner not in members[groups[number]]:
                members[groups[number]].append(inner)
    for chosen in members.values():
        source.shuffle(chosen)
    return members


def member_json(source, url, kind, identity):
    """A member says what it is by its type, by its reference, or not at all."""
    collection = {"user": "Users", "group": "Groups"}[kind]
    return {"value": identity, **source.choice(
        ({"type": kind.capitalize()}, {"$ref": f"{url}/{collection}/{identity}"}, {}))}


def effective_members(members):
    """{group: users that hold its membership}: those in it, and all those in a group inside it, however deep.

    Groups that contain each other keep their own people to themselves, as upstream has it; what is inside any of them
    is inside all of them, and what contains one of them gets everybody.
    """
    nested = {group: {identity for kind, identity in chosen if kind == "group"} for group, chosen in members.items()}
    people = {group: {identity for kind, identity in chosen if kind == "user"} for group, chosen in members.items()}
    within = {}
    for group in members:
        within[group], todo = set(), [group]
        while todo:
            new = nested[todo.pop()] - within[group]
            within[group] |= new
            todo += new
    everybody = {group: people[group].union(*(people[inner] for inner in within[group])) for group in members}
    result = {}
    for group in members:
        loop = {group} | {inner for inner in within[group] if group in within[inner]}
        outside = {inner for one in loop for inner in nested[one]} - loop
        result[group] = people[group].union(*(everybody[inner] for inner in outside))
    return result


def seconds_of(moment):
    parsed = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return int(parsed.timestamp()), parsed.microsecond * 1000


ROLE_IDS = {"Admin": "admin", "ReadOnly": "read_only", "Audit 2": "audit_2", "ops": "ops"}


class ScimCase(support.Case):
    """One server for all tests of the class."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())

    @classmethod
    def load(cls):
        source = support.random_source("scim")
        began = time.monotonic()
        cls.users = [cls.server.call("POST", "/Users", user) for user in make_users(source)]
        groups = [cls.server.call("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": f"Gruppe {n} ✓"})
                  for n in range(GROUPS)]
        cls.groups = {group["id"]: group["displayName"] for group in groups}
        cls.members = make_members(source, [user["id"] for user in cls.users], list(cls.groups))
        for group, chosen in cls.members.items():
            cls.server.call("PUT", f"/Groups/{group}", {
                "schemas": [CORE + "Group"], "displayName": cls.groups[group],
                "members": [member_json(source, cls.server.url, kind, identity) for kind, identity in chosen]})
        print(f"loaded in {time.monotonic() - began:.1f} s", file=sys.stderr)

    def run_scim(self, *flags, file="sync.c1z", environment=None):
        began = time.monotonic()
        done = subprocess.run([SCIM, "--file", self.path(file), *flags], stdin=subprocess.DEVNULL, check=False,
                              capture_output=True, text=True, cwd=self.folder, timeout=support.DEADLINE,
                              env=support.clean_environment(environment))
        print(f"baton-scim took {time.monotonic() - began:.1f} s", file=sys.stderr)
        self.assertNotIn(TOKEN, done.stderr + done.stdout)
        return support.Outcome(done.returncode, done.stdout, done.stderr)

    def sync_scim(self, *flags, file="sync.c1z", environment=None):
        outcome = self.run_scim("--base-url", self.server.url, *flags, file=file,
                                environment={"BATON_TOKEN": TOKEN} if environment is None else environment)
        self.assert_complete(outcome, file)
        return outcome


class Complete(ScimCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load()

    def test_everything_that_was_loaded_is_there_and_nothing_else(self):
        before = self.server.requests()
        self.sync_scim("--workers", "8")
        asked = {what: count - before.get(what, 0) for what, count in self.server.requests().items()}
        file = c1z_file.C1z(self.path("sync.c1z"), self.folder)
        self.addCleanup(file.close)
        with self.subTest("types"):
            self.assertEqual(file.rows("select external_id from v1_resource_types order by 1"),
                             [("entitlement",), ("group",), ("role",), ("user",)])
        with self.subTest("users"):
            self.check_users(file)
        with self.subTest("groups"):
            self.check_named(file, "group", self.groups)
        with self.subTest("roles"):
            self.check_named(file, "role", {ROLE_IDS[value]: f"The {value}" for value in self.held("roles")})
            self.check_named(file, "entitlement", {value: value for value in self.held("entitlements")})
        with self.subTest("entitlements"):
            self.check_entitlements(file)
        with self.subTest("grants"):
            self.check_grants(file)
        with self.subTest("requests"):
            self.check_requests(asked)
        with self.subTest("one worker"):
            self.sync_scim("--workers", "1", file="one.c1z")
            self.assertEqual(self.digest("one.c1z"), self.digest("sync.c1z"))

    def held(self, attribute):
        return {entry["value"] for user in self.users for entry in user.get(attribute, [])}

    def rows_of(self, file, kind):
        return {identity: wire.fields(data) for identity, data in file.rows(
            "select external_id, data from v1_resources where resource_type_id = ?", kind)}

    def check_named(self, file, kind, wanted):
        # The column has type and id, so that one column says which resource it is.
        found = {c1z_file.resource_id(row, 1): wire.text(row, 3) for row in self.rows_of(file, kind).values()}
        self.assertEqual(found, {(kind, identity): name for identity, name in wanted.items()})

    def check_users(self, file):
        found = {c1z_file.resource_id(row, 1)[1]: self.read_user(row) for row in self.rows_of(file, "user").values()}
        wanted = {user["id"]: self.wanted_user(user) for user in self.users}
        self.assertEqual(set(found), set(wanted))
        for identity, user in wanted.items():
            self.assertEqual(found[identity], user)

    def read_user(self, row):
        trait = wire.fields(wire.any_messages(row[4])[TRAIT + "UserTrait"])
        emails = [wire.fields(entry) for entry in trait.get(1, [])]
        self.assertEqual(wire.integer(wire.sub(row, 11), 1), wire.integer(wire.sub(trait, 2), 1))
        return {"name": wire.text(row, 3), "login": wire.text(trait, 6),
                "emails": [(wire.text(email, 1), wire.integer(email, 2)) for email in emails],
                "status": wire.integer(wire.sub(trait, 2), 1), "created": wire.timestamp(wire.sub(trait, 8)),
                "profile": wire.struct_strings(wire.sub(row, 9))}

    def wanted_user(self, user):
        profile = {"user_id": user["id"], "username": user["userName"],
                   "last_modified": user["meta"]["lastModified"]}
        name = user.get("name")
        if name:
            profile |= {"first_name": name["givenName"], "last_name": name["familyName"]}
        if "displayName" in user:
            profile["display_name"] = user["displayName"]
        if "title" in user:
            profile["title"] = user["title"]
        extension = user.get(ENTERPRISE, {})
        for key, attribute in (("employee_number", "employeeNumber"), ("department", "department")):
            if attribute in extension:
                profile[key] = extension[attribute]
        if "manager" in extension:
            profile["manager_id"] = extension["manager"]["value"]
        addresses = sorted(user.get("emails", []), key=lambda email: not email.get("primary"))
        if addresses:
            profile["login"] = addresses[0]["value"]
        return {"name": f"{name['givenName']} {name['familyName']}" if name else user["displayName"],
                "login": user["userName"],
                "emails": [(email["value"], int(email.get("primary", False))) for email in addresses],
                "status": 1 if user["active"] else 2, "created": seconds_of(user["meta"]["created"]),
                "profile": profile}

    def check_entitlements(self, file):
        found = {}
        for identity, data in file.rows("select external_id, data from v1_entitlements"):
            message = wire.fields(data)
            found[identity] = wire.text(message, 3), [wire.text(wire.fields(kind), 1) for kind in message[5]]
        wanted = {f"group:{identity}:member": (f"{name} group member", ["user", "group"])
                  for identity, name in self.groups.items()}
        wanted |= {f"role:{ROLE_IDS[value]}:member": (f"The {value} role member", ["user"])
                   for value in self.held("roles")}
        wanted |= {f"entitlement:{value}:member": (f"{value} entitlement member", ["user"])
                   for value in self.held("entitlements")}
        self.assertEqual(found, wanted)

    def direct_grants(self):
        grants = {(f"group:{group}:member", *member) for group, chosen in self.members.items() for member in chosen}
        for user in self.users:
            grants |= {(f"role:{ROLE_IDS[role['value']]}:member", "user", user["id"])
                       for role in user.get("roles", [])}
            grants |= {(f"entitlement:{entry['value']}:member", "user", user["id"])
                       for entry in user.get("entitlements", [])}
        return grants

    def check_grants(self, file):
        found, derived = set(), set()
        for entitlement, kind, principal, data in file.rows(
                "select entitlement_id, principal_resource_type_id, principal_resource_id, data from v1_grants"):
            key = entitlement, kind, principal
            self.assertNotIn(key, found, "a grant that occurs twice")
            found.add(key)
            if TRAIT + "GrantImmutable" in wire.any_messages(wire.fields(data).get(4, [])):
                derived.add(key)
        direct = self.direct_grants()
        wanted = direct | {(f"group:{group}:member", "user", user)
                           for group, people in effective_members(self.members).items() for user in people}
        self.assertGreater(len(wanted - direct), 1000, "the loaded groups are hardly nested")
        self.assertEqual(found - wanted, set(), "grants that nobody has")
        self.assertEqual(wanted - found, set(), "grants that are missing")
        self.assertEqual(derived, wanted - direct)

    def check_requests(self, asked):
        """Pages, not one request for each user or group; a group is only asked for when it came without members."""
        empty = sum(1 for chosen in self.members.values() if not chosen)
        self.assertEqual(asked.get("GET /Groups/ID", 0), empty)
        # Users are read five times (users, and both roles and entitlements as resources and as grants), and there is one
        # request to see whether the service is there. Each time there is one page more than needed, to see the end.
        self.assertLessEqual(asked["GET /Users"], 5 * (USERS // 100 + 1) + 1)
        # Groups thrice: groups, their members, and ids for the members that do not say what they are.
        self.assertLessEqual(asked["GET /Groups"], 3 * (GROUPS // 100 + 1))


class Refused(ScimCase):

    def test_wrong_credentials(self):
        for flags in (["--token", "wrong"], ["--username", "wrong", "--password", "wrong-password"]):
            with self.subTest(flags[0]):
                outcome = self.run_scim("--base-url", self.server.url, *flags)
                line = self.assert_refused(outcome, 16, "401", "Authorization not valid")
                self.assertEqual(outcome.messages(), [line])
                self.assertNotIn("wrong", outcome.stderr)
                self.assertFalse(os.path.exists(self.path("sync.c1z")))

    def test_an_address_beside_the_api(self):
        outcome = self.run_scim("--base-url", self.server.url + "/nothing", environment={"BATON_TOKEN": TOKEN})
        self.assert_refused(outcome, 5, "404", "/nothing/Users")

    def test_settings(self):
        for words, flags in ((["credentials", "--token"], []),
                             (["--password"], ["--username", "somebody"]),
                             (["--token", "--username"], ["--token", "t", "--username", "u", "--password", "p"]),
                             (["--page-size", "0"], ["--token", "t", "--page-size", "0"])):
            with self.subTest(flags):
                outcome = self.run_scim("--base-url", self.server.url, *flags)
                self.assertEqual(outcome.lines, [self.assert_refused(outcome, 2, *words)])

    def test_what_upstream_has_and_we_have_not(self):
        for flag, value in (("--service-provider", "slack"), ("--scim-config-file", "map.yaml"), ("--api-key", "k"),
                            ("--scim-client-id", "c")):
            with self.subTest(flag):
                outcome = self.run_scim("--base-url", self.server.url, "--token", "t", flag, value)
                self.assertEqual(outcome.lines, [self.assert_refused(outcome, 12, flag)])
        outcome = self.run_scim("--base-url", self.server.url, environment={"BATON_API_KEY": "k"})
        self.assert_refused(outcome, 12, "BATON_API_KEY")

    def test_help(self):
        outcome = self.run_scim("--help")
        self.assertEqual((outcome.code, outcome.stderr), (0, ""))
        for word in ("--base-url", "BATON_TOKEN", "--username", "--page-size", "SCIM 2.0"):
            self.assertIn(word, outcome.stdout)


if __name__ == "__main__":
    for program in (SCIM, support.BATON):
        if not os.access(program, os.X_OK):
            sys.exit(f"not built: {program}; BATON_BIN_DIR names the folder of the programs")
    support.unittest.main(verbosity=2)
