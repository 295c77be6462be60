"""kill -9 at random moments: the file ends up the same, and no committed page is asked for again."""

import json
import os
import subprocess
import time
import unittest

import support

# A run takes about six seconds, nearly all of it waiting for answers.
SCALED = ("--users", "4000", "--groups", "300", "--members", "20", "--roles", "30", "--assignments", "10",
          "--page-size", "50", "--latency", "50ms")
KILLS = 10


def target_of(operation, kind, resource, token):
    """The request that fetches a page, None where the connector asks for nothing."""
    if operation == "list-resources":
        path = f"/v1/{kind}s"
    elif operation == "list-grants":
        path = f"/v1/{kind}s/{resource}/" + ("members" if kind == "group" else "assignments")
    else:
        return None
    return path + (f"?cursor={token}" if token else "")


class Kill(support.Case):

    def logged(self, number):
        return ("--log-level", "debug", "--log-format", "json", "--log-path", self.path(f"log-{number}"))

    def kill_again_and_again(self, *flags, attempts, kills):
        tenant = self.tenant(*flags, log=self.path("requests"))
        self.sync(tenant, "--summary-json", self.path("whole.json"), file="whole.c1z")
        whole = json.loads(self.read("whole.json"))
        wanted = self.digest("whole.c1z")
        for attempt in range(attempts):
            with self.subTest(attempt=attempt):
                tenant.reset()
                self.kill_one_run(tenant, f"{attempt}.c1z", whole, support.random_source(f"kill {attempt}"), kills)
                self.assertEqual(self.digest(f"{attempt}.c1z"), wanted)

    def kill_one_run(self, tenant, file, whole, random, wanted_kills):
        # Moments are places in the run: all but two are drawn evenly over its pages
        # and the others are so long after expansion and export began.
        pages = whole["pages"]
        collected_at = sorted(random.uniform(0, 1) for _ in range(wanted_kills - 2))
        moments = [("collect", int(share * pages)) for share in collected_at]
        for phase in ("expand", "export"):
            moments.append((phase, random.uniform(0, 0.8) * whole[phase + "_ns"] / 1e9))

        committed = {}  # (operation, type, resource, page) -> its request
        started_after = self.last_number(tenant)
        kills = 0
        for number, (phase, moment) in enumerate(moments):
            demo = self.start(tenant, *self.logged(f"{file}-{number}"), file=file)
            journal = support.Journal(self.path(f"log-{file}-{number}"))
            if phase == "collect":
                support.wait_until(lambda: len(committed) + len(journal.follow().committed) >= moment or
                                   "expand" in journal.begun or not demo.running(), f"page {moment} of {pages}")
            else:
                support.wait_until(lambda: phase in journal.follow().begun or not demo.running(), phase)
                try:
                    demo.process.wait(moment)
                except subprocess.TimeoutExpired:
                    pass  # Not a wait for anything: this is the random moment.
            killed = demo.kill()
            kills += killed
            self.check_requests(tenant, committed, started_after, number)
            started_after = self.last_number(tenant)
            self.remember(journal.follow(), committed)
            self.assertFalse(os.path.exists(self.path(file)) and killed and phase == "collect")
            if not killed:
                break
        self.assertGreaterEqual(kills, wanted_kills - 2, "it was too fast to be killed")
        if self.is_unfinished(file):
            before = {target for _, target, _, _ in tenant.requests()}
            outcome = self.sync(tenant, *self.logged(f"{file}-last"), "--summary-json", self.path("last.json"),
                                file=file)
            self.check_requests(tenant, committed, started_after, "last")
            journal = support.Journal(self.path(f"log-{file}-last")).follow()
            self.remember(journal, committed)
            last = json.loads(self.read("last.json"))
            self.assertTrue(last["resumed"])
            self.assertRegex(outcome.stderr, r"(?m)^  resumed +[\d,]+ pages were there already, [\d,]+ lists?"
                                             r" (was|were) left; at most [\d,]+ pages? .* asked for again$")
            # What it says was there is what earlier processes acknowledged, and what they did not live to say.
            self.assertGreaterEqual(last["resumed_pages"], len(committed) - len(journal.committed))
            self.assertEqual(last["resumed_pages"] + len(journal.committed), pages)
            again = [target for at, target, _, _ in tenant.requests()
                     if at > started_after and target in before and target != "/v1/ping"]
            self.assertLessEqual(len(again), last["asked_again"])
        # A process that is killed between a commit and its line in the log says nothing of up to one group of pages.
        self.assertLessEqual(len(committed), pages)
        self.assertGreaterEqual(len(committed), 0.9 * pages)

    def is_unfinished(self, file):
        """Whether the next start goes on. A directory that was being removed belongs to a sync that was over: what is
        left of it is swept away, and the next start is a new one."""
        directory = self.path(file + ".sync")
        removing = os.path.exists(os.path.join(directory, "REMOVING")) or \
            not os.path.exists(os.path.join(directory, "CURRENT"))
        return not os.path.exists(self.path(file)) or not removing

    def last_number(self, tenant):
        return max((number for number, *_ in tenant.requests()), default=0)

    def remember(self, journal, committed):
        """Takes over what one process acknowledged; none of it may have been acknowledged before."""
        for operation, kind, resource, page, token in journal.committed:
            key = operation, kind, resource, page
            self.assertNotIn(key, committed, "a page was committed twice")
            committed[key] = token

    def check_requests(self, tenant, committed, after, number):
        """What was asked for since request `after`: no page that an earlier process had committed."""
        forbidden = set()
        for (operation, kind, resource, page) in committed:
            token = committed.get((operation, kind, resource, page - 1), "") if page > 1 else ""
            if page > 1 and not token:
                continue  # Killed between a commit and its line in the log.
            target = target_of(operation, kind, resource, token)
            if target:
                forbidden.add(target)
        asked = [target for at, target, _, _ in tenant.requests() if at > after]
        self.assertEqual([target for target in asked if target in forbidden], [], f"start {number}")

    def test_ten_moments(self):
        if support.SOAK:
            self.kill_again_and_again("--workload", "S", "--latency", "50ms", attempts=2, kills=KILLS)
        else:
            self.kill_again_and_again(*SCALED, attempts=1, kills=KILLS)

    @unittest.skipUnless(support.SOAK, "long")
    def test_three_hundred_moments(self):
        self.kill_again_and_again("--workload", "S", "--latency", "20ms", attempts=10, kills=30)

    def kill_after(self, tenant, seconds):
        """Starts a sync and kills it after that time; returns whether that came too late."""
        demo = self.start(tenant)
        try:
            demo.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass  # The random moment.
        return not demo.kill()

    def test_while_it_starts(self):
        tenant = self.tenant(*support.SMALL)
        self.sync(tenant, file="whole.c1z")
        random = support.random_source("start")
        for _ in range(60 if support.SOAK else 12):
            if self.kill_after(tenant, random.uniform(0, 0.12)):
                os.remove(self.path("sync.c1z"))
        self.sync(tenant)
        self.assertEqual(self.digest(), self.digest("whole.c1z"))

    def test_while_it_ends(self):
        tenant = self.tenant(*support.SMALL)
        began = time.monotonic()
        self.sync(tenant, file="whole.c1z")
        whole = time.monotonic() - began
        wanted = self.digest("whole.c1z")
        random = support.random_source("end")
        for _ in range(60 if support.SOAK else 10):
            self.kill_after(tenant, random.uniform(0.4, 1.1) * whole)
            if os.path.exists(self.path("sync.c1z")):
                self.assertEqual(self.digest(), wanted, "what has the name of the result is complete")
            self.sync(tenant)
            self.assertEqual(self.digest(), wanted)
            left = [name for name in os.listdir(self.folder) if not name.startswith("stderr-")]
            self.assertEqual(sorted(left), ["sync.c1z", "whole.c1z"])
            os.remove(self.path("sync.c1z"))


if __name__ == "__main__":
    support.main()
