"""A real LDAP server, OpenLDAP's slapd, as an ordinary process in a folder of the test's, on a port of its own."""

import base64
import os
import shutil
import socket
import subprocess

import support

BASE = "dc=example,dc=org"
READER = f"cn=reader,{BASE}"
# Reads, but only as many entries as the server gives to anybody.
LIMITED = f"cn=limited,{BASE}"
PASSWORD = "correct horse"

SCHEMAS = ("core", "cosine", "inetorgperson", "nis", "dyngroup")


def program(name):
    """slapd and its tools live in sbin, which is not on everybody's path."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def missing():
    """Why slapd cannot be run here, or an empty text."""
    for name in ("slapd", "slapadd", "slapmodify"):
        if program(name) is None:
            return f"{name} is not installed (Debian package slapd)"
    for schema in SCHEMAS:
        if not os.path.exists(f"/etc/ldap/schema/{schema}.schema"):
            return f"/etc/ldap/schema/{schema}.schema is missing (Debian package slapd)"
    return ""


def ldif(dn, attributes):
    """One entry; `attributes` is a list of (name, value)."""
    lines = []
    for name, value in (("dn", dn), *attributes):
        lines.append(f"{name}:: {base64.b64encode(value.encode()).decode()}")
    return "\n".join(lines) + "\n\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    """`with Slapd(folder) as server`, after `load`. TLS is offered when `certificate` and `key` are given."""

    def __init__(self, folder, certificate=None, key=None):
        self.folder = folder
        self.log_path = os.path.join(folder, "slapd.log")
        self.configuration = os.path.join(folder, "slapd.conf")
        self.tls = bool(certificate)
        self.process = None
        self.port = self.tls_port = 0
        os.makedirs(os.path.join(folder, "data"))
        lines = [f"include /etc/ldap/schema/{schema}.schema" for schema in SCHEMAS]
        lines += [
            "modulepath /usr/lib/ldap", "moduleload back_mdb",
            f"pidfile {folder}/slapd.pid", f"argsfile {folder}/slapd.args", "threads 4",
        ]
        if certificate:
            lines += [f"TLSCertificateFile {certificate}", f"TLSCertificateKeyFile {key}"]
        lines += [
            "database mdb", f'suffix "{BASE}"', f'rootdn "cn=root,{BASE}"', f"directory {folder}/data",
            "maxsize 268435456", "dbnosync", "index objectClass eq", "sizelimit 500",
            f'limits dn.exact="{READER}" size=unlimited',
            "access to attrs=userPassword by anonymous auth by * none", "access to * by users read by * none",
        ]
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def tool(self, name, text):
        """Feeds `text` to one of the offline tools; the server must not run."""
        done = subprocess.run([program(name), "-q", "-f", self.configuration], input=text.encode(),
                              capture_output=True, timeout=support.DEADLINE, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{name}: {done.stderr.decode(errors='replace')[-2000:]}")

    def load(self, text):
        self.tool("slapadd", text)

    def modify(self, text):
        self.tool("slapmodify", text)

    def __enter__(self):
        # Somebody else may take a port between our choosing and slapd's binding it.
        for _ in range(5):
            self.port, self.tls_port = free_port(), free_port()
            if self.start():
                return self
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            raise AssertionError(f"slapd did not start:\n{log.read()[-2000:]}")

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """On the ports that it has; whether it came up."""
        addresses = f"ldap://127.0.0.1:{self.port}/"
        if self.tls:
            addresses += f" ldaps://127.0.0.1:{self.tls_port}/"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [program("slapd"), "-d", "stats", "-f", self.configuration, "-h", addresses],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        support.wait_until(lambda: self.process.poll() is not None or self.answers(), "slapd starts")
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(support.DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    @property
    def url(self):
        return f"ldap://127.0.0.1:{self.port}"

    def searches(self):
        """How many searches the server has been asked for so far."""
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return sum(" SRCH base=" in line for line in log)
