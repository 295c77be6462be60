"""Signals: what was collected stays, the next start goes on with it."""

import os
import re
import signal
import time

import support

SLOW = (*support.SMALL, "--latency", "20ms")


class Interrupt(support.Case):

    def stop_in_the_middle(self, tenant, number):
        """Sends the signal once a good part is committed; returns how it ended."""
        demo = self.start(tenant, "--log-level", "debug", "--log-format", "json", "--log-path", self.path("log"))
        journal = support.Journal(self.path("log"))
        support.wait_until(lambda: len(journal.follow().committed) >= 60 or not demo.running(), "60 pages")
        demo.send(number)
        return demo.wait()

    def check(self, number):
        tenant = self.tenant(*SLOW)
        self.sync(tenant, file="whole.c1z")
        stopped = self.stop_in_the_middle(tenant, number)
        self.assert_refused(stopped, 1, "interrupted", resumable=True)
        self.assertTrue(any(line.startswith("stopping: ") for line in stopped.lines), stopped)
        self.assertIn(" is not complete\n", stopped.stderr)
        self.assertIn(self.path("sync.c1z.sync"), stopped.last_line)
        self.assertTrue(os.path.isdir(self.path("sync.c1z.sync")))
        self.assertEqual(os.stat(self.path("sync.c1z.sync")).st_mode & 0o777, 0o700)
        self.assertFalse(os.path.exists(self.path("sync.c1z")))

        resumed = self.sync(tenant)
        found = re.search(r"(?m)^  resumed +([\d,]+) pages were there already", resumed.stderr)
        self.assertTrue(found, resumed)
        self.assertGreaterEqual(int(found[1].replace(",", "")), 60)
        self.assertIn("going on with an unfinished sync", resumed.stderr)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))

    def test_sigint(self):
        self.check(signal.SIGINT)

    def test_sigterm(self):
        self.check(signal.SIGTERM)

    def test_every_start_is_interrupted_until_it_is_done(self):
        tenant = self.tenant(*SLOW)
        self.sync(tenant, file="whole.c1z")
        pages = 0
        for start in range(5):
            journal = support.Journal(self.path(f"log-{start}"))
            demo = self.start(tenant, "--log-level", "debug", "--log-format", "json", "--log-path", journal.path,
                              "--workers", "2")
            support.wait_until(lambda: len(journal.follow().committed) >= 15 or not demo.running(), "15 pages")
            demo.send(signal.SIGTERM)
            self.assertEqual(demo.wait().code, 1)
            pages += len(journal.follow().committed)
        self.assertGreaterEqual(pages, 75)
        resumed = self.sync(tenant)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))
        # An orderly stop commits all that arrived: nothing is left in flight that would be asked for again.
        found = re.search(r"([\d,]+) pages were there already", resumed.stderr)
        self.assertEqual(int(found[1].replace(",", "")), pages)

    def test_requests_in_flight_may_end(self):
        tenant = self.tenant("--users", "60", "--groups", "30", "--members", "15", "--roles", "10", "--assignments",
                             "3", "--page-size", "10", "--latency", "300ms", log=self.path("requests"))
        demo = self.start(tenant)
        support.wait_until(lambda: tenant.counters()["requests"]["in_flight"] >= 3, "requests in flight")
        demo.send(signal.SIGTERM)
        outcome = demo.wait()
        self.assertEqual(outcome.code, 1, outcome)
        asked = len(tenant.requests())
        self.sync(tenant)
        targets = [target for _, target, _, _ in tenant.requests() if target != "/v1/ping"]
        self.assertGreater(len(targets), asked)
        self.assertEqual(len(targets), len(set(targets)), "a page was asked for twice")

    def test_grace_has_an_end(self):
        tenant = self.tenant(*support.SMALL, "--latency", "60s")
        demo = self.start(tenant, "--shutdown-grace", "100ms")
        support.wait_until(lambda: tenant.counters()["requests"]["in_flight"] >= 1, "a request in flight")
        began = time.monotonic()
        demo.send(signal.SIGTERM)
        outcome = demo.wait()
        self.assertEqual(outcome.code, 1, outcome)
        self.assertLess(time.monotonic() - began, 20)

    def test_a_second_signal_ends_at_once(self):
        stuck = self.tenant(*support.SMALL, "--latency", "60s")
        demo = self.start(stuck, "--shutdown-grace", "10m")
        support.wait_until(lambda: stuck.counters()["requests"]["in_flight"] >= 1, "a request in flight")
        demo.send(signal.SIGINT)
        support.wait_until(lambda: "stopping: " in demo.stderr(), "the line about the first signal")
        self.assertTrue(demo.running())
        began = time.monotonic()
        demo.send(signal.SIGINT)
        outcome = demo.wait()
        self.assertEqual(outcome.code, 1, outcome)
        self.assertLess(time.monotonic() - began, 10)
        self.assertFalse(os.path.exists(self.path("sync.c1z")))

    def test_an_export_that_is_interrupted_is_made_again(self):
        tenant = self.tenant("--workload", "S")
        self.sync(tenant, file="whole.c1z")
        wanted = self.digest("whole.c1z")
        interrupted = 0
        for attempt in range(3):
            log = self.path(f"log-export-{attempt}")
            demo = self.start(tenant, "--log-format", "json", "--log-path", log, "--log-level", "debug")
            journal = support.Journal(log)
            support.wait_until(lambda: "export" in journal.follow().begun or not demo.running(), "the export")
            began = time.monotonic()
            demo.send(signal.SIGTERM)
            outcome = demo.wait()
            self.assertLess(time.monotonic() - began, 12)
            self.assertIn(outcome.code, (0, 1), outcome)
            if outcome.code == 1:
                interrupted += 1
                self.assert_refused(outcome, 1, "interrupted", resumable=True)
                self.assertFalse(os.path.exists(self.path("sync.c1z")))
                self.assertFalse(os.path.exists(self.path("sync.c1z.tmp")))
                asked = tenant.counters()["requests"]["total"]
                self.sync(tenant)
                # The connection is checked on no start that has nothing left to ask.
                self.assertLessEqual(tenant.counters()["requests"]["total"] - asked, 1)
            self.assertEqual(self.digest(), wanted)
            os.remove(self.path("sync.c1z"))
        self.assertGreater(interrupted, 0, "every export was too fast to be interrupted")

    def interrupt_hold(self, tenant, is_held, what):
        """`is_held` judges the tenant's counters."""
        demo = self.start(tenant)
        support.wait_until(lambda: is_held(tenant.counters()), what)
        began = time.monotonic()
        demo.send(signal.SIGTERM)
        outcome = demo.wait()
        self.assert_refused(outcome, 1, "interrupted", resumable=True)
        self.assertLess(time.monotonic() - began, 10)

    def test_a_hold_of_an_hour_ends_at_once_and_loses_nothing(self):
        calm = self.tenant(*support.SMALL)
        self.sync(calm, file="whole.c1z")
        limit = calm.counters()["requests"]["total"] * 7 // 10
        tenant = self.tenant(*support.SMALL, "--rate-limit", str(limit), "--rate-window", "60m")
        demo = self.start(tenant)
        # What is kept in reserve is 2 %.
        support.wait_until(lambda: tenant.counters()["requests"]["total"] >= limit - limit // 50 - 1, "the hold")
        began = time.monotonic()
        demo.send(signal.SIGTERM)
        outcome = demo.wait()
        took = time.monotonic() - began
        self.assert_refused(outcome, 1, "interrupted", resumable=True)
        self.assertLess(took, 12)
        tenant.reset()
        self.assertIn("going on with an unfinished sync", self.sync(tenant).stderr)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))
        print(f"exit after {took:.2f} s")

    def test_a_body_that_never_ends_ends_with_the_grace(self):
        self.sync(self.tenant(*support.SMALL), file="whole.c1z")
        tenant = self.tenant(*support.SMALL, "--faults", "endless@path:/v1/roles:first:1", "--slow-pause", "5ms")
        demo = self.start(tenant)
        support.wait_until(lambda: tenant.counters()["faults"].get("endless"), "the endless body")
        began = time.monotonic()
        demo.send(signal.SIGTERM)
        outcome = demo.wait()
        took = time.monotonic() - began
        self.assert_refused(outcome, 1, "interrupted", resumable=True)
        self.assertLess(took, 12)
        self.assertIn("going on with an unfinished sync", self.sync(tenant).stderr)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))
        print(f"exit after {took:.2f} s")

    def test_waits_of_an_hour_after_a_refusal_end_at_once(self):
        # That the next start waits for what is left of them, and then goes on, has a test with a clock of its own.
        tenant = self.tenant(*support.SMALL, "--rate-limit", "20", "--rate-window", "65m", "--rate-headers",
                             "retry-after")
        self.interrupt_hold(tenant, lambda counters: counters["refusals"] >= 1, "a refusal")

    def test_the_next_start_goes_on_after_what_is_left_of_a_wait(self):
        self.sync(self.tenant(*support.SMALL), file="whole.c1z")
        tenant = self.tenant(*support.SMALL, "--rate-limit", "100", "--rate-window", "3s", "--rate-headers",
                             "retry-after")
        self.interrupt_hold(tenant, lambda counters: counters["refusals"] >= 1, "a refusal")
        self.sync(tenant)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))

    def test_waits_for_a_budget_that_is_used_up_end_at_once(self):
        # Of 20 requests one is kept in reserve.
        tenant = self.tenant(*support.SMALL, "--rate-limit", "20", "--rate-window", "65m")
        self.interrupt_hold(tenant, lambda counters: counters["requests"]["total"] >= 19, "the last of the budget")


if __name__ == "__main__":
    support.main()
