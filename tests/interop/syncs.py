#!/usr/bin/env python3
"""Files with several syncs, unfinished ones and old schemas: upstream's baton and ours have to print the same.

    tests/interop/syncs.py OURS UPSTREAM SAMPLES DIR [FILE…]

OURS and UPSTREAM are the two programs, SAMPLES the folder with the sample files, DIR a scratch folder. Besides the
samples, a file is made whose latest sync is a partial one, with a full and an unfinished sync beside it; further files
may be named. Ends with 1 after naming every command whose output differs as parsed JSON (order aside).
"""

import datetime
import json
import os
import sqlite3
import subprocess
import sys

MAGIC = b"C1ZF\0"
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "TZ": "UTC"}
COMMANDS = (
    ["resource-types"],
    ["resources"],
    ["resources", "-t", "group"],
    ["entitlements"],
    ["grants"],
    ["grants", "-t", "group", "-r", "g1"],
    ["grants", "-e", "group:g2:member"],
    ["principals"],
    ["principals", "-t", "group", "-r", "g1"],
    ["access", "-t", "user", "-r", "u1"],
)
PARTIAL = "3MUTGZZZZZZZZZZZZZZZZZZZZZZ"
UNFINISHED = "3MUTGZZZZZZZZZZZZZZZZZZZZZY"
TABLES = ("resource_types", "resources", "entitlements", "grants")


def filtered(arguments, data):
    return subprocess.run(arguments, input=data, capture_output=True, check=True).stdout


def made(sample, path):
    """Writes the file with a full, a partial and an unfinished sync, from a sample with two full ones."""
    database = path + ".db"
    with open(sample, "rb") as file, open(database, "wb") as out:
        out.write(filtered(["zstd", "-dc"], file.read()[len(MAGIC):]))
    with sqlite3.connect(database) as sql:
        latest, other = [row[0] for row in sql.execute("SELECT sync_id FROM v1_sync_runs ORDER BY ended_at DESC")]
        for table in TABLES:
            # Of a partial sync only some rows are there; what they refer to may be missing.
            columns = [row[1] for row in sql.execute(f"PRAGMA table_info(v1_{table})") if row[1] != "id"]
            chosen = ", ".join("?" if column == "sync_id" else column for column in columns)
            sql.execute(
                f"INSERT INTO v1_{table} ({', '.join(columns)}) SELECT {chosen} FROM v1_{table} WHERE sync_id = ? "
                "AND (id % 2 = 0 OR ? <> 'v1_grants')",
                (PARTIAL, latest, f"v1_{table}"),
            )
            sql.execute(f"UPDATE v1_{table} SET sync_id = ? WHERE sync_id = ?", (UNFINISHED, other))
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        sql.execute(
            "UPDATE v1_sync_runs SET sync_id = ?, started_at = ?, ended_at = NULL, stats = NULL WHERE sync_id = ?",
            (UNFINISHED, now, other),
        )
        sql.execute(
            "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token, sync_type, parent_sync_id, "
            "grants_backfilled) VALUES (?, ?, ?, '', 'partial', ?, 1)",
            (PARTIAL, now, now + ".5", latest),
        )
    sql.close()
    with open(database, "rb") as file, open(path, "wb") as out:
        out.write(MAGIC + filtered(["zstd", "-c"], file.read()))
    return path


def canonical(value):
    """Parsed JSON with lists in the order of their items' texts: order is no part of the contract."""
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def printed(program, arguments):
    run = subprocess.run([program, *arguments, "-o", "json"], capture_output=True, env=ENVIRONMENT, check=False)
    if run.returncode != 0:
        return f"exit {run.returncode}: {run.stderr.decode()[:200]}"
    return canonical(json.loads(run.stdout)) if run.stdout.strip().startswith(b"{") else run.stdout.decode()


def syncs_of(program, file):
    run = subprocess.run([program, "syncs", "-f", file, "-o", "json"], capture_output=True, env=ENVIRONMENT, check=True)
    return json.loads(run.stdout)["syncs"]


def some_user(program, file):
    """A user of the sync that is read, u1 if there is one."""
    listed = printed(program, ["resources", "-t", "user", "-f", file])
    users = [item["resource"]["id"]["resource"] for item in listed["resources"]]
    return "u1" if "u1" in users else users[0]


def main():
    ours, upstream, samples, scratch, *more = sys.argv[1:]
    files = [os.path.join(samples, name) for name in sorted(os.listdir(samples)) if name.endswith(".c1z")]
    files.append(made(os.path.join(samples, "sdk-v1.c1z"), os.path.join(scratch, "made.c1z")))
    files += more
    compared = 0
    differing = 0
    for file in files:
        listed = syncs_of(ours, file)
        selections = [[]] + [["--sync-id", sync["id"]] for sync in listed]
        # Upstream's access has no --sync-id.
        questions = [
            [*command, *selection]
            for command in COMMANDS
            for selection in selections
            if not (selection and command[0] == "access")
        ]
        questions = [[some_user(ours, file) if word == "u1" else word for word in question] for question in questions]
        questions.append(["syncs"])
        if any("endedAt" in sync for sync in listed):
            questions.append(["stats"])
        for question in questions:
            arguments = [*question, "-f", file]
            mine, theirs = printed(ours, arguments), printed(upstream, arguments)
            compared += 1
            if mine != theirs:
                differing += 1
                print(f"{os.path.basename(file)}: baton {' '.join(question)} differs")
                print(f"  ours     {json.dumps(mine, sort_keys=True)[:600]}")
                print(f"  upstream {json.dumps(theirs, sort_keys=True)[:600]}")
    print(f"{compared} outputs compared over {len(files)} files, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
