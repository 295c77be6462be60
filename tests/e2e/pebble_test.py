"""Version 3 of the file, `--storage-engine pebble`: whole or not there, whatever happens while it is written."""

import collections
import json
import os
import shutil
import subprocess
import time
import unittest

import pebble_file
import support
from disk_test import can_mount

PEBBLE = ("--storage-engine", "pebble")
# Enough rows for several tables.
LARGER = ("--users", "6000", "--groups", "400", "--members", "60", "--roles", "40", "--assignments", "10")


class Pebble(support.Case):

    def digest_of(self, file):
        """Of what either version can hold, so that files of both compare."""
        return self.digest(file, "--common")

    def check_whole(self, file, digest):
        """The file is complete, down to the last frame, and holds these rows."""
        path = self.path(file)
        names = pebble_file.files(path)
        self.assertIn("MANIFEST-000001", names)
        self.assertIn("marker.format-version.000001.024", names)
        self.assertTrue(any(name.endswith(".sst") for name in names))
        self.assertEqual(self.digest_of(file), digest)
        # The counts in the head, which is read without the database, are those of the rows.
        rows = collections.Counter(next(iter(json.loads(row))) for row in self.baton("digest", "--rows", file=file)
                                   .splitlines())
        kinds = ("resourceType", "resource", "entitlement", "grant")
        self.assertEqual(list(pebble_file.counts(path).values()), [rows[kind] for kind in kinds])

    def baton(self, *arguments, file):
        done = subprocess.run([support.BATON, *arguments, "-f", self.path(file)], capture_output=True, text=True,
                              env=support.clean_environment(), timeout=support.DEADLINE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def check_alone(self, *names, folder="."):
        left = [name for name in os.listdir(self.path(folder)) if not name.startswith("stderr-")]
        self.assertEqual(sorted(left), sorted(names))

    def digest_of_sync(self, tenant, file="whole.c1z"):
        self.sync(tenant, *PEBBLE, file=file)
        return self.digest_of(file)


class Whole(Pebble):

    def test_it_holds_what_version_1_holds(self):
        tenant = self.tenant(*support.SMALL)
        digest = self.digest_of_sync(tenant)
        self.check_whole("whole.c1z", digest)
        self.sync(tenant, file="one.c1z")
        self.assertEqual(self.digest_of("one.c1z"), digest)
        self.baton("to-pebble", "--out", self.path("converted.c1z"), file="one.c1z")
        self.check_whole("converted.c1z", digest)
        self.baton("to-sqlite", "--out", self.path("back.c1z"), file="converted.c1z")
        self.assertEqual(self.digest("back.c1z"), self.digest("one.c1z"))

    def test_each_command_reads_it_as_version_1(self):
        tenant = self.tenant(*support.SMALL)
        self.sync(tenant, *PEBBLE, file="three.c1z")
        self.baton("to-sqlite", "--out", self.path("one.c1z"), file="three.c1z")
        entitlements = json.loads(self.baton("entitlements", "-t", "group", "-o", "json", file="one.c1z"))
        held = entitlements["entitlements"][0]["entitlement"]["id"]
        principals = json.loads(self.baton("principals", "-e", held, "-o", "json", file="one.c1z"))
        principal = principals["resources"][0]["resource"]["id"]
        user = ("-t", principal["resourceType"], "-r", principal["resource"])
        for question in (["stats"], ["syncs"], ["resource-types"], ["resources"], ["entitlements"], ["grants"],
                         ["grants", *user], ["principals"], ["principals", "-e", held], ["access", *user],
                         ["why", "-p", f"{principal['resourceType']}:{principal['resource']}", "-e", held]):
            one, three = [sorted(self.baton(*question, file=file).splitlines()) for file in ("one.c1z", "three.c1z")]
            # Which engine made the file is the one thing that `stats` tells apart.
            self.assertEqual([line for line in three if not line.startswith("Engine")],
                             [line for line in one if not line.startswith("Engine")], question)
            self.assertTrue(one, question)

    def test_stats_unpacks_no_table_of_grants(self):
        # A table that is damaged is noticed by whoever unpacks it, and only by them.
        tenant = self.tenant(*LARGER)
        self.digest_of_sync(tenant)
        stats = self.baton("stats", file="whole.c1z")
        data = bytearray(self.read("whole.c1z"))
        tables = sorted(frame for frame in pebble_file.frames(self.path("whole.c1z")) if frame[0].endswith(".sst"))
        self.assertGreater(len(tables), 4)
        # The first ones hold the rows in their order, grants behind all others.
        name, begin, size = tables[2]
        data[begin + size // 2] ^= 0xFF
        self.write("damaged.c1z", bytes(data))
        self.assertEqual(self.baton("stats", file="damaged.c1z"), stats)
        done = subprocess.run([support.BATON, "grants", "-f", self.path("damaged.c1z")], capture_output=True,
                              text=True, env=support.clean_environment(), timeout=support.DEADLINE, check=False)
        self.assertEqual(done.returncode, 15)
        self.assertIn(name, done.stderr)

    def test_a_sync_is_copied_in_the_version_that_it_has(self):
        tenant = self.tenant(*support.SMALL)
        digest = self.digest_of_sync(tenant)
        self.baton("export", "c1z", "--out", self.path("copy.c1z"), file="whole.c1z")
        self.check_whole("copy.c1z", digest)
        self.assertEqual(self.baton("syncs", file="copy.c1z"), self.baton("syncs", file="whole.c1z"))
        self.baton("export", "c1z", "--out", self.path("one.c1z"), "--storage-engine", "sqlite", file="copy.c1z")
        self.assertEqual(self.digest_of("one.c1z"), digest)
        self.assertIn("sqlite", self.baton("stats", file="one.c1z"))

    def test_expanded_and_rolled_back_it_keeps_its_version(self):
        tenant = self.tenant(*support.SMALL)
        digest = self.digest_of_sync(tenant)
        self.baton("rollback-expansion", "--out", self.path("base.c1z"), file="whole.c1z")
        base = self.digest_of("base.c1z")
        self.assertNotEqual(base, digest)
        self.check_whole("base.c1z", base)
        self.baton("expand", "--out", self.path("again.c1z"), file="base.c1z")
        self.check_whole("again.c1z", digest)
        # Version 1 gives the same rows both ways.
        self.baton("to-sqlite", "--out", self.path("one.c1z"), file="whole.c1z")
        self.baton("rollback-expansion", "--out", self.path("one-base.c1z"), file="one.c1z")
        self.assertEqual(self.digest_of("one-base.c1z"), base)
        self.baton("expand", "--out", self.path("one-again.c1z"), file="one-base.c1z")
        self.assertEqual(self.digest_of("one-again.c1z"), digest)

    def test_one_version_never_replaces_the_other(self):
        tenant = self.tenant(*support.SMALL)
        for first, second in (((), PEBBLE), (PEBBLE, ())):
            self.sync(tenant, *first)
            before = self.read("sync.c1z")
            tenant.reset()
            outcome = self.run_demo(tenant, *second)
            self.assert_refused(outcome, 9, self.path("sync.c1z"), "version")
            self.assertEqual(tenant.counters()["requests"]["total"], 0)
            self.assertEqual(self.read("sync.c1z"), before)
            os.remove(self.path("sync.c1z"))

    def test_an_earlier_file_is_replaced_with_a_warning(self):
        tenant = self.tenant(*support.SMALL)
        self.sync(tenant, *PEBBLE)
        outcome = self.sync(tenant, *PEBBLE)
        self.assertIn("replaced the earlier file " + self.path("sync.c1z"), outcome.stderr)

    def test_to_pebble_keeps_what_is_there(self):
        self.sync(self.tenant(*support.SMALL))
        for name, text in (("other", b"thesis, the only copy\n"), ("sync.c1z", self.read("sync.c1z"))):
            self.write(name, text)
            for flags in ([], ["--overwrite"]):
                done = subprocess.run([support.BATON, "to-pebble", "-f", self.path("sync.c1z"), "--out",
                                       self.path(name), *flags], capture_output=True, text=True,
                                      env=support.clean_environment(), check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertEqual(self.read(name), text)


class Kill(Pebble):

    def test_while_it_ends(self):
        tenant = self.tenant(*support.SMALL)
        began = time.monotonic()
        digest = self.digest_of_sync(tenant)
        whole = time.monotonic() - began
        random = support.random_source("pebble end")
        for _ in range(60 if support.SOAK else 10):
            demo = self.start(tenant, *PEBBLE)
            try:
                demo.process.wait(random.uniform(0.4, 1.1) * whole)
            except subprocess.TimeoutExpired:
                pass  # The random moment.
            demo.kill()
            if os.path.exists(self.path("sync.c1z")):
                self.check_whole("sync.c1z", digest)
            self.sync(tenant, *PEBBLE)
            self.check_whole("sync.c1z", digest)
            self.check_alone("sync.c1z", "whole.c1z")
            os.remove(self.path("sync.c1z"))

    def test_while_it_is_written(self):
        # Large enough for several tables, killed when so much of the file is there.
        tenant = self.tenant(*LARGER)
        digest = self.digest_of_sync(tenant)
        size = os.path.getsize(self.path("whole.c1z"))
        random = support.random_source("pebble export")
        begun = self.path("sync.c1z.tmp")
        for _ in range(20 if support.SOAK else 4):
            share = random.uniform(0, 1)
            demo = self.start(tenant, *PEBBLE)
            while demo.running() and not (os.path.exists(begun) and os.path.getsize(begun) >= share * size):
                time.sleep(0.001)
            if demo.kill():
                self.assertFalse(os.path.exists(self.path("sync.c1z")) and os.path.exists(begun))
            self.sync(tenant, *PEBBLE)
            self.check_whole("sync.c1z", digest)
            self.check_alone("sync.c1z", "whole.c1z")
            os.remove(self.path("sync.c1z"))


@unittest.skipUnless(can_mount(), "a full disk: no file system can be mounted here")
class FullDisk(Pebble):

    def test_while_it_is_written(self):
        tenant = self.tenant(*LARGER)
        digest = self.digest_of_sync(tenant)
        size = os.path.getsize(self.path("whole.c1z"))
        disk = self.path("disk")
        os.mkdir(disk)
        # From nearly nothing to nearly everything.
        for number, share in enumerate((0.05, 0.4, 0.8, 0.97)):
            state = self.path(f"state-{number}")
            room = int(share * size) // 4096 * 4096
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", disk], check=True)
            try:
                outcome = self.run_demo(tenant, *PEBBLE, "--state-dir", state, file="disk/sync.c1z")
                self.assert_refused(outcome, 8, "space", disk, resumable=True)
                self.check_alone(folder="disk")
                subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
                outcome = self.sync(tenant, *PEBBLE, "--state-dir", state, file="disk/sync.c1z")
                self.assertRegex(outcome.stderr, r"(?m)^  resumed ")
                self.check_whole("disk/sync.c1z", digest)
                self.check_alone("sync.c1z", folder="disk")
            finally:
                subprocess.run(["umount", "-l", disk], check=False)
            shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    support.main()
