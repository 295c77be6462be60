#include "http/json_path.hpp"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::http {
namespace {

constexpr std::size_t kMaxShownKey = 60;
constexpr std::size_t kMaxDepth = 2000;

class Level {
 public:
  explicit Level(bool array) : is_array(array) {}
  bool is_array;
  std::size_t index = 0;
  std::string_view key;
};

bool is_plain_name(std::string_view key) {
  if (key.empty() || key.size() > kMaxShownKey) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Where the string that opens at `at` ends: behind its closing quote, or at the end of the text.
std::size_t behind_string(std::string_view json, std::size_t at) {
  for (std::size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return json.size();
}

}  // namespace

std::string json_path_at(std::string_view json, std::size_t offset) {
  std::vector<Level> levels;
  bool key_expected = false;
  offset = std::min(offset, json.size());
  for (std::size_t i = 0; i < offset && levels.size() < kMaxDepth;) {
    switch (json[i]) {
      case '"': {
        const std::size_t end = behind_string(json, i);
        if (key_expected && !levels.empty()) {
          levels.back().key = json.substr(i + 1, end > i + 1 ? end - i - 2 : 0);
          key_expected = false;
        }
        i = end;
        continue;
      }
      case '{':
      case '[':
        levels.emplace_back(json[i] == '[');
        key_expected = json[i] == '{';
        break;
      case '}':
      case ']':
        if (!levels.empty()) levels.pop_back();
        key_expected = false;
        break;
      case ',':
        if (!levels.empty()) {
          ++levels.back().index;
          key_expected = !levels.back().is_array;
        }
        break;
      default:
        break;
    }
    ++i;
  }

  std::string path = "$";
  for (const Level& level : levels) {
    if (level.is_array) {
      absl::StrAppend(&path, "[", level.index, "]");
    } else if (is_plain_name(level.key)) {
      path += '.';
      path += level.key;
    } else {
      absl::StrAppend(&path, "[\"", scrub(level.key, kMaxShownKey), "\"]");
    }
  }
  return path;
}

}  // namespace baton::http
