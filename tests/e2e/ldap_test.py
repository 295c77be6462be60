"""baton-ldap against a real slapd: complete, few searches, the same file whatever happens meanwhile."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import c1z_file
import ldap_directory
import odd_ldap
import slapd
import support
import wire

LDAP = os.path.join(support.BIN, "baton-ldap")
USERS = 5000
MAX_SEARCHES = 100


def make_certificates(folder):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "30", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class LdapCase(support.Case):
    """Short ways to run baton-ldap against `self.server`."""

    def flags(self, **changes):
        """The flags of a sync that works, with some changed (`base_dn="..."`) or left out (`base_dn=None`)."""
        values = {"url": self.server.url, "base_dn": slapd.BASE, "bind_dn": slapd.READER, **changes}
        return [part for name, value in values.items() if value is not None
                for part in (f"--{name.replace('_', '-')}", value)]

    def begin(self, *flags, file="sync.c1z", password=slapd.PASSWORD, environment=None, **changes):
        """Starts baton-ldap; the password goes in as a variable, as it should."""
        variables = {**({"BATON_PASSWORD": password} if password else {}), **(environment or {})}
        run = support.Demo(self.folder, *self.flags(**changes), "--file", self.path(file), *flags,
                           environment=variables, program=LDAP)
        self.addCleanup(lambda: run.running() and run.kill())
        return run

    def sync_ldap(self, *flags, file="sync.c1z", **options):
        outcome = self.begin(*flags, file=file, **options).wait()
        self.assert_complete(outcome, file)
        self.assertNotIn(slapd.PASSWORD, outcome.stderr)
        return outcome

    def open(self, file="sync.c1z"):
        opened = c1z_file.C1z(self.path(file), self.folder)
        self.addCleanup(opened.close)
        return opened


class Case(LdapCase):
    """One directory and one server for all tests that leave it as it is."""

    @classmethod
    def setUpClass(cls):
        cls.server_folder = tempfile.mkdtemp(prefix="baton-ldap-")
        cls.addClassCleanup(shutil.rmtree, cls.server_folder, ignore_errors=True)
        cls.directory = ldap_directory.Directory(support.SEED, **cls.size)
        cls.certificate, key = make_certificates(cls.server_folder)
        cls.server = slapd.Slapd(cls.server_folder, cls.certificate, key)
        cls.server.load(cls.directory.text())
        cls.enterClassContext(cls.server)


def grants_of(file):
    """{(entitlement id, principal type, principal id): the message} of a file."""
    return {(entitlement, kind, principal): wire.fields(data) for entitlement, kind, principal, data in file.rows(
        "select entitlement_id, principal_resource_type_id, principal_resource_id, data from v1_grants")}


def annotation_names(message):
    return {name.rpartition(".")[2] for name in wire.any_messages(message.get(4, []))}


class Whole(Case):
    """The directory of the issue: 5,000 users."""

    size = {"users": USERS}

    def test_complete_with_few_searches_and_independent_of_workers(self):
        before = self.server.searches()
        began = time.monotonic()
        outcome = self.sync_ldap("--workers", "1", file="one.c1z")
        took = time.monotonic() - began
        searches = self.server.searches() - before
        print(f"\n{USERS} users, {len(self.directory.groups)} groups, {self.directory.direct_count()} memberships: "
              f"{searches} searches, {took:.2f} s", file=sys.stderr)
        self.assertLessEqual(searches, MAX_SEARCHES)

        file = self.open("one.c1z")
        with self.subTest("resource types"):
            self.assertEqual({row[0] for row in file.rows("select external_id from v1_resource_types")},
                             {"user", "group", "role"})
        with self.subTest("users"):
            self.check_users(file)
        with self.subTest("groups and roles"):
            self.check_groups(file)
        with self.subTest("grants"):
            self.check_grants(file)
        with self.subTest("warnings"):
            self.check_warnings(outcome)
        with self.subTest("eight workers"):
            self.sync_ldap("--workers", "8", file="eight.c1z")
            self.assertEqual(self.digest("eight.c1z"), self.digest("one.c1z"))

    def check_users(self, file):
        found = {}
        for (data,) in file.rows("select data from v1_resources where resource_type_id = 'user'"):
            message = wire.fields(data)
            found[wire.text(wire.sub(message, 1), 2)] = message
        self.assertEqual(set(found), set(self.directory.users))
        text = b"".join(data for (data,) in file.rows("select data from v1_resources"))
        self.assertNotIn(b"userPassword", text)
        self.assertNotIn(b"a secret of somebody", text)
        for user, facts in self.directory.users.items():
            message = found[user]
            self.assertEqual(wire.text(message, 3), facts["name"])
            blob = b"".join(part for values in message.values() for part in values if isinstance(part, bytes))
            for part in ("login", "email"):
                self.assertIn(facts[part].encode(), blob, user)

    def check_groups(self, file):
        for kind, wanted in (("group", self.directory.groups), ("role", self.directory.roles)):
            found = {}
            for (data,) in file.rows("select data from v1_resources where resource_type_id = ?", kind):
                message = wire.fields(data)
                found[wire.text(wire.sub(message, 1), 2)] = wire.text(message, 3)
            self.assertEqual(found, wanted)
            entitlements = {row[0] for row in file.rows(
                "select external_id from v1_entitlements where resource_type_id = ?", kind)}
            self.assertEqual(entitlements, {f"{kind}:{one}:member" for one in wanted})

    def check_grants(self, file):
        found = grants_of(file)
        direct = {(f"group:{group}:member", *who) for group, holders in self.directory.direct.items()
                  for who in holders}
        direct |= {(f"role:{role}:member", *who) for role, holders in self.directory.held.items() for who in holders}
        self.assertEqual(sorted(direct - set(found))[:3], [])
        # Everybody, the members of inner groups included.
        users = {}
        for entitlement, kind, principal in found:
            if kind == "user":
                users.setdefault(entitlement, set()).add(principal)
        wanted = {f"group:{group}:member": members for group, members in self.directory.expanded().items() if members}
        wanted |= {f"role:{role}:member": {who for _, who in holders} for role, holders in self.directory.held.items()}
        self.assertEqual(users.keys(), wanted.keys())
        for entitlement, members in wanted.items():
            self.assertEqual(users[entitlement], members, entitlement)
        # What is not direct stems from groups inside groups, and says so.
        for key, message in found.items():
            if key not in direct:
                self.assertTrue(wire.sub(message, 5).get(1), key)
        expandable = set(file.rows("select entitlement_id, principal_resource_type_id, principal_resource_id"
                                   " from v1_grants where expansion is not null"))
        self.assertEqual(expandable, {key for key in direct if key[1] == "group"})
        # The members of a dynamic group cannot be taken out of it.
        for group in self.directory.immutable:
            for who in self.directory.direct[group]:
                self.assertIn("GrantImmutable", annotation_names(found[f"group:{group}:member", *who]))

    def check_warnings(self, outcome):
        lines = [line for line in outcome.lines if "members that are not in the directory" in line]
        counted = {"dns_kept_as_users": 0, "names_left_out": 0}
        for line in lines:
            for name in counted:
                counted[name] += int(line.split(f'"{name}":"', 1)[1].split('"', 1)[0])
        self.assertEqual(counted, {"dns_kept_as_users": self.directory.dangling,
                                   "names_left_out": self.directory.unknown_names}, outcome)

    def test_killed_and_interrupted_runs_end_in_the_same_file(self):
        self.sync_ldap(file="whole.c1z")
        wanted = self.digest("whole.c1z")
        for number, stop in enumerate((signal.SIGTERM, signal.SIGKILL)):
            with self.subTest(stop=stop.name):
                file = f"{number}.c1z"
                pages = 0
                for attempt in range(4):
                    log = self.path(f"log-{number}-{attempt}")
                    run = self.begin("--requests-per-second", "40", "--log-level", "debug", "--log-format", "json",
                                     "--log-path", log, file=file)
                    journal = support.Journal(log)
                    goal = 4 + 5 * attempt
                    support.wait_until(lambda: len(journal.follow().committed) >= goal or not run.running(),
                                       f"{goal} pages")
                    run.send(stop)
                    ended = run.wait()
                    self.assertNotIn(slapd.PASSWORD, self.read(os.path.basename(log)).decode())
                    if ended.code == 0:
                        break
                    self.assertEqual(ended.code, 1 if stop == signal.SIGTERM else -signal.SIGKILL, ended)
                    pages += 1
                self.assertGreaterEqual(pages, 2, "the runs were over before they could be stopped")
                if ended.code != 0:
                    self.sync_ldap(file=file)
                self.assertEqual(self.digest(file), wanted)


class Small(Case):
    """What does not need many users."""

    size = {"users": 700, "plain": 6, "unique": 3, "posix": 4}

    def refused(self, code, *words, flags=(), **changes):
        outcome = self.begin(*flags, **changes).wait()
        self.assertNotIn(slapd.PASSWORD, outcome.stderr)
        return self.assert_refused(outcome, code, *words)

    def test_wrong_password(self):
        line = self.refused(16, "refuses the bind DN or its password", "--password", password="wrong horse")
        self.assertNotIn("wrong horse", line)

    def test_no_password(self):
        self.refused(16, "without a password", "--password", password=None)

    def test_wrong_base(self):
        self.refused(5, "--base-dn dc=example,dc=com", "no such entry", slapd.BASE, base_dn="dc=example,dc=com")

    def test_wrong_search_base(self):
        self.refused(5, "--group-search-dn ou=Nothing", "no such entry", group_search_dn=f"ou=Nothing,{slapd.BASE}")

    def test_no_base(self):
        self.refused(5, "--base-dn is not set", slapd.BASE, base_dn=None)

    def test_search_bases_instead_of_a_base(self):
        self.sync_ldap(base_dn=None, user_search_dn=f"ou=People,{slapd.BASE}", group_search_dn=slapd.BASE,
                       role_search_dn=slapd.BASE, file="three.c1z")
        self.sync_ldap(file="one.c1z")
        self.assertEqual(self.digest("three.c1z"), self.digest("one.c1z"))

    def test_a_base_that_is_no_dn(self):
        self.refused(3, "--base-dn example.org", "DN", base_dn="example.org")

    def test_unreachable_server(self):
        self.refused(14, "connection refused", "127.0.0.1", url=f"ldap://127.0.0.1:{slapd.free_port()}")

    def test_no_such_host(self):
        self.refused(3, "no such host", "nowhere.invalid", url="ldap://nowhere.invalid")

    def test_bad_url(self):
        self.refused(3, "ldap://", url="http://127.0.0.1")

    def test_missing_flags(self):
        self.refused(2, "url", url=None)
        self.refused(2, "bind-dn", bind_dn=None)

    def test_bad_filter(self):
        self.refused(3, "no search filter", "--filter", filter="(cn=")

    def test_a_server_that_gives_only_some_of_the_entries(self):
        outcome = self.begin(bind_dn=slapd.LIMITED).wait()
        self.assert_refused(outcome, 8, "does not give all entries", "limit", resumable=True)

    def test_the_certificate_is_checked(self):
        url = f"ldaps://127.0.0.1:{self.server.tls_port}"
        self.refused(2, "TLS", "certificate", url=url)
        self.refused(2, "TLS", "certificate", flags=["--start-tls"])
        trusted = {"SSL_CERT_FILE": self.certificate}
        self.sync_ldap(file="plain.c1z")
        wanted = self.digest("plain.c1z")
        self.sync_ldap(file="tls.c1z", url=url, environment=trusted)
        self.sync_ldap("--start-tls", file="start.c1z", environment=trusted)
        self.sync_ldap("--insecure-skip-verify", file="any.c1z", url=url)
        for file in ("tls.c1z", "start.c1z", "any.c1z"):
            self.assertEqual(self.digest(file), wanted, file)

    def test_a_plain_server_behind_a_tls_url(self):
        self.refused(2, "TLS", url=f"ldaps://127.0.0.1:{self.server.port}")

    def test_the_filter_narrows_users_and_groups(self):
        self.sync_ldap("--filter", "(|(description=many)(cn=Everyone))", file="some.c1z")
        file = self.open("some.c1z")
        many = {user for user, facts in self.directory.users.items() if facts["description"] == "many"}
        found = {row[0].split(":", 1)[1] for row in
                 file.rows("select external_id from v1_resources where resource_type_id = 'user'")}
        self.assertEqual(found, many)
        self.assertEqual(file.rows("select count(*) from v1_resources where resource_type_id = 'group'"), [(1,)])

    def test_help_names_the_flags(self):
        done = subprocess.run([LDAP, "--help"], capture_output=True, text=True, check=True,
                              env=support.clean_environment())
        for flag in ("--url", "--base-dn", "--bind-dn", "--password", "--user-search-dn", "--group-search-dn",
                     "--role-search-dn", "--filter", "--disable-operational-attrs", "--start-tls",
                     "--insecure-skip-verify"):
            self.assertIn(flag, done.stdout)
        self.assertNotIn("--domain", done.stdout)


class Changed(Case):
    """The server does not stay as it was while a run goes on, or lies still."""

    size = {"users": 1500, "plain": 4, "unique": 2, "posix": 2}

    def test_a_restarted_server_is_asked_again(self):
        self.sync_ldap(file="whole.c1z")
        run = self.begin("--requests-per-second", "10", "--log-level", "debug", "--log-format", "json", "--log-path",
                         self.path("log"), file="cut.c1z")
        journal = support.Journal(self.path("log"))
        support.wait_until(lambda: any(page[:2] == ("list-resources", "user") for page in journal.follow().committed) or
                           not run.running(), "the first page of users")
        self.assertTrue(run.running(), "the run was over before the server could be restarted")
        self.server.stop()
        self.assertTrue(self.server.start())
        self.assert_complete(run.wait(), "cut.c1z")
        self.assertEqual(self.digest("cut.c1z"), self.digest("whole.c1z"))

    def test_nothing_is_left_out_when_entries_before_the_place_have_gone(self):
        run = self.begin("--requests-per-second", "5", "--log-level", "debug", "--log-format", "json", "--log-path",
                         self.path("log"))
        journal = support.Journal(self.path("log"))
        support.wait_until(lambda: any(page[:2] == ("list-resources", "user") for page in journal.follow().committed) or
                           not run.running(), "the first page of users")
        self.assertTrue(run.kill(), "the run was over before it could be killed")
        self.server.stop()
        gone = [rdns for rdns, *_ in self.directory.people[:3]]
        self.server.modify("".join(f"dn: {ldap_directory.written(rdns)}\nchangetype: delete\n\n" for rdns in gone))
        self.assertTrue(self.server.start())
        self.sync_ldap()
        found = {row[0].split(":", 1)[1] for row in
                 self.open().rows("select external_id from v1_resources where resource_type_id = 'user'")}
        left = set(self.directory.users) - {ldap_directory.canonical(rdns) for rdns in gone}
        self.assertEqual(left - found, set())


class Odd(LdapCase):
    """Servers that are not like OpenLDAP."""

    PEOPLE = [(f"uid=u{i},dc=odd", {"objectClass": ["inetOrgPerson"], "uid": [f"u{i}"], "cn": [f"U {i}"]})
              for i in range(1200)]

    def serve(self, *entries, **options):
        self.server = odd_ldap.OddServer([("dc=odd", {"objectClass": ["domain"]}), *self.PEOPLE, *entries], **options)
        self.enterContext(self.server)

    def sync_odd(self, *flags):
        self.sync_ldap(*flags, base_dn="dc=odd", bind_dn="cn=reader", password="x")
        return self.open()

    def test_no_paged_results(self):
        self.serve()
        file = self.sync_odd()
        self.assertEqual(file.rows("select count(*) from v1_resources where resource_type_id = 'user'"), [(1200,)])
        # The base, and one search for each listing and each half of the index.
        self.assertLessEqual(len(self.server.searches), 10)

    def test_members_in_ranges(self):
        members = [dn for dn, _ in self.PEOPLE]
        self.serve(("cn=all,dc=odd", {"objectClass": ["groupOfNames"], "cn": ["All"], "member": members}),
                   ("cn=few,dc=odd", {"objectClass": ["groupOfNames"], "cn": ["Few"], "member": members[:3]}),
                   range_size=500)
        found = set(grants_of(self.sync_odd()))
        wanted = {("group:cn=all,dc=odd:member", "user", dn) for dn in members}
        wanted |= {("group:cn=few,dc=odd:member", "user", dn) for dn in members[:3]}
        self.assertEqual(found, wanted)
        ranged = [wanted for _, wanted in self.server.searches if any(";range=" in name for name in wanted)]
        self.assertEqual(ranged, [["member;range=500-*"], ["member;range=1000-*"]])

    def test_a_busy_server_is_asked_again(self):
        self.serve(busy=1)
        file = self.sync_odd("--workers", "1")
        self.assertEqual(self.server.busy, 0)
        self.assertEqual(file.rows("select count(*) from v1_resources where resource_type_id = 'user'"), [(1200,)])


if __name__ == "__main__":
    reason = slapd.missing()
    if reason:
        print(f"e2e_ldap: {reason}")
        sys.exit(77)
    support.main((LDAP, support.BATON))
