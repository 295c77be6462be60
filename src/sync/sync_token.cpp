#include "sync/sync_token.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/operation.hpp"

namespace baton::sync {
namespace {

/// A JSON string literal of a type id, which is valid UTF-8 and short.
std::string quoted(const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      absl::StrAppend(&out, "\\u00", std::string(1, kHex[byte >> 4]), std::string(1, kHex[byte & 15]));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// Members of one JSON object, those that say nothing left out.
class Members {
 public:
  void number(const char* name, std::uint64_t value) {
    if (value > 0) raw(name, absl::StrCat(value));
  }
  void flag(const char* name, bool value) {
    if (value) raw(name, "true");
  }
  void raw(const char* name, const std::string& json) {
    absl::StrAppend(&text_, text_.empty() ? "" : ",", "\"", name, "\":", json);
  }
  bool empty() const { return text_.empty(); }
  std::string object() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

template <class Items, class Text>
std::string array_of(const Items& items, const Text& text) {
  std::string json;
  for (const auto& item : items) absl::StrAppend(&json, json.empty() ? "" : ",", text(item));
  return "[" + json + "]";
}

/// What was left out on the way in; names and bits are upstream's.
Members ingest_quality(const baton::store::v1::RunCounters& counters) {
  std::uint64_t dropped_entitlements = 0;
  std::uint64_t dropped_grants = 0;
  std::uint64_t bad_types = 0;
  std::uint64_t bad_resources = 0;
  std::uint64_t bad_entitlements = 0;
  for (const auto& entry : counters.entries()) {
    switch (static_cast<Operation>(entry.phase())) {
      case Operation::kListResourceTypes:
        bad_types += entry.rows_skipped_invalid();
        break;
      case Operation::kListResources:
        bad_resources += entry.rows_skipped_invalid();
        break;
      case Operation::kListEntitlements:
        bad_entitlements += entry.rows_skipped_invalid();
        dropped_entitlements += entry.rows_dropped_by_filter();
        break;
      case Operation::kListGrants:
        dropped_grants += entry.rows_dropped_by_filter() + entry.rows_skipped_invalid();
        break;
      default:
        break;
    }
  }
  const std::uint64_t drops[] = {dropped_entitlements, dropped_grants, counters.grant_resources_dropped(),
                                 counters.expansion_types_dropped(), counters.expansions_dropped()};
  std::uint64_t reasons = 0;
  for (std::size_t i = 0; i < std::size(drops); ++i) reasons |= drops[i] > 0 ? std::uint64_t{1} << i : 0;
  Members quality;
  quality.flag("source_cache_replay_blocked", reasons != 0);
  quality.number("entitlements_dropped", drops[0]);
  quality.number("grants_dropped", drops[1]);
  quality.number("grant_resources_dropped", drops[2]);
  quality.number("expansion_resource_types_dropped", drops[3]);
  quality.number("expansions_dropped", drops[4]);
  quality.number("reason_flags", reasons);
  quality.number("invalid_resource_types_observed", bad_types);
  quality.number("invalid_resources_observed", bad_resources);
  quality.number("invalid_entitlements_observed", bad_entitlements);
  return quality;
}

constexpr std::size_t kListedDrops = 1000;

Members given_up(const std::vector<baton::store::v1::WarningRow>& warnings) {
  std::set<std::string> types;
  std::vector<std::string> lists;
  for (const auto& warning : warnings) {
    if (warning.resource_type_id().empty()) continue;
    types.insert(warning.resource_type_id());
    Members list;
    list.raw("phase", quoted(std::string(to_string(static_cast<Operation>(warning.phase())))));
    list.raw("type", quoted(warning.resource_type_id()));
    if (!warning.resource_id().empty()) list.raw("resource", quoted(warning.resource_id()));
    lists.push_back(list.object());
  }
  Members members;
  if (types.empty()) return members;
  members.raw("incomplete_types", array_of(types, quoted));
  // Warnings come in the order of time.
  std::sort(lists.begin(), lists.end());
  lists.resize(std::min(lists.size(), kListedDrops));
  members.raw("dropped", array_of(lists, [](const std::string& list) { return list; }));
  return members;
}

}  // namespace

std::string sealed_token(const baton::store::v1::RunCounters& counters,
                         const std::vector<baton::store::v1::WarningRow>& warnings,
                         const SyncOptions& options) {
  Members token;
  token.flag("needs_expansion", counters.expandable_grants() > 0);
  token.flag("has_external_resource_grants", counters.external_matches() > 0);
  token.flag("should_fetch_related_resources", options.targeted);
  token.flag("should_skip_entitlements_and_grants", options.skip_entitlements_and_grants);
  token.flag("should_skip_grants", options.skip_grants);
  token.raw("completed_actions_count", absl::StrCat(counters.cursors_done()));
  if (const Members quality = ingest_quality(counters); !quality.empty()) {
    token.raw("ingest_quality", quality.object());
  }
  if (const Members ours = given_up(warnings); !ours.empty()) token.raw("baton_cxx", ours.object());
  token.raw("version", "1");
  return token.object();
}

}  // namespace baton::sync
