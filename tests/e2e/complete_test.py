"""A sync holds exactly what the service has, in a file of exactly the format."""

import json
import os
import re
import subprocess

import c1z_file
import expected
import support
import wire

EXACT_TYPES = {
    # id: (display name, trait, annotations)
    "app": ("App", 4, {"SkipEntitlementsAndGrants"}),
    "group": ("Group", 2, set()),
    "role": ("Role", 3, set()),
    "user": ("User", 1, {"SkipEntitlementsAndGrants"}),
}


class Content(support.Case):
    """Row by row against the tenant's truth. One sync serves all tests of a class."""

    flags = support.SMALL

    def check_everything(self):
        tenant = self.tenant(*self.flags)
        self.sync(tenant)
        file = c1z_file.C1z(self.path("sync.c1z"), self.folder)
        self.addCleanup(file.close)
        truth = {kind: tenant.truth(kind) for kind in ("users", "groups", "roles", "apps", "members", "assignments")}
        with self.subTest("envelope"):
            self.check_envelope(file)
        with self.subTest("schema"):
            self.check_schema(file)
        with self.subTest("run"):
            self.check_run(file)
        with self.subTest("resource types"):
            self.check_resource_types(file)
        with self.subTest("resources"):
            self.check_resources(file, truth)
        with self.subTest("entitlements"):
            self.check_entitlements(file, truth)
        with self.subTest("grants"):
            self.check_grants(file, truth)

    def check_envelope(self, file):
        # The first page is known last and has a frame of its own, in a room that a skippable frame fills.
        size, checksum, window = c1z_file.frame_facts(file.frame)
        self.assertEqual(size, file.rows("pragma page_size")[0][0])
        self.assertTrue(checksum)
        self.assertLessEqual(window, 128 << 20)
        self.write("frame.zst", file.frame)
        listing = subprocess.run(["zstd", "-l", "-v", self.path("frame.zst")], capture_output=True, text=True,
                                         check=True).stdout
        self.assertRegex(listing, r"# Zstandard Frames: 2\b")
        self.assertRegex(listing, r"# Skippable Frames: 1\b")
        # zstd knows these two only when every frame says them.
        self.assertRegex(listing, rf"Decompressed Size:.*\({os.path.getsize(file.database_path)} B\)")
        self.assertRegex(listing, r"Check: XXH64")
        self.assertLessEqual(int(re.search(r"Window Size:.*\((\d+) B\)", listing)[1]), 128 << 20)

    def check_schema(self, file):
        self.assertEqual(file.rows("pragma integrity_check"), [("ok",)])
        self.assertEqual(file.rows("pragma encoding"), [("UTF-8",)])
        self.assertEqual(file.tables(), c1z_file.TABLES)
        self.assertEqual(file.indexes(), c1z_file.INDEXES)
        self.assertEqual(file.rows("select name from sqlite_master where type not in ('table', 'index')"), [])

    def check_run(self, file):
        run = file.run()
        self.assertRegex(run["sync_id"], r"\A[0-9A-Za-z]{27}\Z")
        for moment in ("started_at", "ended_at"):
            self.assertRegex(run[moment], r"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{0,8}[1-9])?\Z")
        self.assertLess(run["started_at"], run["ended_at"])
        self.assertEqual(run["sync_type"], "full")
        self.assertEqual((run["parent_sync_id"], run["linked_sync_id"]), ("", ""))
        self.assertEqual((run["supports_diff"], run["grants_backfilled"]), (1, 1))
        self.assertIsInstance(json.loads(run["sync_token"]), dict)
        for table in c1z_file.TABLES:
            wrong = file.rows(f"select count(*) from {table} where sync_id <> ?", run["sync_id"])
            self.assertEqual(wrong, [(0,)], table)
        stats = json.loads(run["stats"])
        self.assertEqual({name: stats[name] for name in ("resource_types", "resources", "entitlements", "grants")},
                         {name: file.count(f"v1_{name}")
                          for name in ("resource_types", "resources", "entitlements", "grants")})
        for table, member in (("resources", "resources_by_resource_type"), ("grants", "grants_by_resource_type"),
                              ("entitlements", "entitlements_by_resource_type")):
            counted = dict(file.rows(f"select resource_type_id, count(*) from v1_{table} group by 1"))
            self.assertEqual({kind: count for kind, count in stats[member].items() if count}, counted)

    def check_resource_types(self, file):
        found = {}
        for external_id, data in file.rows("select external_id, data from v1_resource_types"):
            message = wire.fields(data)
            self.assertEqual(wire.text(message, 1), external_id)
            trait = message[3][0] if isinstance(message[3][0], int) else message[3][0][0]
            annotations = wire.any_messages(message.get(4, []))
            found[external_id] = (wire.text(message, 2), trait,
                                  {name.removeprefix(expected.TRAIT) for name in annotations})
        self.assertEqual(found, EXACT_TYPES)

    def check_resources(self, file, truth):
        found = {"user": {}, "group": {}, "role": {}, "app": {}}
        for kind, external_id, parent_type, parent_id, data in file.rows(
                "select resource_type_id, external_id, parent_resource_type_id, parent_resource_id, data"
                " from v1_resources"):
            message = wire.fields(data)
            self.assertEqual(c1z_file.resource_id(message, 1), (kind, external_id.removeprefix(kind + ":")))
            parent = (parent_type, parent_id) if parent_type is not None else None
            self.assertEqual(c1z_file.resource_id(message, 2), parent)
            found[kind][external_id.removeprefix(kind + ":")] = getattr(self, "read_" + kind)(message)
        self.assertEqual(found["app"], {row["id"]: row["name"] for row in truth["apps"]})
        self.assertEqual(found["role"], {row["id"]: (row["name"], ("app", row["app"])) for row in truth["roles"]})
        self.assertEqual(found["group"], {row["id"]: (row["name"], row["description"]) for row in truth["groups"]})
        self.assertEqual(found["user"], expected.users(truth.get))

    def only_trait(self, message, name):
        annotations = wire.any_messages(message.get(4, []))
        self.assertEqual(list(annotations), [expected.TRAIT + name])
        return wire.fields(annotations[expected.TRAIT + name])

    def read_app(self, message):
        self.only_trait(message, "AppTrait")
        return wire.text(message, 3)

    def read_role(self, message):
        self.only_trait(message, "RoleTrait")
        return wire.text(message, 3), c1z_file.resource_id(message, 2)

    def read_group(self, message):
        self.only_trait(message, "GroupTrait")
        return wire.text(message, 3), wire.text(message, 5)

    def read_user(self, message):
        trait = self.only_trait(message, "UserTrait")
        emails = [wire.fields(entry) for entry in trait.get(1, [])]
        status = wire.integer(wire.sub(trait, 2), 1)
        created_at = wire.timestamp(wire.sub(trait, 8))
        profile = wire.struct_strings(wire.sub(trait, 3))
        # What moved from the trait to the resource is said twice.
        self.assertEqual(wire.integer(wire.sub(message, 11), 1), status)
        self.assertEqual(wire.timestamp(wire.sub(message, 12)), created_at)
        self.assertEqual(wire.struct_strings(wire.sub(message, 9)), profile)
        self.assertIn(status, (1, 2))
        return {
            "name": wire.text(message, 3),
            "login": wire.text(trait, 6),
            "emails": [(wire.text(email, 1), wire.integer(email, 2)) for email in emails],
            "enabled": status == 1,
            "account_type": wire.integer(trait, 5),
            "created_at": created_at,
            "last_login": wire.timestamp(wire.sub(trait, 9)) if 9 in trait else None,
            "profile": profile,
        }

    def check_entitlements(self, file, truth):
        found = {}
        for kind, resource, external_id, data in file.rows(
                "select resource_type_id, resource_id, external_id, data from v1_entitlements"):
            message = wire.fields(data)
            self.assertEqual(c1z_file.resource_id(wire.sub(message, 1), 1), (kind, resource))
            self.assertEqual(wire.text(message, 2), external_id)
            grantable = [wire.text(wire.fields(entry), 1) for entry in message[5]]
            found[external_id] = (wire.text(message, 3), wire.text(message, 8), wire.integer(message, 7), grantable)
        both = ["user", "group"]
        wanted = {f"group:{row['id']}:member": (row["name"] + " member", "member", 1, both) for row in truth["groups"]}
        wanted |= {f"role:{row['id']}:assigned": (row["name"] + " assigned", "assigned", 2, both)
                   for row in truth["roles"]}
        self.assertEqual(found, wanted)

    def check_grants(self, file, truth):
        direct = expected.direct_grants(truth.get)
        sources = {}
        expandable = set()
        rows = 0
        memory = {}

        def remember(read, data):
            if (read, data) not in memory:
                memory[read, data] = read(wire.fields(data))
            return memory[read, data]

        def entitlement_of(message):
            return wire.text(message, 2), *c1z_file.resource_id(wire.sub(message, 1), 1)

        def principal_of(message):
            return c1z_file.resource_id(message, 1)

        for (kind, resource, entitlement, principal_type, principal, external_id, expansion, needs_expansion,
             data) in file.rows(
                 "select resource_type_id, resource_id, entitlement_id, principal_resource_type_id,"
                 " principal_resource_id, external_id, expansion, needs_expansion, data from v1_grants"):
            rows += 1
            message = wire.fields(data)
            key = entitlement, principal_type, principal
            self.assertEqual(remember(entitlement_of, message[1][0]), (entitlement, kind, resource))
            self.assertEqual(remember(principal_of, message[2][0]), (principal_type, principal))
            self.assertEqual(wire.text(message, 3), external_id)
            self.assertEqual(external_id, ":".join(key))
            annotations = wire.any_messages(message.get(4, []))
            # A grant that the service does not have says that it cannot be taken away.
            self.assertEqual(list(annotations), [] if key in direct else [expected.TRAIT + "GrantImmutable"], key)
            entries = [wire.fields(entry) for entry in wire.sub(message, 5).get(1, [])]
            sources[key] = {wire.text(entry, 1): bool(wire.integer(wire.sub(entry, 2), 1)) for entry in entries}
            self.assertEqual(needs_expansion, 0 if expansion is None else 1)
            if expansion is not None:
                inside = wire.fields(expansion)
                self.assertEqual(inside, {1: [f"group:{principal}:member".encode()], 3: [b"user"]})
                expandable.add(key)
        self.assertEqual(rows, len(sources), "grants that occur twice")
        self.assertEqual(expandable, {key for key in direct if key[1] == "group"})
        wanted = expected.expand(direct)
        self.assertEqual(set(sources) - set(wanted), set(), "grants that nobody has")
        self.assertEqual(set(wanted) - set(sources), set(), "grants that are missing")
        differing = [(key, sources[key], wanted[key]) for key in wanted if sources[key] != wanted[key]]
        self.assertEqual(differing[:3], [], f"{len(differing)} grants with other sources")


