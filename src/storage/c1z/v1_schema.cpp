#include "storage/c1z/v1_schema.hpp"

namespace baton::c1z {
namespace {

constexpr ColumnSchema kResourceTypeColumns[] = {
    {"external_id", ColumnKind::kText},
    {"data", ColumnKind::kBlob},
    {"sync_id", ColumnKind::kText},
    {"discovered_at", ColumnKind::kTime, false, "'1970-01-01 00:00:00'"},
};
constexpr ColumnSchema kResourceColumns[] = {
    {"resource_type_id", ColumnKind::kText},
    {"external_id", ColumnKind::kText},
    {"parent_resource_type_id", ColumnKind::kText, true},
    {"parent_resource_id", ColumnKind::kText, true},
    {"data", ColumnKind::kBlob},
    {"sync_id", ColumnKind::kText},
    {"discovered_at", ColumnKind::kTime, false, "'1970-01-01 00:00:00'"},
};
constexpr ColumnSchema kEntitlementColumns[] = {
    {"resource_type_id", ColumnKind::kText},
    {"resource_id", ColumnKind::kText},
    {"external_id", ColumnKind::kText},
    {"data", ColumnKind::kBlob},
    {"sync_id", ColumnKind::kText},
    {"discovered_at", ColumnKind::kTime, false, "'1970-01-01 00:00:00'"},
};
constexpr ColumnSchema kSyncRunColumns[] = {
    {"sync_id", ColumnKind::kText},
    {"started_at", ColumnKind::kTime},
    {"ended_at", ColumnKind::kTime, true},
    {"sync_token", ColumnKind::kText},
    {"sync_type", ColumnKind::kText, false, "'full'"},
    {"parent_sync_id", ColumnKind::kText, false, "''"},
    {"linked_sync_id", ColumnKind::kText, false, "''"},
    {"supports_diff", ColumnKind::kInteger, false, "0"},
    {"grants_backfilled", ColumnKind::kInteger, false, "0"},
    {"stats", ColumnKind::kText, true, "NULL"},
    {"ingest_invariant_generation", ColumnKind::kText, false, "''"},
    {"ingest_invariant_coverage", ColumnKind::kText, false, "''"},
    {"ingest_invariant_mode", ColumnKind::kText, false, "''"},
};
constexpr ColumnSchema kGrantColumns[] = {
    {"resource_type_id", ColumnKind::kText},
    {"resource_id", ColumnKind::kText},
    {"entitlement_id", ColumnKind::kText},
    {"principal_resource_type_id", ColumnKind::kText},
    {"principal_resource_id", ColumnKind::kText},
    {"external_id", ColumnKind::kText},
    {"expansion", ColumnKind::kBlob, true, "NULL"},
    {"needs_expansion", ColumnKind::kInteger, false, "0"},
    {"data", ColumnKind::kBlob},
    {"sync_id", ColumnKind::kText},
    {"discovered_at", ColumnKind::kTime, false, "'1970-01-01 00:00:00'"},
};
constexpr ColumnSchema kAssetColumns[] = {
    {"external_id", ColumnKind::kText},
    {"content_type", ColumnKind::kText},
    {"data", ColumnKind::kBlob},
    {"sync_id", ColumnKind::kText},
    {"discovered_at", ColumnKind::kTime, false, "'1970-01-01 00:00:00'"},
};
constexpr ColumnSchema kSessionColumns[] = {
    {"sync_id", ColumnKind::kText},
    {"key", ColumnKind::kText},
    {"value", ColumnKind::kBlob},
};

constexpr TableSchema kTables[] = {
    {"v1_resource_types",
     "CREATE TABLE v1_resource_types ("
     "id integer primary key, "
     "external_id text not null, "
     "data blob not null, "
     "sync_id text not null, "
     "discovered_at datetime not null)",
     kResourceTypeColumns},
    {"v1_resources",
     "CREATE TABLE v1_resources ("
     "id integer primary key, "
     "resource_type_id text not null, "
     "external_id text not null, "
     "parent_resource_type_id text, "
     "parent_resource_id text, "
     "data blob not null, "
     "sync_id text not null, "
     "discovered_at datetime not null)",
     kResourceColumns},
    {"v1_entitlements",
     "CREATE TABLE v1_entitlements ("
     "id integer primary key, "
     "resource_type_id text not null, "
     "resource_id text not null, "
     "external_id text not null, "
     "data blob not null, "
     "sync_id text not null, "
     "discovered_at datetime not null)",
     kEntitlementColumns},
    {"v1_sync_runs",
     "CREATE TABLE v1_sync_runs ("
     "id integer primary key, "
     "sync_id text not null, "
     "started_at datetime not null, "
     "ended_at datetime, "
     "sync_token text not null, "
     "sync_type text not null default 'full', "
     "parent_sync_id text not null default '', "
     "linked_sync_id text not null default '', "
     "supports_diff integer not null default 0, "
     "grants_backfilled integer not null default 0, "
     "stats text, "
     "ingest_invariant_generation text not null default '', "
     "ingest_invariant_coverage text not null default '', "
     "ingest_invariant_mode text not null default '')",
     kSyncRunColumns},
    {"v1_grants",
     "CREATE TABLE v1_grants ("
     "id integer primary key, "
     "resource_type_id text not null, "
     "resource_id text not null, "
     "entitlement_id text not null, "
     "principal_resource_type_id text not null, "
     "principal_resource_id text not null, "
     "external_id text not null, "
     "expansion blob, "
     "needs_expansion integer not null default 0, "
     "data blob not null, "
     "sync_id text not null, "
     "discovered_at datetime not null)",
     kGrantColumns},
    {"v1_assets",
     "CREATE TABLE v1_assets ("
     "id integer primary key, "
     "external_id text not null, "
     "content_type text not null, "
     "data blob not null, "
     "sync_id text not null, "
     "discovered_at datetime not null)",
     kAssetColumns},
    {"v1_connector_sessions",
     "CREATE TABLE v1_connector_sessions ("
     "id integer primary key, "
     "sync_id text not null, "
     "key text not null, "
     "value blob not null)",
     kSessionColumns},
};

constexpr IndexSchema kIndexes[] = {
    {"idx_resource_types_external_sync_v1", "v1_resource_types",
     "CREATE UNIQUE INDEX idx_resource_types_external_sync_v1 on v1_resource_types (external_id, sync_id)",
     true, "external_id, sync_id"},
    {"idx_resources_parent_resource_id_v1", "v1_resources",
     "CREATE UNIQUE INDEX idx_resources_parent_resource_id_v1 on v1_resources (external_id, sync_id)", true,
     "external_id, sync_id"},
    {"idx_resources_resource_type_id_v1", "v1_resources",
     "CREATE INDEX idx_resources_resource_type_id_v1 on v1_resources (resource_type_id)", false,
     "resource_type_id"},
    {"idx_resources_external_sync_v1", "v1_resources",
     "CREATE INDEX idx_resources_external_sync_v1 on v1_resources (parent_resource_type_id, "
     "parent_resource_id)",
     false, "parent_resource_type_id, parent_resource_id"},
    {"idx_entitlements_external_sync_v1", "v1_entitlements",
     "CREATE UNIQUE INDEX idx_entitlements_external_sync_v1 on v1_entitlements (external_id, sync_id)", true,
     "external_id, sync_id"},
    {"idx_entitlements_resource_id_v1", "v1_entitlements",
     "CREATE INDEX idx_entitlements_resource_id_v1 on v1_entitlements (resource_type_id, resource_id)", false,
     "resource_type_id, resource_id"},
    {"idx_sync_runs_sync_id_v1", "v1_sync_runs",
     "CREATE UNIQUE INDEX idx_sync_runs_sync_id_v1 on v1_sync_runs (sync_id)", true, "sync_id"},
    {"idx_grants_external_sync_v1", "v1_grants",
     "CREATE UNIQUE INDEX idx_grants_external_sync_v1 on v1_grants (external_id, sync_id)", true,
     "external_id, sync_id"},
    {"idx_grants_resource_type_id_resource_id_v1", "v1_grants",
     "CREATE INDEX idx_grants_resource_type_id_resource_id_v1 on v1_grants (resource_type_id, resource_id)",
     false, "resource_type_id, resource_id"},
    {"idx_grants_principal_id_v1", "v1_grants",
     "CREATE INDEX idx_grants_principal_id_v1 on v1_grants (principal_resource_type_id, "
     "principal_resource_id)",
     false, "principal_resource_type_id, principal_resource_id"},
    {"idx_grants_entitlement_id_principal_id_v1", "v1_grants",
     "CREATE INDEX idx_grants_entitlement_id_principal_id_v1 on v1_grants "
     "(entitlement_id, principal_resource_type_id, principal_resource_id)",
     false, "entitlement_id, principal_resource_type_id, principal_resource_id"},
    {"idx_grants_entitlement_sync_grant_v1", "v1_grants",
     "CREATE INDEX idx_grants_entitlement_sync_grant_v1 on v1_grants (entitlement_id, sync_id, id)", false,
     "entitlement_id, sync_id, id"},
    {"idx_grants_sync_expansion_v1", "v1_grants",
     "CREATE INDEX idx_grants_sync_expansion_v1 on v1_grants (sync_id) where expansion is not null", false,
     "sync_id", "expansion is not null"},
    {"idx_grants_sync_needs_expansion_v1", "v1_grants",
     "CREATE INDEX idx_grants_sync_needs_expansion_v1 on v1_grants (sync_id) where needs_expansion = 1",
     false, "sync_id", "needs_expansion = 1"},
    {"idx_assets_external_sync_v1", "v1_assets",
     "CREATE UNIQUE INDEX idx_assets_external_sync_v1 on v1_assets (external_id, sync_id)", true,
     "external_id, sync_id"},
    {"idx_session_store_sync_key_v1", "v1_connector_sessions",
     "CREATE UNIQUE INDEX idx_session_store_sync_key_v1 on v1_connector_sessions (sync_id, key)", true,
     "sync_id, key"},
};

}  // namespace

std::span<const TableSchema> v1_tables() {
  return kTables;
}
std::span<const IndexSchema> v1_indexes() {
  return kIndexes;
}

}  // namespace baton::c1z
