"""Flags, variables and the configuration file, each by what it does to the sync or to the file."""

import json
import os

import c1z_file
import support

RESOURCES = {"app": 7, "group": 40, "role": 25, "user": 400}
ENTITLEMENTS = {"group": 40, "role": 25}
DIRECT_GRANTS = {"group": 480, "role": 175}


class Flags(support.Case):

    def setUp(self):
        super().setUp()
        self.server = self.tenant(*support.SMALL, log=self.path("requests"))

    def content(self, *flags, environment=None):
        """Syncs; returns the row of the run and, per family, {type: rows}."""
        self.sync(self.server, *flags, environment=environment)
        file = c1z_file.C1z(self.path("sync.c1z"), self.folder)
        try:
            families = {family: dict(file.rows(f"select resource_type_id, count(*) from v1_{family} group by 1"))
                        for family in ("resources", "entitlements", "grants")}
            families["resource_types"] = sorted(kind for (kind,) in
                                                file.rows("select external_id from v1_resource_types"))
            return file.run(), families
        finally:
            file.close()

    def asked(self):
        """What was asked for, without page tokens."""
        return {target.partition("?")[0] for _, target, _, _ in self.server.requests()}

    def test_skip_grants(self):
        run, rows = self.content("--skip-grants")
        self.assertEqual(run["sync_type"], "full")
        self.assertEqual((rows["resources"], rows["entitlements"], rows["grants"]), (RESOURCES, ENTITLEMENTS, {}))
        self.assertFalse([path for path in self.asked() if path.endswith(("/members", "/assignments"))])

    def test_skip_entitlements_and_grants(self):
        run, rows = self.content("--skip-entitlements-and-grants")
        self.assertEqual(run["sync_type"], "resources_only")
        self.assertEqual((rows["resources"], rows["entitlements"], rows["grants"]), (RESOURCES, {}, {}))
        self.assertEqual(set(json.loads(run["stats"])), {"resource_types", "resources", "resources_by_resource_type"})

    def test_skip_full_sync(self):
        run, rows = self.content("--skip-full-sync")
        self.assertEqual(run["sync_type"], "full")
        self.assertTrue(run["ended_at"])
        self.assertEqual(rows, {"resource_types": [], "resources": {}, "entitlements": {}, "grants": {}})
        self.assertEqual(self.asked(), {"/v1/ping"})

    def test_some_resource_types(self):
        _, rows = self.content("--sync-resource-types", "group,user")
        self.assertEqual(rows["resource_types"], ["group", "user"])
        self.assertEqual(rows["resources"], {"group": 40, "user": 400})
        self.assertEqual(rows["entitlements"], {"group": 40})
        self.assertEqual(set(rows["grants"]), {"group"})
        self.assertNotIn("/v1/roles", self.asked())

    def test_grants_to_principals_of_other_types_are_dropped(self):
        _, rows = self.content("--sync-resource-types", "role", "--sync-resource-types", "user")
        self.assertEqual(rows["resource_types"], ["role", "user"])
        # Four groups hold each role, three users do.
        self.assertEqual(rows["grants"], {"role": 75})

    def test_an_unknown_resource_type(self):
        outcome = self.run_demo(self.server, "--sync-resource-types", "user,gruop")
        self.assert_refused(outcome, 3, "gruop")
        self.assertFalse(os.path.exists(self.path("sync.c1z")))
        self.assertFalse(os.path.exists(self.path("sync.c1z.sync")), "its plan would stand in the way of a right one")

    def test_expansion_off(self):
        _, rows = self.content("--expansion", "off")
        self.assertEqual(rows["grants"], DIRECT_GRANTS)

    def test_expansion_strict(self):
        # Without circles both modes agree; the mode is part of a run's configuration (disk_test).
        _, rows = self.content("--expansion", "strict")
        strict = self.digest()
        os.remove(self.path("sync.c1z"))
        _, upstream = self.content()
        self.assertEqual((rows, strict), (upstream, self.digest()))

    def test_expansion_stops_at_its_limit_and_goes_on_without(self):
        outcome = self.run_demo(self.server, "--max-expanded-grants", "1")
        self.assert_refused(outcome, 8, "more than the 1", resumable=True)
        self.assertRegex(outcome.stderr, "Largest destinations: \"")
        self.assertFalse(os.path.exists(self.path("sync.c1z")))
        outcome = self.sync(self.server)
        self.assertRegex(outcome.stderr, r"(?m)^  resumed ")
        self.assertRegex(outcome.stderr, r"(?m)^  graph +\d+ edges, \d+ components, 0 cycles$")

    def test_state_dir(self):
        state = self.path("state", "deep")
        os.makedirs(state)
        slow = self.tenant(*support.SMALL, "--latency", "20ms")
        demo = self.start(slow, "--state-dir", state)
        support.wait_until(lambda: slow.counters()["requests"]["total"] >= 20, "requests")
        self.assertTrue(demo.kill())
        self.assertFalse(os.path.exists(self.path("sync.c1z.sync")))
        (run,) = os.listdir(state)
        self.assertTrue(run.startswith("sync.c1z-") and run.endswith(".sync"), run)
        outcome = self.sync(slow, "--state-dir", state)
        self.assertRegex(outcome.stderr, r"(?m)^  resumed ")
        self.assertEqual(os.listdir(state), [])

    def test_a_state_dir_serves_several_files(self):
        state = self.path("state")
        slow = self.tenant(*support.SMALL, "--latency", "20ms")
        demos = [self.start(slow, "--state-dir", state, file=file) for file in ("one.c1z", "two.c1z")]
        for demo, file in zip(demos, ("one.c1z", "two.c1z")):
            self.assert_complete(demo.wait(), file)
        self.assertEqual(self.digest("one.c1z"), self.digest("two.c1z"))

    def test_version_and_help(self):
        for flags in (["--version"], ["-v"]):
            outcome = self.run_plain(*flags)
            self.assertEqual((outcome.code, outcome.stderr), (0, ""))
            self.assertRegex(outcome.stdout, r"\A(baton-demo )?(version )?v?\d+\.\d+\.\d+\n\Z")
        for flags in (["--help"], ["-h"], ["help"]):
            outcome = self.run_plain(*flags)
            self.assertEqual((outcome.code, outcome.stderr), (0, ""))
            for word in ("--base-url", "--sync-resource-types", "BATON_TOKEN"):
                self.assertIn(word, outcome.stdout)

    def test_workers_cap_what_is_read_at_once(self):
        slow = self.tenant(*support.SMALL, "--latency", "5ms")
        for workers, most in (("1", 1), ("0", 1), ("3", 3)):
            slow.reset()
            self.sync(slow, "--workers", workers)
            self.assertLessEqual(slow.counters()["requests"]["most_in_flight"], most)

    def test_log_levels_and_formats(self):
        quiet = self.sync(self.server, "--log-level", "error")
        self.assertEqual([line for line in quiet.lines if line.startswith('{"level"')], [])
        for line in self.sync(self.server, "--log-level", "debug", "--log-format", "json").lines:
            if line.startswith("{"):
                self.assertIn(json.loads(line)["level"], ("debug", "info", "warn", "error"))
        console = self.sync(self.server, "--log-format", "console")
        self.assertEqual([line for line in console.lines if line.startswith("{")], [])
        self.assertIn("collect begins", console.stderr)

    def test_a_log_file(self):
        outcome = self.sync(self.server, "--log-path", self.path("log"), "--log-level", "debug")
        self.assertNotIn('{"level"', outcome.stderr)
        self.assertIn(b"page committed", self.read("log"))
        self.assertEqual(os.stat(self.path("log")).st_mode & 0o777, 0o600)


