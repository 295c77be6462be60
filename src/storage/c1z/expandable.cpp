#include "storage/c1z/expandable.hpp"

#include <algorithm>
#include <string_view>

#include "c1/connector/v2/annotation_grant.pb.h"

namespace baton::c1z {
namespace {

using c1::connector::v2::GrantExpandable;

/// By the name behind the last slash, whatever stands before it.
bool is_expandable(const google::protobuf::Any& annotation) {
  const std::string_view url = annotation.type_url();
  const std::size_t slash = url.rfind('/');
  return slash != std::string_view::npos && url.substr(slash + 1) == "c1.connector.v2.GrantExpandable";
}

/// Only white space, by Unicode's ideas as far as they occur in ids.
bool is_blank(std::string_view id) {
  return id.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

bool names_an_entitlement(const std::string& bytes) {
  GrantExpandable expandable;
  if (!expandable.ParseFromString(bytes)) return false;
  return !std::ranges::all_of(expandable.entitlement_ids(), is_blank);
}

}  // namespace

std::string take_expandable(c1::connector::v2::Grant& grant) {
  auto& annotations = *grant.mutable_annotations();
  const auto first = std::ranges::find_if(annotations, is_expandable);
  if (first == annotations.end()) return {};
  std::string expansion =
      names_an_entitlement(first->value()) ? std::move(*first->mutable_value()) : std::string();
  annotations.erase(std::remove_if(first, annotations.end(), is_expandable), annotations.end());
  return expansion;
}

void restore_expandable(c1::connector::v2::Grant& grant, const std::string& expansion) {
  if (expansion.empty()) return;
  google::protobuf::Any& annotation = *grant.add_annotations();
  annotation.set_type_url("type.googleapis.com/c1.connector.v2.GrantExpandable");
  annotation.set_value(expansion);
}

bool has_expandable(const c1::connector::v2::Grant& grant) {
  const auto first = std::ranges::find_if(grant.annotations(), is_expandable);
  return first != grant.annotations().end() && names_an_entitlement(first->value());
}

}  // namespace baton::c1z
