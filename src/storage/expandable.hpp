#pragma once

#include <google/protobuf/any.pb.h>

#include <optional>
#include <string_view>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/grant.pb.h"

namespace baton::storage {

/// Whether the annotation is a `GrantExpandable`: by the part of its type URL behind the last slash.
bool is_grant_expandable(const google::protobuf::Any& annotation);

/// The expandable description of a grant: its first `GrantExpandable` annotation that can be parsed. Only one
/// that names at least one entitlement id which is not blank is usable; any other says nothing.
class Expandable {
 public:
  explicit Expandable(const c1::connector::v2::Grant& grant);

  /// There was an annotation of the type, readable or not. All of them leave the row's annotations.
  bool found() const { return found_; }
  bool usable() const { return message_.has_value(); }

  /// Only when usable.
  const c1::connector::v2::GrantExpandable& message() const { return *message_; }
  /// Only when usable: its place among the grant's annotations, from 0.
  int index() const { return index_; }
  /// Only when usable: its place, from 1, once the other annotations of the type are gone.
  int position() const { return index_ + 1 - skipped_; }

 private:
  bool found_ = false;
  int index_ = 0;
  int skipped_ = 0;
  std::optional<c1::connector::v2::GrantExpandable> message_;
};

/// Whether `text` is empty once white space is trimmed, as upstream trims it.
bool is_blank(std::string_view text);

}  // namespace baton::storage
