#include "sync/sync_token.hpp"

#include "absl/strings/str_cat.h"

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

}  // namespace

std::string sealed_token(const baton::store::v1::RunCounters& counters,
                         const std::vector<baton::store::v1::WarningRow>& warnings) {
  std::string token = "{";
  if (counters.expandable_grants() > 0) token += "\"needs_expansion\":true,";
  absl::StrAppend(&token, "\"completed_actions_count\":", counters.cursors_done());
  std::set<std::string> incomplete;
  for (const auto& warning : warnings) {
    if (!warning.resource_type_id().empty()) incomplete.insert(warning.resource_type_id());
  }
  if (!incomplete.empty()) {
    token += ",\"baton_cxx\":{\"incomplete_types\":[";
    for (const std::string& type : incomplete) {
      if (type != *incomplete.begin()) token += ',';
      token += quoted(type);
    }
    token += "]}";
  }
  return token + ",\"version\":1}";
}

}  // namespace baton::sync
