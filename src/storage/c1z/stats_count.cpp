#include "storage/c1z/stats_count.hpp"

#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/utf8.hpp"

namespace baton::c1z {
namespace {

/// Builds one JSON object, leaving out what is zero or empty.
class ObjectText {
 public:
  void number(std::string_view name, std::int64_t value) {
    if (value == 0) return;
    begin_member(name);
    absl::StrAppend(&text_, value);
  }

  template <class Map>
  void numbers(std::string_view name, const Map& map) {
    if (map.empty()) return;
    begin_member(name);
    ObjectText object;
    for (const auto& [key, value] : std::map(map.begin(), map.end())) {
      object.begin_member(key);
      absl::StrAppend(&object.text_, value);
    }
    text_ += object.finish();
  }

  template <class Map>
  void calls(std::string_view name, const Map& map) {
    if (map.empty()) return;
    begin_member(name);
    ObjectText object;
    for (const auto& [key, call] : std::map(map.begin(), map.end())) {
      ObjectText inner;
      inner.number("count", call.count());
      inner.number("total_ms", call.total_ms());
      inner.number("max_ms", call.max_ms());
      inner.number("errors", call.errors());
      inner.number("timeouts", call.timeouts());
      object.begin_member(key);
      object.text_ += inner.finish();
    }
    text_ += object.finish();
  }

  std::string finish() { return (text_.empty() ? "{" : text_) + "}"; }

 private:
  void begin_member(std::string_view name) {
    text_.push_back(text_.empty() ? '{' : ',');
    append_string(name);
    text_.push_back(':');
  }

  /// Escapes as Go's encoder does, which also keeps `<`, `>`, `&` and the line separators out of the text.
  void append_string(std::string_view raw) {
    const std::string value = sanitize_utf8(raw);
    text_.push_back('"');
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto c = static_cast<unsigned char>(value[i]);
      if (c == '"' || c == '\\') {
        text_.push_back('\\');
        text_.push_back(value[i]);
      } else if (c == '\n') {
        text_ += "\\n";
      } else if (c == '\r') {
        text_ += "\\r";
      } else if (c == '\t') {
        text_ += "\\t";
      } else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
        char escaped[7];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
        text_ += escaped;
      } else if (value.compare(i, 3, "\xE2\x80\xA8") == 0 || value.compare(i, 3, "\xE2\x80\xA9") == 0) {
        text_ += value[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
        i += 2;
      } else {
        text_.push_back(value[i]);
      }
    }
    text_.push_back('"');
  }

  std::string text_;
};

}  // namespace

void StatsCount::add_resource_type(std::string_view id) {
  ++resource_types_;
  known_types_.emplace(id, true);
}

c1::reader::v2::SyncStats StatsCount::stats(std::string_view sync_type) const {
  c1::reader::v2::SyncStats stats;
  stats.set_resource_types(resource_types_);
  std::int64_t sum = 0;
  for (const auto& [type, known] : known_types_) {
    const auto at = resources_.counts.find(type);
    const std::int64_t count = at == resources_.counts.end() ? 0 : at->second;
    (*stats.mutable_resources_by_resource_type())[type] = count;
    sum += count;
  }
  stats.set_resources(sum);
  if (sync_type == "resources_only") return stats;
  sum = 0;
  for (const auto& [type, count] : grants_.counts) {
    (*stats.mutable_grants_by_resource_type())[type] = count;
    sum += count;
  }
  stats.set_grants(sum);
  sum = 0;
  for (const auto& [type, count] : entitlements_.counts) {
    (*stats.mutable_entitlements_by_resource_type())[type] = count;
    sum += count;
  }
  stats.set_entitlements(sum);
  return stats;
}

std::string stats_text(const c1::reader::v2::SyncStats& stats) {
  ObjectText text;
  text.number("resource_types", stats.resource_types());
  text.number("resources", stats.resources());
  text.number("entitlements", stats.entitlements());
  text.number("grants", stats.grants());
  text.numbers("resources_by_resource_type", stats.resources_by_resource_type());
  text.numbers("grants_by_resource_type", stats.grants_by_resource_type());
  text.numbers("entitlements_by_resource_type", stats.entitlements_by_resource_type());
  text.number("assets", stats.assets());
  text.numbers("step_durations_ms", stats.step_durations_ms());
  text.calls("connector_call_stats", stats.connector_call_stats());
  text.calls("session_store_stats", stats.session_store_stats());
  return text.finish();
}

}  // namespace baton::c1z