class Precedence(support.Case):
    """A flag beats a variable, a variable beats the file. The token tells which one was used."""

    def setUp(self):
        super().setUp()
        self.server = self.tenant(*support.SMALL, token="right")
        self.files = 0

    def run_with(self, *flags, variable=None, file=None):
        environment = {"BATON_BASE_URL": self.server.url, "BATON_FILE": self.path("sync.c1z")}
        if variable:
            environment["BATON_TOKEN"] = variable
        if file:
            environment["BATON_CONFIG_PATH"] = self.write("config.yaml", f"token: {file}\n")
        return self.run_plain(*flags, environment=environment).code

    def test_order(self):
        self.assertEqual(self.run_with(), 16)
        self.assertEqual(self.run_with(file="right"), 0)
        self.assertEqual(self.run_with(variable="right", file="wrong"), 0)
        self.assertEqual(self.run_with(variable="wrong", file="right"), 16)
        self.assertEqual(self.run_with("--token", "right", variable="wrong", file="wrong"), 0)
        self.assertEqual(self.run_with("--token=wrong", variable="right", file="right"), 16)

    def test_an_empty_variable_counts_as_unset(self):
        outcome = self.run_plain("--base-url", self.server.url, "--file", self.path("sync.c1z"),
                                 environment={"BATON_TOKEN": "", "BATON_CONFIG_PATH": self.write("c.yml",
                                                                                                 "token: right\n")})
        self.assertEqual(outcome.code, 0, outcome)

    def test_the_file_in_the_working_directory(self):
        self.write(".baton.yaml", f"base-url: {self.server.url}\ntoken: right\nfile: here.c1z\nsync-resource-types:\n"
                                  "  - user\n  - group\n")
        outcome = self.run_plain(cwd=self.folder)
        self.assertEqual(outcome.code, 0, outcome)
        file = c1z_file.C1z(self.path("here.c1z"), self.folder)
        self.addCleanup(file.close)
        self.assertEqual(file.rows("select external_id from v1_resource_types order by 1"), [("group",), ("user",)])

    def test_lists_from_a_variable(self):
        outcome = self.run_plain("--base-url", self.server.url, "--token", "right", cwd=self.folder,
                                 environment={"BATON_SYNC_RESOURCE_TYPES": "app,role"})
        self.assertEqual(outcome.code, 0, outcome)
        file = c1z_file.C1z(self.path("sync.c1z"), self.folder)
        self.addCleanup(file.close)
        self.assertEqual(file.rows("select external_id from v1_resource_types order by 1"), [("app",), ("role",)])


if __name__ == "__main__":
    support.main()
