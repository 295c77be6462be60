"""Settings that cannot be, and services that answer what they should not: one clear line and the right exit code."""

import http.server
import json
import os
import socket
import subprocess
import threading
import unittest

import support


class Settings(support.Case):

    def refused(self, code, *words, flags=(), environment=None, base=True):
        """Runs with these flags; nothing may be asked for, nothing may be written."""
        first = ["--base-url", "http://127.0.0.1:1"] if base else []
        outcome = self.run_plain(*first, *flags, environment=environment)
        line = self.assert_refused(outcome, code, *words)
        self.assertEqual(outcome.lines, [line], "one line, no more")
        left = [name for name in os.listdir(self.folder) if "sync" in name]
        self.assertEqual(left, [])
        return line


class CommandLine(Settings):

    def test_unknown_flags(self):
        self.refused(2, "--colour", flags=["--colour", "red"])
        self.refused(2, "--colour", flags=["--colour=red"])
        self.refused(2, "-x", flags=["-x"])
        # What belongs to no flag may be a secret with a typing error before it: it is not shown.
        self.assertNotIn("stray", self.refused(2, "--help", flags=["stray"]))

    def test_values_that_cannot_be(self):
        self.refused(2, "--workers", "many", flags=["--workers", "many"])
        self.refused(2, "--workers", flags=["--workers", "99999999999999999999"])
        self.refused(2, "--workers", flags=["--workers", "-2"])
        self.refused(2, "--expansion", "sideways", flags=["--expansion", "sideways"])
        self.refused(2, "--log-level", "loud", flags=["--log-level", "loud"])
        self.refused(2, "--give-up-after", "soon", flags=["--give-up-after", "soon"])
        self.refused(2, "--requests-per-second", flags=["--requests-per-second", "nan"])
        self.refused(2, "--file", flags=["--file", ""])
        self.refused(2, "--token", flags=["--token"])
        self.refused(2, "BATON_WORKERS", "many", environment={"BATON_WORKERS": "many"})
        self.refused(2, "--log-path", "stdout", flags=["--log-path", "stdout"])

    def test_a_required_flag_is_missing(self):
        self.refused(2, "base-url", base=False)

    def test_resources_and_traits_that_cannot_be(self):
        self.refused(2, "--sync-resources", flags=["--sync-resources", "user/1"])
        self.refused(2, "--external-resource-traits", "admiral",
                     flags=["--external-resource-c1z", "x.c1z", "--external-resource-traits", "admiral"])
        self.refused(2, "--external-resource-c1z", flags=["--external-resource-traits", "user"])
        self.refused(5, "missing.c1z", flags=["--external-resource-c1z", self.path("missing.c1z")])

    def test_addresses_that_cannot_be(self):
        for address in ("ftp://127.0.0.1", "127.0.0.1:80", "http://", "http://127.0.0.1:99999", "http://a b/"):
            with self.subTest(address):
                self.refused(3, flags=["--base-url", address], base=False)

    def test_what_upstream_has_and_we_have_not(self):
        flags = {"--client-id": "c", "--provisioning": None, "--ticketing": None,
                 "--parallel-sync": None, "--otel-collector-endpoint": "e",
                 "--grant-entitlement": "e", "--revoke-grant": "g", "--event-feed": None, "--c1z-temp-dir": "d"}
        for flag, value in flags.items():
            with self.subTest(flag):
                self.refused(12, flag, flags=[flag] if value is None else [flag, value])
        for command in ("capabilities", "config", "completion", "lambda"):
            with self.subTest(command):
                self.refused(12, command, flags=[command], base=False)

    def test_variables_that_upstream_has_and_we_have_not(self):
        for variable in ("BATON_CLIENT_ID", "BATON_PROVISIONING", "BATON_TICKETING",
                         "BATON_DISABLE_HTTP_CACHE", "BATON_LAMBDA_CLIENT_ID"):
            with self.subTest(variable):
                self.refused(12, variable, environment={variable: "true"})

    def test_what_upstream_has_in_the_file(self):
        path = self.write("config.yaml", "workers: 2\nclient-id: somebody\n")
        self.refused(12, "client-id", environment={"BATON_CONFIG_PATH": path})


