"""What the end-to-end tests share: a tenant, runs of baton-demo, and the file that comes out.

The programs are looked for in the folder that BATON_BIN_DIR names. Nothing here sleeps to wait for something: it polls
what it waits for, with a deadline.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

BIN = os.environ.get("BATON_BIN_DIR") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "bin")
DEMO = os.path.join(BIN, "baton-demo")
TENANT = os.path.join(BIN, "baton-tenant")
BATON = os.path.join(BIN, "baton")

SOAK = bool(os.environ.get("BATON_SOAK"))
SEED = int(os.environ.get("BATON_E2E_SEED", "20"))

# No test waits longer than this for anything; only one that has failed comes near it.
DEADLINE = 120.0

# A directory in which every kind of row occurs and every list has several pages, yet that is collected in no time.
SMALL = ("--users", "400", "--groups", "40", "--members", "12", "--roles", "25", "--assignments", "4", "--role-users",
         "3", "--apps", "7", "--nesting", "3", "--page-size", "10")


def wait_until(condition, what, deadline=DEADLINE):
    """Polls `condition` until it is true and returns what it returned."""
    end = time.monotonic() + deadline
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:.0f} s in vain: {what}")
        time.sleep(0.002)


def clean_environment(extra=None):
    """Our own without anything that configures a connector or its TLS."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("BATON_") and name not in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    environment["NO_COLOR"] = "1"
    environment["TZ"] = "UTC"
    environment.update(extra or {})
    return environment


