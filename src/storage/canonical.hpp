#pragma once

#include <string>
#include <unordered_map>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/message.h"

namespace baton::storage {

/// Brings rows into the form in which equal content has equal bytes. Not thread-safe: it remembers which
/// message types can hold an `Any`.
class Canonicalizer {
 public:
  /// `common` also drops what a c1z of version 3 cannot hold.
  explicit Canonicalizer(bool common) : common_(common) {}

  void canonicalize(c1::connector::v2::ResourceType& type);
  void canonicalize(c1::connector::v2::Resource& resource);
  void canonicalize(c1::connector::v2::Entitlement& entitlement);
  /// `expansion` is the grant's `GrantExpandable`, kept apart by the file; it becomes an annotation again.
  void canonicalize(c1::connector::v2::Grant& grant, const std::string& expansion);

 private:
  /// Encodes the known ones of a list anew and sorts it; `at(i)` is its i-th entry. The rows themselves hold
  /// no other list once their embedded objects are reduced.
  template <class At>
  void order_list(int count, const At& at, int depth);
  /// Does the same for every `Any` in the message, deep down.
  void order_annotations(google::protobuf::Message& message, int depth);
  void reencode(google::protobuf::Any& any, int depth);
  bool may_hold_any(const google::protobuf::Descriptor& type);
  void drop_unknown(google::protobuf::Message& message) const;

  bool common_;
  std::unordered_map<const google::protobuf::Descriptor*, bool> may_hold_any_;
};

}  // namespace baton::storage