class ConfigurationFile(Settings):

    def file(self, text, code, *words, name="config.yaml"):
        path = self.write(name, text)
        self.refused(code, path, *words, environment={"BATON_CONFIG_PATH": path})

    def test_it_is_not_there(self):
        self.refused(2, self.path("none.yaml"), environment={"BATON_CONFIG_PATH": self.path("none.yaml")})

    def test_it_is_a_directory(self):
        os.mkdir(self.path("d.yaml"))
        self.refused(2, self.path("d.yaml"), environment={"BATON_CONFIG_PATH": self.path("d.yaml")})

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_it_cannot_be_read(self):
        path = self.write("config.yaml", "workers: 1\n")
        os.chmod(path, 0)
        self.refused(2, path, "denied", environment={"BATON_CONFIG_PATH": path})

    def test_it_is_malformed(self):
        self.file("workers: [1\n", 2)
        self.file("workers: 1\n\tindented: 2\n", 2, ":2")
        self.file("- a\n- b\n", 2)
        self.file("workers: *one\n", 2, ":1", "anchor")
        self.file("workers: &one 1\nmax-concurrency: *one\n", 2, ":1")
        self.file(b"workers: \xff\xfe\n", 2)
        self.file("{}\n" * 400_000, 2)

    def test_it_has_unknown_or_wrong_settings(self):
        self.file("workers: 1\ncolour: red\n", 2, ":2", "colour")
        self.file("workers: many\n", 2, ":1", "workers", "many")
        self.file("workers: 1\nworkers: 2\n", 2, ":2", "workers")
        self.file("skip-grants: {a: b}\n", 2, ":1", "skip-grants")

    def test_a_wrong_secret_is_not_shown(self):
        path = self.write("config.yaml", "token:\n  - hunter2\n  - hunter3\n")
        line = self.refused(2, "token", environment={"BATON_CONFIG_PATH": path})
        self.assertNotIn("hunter", line)


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers from a dictionary path -> (status, content type, body)."""

    protocol_version = "HTTP/1.1"
    pages = {}

    def do_GET(self):
        status, kind, body = self.pages.get(self.path.partition("?")[0], (404, "application/json", b'{"error":{}}'))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that goes away in the middle is what many of these tests are about."""


def page(*rows):
    return 200, "application/json", json.dumps({"items": rows, "next": None}).encode()


GOOD = {
    "/v1/ping": (200, "application/json", b'{"ok":true}'),
    "/v1/users": page({"id": "u-1", "login": "ann", "email": "ann@example.org", "status": "active", "type": "human",
                       "created_at": "2020-01-01T00:00:00Z"}),
    "/v1/groups": page({"id": "g-1", "name": "Staff"}),
    "/v1/roles": page({"id": "r-1", "name": "Owner", "app": "a-1"}),
    "/v1/apps": page({"id": "a-1", "name": "Desk"}),
    "/v1/groups/g-1/members": page({"type": "user", "id": "u-1"}),
    "/v1/roles/r-1/assignments": page({"type": "group", "id": "g-1"}),
}


