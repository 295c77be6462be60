#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <google/protobuf/struct.pb.h>

namespace baton::sdk {

class ProfileList;

/// Fills a profile (`google.protobuf.Struct`) in place: on a row's arena nothing is built twice or copied.
///
/// A view of the message; cheap to pass by value. A name set twice keeps the last value. Text that is not
/// UTF-8 is mended (U+FFFD) so that a row can always be written. Numbers are doubles on the wire: integers
/// beyond 2^53 lose precision, ids of that size go in with `integer_text`.
class Profile {
 public:
  explicit Profile(google::protobuf::Struct& fields) : fields_(&fields) {}

  Profile& text(std::string_view name, std::string_view value);
  /// `text`, unless the value is empty.
  Profile& text_if_any(std::string_view name, std::string_view value);
  Profile& number(std::string_view name, double value);
  Profile& boolean(std::string_view name, bool value);
  Profile& null(std::string_view name);
  /// A decimal text, for whole numbers whose every digit matters.
  Profile& integer_text(std::string_view name, std::int64_t value);
  /// A nested map to fill; an existing value of another kind is replaced.
  Profile object(std::string_view name);
  /// A nested list to fill.
  ProfileList list(std::string_view name);

 private:
  google::protobuf::Value& value_of(std::string_view name);

  google::protobuf::Struct* fields_;
};

/// Fills a list inside a profile in place, in order.
class ProfileList {
 public:
  explicit ProfileList(google::protobuf::ListValue& values) : values_(&values) {}

  ProfileList& text(std::string_view value);
  ProfileList& number(double value);
  ProfileList& boolean(bool value);
  ProfileList& null();
  Profile object();
  ProfileList list();

 private:
  google::protobuf::ListValue* values_;
};

/// Reading back: the text or number under `name`; `otherwise` when it is absent or of another kind.
std::string_view profile_text(const google::protobuf::Struct& profile, std::string_view name,
                              std::string_view otherwise = "");
/// Truncated towards zero; `otherwise` also for numbers that do not fit.
std::int64_t profile_integer(const google::protobuf::Struct& profile, std::string_view name,
                             std::int64_t otherwise = 0);

/// A person's full name, split at the first space.
class SplitName {
 public:
  explicit SplitName(std::string_view full_name);
  std::string_view given_name;
  std::string_view family_name;
};

}  // namespace baton::sdk
