"""Version 3 of the file, `--storage-engine pebble`: whole or not there, whatever happens while it is written."""

import os
import shutil
import subprocess
import time
import unittest

import pebble_file
import support
from disk_test import can_mount

PEBBLE = ("--storage-engine", "pebble")


class Pebble(support.Case):

    def check_whole(self, file, counts):
        """The file is complete, down to the last frame, and holds that many rows."""
        path = self.path(file)
        names = pebble_file.files(path)
        self.assertIn("MANIFEST-000001", names)
        self.assertIn("marker.format-version.000001.024", names)
        self.assertTrue(any(name.endswith(".sst") for name in names))
        self.assertEqual(pebble_file.counts(path), counts)

    def check_alone(self, *names, folder="."):
        left = [name for name in os.listdir(self.path(folder)) if not name.startswith("stderr-")]
        self.assertEqual(sorted(left), sorted(names))

    def counts_of(self, tenant, file="whole.c1z"):
        self.sync(tenant, *PEBBLE, file=file)
        return pebble_file.counts(self.path(file))


class Whole(Pebble):

    def test_it_holds_what_version_1_holds(self):
        tenant = self.tenant(*support.SMALL)
        counts = self.counts_of(tenant)
        self.check_whole("whole.c1z", counts)
        self.sync(tenant, file="one.c1z")
        done = subprocess.run([support.BATON, "to-pebble", "-f", self.path("one.c1z"), "--out",
                               self.path("converted.c1z")], capture_output=True, text=True,
                              env=support.clean_environment(), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.check_whole("converted.c1z", counts)

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
        counts = self.counts_of(tenant)
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
                self.check_whole("sync.c1z", counts)
            self.sync(tenant, *PEBBLE)
            self.check_whole("sync.c1z", counts)
            self.check_alone("sync.c1z", "whole.c1z")
            os.remove(self.path("sync.c1z"))

    def test_while_it_is_written(self):
        # Large enough for several tables, killed when so much of the file is there.
        tenant = self.tenant("--users", "6000", "--groups", "400", "--members", "60", "--roles", "40",
                             "--assignments", "10")
        counts = self.counts_of(tenant)
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
            self.check_whole("sync.c1z", counts)
            self.check_alone("sync.c1z", "whole.c1z")
            os.remove(self.path("sync.c1z"))


@unittest.skipUnless(can_mount(), "a full disk: no file system can be mounted here")
class FullDisk(Pebble):

    def test_while_it_is_written(self):
        tenant = self.tenant("--users", "6000", "--groups", "400", "--members", "60", "--roles", "40",
                             "--assignments", "10")
        counts = self.counts_of(tenant)
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
                self.check_whole("disk/sync.c1z", counts)
                self.check_alone("sync.c1z", folder="disk")
            finally:
                subprocess.run(["umount", "-l", disk], check=False)
            shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    support.main()
