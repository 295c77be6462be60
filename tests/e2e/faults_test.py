"""A service that fails now and then, or limits its callers, costs time but never a row."""

import json
import re
import unittest

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

    def test_the_whole_suite(self):
        """A tenth of workload S; 5 % server errors, 2 % resets and truncated bodies each, 1 % that is no JSON, slow
        bodies, bursts of refusals with a time and without, and tokens that wear out after 20 requests."""
        tenth = ("--users", "2000", "--groups", "100", "--members", "50", "--roles", "10", "--assignments", "20",
                 "--page-size", "20")
        self.sync(self.tenant(*tenth), file="tenth.c1z")
        bursts = ",".join([f"429@at:{at}" for at in (100, 101, 102)] + [f"429-noretry@at:{at}" for at in (300, 301, 302)])
        tenant = self.tenant(*tenth, "--oauth-client", "ann:s3cret", "--token-uses", "20", "--slow-pause", "1ms",
                             "--faults", "500@every:20,reset@every:50,truncate@every:49,malformed@every:97,slow@every:30,"
                             + bursts)
        outcome = self.sync(tenant, "--oauth-client", "ann", "--oauth-secret", "s3cret")
        self.assertEqual(self.digest(), self.digest("tenth.c1z"))
        counters = tenant.counters()
        for fault in ("500", "reset", "truncate", "malformed", "slow", "429", "429-noretry"):
            self.assertGreater(counters["faults"].get(fault, 0), 0, f"{fault} never struck: {counters}")
        self.assertNotIn("s3cret", outcome.stderr)
        print(f"{counters['requests']['total']} requests, {counters['faults']}")

    def test_a_list_that_fails_for_a_while(self):
        # More failures in a row than the tries of one request: the list waits and goes on, the others do not wait.
        outcome = self.check("503@path:/v1/groups:first:4")
        self.assertRegex(outcome.stderr, r"(?m)^  waits +.*to repeat")

    def test_the_summary_counts_repeated_requests(self):
        outcome = self.check("500@at:5,503@at:9")
        self.assertRegex(outcome.stderr, r"(?m)^  requests +[\d,]+ \(2 of them again\)")


class RateLimit(support.Case):

    def limited(self, *flags, limit=60, window=1):
        """Syncs a directory under a limit; the outcome, the tenant's counters and the earliest possible end."""
        calm = self.tenant(*support.SMALL)
        self.sync(calm, file="calm.c1z")
        tenant = self.tenant(*support.SMALL, "--rate-limit", str(limit), "--rate-window", f"{window}s", *flags)
        outcome = self.sync(tenant, "--summary-json", self.path("summary"))
        self.assertEqual(self.digest(), self.digest("calm.c1z"))
        counters = tenant.counters()
        requests = counters["requests"]["total"] - counters["refusals"]
        # What the limiter let through is every page once: a refusal costs a wait, not a page that came already.
        self.assertEqual(requests, calm.counters()["requests"]["total"])
        earliest = json.loads(tenant.admin(f"/admin/earliest?n={requests}"))["seconds"]
        self.summary = json.loads(self.read("summary"))
        return outcome, counters, self.summary["collect_ns"] / 1e9, earliest

    def test_a_named_budget_is_used_up_and_never_overdrawn(self):
        outcome, counters, collect, earliest = self.limited()
        self.assertEqual(counters["refusals"], 0)
        self.assertGreaterEqual(collect, earliest - 0.5)
        # Loose, as the machine may be busy: the bars are in the long form.
        self.assertLess(collect, earliest + 3)
        self.assertRegex(outcome.stderr, r"(?m)^  limit +http://127.0.0.1:\d+: [\d,]+ requests, \d+ of 60 left, held for")
        [limit] = self.summary["limits"]
        self.assertEqual((limit["limit"], limit["refusals"]), (60, 0))
        self.assertGreater(limit["held_ns"], 0)

    def test_a_bucket_with_a_policy_is_followed(self):
        _, counters, collect, earliest = self.limited("--rate-style", "bucket", "--rate-headers", "ietf")
        self.assertEqual(counters["refusals"], 0)
        self.assertLess(collect, earliest + 3)

    def test_a_window_with_a_policy_is_never_overdrawn(self):
        _, counters, _, _ = self.limited("--rate-headers", "ietf")
        self.assertEqual(counters["refusals"], 0)

    def test_refusals_that_say_when_cost_a_wait(self):
        outcome, counters, _, _ = self.limited("--rate-headers", "retry-after")
        self.assertGreater(counters["refusals"], 0)
        self.assertTrue(re.search(r"(?m)^  waits +\S", outcome.stderr), outcome)

    def test_refusals_that_say_nothing_cost_a_wait(self):
        self.limited("--rate-headers", "none", limit=150)

    @unittest.skipUnless(support.SOAK, "long")
    def test_bars(self):
        """Workload S: with a named budget at most 1.05 times the earliest end and no refusal after the first window;
        with Retry-After alone 1.3 times."""
        for limit in (150, 600):
            for headers, bar in (("x", 1.05), ("retry-after", 1.3)):
                with self.subTest(limit=limit, headers=headers):
                    tenant = self.tenant("--rate-limit", str(limit), "--rate-window", "3s", "--rate-headers", headers)
                    self.sync(tenant, "--expansion", "off", "--summary-json", self.path("summary"))
                    counters = tenant.counters()
                    requests = counters["requests"]["total"] - counters["refusals"]
                    earliest = json.loads(tenant.admin(f"/admin/earliest?n={requests}"))["seconds"]
                    collect = json.loads(self.read("summary"))["collect_ns"] / 1e9
                    print(f"limit {limit}, {headers}: {collect:.2f} s, earliest {earliest:.2f} s, "
                          f"{counters['refusals']} refusals")
                    self.assertLessEqual(collect, bar * earliest)
                    if headers == "x":
                        self.assertEqual(counters["refusals"], 0)

    @unittest.skipUnless(support.SOAK, "long")
    def test_bar_of_an_hour(self):
        """Workload S needs a tenth of a window of one hour: at most 1.1 times the time without a limit."""
        def collect(tenant):
            self.sync(tenant, "--expansion", "off", "--summary-json", self.path("summary"))
            return json.loads(self.read("summary"))["collect_ns"] / 1e9
        free = self.tenant()
        collect(free)
        needed = free.counters()["requests"]["total"]
        limited = self.tenant("--rate-limit", str(10 * needed), "--rate-window", "60m")
        collect(limited)
        without, within = [], []
        for _ in range(7):
            without.append(collect(free))
            limited.reset()
            within.append(collect(limited))
        without, within = sorted(without)[3], sorted(within)[3]
        print(f"{needed} requests of {10 * needed}: {within:.3f} s, without a limit {without:.3f} s")
        self.assertLessEqual(within, 1.1 * without)

    def test_our_own_limits_keep_the_service_from_refusing(self):
        tenant = self.tenant(*support.SMALL, "--rate-limit", "100", "--rate-window", "1s")
        self.sync(tenant, "--requests-per-second", "60", "--max-concurrency", "4")
        counters = tenant.counters()
        self.assertEqual(counters["refusals"], 0)
        self.assertLessEqual(counters["requests"]["most_in_flight"], 4)


if __name__ == "__main__":
    support.main()