class Tenant:
    """A running baton-tenant: `with Tenant("--users", "10") as tenant`."""

    def __init__(self, *flags, token=None, log=None):
        self.flags = list(flags)
        if token:
            self.flags += ["--token", token]
        self.log = log
        if log:
            self.flags += ["--log", log]

    def __enter__(self):
        self.process = subprocess.Popen([TENANT, "--port", "0", *self.flags], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on (https?://\S+)\n", line)
        if not found:
            self.process.communicate()
            raise AssertionError(f"the tenant did not come up with {self.flags}: {line!r}")
        self.url = found[1]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdout.close()

    def admin(self, path, method="GET"):
        request = urllib.request.Request(self.url + path, method=method)
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.read()

    def truth(self, kind):
        """Every row of that kind that the tenant has, in its order."""
        return [json.loads(line) for line in self.admin(f"/admin/truth?kind={kind}").splitlines() if line]

    def counters(self):
        return json.loads(self.admin("/admin/counters"))

    def reset(self):
        self.admin("/admin/reset", method="POST")

    def requests(self):
        """Every answered request under /v1 so far, in order of arrival: (number, target, status, fault or "")."""
        # Once nobody waits for an answer any more and the counters were asked for, the log is complete.
        wait_until(lambda: self.counters()["requests"]["in_flight"] == 0, "requests in flight")
        rows = []
        with open(self.log, encoding="utf-8") as lines:
            for line in lines:
                number, _method, target, status, *fault = line.split()
                if target.startswith("/v1/"):
                    rows.append((int(number), target, status, fault[0] if fault else ""))
        return sorted(rows)


class Outcome:
    """How a program ended."""

    def __init__(self, code, stdout, stderr):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr

    @property
    def lines(self):
        return self.stderr.splitlines()

    @property
    def last_line(self):
        return self.lines[-1] if self.lines else ""

    def messages(self):
        """The lines for people: those that are no log lines."""
        return [line for line in self.lines if not line.startswith('{"level"')]

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"


class Demo:
    """A run of baton-demo, or of another connector, that may be stopped. Its stderr goes to a file, so that no pipe ever
    fills up."""

    def __init__(self, folder, *flags, environment=None, cwd=None, program=DEMO):
        self.stderr_path = os.path.join(folder, f"stderr-{len(os.listdir(folder))}")
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                [program, *flags], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                env=clean_environment(environment), cwd=cwd or folder)

    def running(self):
        return self.process.poll() is None

    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9, unless it has ended by itself; returns whether it was killed."""
        self.process.kill()
        return self.wait().code == -signal.SIGKILL

    def wait(self, deadline=DEADLINE):
        try:
            stdout, _ = self.process.communicate(timeout=deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"baton-demo did not end within {deadline:.0f} s:\n{self.stderr()}") from None
        return Outcome(self.process.returncode, stdout.decode(), self.stderr())


class Journal:
    """Follows a log file of JSON lines while it grows."""

    def __init__(self, path):
        self.path = path
        self.at = 0
        self.rest = b""
        self.committed = []
        self.begun = set()

    def follow(self):
        """Reads what is new; returns self."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self.at)
                data = file.read()
        except FileNotFoundError:
            return self
        self.at += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            entry = json.loads(line)
            if entry["msg"] == "page committed":
                self.committed.append((entry["operation"], entry["type"], entry["resource"], int(entry["page"]),
                                       entry["next"]))
            elif entry["msg"].endswith(" begins"):
                self.begun.add(entry["msg"].removesuffix(" begins"))
        return self


class Case(unittest.TestCase):
    """A test with a folder of its own and short ways to sync and to look at what came of it."""

    maxDiff = 4000

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="baton-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        path = self.path(name)
        with open(path, "wb" if isinstance(text, bytes) else "w") as file:
            file.write(text)
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def tenant(self, *flags, **options):
        tenant = Tenant(*flags, **options)
        self.enterContext(tenant)
        return tenant

    def start(self, tenant, *flags, file="sync.c1z", environment=None):
        """Starts a sync; `tenant` may be an address instead."""
        url = tenant if isinstance(tenant, str) else tenant.url
        demo = Demo(self.folder, "--base-url", url, "--file", self.path(file), *flags, environment=environment)
        self.addCleanup(lambda: demo.running() and demo.kill())
        return demo

    def run_demo(self, tenant, *flags, file="sync.c1z", environment=None):
        return self.start(tenant, *flags, file=file, environment=environment).wait()

    def run_plain(self, *flags, environment=None, cwd=None):
        """baton-demo with exactly these flags."""
        return Demo(self.folder, *flags, environment=environment, cwd=cwd).wait()

    def sync(self, tenant, *flags, file="sync.c1z", environment=None):
        """A sync that has to succeed."""
        outcome = self.run_demo(tenant, *flags, file=file, environment=environment)
        self.assert_complete(outcome, file)
        return outcome

    def digest(self, file="sync.c1z", *flags):
        done = subprocess.run([BATON, "digest", "-f", self.path(file), *flags], capture_output=True, text=True,
                              env=clean_environment(), timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\A[0-9a-f]{64}\n\Z")
        return done.stdout.strip()

    def assert_complete(self, outcome, file="sync.c1z"):
        self.assertEqual(outcome.code, 0, outcome)
        self.assertEqual(outcome.stdout, "")
        self.assertTrue(os.path.isfile(self.path(file)), outcome)
        self.assertFalse(os.path.exists(self.path(file + ".sync")), "the run directory is still there")
        self.assertFalse(os.path.exists(self.path(file + ".tmp")), "a temporary file is still there")

    def assert_refused(self, outcome, code, *words, resumable=False):
        """It ended with that code; one line, the last one (or the last but one where the last says how to go on), has
        all the words."""
        self.assertEqual(outcome.code, code, outcome)
        self.assertEqual(outcome.stdout, "")
        messages = outcome.messages()
        self.assertTrue(messages, outcome)
        if resumable:
            self.assertRegex(messages[-1], r"^everything collected is kept in .*; run the same command again to go on$")
            messages = messages[:-1]
        for word in words:
            self.assertIn(word.lower(), messages[-1].lower(), outcome)
        return messages[-1]


def random_source(name):
    """Numbers that are the same in every run of the test of this name, unless BATON_E2E_SEED says otherwise."""
    return random.Random(f"{SEED}:{name}")


def main(programs=(DEMO, TENANT, BATON)):
    missing = [program for program in programs if not os.access(program, os.X_OK)]
    if missing:
        sys.exit(f"not built: {', '.join(missing)}; BATON_BIN_DIR names the folder of the programs")
    unittest.main(verbosity=2)