class Service(support.Case):

    def serve(self, **pages):
        """A server of GOOD with some pages replaced; names of pages without `/v1/`, `__` for a slash."""
        handler = type("Handler", (Answers,), {"pages": {**GOOD, **{"/v1/" + name.replace("__", "/"): answer
                                                                    for name, answer in pages.items()}}})
        server = Server(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def refused(self, url, code, *words, resumable=True, flags=(), environment=None):
        outcome = self.run_demo(url, *flags, environment=environment)
        line = self.assert_refused(outcome, code, *words, resumable=resumable)
        self.assertFalse(os.path.exists(self.path("sync.c1z")), outcome)
        self.assertEqual(os.path.exists(self.path("sync.c1z.sync")), resumable, outcome)
        return line

    def test_the_hand_made_service_is_fine_otherwise(self):
        self.sync(self.serve())

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.refused(f"http://127.0.0.1:{port}", 14, f"127.0.0.1:{port}", "refused", resumable=False)

    def test_no_such_host(self):
        outcome = self.run_demo("http://no-such-host.invalid")
        # Without any name server, whether there is such a host stays open.
        self.assertIn(outcome.code, (3, 14), outcome)
        self.assert_refused(outcome, outcome.code, "no-such-host.invalid")

    def test_no_http(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def babble():
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with connection:
                        connection.recv(65536)
                        connection.sendall(b"220 mail.example.org ESMTP\r\n")
            thread = threading.Thread(target=babble)
            thread.start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            try:
                outcome = self.run_demo(url)
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()
        self.assert_refused(outcome, 13, url)

    def test_a_page_for_people(self):
        url = self.serve(users=(200, "text/html", b"<html>Please sign in</html>"))
        self.refused(url, 13, "/v1/users", "text/html", "JSON", "Please sign in")

    def test_malformed_json_always(self):
        tenant = self.tenant(*support.SMALL, "--faults", "malformed@path:/v1/groups:every:1")
        self.refused(tenant.url, 13, tenant.url + "/v1/groups")

    def test_truncated_always(self):
        tenant = self.tenant(*support.SMALL, "--faults", "truncate@path:/v1/apps:every:1")
        outcome = self.start(tenant, "--give-up-after", "2s").wait()
        self.assert_refused(outcome, outcome.code, resumable=True)
        self.assertIn(outcome.code, (13, 14))

    def test_missing_fields(self):
        cases = {
            "users": ({"id": "u-1", "email": "ann@example.org"}, "login"),
            "groups": ({"id": "g-1"}, "name"),
            "roles": ({"name": "Owner"}, "id"),
            "groups__g-1__members": ({"id": "u-1"}, "type"),
        }
        for name, (row, missing) in cases.items():
            with self.subTest(name):
                self.refused(self.serve(**{name: page(row)}), 13, f"/v1/{name.replace('__', '/')}",
                             f"items[0].{missing}: missing", flags=["--restart"])

    def test_fields_of_another_kind(self):
        cases = {
            "users": ({"id": 17, "login": "ann", "status": "active", "type": "human",
                       "created_at": "2020-01-01T00:00:00Z"}, "id"),
            "groups": ({"id": "g-1", "name": ["Staff"]}, "name"),
            "roles__r-1__assignments": ({"type": "robot", "id": "x"}, "neither a user nor a group"),
        }
        for name, (row, word) in cases.items():
            with self.subTest(name):
                self.refused(self.serve(**{name: page(row)}), 13, word, flags=["--restart"])
        url = self.serve(apps=(200, "application/json", b'{"rows": []}'))
        self.refused(url, 13, "items", flags=["--restart"])
        url = self.serve(apps=(200, "application/json", b"[1, 2]"))
        self.refused(url, 13, flags=["--restart"])

    def test_impossible_rows(self):
        user = {"login": "ann", "status": "active", "type": "human", "created_at": "2020-01-01T00:00:00Z"}
        self.refused(self.serve(users=page({"id": "u-1", **user, "created_at": "yesterday"})), 13, "yesterday",
                     "/v1/users", "items[0]", "created_at", flags=["--restart"])
        # An id that no row can have costs the row, and the summary says so.
        outcome = self.sync(self.serve(users=page({"id": "u" * 5000, **user}, {"id": "u-2", **user})), "--restart")
        self.assertRegex(outcome.stderr, r"(?m)^  skipped +1 row ")
        self.assertNotIn("u" * 2000, outcome.stderr)

    def test_a_list_that_goes_round(self):
        again = json.dumps({"items": [{"id": "a-1", "name": "Desk"}], "next": "again"}).encode()
        self.refused(self.serve(apps=(200, "application/json", again)), 13, "app", "again")

    def test_the_wrong_token(self):
        tenant = self.tenant(*support.SMALL, token="right")
        for flags in (["--token", "wrong"], []):
            self.refused(tenant.url, 16, "401", "/v1/ping", resumable=False, flags=flags)

    def test_an_answer_that_echoes_the_token(self):
        url = self.serve(users=(400, "application/json", b'{"error":{"message":"no such token: hunter2-Zq9"}}'))
        line = self.refused(url, 3, "400", "/v1/users", "no such token", flags=["--token", "hunter2-Zq9"])
        self.assertNotIn("hunter2", line)

    def test_no_rights(self):
        url = self.serve(roles=(403, "application/json", b'{"error":{"message":"roles are not for you"}}'))
        self.refused(url, 7, "403", "/v1/roles", "roles are not for you")

    def test_a_service_that_is_down_is_given_up(self):
        tenant = self.tenant(*support.SMALL, "--faults", "503@path:/v1/groups:every:1")
        self.refused(tenant.url, 14, "nothing could be collected", flags=["--give-up-after", "1s"])


class Tls(support.Case):

    @classmethod
    def setUpClass(cls):
        cls.keys = support.tempfile.mkdtemp(prefix="baton-e2e-keys-")
        cls.addClassCleanup(support.shutil.rmtree, cls.keys)
        cls.certificate("localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        cls.certificate("elsewhere", "subjectAltName=DNS:elsewhere.example")

    @classmethod
    def certificate(cls, name, extension):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", extension, "-keyout",
                        os.path.join(cls.keys, name + ".key"), "-out", os.path.join(cls.keys, name + ".pem")],
                       check=True, capture_output=True)

    def key(self, name):
        return os.path.join(self.keys, name)

    def secure_tenant(self, name):
        tenant = self.tenant(*support.SMALL, "--tls-cert", self.key(name + ".pem"),
                             "--tls-key", self.key(name + ".key"))
        self.assertTrue(tenant.url.startswith("https://"))
        return tenant

    def test_a_certificate_that_nobody_vouches_for(self):
        tenant = self.secure_tenant("localhost")
        outcome = self.run_demo(tenant)
        self.assert_refused(outcome, 2, "certificate", tenant.url.removeprefix("https://"))

    def test_a_certificate_that_we_trust(self):
        tenant = self.secure_tenant("localhost")
        trust = {"SSL_CERT_FILE": self.key("localhost.pem")}
        self.sync(tenant, environment=trust)
        self.sync(tenant.url.replace("127.0.0.1", "localhost"), file="by-name.c1z", environment=trust)
        self.assertEqual(self.digest(), self.digest("by-name.c1z"))

    def test_a_certificate_of_somebody_else(self):
        tenant = self.secure_tenant("elsewhere")
        outcome = self.run_demo(tenant, environment={"SSL_CERT_FILE": self.key("elsewhere.pem")})
        self.assert_refused(outcome, 2, "certificate", "127.0.0.1")

    def test_trust_that_cannot_be_read(self):
        tenant = self.secure_tenant("localhost")
        for name, text in (("none.pem", None), ("bad.pem", "this is no certificate\n")):
            path = self.path(name) if text is None else self.write(name, text)
            with self.subTest(name):
                outcome = self.run_demo(tenant, environment={"SSL_CERT_FILE": path})
                self.assert_refused(outcome, 2, "SSL_CERT_FILE", path)

    def test_plain_http_to_a_tls_port(self):
        tenant = self.secure_tenant("localhost")
        outcome = self.run_demo(tenant.url.replace("https", "http"))
        self.assertIn(outcome.code, (13, 14), outcome)
        self.assert_refused(outcome, outcome.code, tenant.url.removeprefix("https://"))

    def test_tls_to_a_plain_port(self):
        tenant = self.tenant(*support.SMALL)
        outcome = self.run_demo(tenant.url.replace("http", "https"))
        self.assert_refused(outcome, 2, tenant.url.removeprefix("http://"))


if __name__ == "__main__":
    support.main()
