#include "http/json_element_cutter.hpp"

#include <utility>

#include "absl/strings/str_cat.h"

namespace baton::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kDeepest = 512;
constexpr std::size_t kLongestKey = 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

JsonElementCutter::JsonElementCutter(std::string member, std::size_t max_element_bytes)
    : member_(std::move(member)), max_element_bytes_(max_element_bytes) {}

absl::Status JsonElementCutter::wrong(std::string_view what) const {
  return absl::DataLossError(absl::StrCat("not the JSON expected at byte ", offset_, ": ",
                                          absl::string_view(what.data(), what.size())));
}

absl::Status JsonElementCutter::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (const absl::Status status = take(c); !status.ok()) return status;
    ++offset_;
  }
  return absl::OkStatus();
}

absl::Status JsonElementCutter::finish() const {
  if (place_ != Place::kEnd) return wrong("the text ends too early");
  if (!array_ended_) return wrong("there is no array \"" + member_ + "\"");
  return absl::OkStatus();
}

absl::Status JsonElementCutter::take(char c) {
  if (in_element_) {
    if (element_.size() == max_element_bytes_) {
      return absl::ResourceExhaustedError(
          absl::StrCat("an element of the list is larger than ", max_element_bytes_, " bytes"));
    }
    // A comma or the array's end is no part of it.
    if (in_string_ || !at_array_level() || (c != ',' && c != ']')) element_ += c;
  }
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      in_key_ = false;
      return absl::OkStatus();
    }
    if (in_key_ && key_.size() < kLongestKey) key_ += c;
    return absl::OkStatus();
  }
  if (is_space(c)) return absl::OkStatus();
  // A byte order mark is no part of the text; parsers pass over it, too.
  if (place_ == Place::kStart && offset_ < kByteOrderMark.size() && c == kByteOrderMark[offset_]) {
    return absl::OkStatus();
  }
  if (place_ == Place::kEnd) return wrong("text behind its end");
  if (place_ == Place::kStart) {
    if (c != (member_.empty() ? '[' : '{')) return wrong(member_.empty() ? "no array" : "no object");
    return open(c);
  }
  if (at_array_level() && !array_ended_) {
    if (c == ',') {
      if (!in_element_) return wrong("an element is missing");
      end_element();
      element_expected_ = true;
      return absl::OkStatus();
    }
    if (c == ']') {
      if (element_expected_ && !in_element_) return wrong("an element is missing");
      if (in_element_) end_element();
      array_ended_ = true;
      return close(c);
    }
    if (!in_element_) {
      in_element_ = true;
      element_.assign(1, c);
    }
  }
  const bool in_root = place_ == Place::kObject && closers_.size() == 1;
  if (c == '"') {
    in_string_ = true;
    if (in_root && key_expected_) {
      in_key_ = true;
      key_expected_ = false;
      key_.clear();
    }
    value_follows_ = false;
    return absl::OkStatus();
  }
  if (in_root && c == ':') {
    value_follows_ = true;
    return absl::OkStatus();
  }
  if (in_root && c == ',') key_expected_ = true;
  if (c == '{' || c == '[') return open(c);
  if (c == '}' || c == ']') return close(c);
  // Null stands for an empty list.
  if (in_root && value_follows_ && c == 'n' && key_ == member_ && !array_ended_) array_ended_ = true;
  value_follows_ = false;
  return absl::OkStatus();
}

absl::Status JsonElementCutter::open(char c) {
  if (closers_.size() == kDeepest) return wrong("nested too deeply");
  const bool is_root = place_ == Place::kStart;
  const bool is_member =
      place_ == Place::kObject && closers_.size() == 1 && value_follows_ && key_ == member_;
  closers_ += c == '{' ? '}' : ']';
  value_follows_ = false;
  if (is_root) {
    place_ = c == '{' ? Place::kObject : Place::kArray;
    key_expected_ = true;
    array_depth_ = 1;
  } else if (is_member && !array_ended_) {
    if (c != '[') return wrong("\"" + member_ + "\" is no array");
    place_ = Place::kArray;
    array_depth_ = 2;
  }
  return absl::OkStatus();
}

absl::Status JsonElementCutter::close(char c) {
  if (closers_.empty() || closers_.back() != c) return wrong("brackets that do not match");
  closers_.pop_back();
  if (closers_.empty()) {
    place_ = Place::kEnd;
  } else if (place_ == Place::kArray && closers_.size() + 1 == array_depth_) {
    place_ = Place::kObject;
  }
  return absl::OkStatus();
}

void JsonElementCutter::end_element() {
  in_element_ = false;
  ready_.push_back(std::exchange(element_, std::string()));
}

}  // namespace baton::http
