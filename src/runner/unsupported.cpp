#include "runner/unsupported.hpp"

#include <span>

namespace baton::runner {
namespace {

/// A name that ends in `*` stands for all that begin like it.
struct Entry {
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kService =
    "service mode is not supported; let a scheduler start one sync at a time";
constexpr std::string_view kWrites = "write operations are not supported; leave it out to sync";
constexpr std::string_view kTickets = "tickets are not supported; leave it out to sync";
constexpr std::string_view kEvents = "event feeds are not supported; leave it out to sync";
constexpr std::string_view kActions = "actions are not supported; leave it out to sync";
constexpr std::string_view kDiffs = "diffs of syncs are not supported; leave it out to sync";
constexpr std::string_view kMerging = "merging files is not supported; leave it out to sync";
constexpr std::string_view kHealth = "health endpoints are not supported; leave it out";
constexpr std::string_view kTelemetry = "telemetry is not supported; leave it out and use the log";
constexpr std::string_view kCache = "whether answers are kept is the choice of the connector; unset it";
constexpr std::string_view kOldExpansion =
    "the older way of expanding grants is not supported; unset it, or see --expansion";
constexpr std::string_view kHosted = "hosted and serverless modes are not supported; unset it";

constexpr Entry kFlags[] = {
    {"log-level-debug-expires-at", "serverless mode is not supported; set --log-level for each start"},
    {"provisioning", kWrites},
    {"ticketing", kTickets},
    {"auth-method", "groups of fields are not supported; give the fields themselves"},
    {"http-timeout-seconds", "a limit on requests cannot be set; leave it out"},
    {"c1z-temp-dir", "nothing is unpacked into a scratch folder; see --state-dir"},
    {"session-store-maximum-size", "the session store has no such limit; leave it out"},
    {"log-event-log", "there is an event log on Windows only; see --log-path"},
    {"parallel-sync", "leave --workers unset instead"},
    {"keep-previous-sync-c1z", kService},
    {"grant-entitlement", kWrites},
    {"grant-principal", kWrites},
    {"grant-principal-type", kWrites},
    {"revoke-grant", kWrites},
    {"create-account-login", kWrites},
    {"create-account-email", kWrites},
    {"create-account-profile", kWrites},
    {"create-account-resource-type", kWrites},
    {"delete-resource", kWrites},
    {"delete-resource-type", kWrites},
    {"rotate-credentials", kWrites},
    {"rotate-credentials-type", kWrites},
    {"event-feed", kEvents},
    {"event-feed-id", kEvents},
    {"event-feed-start-at", kEvents},
    {"event-feed-cursor", kEvents},
    {"invoke-action", kActions},
    {"invoke-action-args", kActions},
    {"invoke-action-resource-type", kActions},
    {"list-action-schemas", kActions},
    {"list-action-schemas-resource-type", kActions},
    {"create-ticket", kTickets},
    {"ticket-template-path", kTickets},
    {"bulk-create-ticket", kTickets},
    {"bulk-ticket-template-path", kTickets},
    {"get-ticket", kTickets},
    {"ticket-id", kTickets},
    {"list-ticket-schemas", kTickets},
    {"diff-syncs", kDiffs},
    {"base-sync-id", kDiffs},
    {"applied-sync-id", kDiffs},
    {"compact-syncs", kMerging},
    {"compact-file-paths", kMerging},
    {"compact-sync-ids", kMerging},
    {"compact-output-path", kMerging},
    {"invoke-resource-action*", kActions},
    {"list-resource-actions*", kActions},
    {"client-id", kService},
    {"client-secret", kService},
    {"task-concurrency", kService},
    {"health-check", kHealth},
    {"health-check-port", kHealth},
    {"health-check-bind-address", kHealth},
    {"otel-collector-endpoint", kTelemetry},
    {"otel-collector-endpoint-tls-cert-path", kTelemetry},
    {"otel-collector-endpoint-tls-cert", kTelemetry},
    {"otel-collector-endpoint-tls-insecure", kTelemetry},
    {"otel-tracing-disabled", kTelemetry},
    {"otel-logging-disabled", kTelemetry},
};

constexpr Entry kVariables[] = {
    {"BATON_HTTP_CACHE_BACKEND", kCache},
    {"BATON_HTTP_CACHE_MAX_SIZE", kCache},
    {"BATON_HTTP_CACHE_TTL", kCache},
    {"BATON_DISABLE_HTTP_CACHE", kCache},
    {"BATON_DEBUG_PRINT_RESPONSE_BODY",
     "bodies hold what logs must not; unset it and see --log-level debug for requests"},
    {"BATON_C1_API_HOST", kService},
    {"BATON_HOST_ID", kService},
    {"BATON_GET_TASKS", kService},
    {"BATON_DONT_FIX_CYCLES", kOldExpansion},
    {"BATON_GRAPH_EXPAND_MAX_DEPTH", kOldExpansion},
    {"BATON_CONNECTOR_SERVICE_LISTENER_FD", kHosted},
    {"BATON_SESSION_SERVICE_ADDR", kHosted},
    {"BATON_LAMBDA_*", kHosted},
    {"BATON_INVOKE_RESOURCE_ACTION*", kActions},
    {"BATON_LIST_RESOURCE_ACTIONS*", kActions},
};

constexpr std::string_view kCommand = "this command is not supported; without one, the program syncs";

constexpr Entry kCommands[] = {
    {"capabilities", kCommand}, {"config", kCommand}, {"health-check", kCommand},
    {"completion", kCommand},   {"lambda", kCommand}, {"_connector-service", kCommand},
    {"start", kCommand},        {"stop", kCommand},   {"setup", kCommand},
    {"remove", kCommand},
};

std::optional<std::string_view> find(std::span<const Entry> table, std::string_view name) {
  for (const Entry& entry : table) {
    const bool family = entry.name.ends_with('*');
    const bool same =
        family ? name.starts_with(entry.name.substr(0, entry.name.size() - 1)) : name == entry.name;
    if (same) return entry.reason;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> unsupported_flags() {
  std::vector<std::string_view> names;
  for (const Entry& entry : kFlags) {
    if (!entry.name.ends_with('*')) names.push_back(entry.name);
  }
  return names;
}

std::optional<std::string_view> unsupported_flag(std::string_view name) {
  return find(kFlags, name);
}

std::optional<std::string_view> unsupported_variable(std::string_view name) {
  return find(kVariables, name);
}

std::optional<std::string_view> unsupported_command(std::string_view word) {
  return find(kCommands, word);
}

}  // namespace baton::runner
