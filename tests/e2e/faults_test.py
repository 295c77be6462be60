"""A service that fails now and then, or limits its callers, costs time but never a row."""

import re

import support


class Faults(support.Case):

    def setUp(self):
        super().setUp()
        self.sync(self.tenant(*support.SMALL), file="calm.c1z")
        self.calm = self.digest("calm.c1z")

    def check(self, faults, *flags, sync_flags=()):
        """Syncs from a tenant with these faults; they must have struck and have changed nothing."""
        tenant = self.tenant(*support.SMALL, "--faults", faults, *flags, log=self.path("requests"))
        outcome = self.sync(tenant, *sync_flags)
        self.assertEqual(self.digest(), self.calm)
        happened = tenant.counters()["faults"]
        for fault in {entry.split("@")[0] for entry in faults.split(",")}:
            self.assertGreater(happened.get(fault, 0), 0, f"{fault} never struck: {happened}")
        return outcome

    def test_server_errors(self):
        self.check("500@every:9,503@every:13,502@at:5")

    def test_refusals_with_a_time(self):
        self.check("429@at:17,429@at:40")

    def test_refusals_without_a_time(self):
        self.check("429-noretry@every:23")

    def test_reset_connections(self):
        self.check("reset@every:7")

    def test_truncated_bodies(self):
        self.check("truncate@every:8")

    def test_bodies_that_are_no_json(self):
        # One request after the other: a body that is no JSON three times in a row would rightly end the sync.
        self.check("malformed@every:8", sync_flags=["--workers", "1"])

    def test_slow_bodies(self):
        self.check("slow@every:20", "--slow-pause", "2ms")

    def test_everything_at_once(self):
        self.check("500@every:17,429-noretry@every:41,reset@every:13,truncate@every:19,slow@every:29",
                   "--slow-pause", "1ms", "--jitter", "3ms")

    def test_everything_one_after_the_other(self):
        self.check("500@every:37,reset@every:23,truncate@every:29,malformed@every:31,slow@every:41",
                   "--slow-pause", "1ms", sync_flags=["--workers", "1"])

    def test_a_list_that_fails_for_a_while(self):
        # More failures in a row than the tries of one request: the list waits and goes on, the others do not wait.
        outcome = self.check("503@path:/v1/groups:first:4")
        self.assertRegex(outcome.stderr, r"(?m)^  waits +.*to repeat")

    def test_the_summary_counts_repeated_requests(self):
        outcome = self.check("500@at:5,503@at:9")
        self.assertRegex(outcome.stderr, r"(?m)^  requests +[\d,]+ \(2 of them again\)")


class RateLimit(support.Case):

    def test_refused_requests_wait_for_their_window(self):
        tenant = self.tenant(*support.SMALL)
        self.sync(tenant, file="calm.c1z")
        requests = tenant.counters()["requests"]["total"]
        limited = self.tenant(*support.SMALL, "--rate-limit", "60", "--rate-window", "1s")
        outcome = self.sync(limited)
        self.assertEqual(self.digest(), self.digest("calm.c1z"))
        counters = limited.counters()
        self.assertGreater(counters["refusals"], 0)
        # What the limiter let through is every page once: a refusal costs a wait, not a page that came already.
        self.assertEqual(counters["requests"]["total"] - counters["refusals"], requests)
        self.assertTrue(re.search(r"(?m)^  waits +\S", outcome.stderr), outcome)

    def test_our_own_limits_keep_the_service_from_refusing(self):
        tenant = self.tenant(*support.SMALL, "--rate-limit", "100", "--rate-window", "1s")
        self.sync(tenant, "--requests-per-second", "60", "--max-concurrency", "4")
        counters = tenant.counters()
        self.assertEqual(counters["refusals"], 0)
        self.assertLessEqual(counters["requests"]["most_in_flight"], 4)


if __name__ == "__main__":
    support.main()
