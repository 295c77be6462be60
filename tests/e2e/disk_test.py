"""Targets and run directories that cannot be used, a disk that is full, and what must never be written to a disk."""

import glob
import json
import os
import shutil
import signal
import subprocess
import unittest

import c1z_file
import support

SLOW = (*support.SMALL, "--latency", "20ms")


def can_mount():
    """Whether a file system of a given size can be made here: root may, mostly."""
    with support.tempfile.TemporaryDirectory() as folder:
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return False
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True,
                          check=False).returncode != 0:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


class Disk(support.Case):

    def unfinished(self, tenant, *flags, pages=60):
        """Leaves a run directory behind that holds that many pages at least."""
        journal = support.Journal(self.path("log"))
        demo = self.start(tenant, "--log-level", "debug", "--log-format", "json", "--log-path", journal.path, *flags)
        support.wait_until(lambda: len(journal.follow().committed) >= pages or not demo.running(), f"{pages} pages")
        self.assertTrue(demo.kill())
        os.remove(journal.path)


class Target(Disk):

    def check(self, code, *words, file="sync.c1z"):
        """Nothing is asked for before the target is found to be unusable."""
        tenant = self.tenant(*support.SMALL)
        outcome = self.run_demo(tenant, file=file)
        self.assert_refused(outcome, code, *words)
        self.assertEqual(tenant.counters()["requests"]["total"], 0)
        self.assertFalse(os.path.exists(self.path(file + ".sync")))

    def test_its_folder_does_not_exist(self):
        self.check(5, self.path("no", "such"), file="no/such/sync.c1z")

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_its_folder_is_not_ours(self):
        os.mkdir(self.path("closed"), 0o500)
        self.check(7, self.path("closed"), file="closed/sync.c1z")

    def test_it_is_a_directory(self):
        os.mkdir(self.path("sync.c1z"))
        self.check(9, self.path("sync.c1z"))

    def test_it_is_something_else(self):
        before = b"thesis, the only copy\n"
        self.write("sync.c1z", before)
        self.check(9, self.path("sync.c1z"))
        self.assertEqual(self.read("sync.c1z"), before)

    def test_it_is_of_version_3(self):
        before = b"C1Z3\x00" + bytes(100)
        self.write("sync.c1z", before)
        self.check(9, self.path("sync.c1z"), "version 3")
        self.assertEqual(self.read("sync.c1z"), before)

    def baton(self, *arguments):
        return subprocess.run([support.BATON, *arguments, "-f", self.path("sync.c1z")], capture_output=True, text=True,
                              env=support.clean_environment(), timeout=support.DEADLINE, check=True).stdout

    def syncs(self):
        return [sync["id"] for sync in json.loads(self.baton("syncs", "-o", "json"))["syncs"]]

    def digest_of(self, sync):
        return self.baton("digest", "--sync-id", sync).split()[0]

    def test_earlier_syncs_stay_in_the_file(self):
        for writer in ("pages", "library"):
            with self.subTest(writer=writer):
                if os.path.exists(self.path("sync.c1z")):
                    os.remove(self.path("sync.c1z"))
                self.sync(self.tenant(*support.SMALL, "--seed", "5"), "--c1z-writer", writer)
                [first] = self.syncs()
                old = self.digest_of(first)
                outcome = self.sync(self.tenant(*support.SMALL, "--seed", "6"), "--c1z-writer", writer)
                self.assertIn(first, outcome.stderr)
                self.assertEqual(len(self.syncs()), 2)
                self.assertEqual(self.digest_of(first), old)
                self.assertNotEqual(self.digest(), old)

    def test_as_many_earlier_syncs_stay_as_the_variables_say(self):
        tenant = self.tenant(*support.SMALL)
        for count in (1, 2, 2):
            self.sync(tenant)
            self.assertEqual(len(self.syncs()), count)
        self.sync(tenant, environment={"BATON_KEEP_SYNC_COUNT": "3"})
        self.assertEqual(len(self.syncs()), 3)
        self.sync(tenant, environment={"BATON_SKIP_CLEANUP": "true"})
        self.assertEqual(len(self.syncs()), 4)
        self.sync(tenant, environment={"BATON_KEEP_SYNC_COUNT": "1"})
        self.assertEqual(len(self.syncs()), 1)

    def test_an_earlier_file_that_is_damaged_is_refused_before_anything_is_asked(self):
        tenant = self.tenant(*support.SMALL)
        self.sync(tenant)
        whole = self.read("sync.c1z")
        asked = tenant.counters()["requests"]["total"]
        for damaged in (whole[:-100], whole[: len(whole) // 2], whole[:-50] + b"x" * 50, whole[:5] + b"nothing"):
            self.write("sync.c1z", damaged)
            outcome = self.run_demo(tenant)
            self.assertEqual(outcome.code, 15, outcome.stderr)
            self.assertIn("repair the file or move it away", outcome.stderr)
            self.assertEqual(self.read("sync.c1z"), damaged)
        self.assertEqual(tenant.counters()["requests"]["total"], asked)

    def test_an_earlier_file_stays_until_the_new_one_is_complete(self):
        self.sync(self.tenant(*support.SMALL))
        before = self.read("sync.c1z")
        stopped = self.tenant(*SLOW, "--seed", "7")
        demo = self.start(stopped)
        support.wait_until(lambda: stopped.counters()["requests"]["total"] > 20, "requests")
        self.assertTrue(demo.kill())
        self.assertEqual(self.read("sync.c1z"), before)
        failing = self.tenant(*support.SMALL, "--faults", "400@path:/v1/roles:every:1")
        self.assertNotEqual(self.run_demo(failing, "--restart").code, 0)
        self.assertEqual(self.read("sync.c1z"), before)

    def test_an_empty_file_is_replaced(self):
        self.write("sync.c1z", b"")
        self.sync(self.tenant(*support.SMALL))
        self.digest()

    def test_a_name_with_spaces_and_no_ascii(self):
        self.sync(self.tenant(*support.SMALL), file="mé \"x\"\n.c1z")


class RunDirectory(Disk):

    def setUp(self):
        super().setUp()
        self.server = self.tenant(*SLOW)
        self.sync(self.server, file="whole.c1z")
        self.whole = self.digest("whole.c1z")
        self.server.reset()
        self.run_folder = self.path("sync.c1z.sync")

    def starts_over(self):
        outcome = self.sync(self.server, "--restart")
        self.assertIn("discarding", outcome.stderr)
        self.assertNotRegex(outcome.stderr, r"(?m)^  resumed ")
        self.assertEqual(self.digest(), self.whole)

    def damaged(self, code=15):
        outcome = self.run_demo(self.server)
        line = self.assert_refused(outcome, code, self.run_folder)
        self.assertIn("--restart", line)
        self.assertTrue(os.path.isdir(self.run_folder), "nothing is thrown away unasked")
        self.assertFalse(os.path.exists(self.path("sync.c1z")))
        self.starts_over()

    def newest(self, pattern):
        return max(glob.glob(os.path.join(self.run_folder, pattern)), key=os.path.getsize)

    def flip(self, path, at):
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 0xFF]))

    def test_garbage_in_current(self):
        self.unfinished(self.server)
        self.write("sync.c1z.sync/CURRENT", b"\x00garbage")
        self.damaged()

    def test_the_manifest_is_gone(self):
        self.unfinished(self.server)
        os.remove(self.newest("MANIFEST-*"))
        self.damaged()

    def test_a_flipped_byte_in_the_log(self):
        # After an orderly stop all of it is promised.
        demo = self.start(self.server)
        support.wait_until(lambda: self.server.counters()["requests"]["total"] > 60 or not demo.running(), "requests")
        demo.send(signal.SIGTERM)
        self.assertEqual(demo.wait().code, 1)
        log = self.newest("*.log")
        self.flip(log, os.path.getsize(log) // 2)
        self.damaged()

    def test_a_flipped_byte_in_a_table(self):
        self.unfinished(self.server)
        demo = self.start(self.server)
        support.wait_until(lambda: "going on" in demo.stderr() or not demo.running(), "the second start")
        demo.send(signal.SIGTERM)
        self.assertEqual(demo.wait().code, 1)
        tables = glob.glob(os.path.join(self.run_folder, "*.sst"))
        self.assertTrue(tables, "opening again writes the log into tables")
        for table in tables:
            self.flip(table, 20)
        outcome = self.run_demo(self.server)
        line = self.assert_refused(outcome, 15, self.run_folder)
        self.assertIn("--restart", line)
        self.assertFalse(os.path.exists(self.path("sync.c1z")))
        self.starts_over()

    def test_a_table_is_gone(self):
        self.unfinished(self.server)
        demo = self.start(self.server)
        support.wait_until(lambda: "going on" in demo.stderr() or not demo.running(), "the second start")
        self.assertTrue(demo.kill())
        for table in glob.glob(os.path.join(self.run_folder, "*.sst")):
            os.remove(table)
        self.damaged()

    def test_an_empty_directory_is_a_new_run(self):
        os.mkdir(self.run_folder)
        self.sync(self.server)
        self.assertEqual(self.digest(), self.whole)

    def test_somebody_elses_directory(self):
        os.mkdir(self.run_folder)
        thesis = self.write("sync.c1z.sync/thesis.txt", b"the only copy\n")
        for flags in ([], ["--restart"]):
            outcome = self.run_demo(self.server, *flags)
            self.assert_refused(outcome, 9, self.run_folder, "thesis.txt")
            self.assertTrue(os.path.exists(thesis))

    def test_a_file_in_its_place(self):
        self.write("sync.c1z.sync", b"not a directory\n")
        outcome = self.run_demo(self.server)
        self.assertNotEqual(outcome.code, 0)
        self.assert_refused(outcome, outcome.code, self.run_folder)
        self.assertEqual(self.read("sync.c1z.sync"), b"not a directory\n")

    def test_two_processes_on_one_output(self):
        slow = self.tenant(*support.SMALL, "--latency", "100ms")
        first = self.start(slow)
        support.wait_until(lambda: slow.counters()["requests"]["total"] > 5, "requests of the first")
        for flags in ([], ["--restart"]):
            second = self.run_demo(slow, *flags)
            self.assert_refused(second, 9, "another process", self.run_folder)
        self.assertTrue(first.running())
        self.assert_complete(first.wait())
        self.assertEqual(self.digest(), self.whole)

    def test_another_configuration(self):
        self.unfinished(self.server)
        for flags, field in ((["--skip-grants"], "skip-grants"), (["--sync-resource-types", "user"],
                                                                  "sync-resource-types"),
                             (["--expansion", "off"], "expansion"), (["--skip-full-sync"], "skip-full-sync")):
            with self.subTest(field):
                outcome = self.run_demo(self.server, *flags)
                line = self.assert_refused(outcome, 9, "configuration", field, "--restart")
                self.assertNotIn("base-url", line)
        other = self.tenant(*support.SMALL, "--seed", "9")
        self.assert_refused(self.run_demo(other), 9, "base-url")
        # What decides nothing may change.
        outcome = self.sync(self.server, "--workers", "2", "--log-level", "warn", "--token", "rotated")
        self.assertRegex(outcome.stderr, r"(?m)^  resumed ")
        self.assertEqual(self.digest(), self.whole)

    def test_restart_throws_the_run_away(self):
        self.unfinished(self.server)
        self.starts_over()

    def test_restart_with_another_configuration(self):
        self.unfinished(self.server)
        self.sync(self.server, "--restart", "--skip-grants")

    def test_an_old_run_is_thrown_away(self):
        self.unfinished(self.server)
        outcome = self.sync(self.server, "--resume-max-age", "1ms")
        self.assertIn("too old", outcome.stderr)
        self.assertNotRegex(outcome.stderr, r"(?m)^  resumed ")
        self.assertEqual(self.digest(), self.whole)


@unittest.skipUnless(can_mount(), "a full disk: no file system can be mounted here")
class FullDisk(Disk):

    BIG = ("--users", "6000", "--groups", "400", "--members", "60", "--roles", "40", "--assignments", "10")

    def disk(self, name, size):
        folder = self.path(name)
        os.mkdir(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        return folder

    def resize(self, folder, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)

    def check(self, tenant, folder, *flags):
        """Fails for want of space; goes on once there is some."""
        outcome = self.run_demo(tenant, *flags, file="disk/sync.c1z")
        self.assert_refused(outcome, 8, "space", folder, resumable=True)
        self.assertFalse(os.path.exists(self.path("disk", "sync.c1z")))
        self.assertLessEqual(set(os.listdir(self.path("disk"))), {"sync.c1z.sync"}, "half a file is left")
        again = self.run_demo(tenant, *flags, file="disk/sync.c1z")
        # With the run on the same disk, it cannot even be opened; the same line says that nothing is lost.
        opened = "--state-dir" in flags
        self.assert_refused(again, 8, "space", folder, *([] if opened else ["is kept"]), resumable=opened)
        self.resize(folder, "200m")
        outcome = self.sync(tenant, *flags, file="disk/sync.c1z")
        self.assertRegex(outcome.stderr, r"(?m)^  resumed ")
        self.assertEqual(self.digest("disk/sync.c1z"), self.digest("whole.c1z"))

    def test_while_it_collects(self):
        tenant = self.tenant(*self.BIG)
        self.sync(tenant, file="whole.c1z")
        self.check(tenant, self.disk("disk", "4m"))

    def test_while_it_exports(self):
        tenant = self.tenant(*self.BIG)
        self.sync(tenant, file="whole.c1z")
        disk = self.disk("disk", "1m")
        self.check(tenant, disk, "--state-dir", self.path("state"))


class Secrets(Disk):

    TOKEN = "hunter2-Zq9-secret"

    def nowhere(self, *outcomes):
        for outcome in outcomes:
            self.assertNotIn(self.TOKEN, outcome.stderr + outcome.stdout)
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(self.TOKEN.encode(), file.read(), os.path.join(folder, name))

    def test_they_are_written_nowhere(self):
        tenant = self.tenant(*SLOW, token=self.TOKEN)
        flags = ("--token", self.TOKEN, "--log-level", "debug")
        self.unfinished(tenant, "--token", self.TOKEN)
        self.nowhere()
        stopped = self.start(tenant, *flags, "--log-path", self.path("debug.log"))
        support.wait_until(lambda: os.path.exists(self.path("debug.log")) and b"committed" in self.read("debug.log") or
                           not stopped.running(), "the second start")
        stopped.send(signal.SIGINT)
        outcome = stopped.wait()
        self.nowhere(outcome)
        self.nowhere(self.sync(tenant, *flags))

    def test_they_are_not_in_errors(self):
        tenant = self.tenant(*SLOW, token="another")
        self.nowhere(self.run_demo(tenant, "--token", self.TOKEN, "--log-level", "debug"))
        self.nowhere(self.run_demo(tenant, "--tokn", self.TOKEN), self.run_demo(tenant, self.TOKEN),
                     self.run_demo(tenant, f"--tokn={self.TOKEN}"))
        # In the address, where it does not belong.
        self.nowhere(self.run_demo(tenant.url.replace("http://", f"http://user:{self.TOKEN}@")))

    def test_they_are_not_in_the_file(self):
        tenant = self.tenant(*SLOW, token=self.TOKEN)
        self.sync(tenant, environment={"BATON_TOKEN": self.TOKEN})
        self.nowhere()
        c1z_file.unpack(self.path("sync.c1z"), self.folder)
        self.nowhere()

    def test_the_run_directory_is_ours_alone(self):
        tenant = self.tenant(*SLOW)
        self.unfinished(tenant)
        self.assertEqual(os.stat(self.path("sync.c1z.sync")).st_mode & 0o077, 0)


if __name__ == "__main__":
    support.main()
