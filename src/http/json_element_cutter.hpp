#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace baton::http {

/// Cuts the elements of one array out of a JSON text that comes in pieces. Only the structure is looked at:
/// whether an element is JSON is for its reader to find out.
///
/// DataLoss, with the offset, for a text whose structure is wrong; ResourceExhausted for an element over the
/// limit.
class JsonElementCutter {
 public:
  /// `member` names the array in the object that the text is; empty when the text is the array.
  JsonElementCutter(std::string member, std::size_t max_element_bytes);

  absl::Status feed(std::string_view bytes);
  /// The text has ended: was it whole, and the array in it?
  absl::Status finish() const;

  /// Whole elements, in their order; the caller takes them away.
  std::deque<std::string>& ready() { return ready_; }
  /// No further element will come.
  bool array_ended() const { return array_ended_; }

 private:
  enum class Place {
    /// Before the text's first character.
    kStart,
    /// In the object, outside the array.
    kObject,
    kArray,
    /// Behind the text's last character.
    kEnd,
  };

  absl::Status take(char c);
  absl::Status open(char c);
  absl::Status close(char c);
  void end_element();
  absl::Status wrong(std::string_view what) const;
  bool at_array_level() const { return place_ == Place::kArray && closers_.size() == array_depth_; }

  std::string member_;
  std::size_t max_element_bytes_;
  std::uint64_t offset_ = 0;
  Place place_ = Place::kStart;
  /// What closes the objects and arrays that are open.
  std::string closers_;
  std::size_t array_depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  /// Of the object: the string being read may be a key; the key read last; it is followed by its value.
  bool key_expected_ = false;
  bool in_key_ = false;
  bool value_follows_ = false;
  std::string key_;
  std::string element_;
  bool in_element_ = false;
  /// Behind a comma.
  bool element_expected_ = false;
  bool array_ended_ = false;
  std::deque<std::string> ready_;
};

}  // namespace baton::http
