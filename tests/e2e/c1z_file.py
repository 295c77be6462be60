"""Opens the SQLite database inside a c1z file of version 1, without any of the product's code."""

import os
import sqlite3
import subprocess

import wire

MAGIC = b"C1ZF\x00"

# The schema of version 1: table -> (column, declared type, NOT NULL, default as SQLite writes it, primary key).
_ID = ("id", "integer", 0, None, 1)


def _column(name, kind, null=False, default=None):
    return (name, kind, 0 if null else 1, default, 0)


_SEEN = (_column("data", "blob"), _column("sync_id", "text"), _column("discovered_at", "datetime"))

TABLES = {
    "v1_resource_types": [_ID, _column("external_id", "text"), *_SEEN],
    "v1_resources": [_ID, _column("resource_type_id", "text"), _column("external_id", "text"),
                     _column("parent_resource_type_id", "text", null=True),
                     _column("parent_resource_id", "text", null=True), *_SEEN],
    "v1_entitlements": [_ID, _column("resource_type_id", "text"), _column("resource_id", "text"),
                        _column("external_id", "text"), *_SEEN],
    "v1_grants": [_ID, _column("resource_type_id", "text"), _column("resource_id", "text"),
                  _column("entitlement_id", "text"), _column("principal_resource_type_id", "text"),
                  _column("principal_resource_id", "text"), _column("external_id", "text"),
                  _column("expansion", "blob", null=True), _column("needs_expansion", "integer", default="0"),
                  *_SEEN],
    "v1_sync_runs": [_ID, _column("sync_id", "text"), _column("started_at", "datetime"),
                     _column("ended_at", "datetime", null=True), _column("sync_token", "text"),
                     _column("sync_type", "text", default="'full'"), _column("parent_sync_id", "text", default="''"),
                     _column("linked_sync_id", "text", default="''"), _column("supports_diff", "integer", default="0"),
                     _column("grants_backfilled", "integer", default="0"), _column("stats", "text", null=True),
                     _column("ingest_invariant_generation", "text", default="''"),
                     _column("ingest_invariant_coverage", "text", default="''"),
                     _column("ingest_invariant_mode", "text", default="''")],
    "v1_assets": [_ID, _column("external_id", "text"), _column("content_type", "text"), *_SEEN],
    "v1_connector_sessions": [_ID, _column("sync_id", "text"), _column("key", "text"), _column("value", "blob")],
}

# Index -> (table, unique, columns, condition). Two names of v1_resources are swapped against their columns: upstream
# wrote them so.
INDEXES = {
    "idx_resource_types_external_sync_v1": ("v1_resource_types", 1, ["external_id", "sync_id"], None),
    "idx_resources_resource_type_id_v1": ("v1_resources", 0, ["resource_type_id"], None),
    "idx_resources_external_sync_v1": ("v1_resources", 0, ["parent_resource_type_id", "parent_resource_id"], None),
    "idx_resources_parent_resource_id_v1": ("v1_resources", 1, ["external_id", "sync_id"], None),
    "idx_entitlements_resource_id_v1": ("v1_entitlements", 0, ["resource_type_id", "resource_id"], None),
    "idx_entitlements_external_sync_v1": ("v1_entitlements", 1, ["external_id", "sync_id"], None),
    "idx_grants_resource_type_id_resource_id_v1": ("v1_grants", 0, ["resource_type_id", "resource_id"], None),
    "idx_grants_principal_id_v1": ("v1_grants", 0, ["principal_resource_type_id", "principal_resource_id"], None),
    "idx_grants_entitlement_id_principal_id_v1": (
        "v1_grants", 0, ["entitlement_id", "principal_resource_type_id", "principal_resource_id"], None),
    "idx_grants_external_sync_v1": ("v1_grants", 1, ["external_id", "sync_id"], None),
    "idx_grants_entitlement_sync_grant_v1": ("v1_grants", 0, ["entitlement_id", "sync_id", "id"], None),
    "idx_grants_sync_expansion_v1": ("v1_grants", 0, ["sync_id"], "expansion is not null"),
    "idx_grants_sync_needs_expansion_v1": ("v1_grants", 0, ["sync_id"], "needs_expansion = 1"),
    "idx_sync_runs_sync_id_v1": ("v1_sync_runs", 1, ["sync_id"], None),
    "idx_assets_external_sync_v1": ("v1_assets", 1, ["external_id", "sync_id"], None),
    "idx_session_store_sync_key_v1": ("v1_connector_sessions", 1, ["sync_id", "key"], None),
}


def frame_facts(data):
    """(content size or None, has checksum, window bytes) of the zstd frame that `data` begins with."""
    if data[:4] != b"\x28\xb5\x2f\xfd":
        raise ValueError("no zstd frame")
    descriptor = data[4]
    size_flag, single, checksum, dictionary = descriptor >> 6, descriptor >> 5 & 1, descriptor >> 2 & 1, descriptor & 3
    at = 5
    window = None
    if not single:
        exponent, mantissa = data[at] >> 3, data[at] & 7
        window = (1 << (10 + exponent)) * (8 + mantissa) // 8
        at += 1
    at += (0, 1, 2, 4)[dictionary]
    width = (single, 2, 4, 8)[size_flag]
    size = int.from_bytes(data[at:at + width], "little") + (256 if width == 2 else 0) if width else None
    return size, bool(checksum), window or size


def unpack(path, folder):
    """Writes the database inside to `folder` and returns (its path, the packed bytes)."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:5] != MAGIC:
        raise ValueError(f"{path} is no c1z of version 1")
    database = os.path.join(folder, os.path.basename(path) + ".db")
    with open(database, "wb") as out:
        subprocess.run(["zstd", "-d", "-q", "-c"], input=data[5:], stdout=out, check=True)
    return database, data[5:]


class C1z:
    """The rows of the one sync in a file."""

    def __init__(self, path, folder):
        self.database_path, self.frame = unpack(path, folder)
        self.sql = sqlite3.connect(f"file:{self.database_path}?mode=ro&immutable=1", uri=True)

    def close(self):
        self.sql.close()

    def rows(self, query, *arguments):
        return self.sql.execute(query, arguments).fetchall()

    def count(self, table):
        return self.rows(f"select count(*) from {table}")[0][0]

    def run(self):
        """The one row of v1_sync_runs by column."""
        cursor = self.sql.execute("select * from v1_sync_runs")
        names = [column[0] for column in cursor.description]
        (row,) = cursor.fetchall()
        return dict(zip(names, row))

    def tables(self):
        # SQLite prints its own standard types in capitals, however they were declared.
        return {name: [(column, kind.lower(), not_null, default, key) for _, column, kind, not_null, default, key in
                       self.rows(f"pragma table_info({name})")]
                for (name,) in self.rows("select name from sqlite_master where type = 'table'")}

    def indexes(self):
        found = {}
        for name, table, sql in self.rows("select name, tbl_name, sql from sqlite_master where type = 'index'"):
            ((unique, partial),) = self.rows('select "unique", partial from pragma_index_list(?) where name = ?', table,
                                             name)
            columns = [column for _, _, column in self.rows(f"pragma index_info({name})")]
            condition = sql.lower().partition(" where ")[2] if partial else None
            found[name] = (table, unique, columns, condition)
        return found


def resource_id(message, number):
    """(type, id) of a ResourceId field, None where it is absent."""
    if number not in message:
        return None
    inner = wire.sub(message, number)
    return wire.text(inner, 1), wire.text(inner, 2)