class SmallTenant(Content):

    def test_every_row_is_there_and_no_other(self):
        self.check_everything()


class WorkloadS(Content):
    flags = ("--workload", "S")

    def test_every_row_is_there_and_no_other(self):
        self.check_everything()


class EmptyTenant(Content):
    flags = ("--users", "0", "--groups", "0", "--members", "0", "--roles", "0", "--assignments", "0", "--apps", "0")

    def test_an_empty_service_makes_an_empty_file(self):
        outcome = self.run_demo(self.tenant(*self.flags))
        self.assert_complete(outcome)
        file = c1z_file.C1z(self.path("sync.c1z"), self.folder)
        self.addCleanup(file.close)
        self.check_schema(file)
        self.check_resource_types(file)
        self.assertEqual([file.count("v1_" + table) for table in ("resources", "entitlements", "grants")], [0, 0, 0])


class Summary(support.Case):

    def test_the_summary_counts_what_is_in_the_file(self):
        tenant = self.tenant(*support.SMALL)
        outcome = self.sync(tenant)
        file = c1z_file.C1z(self.path("sync.c1z"), self.folder)
        self.addCleanup(file.close)
        counts = [file.count("v1_" + table) for table in ("resource_types", "resources", "entitlements", "grants")]
        found = re.search(r"file +\S+/sync\.c1z, \S+ \S+: ([\d,]+) resource types, ([\d,]+) resources,"
                          r" ([\d,]+) entitlements, ([\d,]+) grants\n", outcome.stderr)
        self.assertTrue(found, outcome)
        self.assertEqual([int(figure.replace(",", "")) for figure in found.groups()], counts)
        for label in ("collect", "expand", "export", "total", "requests"):
            self.assertRegex(outcome.stderr, rf"(?m)^  {label} +\S")
        requests = re.search(r"(?m)^  requests +([\d,]+)", outcome.stderr)
        self.assertEqual(int(requests[1].replace(",", "")), tenant.counters()["requests"]["total"])


if __name__ == "__main__":
    support.main()
