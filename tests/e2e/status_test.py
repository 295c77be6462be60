"""baton-<name> status: what an unfinished run holds, while it rests and while it runs."""

import json
import os
import signal

import support

SLOW = (*support.SMALL, "--latency", "20ms")


class Status(support.Case):

    def status(self, *flags, code=0):
        outcome = self.run_plain("status", "--file", self.path("sync.c1z"), *flags)
        self.assertEqual(outcome.code, code, outcome)
        return outcome

    def status_json(self, *flags):
        return json.loads(self.status("--json", *flags).stdout)

    def unfinished(self, tenant):
        demo = self.start(tenant, "--log-level", "debug", "--log-format", "json", "--log-path", self.path("log"))
        journal = support.Journal(self.path("log"))
        support.wait_until(lambda: len(journal.follow().committed) >= 60 or not demo.running(), "60 pages")
        demo.send(signal.SIGTERM)
        self.assertEqual(demo.wait().code, 1)

    def test_of_nothing(self):
        outcome = self.status()
        self.assertIn("no unfinished sync in " + self.path("sync.c1z.sync"), outcome.stdout)
        self.assertEqual(outcome.stderr, "")
        self.assertIs(self.status_json()["unfinished"], False)
        self.assertFalse(os.path.exists(self.path("sync.c1z.sync")), "looking makes no directory")

    def test_of_a_run_that_was_interrupted(self):
        tenant = self.tenant(*SLOW)
        self.unfinished(tenant)
        before = sorted((entry.name, entry.stat().st_mtime_ns) for entry in os.scandir(self.path("sync.c1z.sync")))
        text = self.status().stdout
        for part in ("unfinished sync", "state     collecting, in list-", "started", "last page", "collected",
                     "lists: ", "run the same command again to go on"):
            self.assertIn(part, text)
        facts = self.status_json()
        self.assertTrue(facts["unfinished"])
        self.assertEqual(facts["state"], "collecting")
        self.assertEqual(facts["sync_type"], "full")
        self.assertGreaterEqual(facts["pages"], 60)
        self.assertGreater(facts["rows"], 60)
        self.assertGreater(facts["cursors_left"], 0)
        self.assertEqual(sum(facts["cursors_left_by_phase"].values()), facts["cursors_left"])
        self.assertLess(facts["age_seconds"], 600)
        self.assertFalse(facts["in_use"])
        self.assertFalse(facts["expired"])
        after = sorted((entry.name, entry.stat().st_mtime_ns) for entry in os.scandir(self.path("sync.c1z.sync")))
        self.assertEqual(before, after, "looking changes nothing")
        self.assertIn("discards it", self.status("--resume-max-age", "1ms").stdout)

        resumed = self.sync(tenant, "--summary-json", self.path("summary"))
        self.assertIn("resumed", resumed.stderr)
        self.assertEqual(json.loads(self.read("summary"))["resumed_pages"], facts["pages"])
        self.assertFalse(self.status_json()["unfinished"])

    def test_of_a_run_that_goes_on_and_is_not_disturbed(self):
        tenant = self.tenant(*SLOW)
        self.sync(tenant, file="whole.c1z")
        demo = self.start(tenant)
        seen = []

        def look():
            facts = self.status_json()
            if facts["unfinished"]:
                seen.append(facts)
            return len(seen) >= 3 or not demo.running()

        support.wait_until(look, "a look at the run")
        self.assertEqual(demo.wait().code, 0)
        self.assertTrue(any(facts["in_use"] and "at work" in facts["next"] for facts in seen), seen)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))

    def test_two_processes_on_one_output(self):
        tenant = self.tenant(*SLOW)
        first = self.start(tenant)
        support.wait_until(lambda: tenant.counters()["requests"]["total"] > 20, "requests")
        second = self.run_demo(tenant)
        self.assert_refused(second, 9, "another process is syncing into", self.path("sync.c1z.sync"))
        self.assertEqual(first.wait().code, 0)

    def test_with_wrong_words(self):
        outcome = self.run_plain("status", "--jsno")
        self.assertEqual(outcome.code, 2)
        self.assertIn("status takes --json", outcome.last_line)
        outcome = self.run_plain("--base-url", "http://127.0.0.1:1", "stauts")
        self.assertEqual(outcome.code, 2)

    def test_of_a_damaged_directory(self):
        tenant = self.tenant(*SLOW)
        self.unfinished(tenant)
        os.remove(self.path("sync.c1z.sync", "CURRENT"))
        outcome = self.status()
        self.assertIn("no unfinished sync", outcome.stdout)


if __name__ == "__main__":
    support.main()
