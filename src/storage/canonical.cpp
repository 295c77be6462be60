#include "storage/canonical.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "storage/c1z/deterministic.hpp"
#include "storage/c1z/expandable.hpp"

namespace baton::storage {
namespace {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceId;
using c1::connector::v2::ResourceType;
using google::protobuf::Any;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Parsing bounds the depth of one message; this bounds messages packed into messages.
constexpr int kDeepestAny = 32;

void reduce_to_identity(Resource& resource) {
  ResourceId id;
  id.set_resource_type(resource.id().resource_type());
  id.set_resource(resource.id().resource());
  resource.Clear();
  *resource.mutable_id() = std::move(id);
}

void clear_field(Message& message, int number) {
  message.GetReflection()->ClearField(&message, message.GetDescriptor()->FindFieldByNumber(number));
}

std::string encoded(const Message& message) {
  std::string bytes;
  c1z::append_deterministic(message, bytes);
  return bytes;
}

}  // namespace

template <class At>
void Canonicalizer::order_list(int count, const At& at, int depth) {
  for (int i = 0; i < count; ++i) reencode(at(i), depth);
  if (count < 2) return;
  std::vector<std::pair<std::string, Any>> sorted;
  for (int i = 0; i < count; ++i) {
    std::string key = encoded(at(i));
    sorted.emplace_back(std::move(key), std::move(at(i)));
  }
  std::ranges::stable_sort(sorted, {}, &std::pair<std::string, Any>::first);
  for (int i = 0; i < count; ++i) at(i) = std::move(sorted[static_cast<std::size_t>(i)].second);
}

void Canonicalizer::canonicalize(ResourceType& type) {
  if (common_) {
    for (int& trait : *type.mutable_traits()) {
      if (!ResourceType::Trait_IsValid(trait)) trait = ResourceType::TRAIT_UNSPECIFIED;
    }
  }
  drop_unknown(type);
  order_list(
      type.annotations_size(), [&](int i) -> Any& { return *type.mutable_annotations(i); }, 0);
}

void Canonicalizer::canonicalize(Resource& resource) {
  if (common_) {
    resource.clear_baton_resource();
    // Deprecated fields, which have no functions that compile without a warning.
    clear_field(resource, Resource::kExternalIdFieldNumber);
    clear_field(resource, Resource::kCreationSourceFieldNumber);
    if (resource.has_id()) resource.mutable_id()->clear_baton_resource();
    if (resource.parent_resource_id().resource().empty()) {
      resource.clear_parent_resource_id();
    } else {
      resource.mutable_parent_resource_id()->clear_baton_resource();
    }
    if (resource.icon().id().empty()) resource.clear_icon();
  }
  drop_unknown(resource);
  order_list(
      resource.annotations_size(), [&](int i) -> Any& { return *resource.mutable_annotations(i); }, 0);
}

void Canonicalizer::canonicalize(Entitlement& entitlement) {
  reduce_to_identity(*entitlement.mutable_resource());
  auto& types = *entitlement.mutable_grantable_to();
  for (ResourceType& type : types) {
    std::string id = std::move(*type.mutable_id());
    type.Clear();
    type.set_id(std::move(id));
  }
  if (common_) {
    types.erase(std::remove_if(types.begin(), types.end(),
                               [](const ResourceType& type) { return type.id().empty(); }),
                types.end());
    if (!Entitlement::PurposeValue_IsValid(entitlement.purpose())) entitlement.clear_purpose();
  }
  drop_unknown(entitlement);
  order_list(
      entitlement.annotations_size(), [&](int i) -> Any& { return *entitlement.mutable_annotations(i); }, 0);
}

void Canonicalizer::canonicalize(Grant& grant, const std::string& expansion) {
  Entitlement& entitlement = *grant.mutable_entitlement();
  reduce_to_identity(*entitlement.mutable_resource());
  Entitlement reference;
  reference.set_id(std::move(*entitlement.mutable_id()));
  reference.set_allocated_resource(entitlement.release_resource());
  entitlement = std::move(reference);
  reduce_to_identity(*grant.mutable_principal());
  if (grant.id().empty()) {
    const ResourceId& principal = grant.principal().id();
    grant.set_id(
        absl::StrCat(grant.entitlement().id(), ":", principal.resource_type(), ":", principal.resource()));
  }
  // A message without entries says what no message says.
  if (grant.sources().sources().empty()) grant.clear_sources();

  // Files differ in where they keep it, and in whether they keep one that means nothing.
  const std::string in_annotations = c1z::take_expandable(grant);
  std::string kept = expansion.empty() ? in_annotations : expansion;
  if (common_ && !kept.empty()) {
    c1::connector::v2::GrantExpandable expandable;
    if (expandable.ParseFromString(kept)) {
      expandable.DiscardUnknownFields();
      kept = encoded(expandable);
    }
  }
  c1z::restore_expandable(grant, kept);
  drop_unknown(grant);
  order_list(
      grant.annotations_size(), [&](int i) -> Any& { return *grant.mutable_annotations(i); }, 0);
}

void Canonicalizer::order_annotations(Message& message, int depth) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || !may_hold_any(*field->message_type()))
      continue;
    const bool is_any = field->message_type() == Any::descriptor();
    if (!field->is_repeated()) {
      Message& inner = *reflection.MutableMessage(&message, field);
      if (is_any) {
        reencode(static_cast<Any&>(inner), depth);
      } else {
        order_annotations(inner, depth);
      }
      continue;
    }
    const int count = reflection.FieldSize(message, field);
    if (!is_any) {
      for (int i = 0; i < count; ++i) {
        order_annotations(*reflection.MutableRepeatedMessage(&message, field, i), depth);
      }
      continue;
    }
    order_list(
        count,
        [&](int i) -> Any& {
          return static_cast<Any&>(*reflection.MutableRepeatedMessage(&message, field, i));
        },
        depth);
  }
}

void Canonicalizer::reencode(Any& any, int depth) {
  const std::string& url = any.type_url();
  const std::size_t slash = url.rfind('/');
  if (slash == std::string::npos || any.value().empty() || depth >= kDeepestAny) return;
  const Descriptor* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(slash + 1));
  if (type == nullptr) return;
  const std::unique_ptr<Message> content(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!content->ParseFromString(any.value())) return;
  order_annotations(*content, depth + 1);
  any.set_value(encoded(*content));
}

bool Canonicalizer::may_hold_any(const Descriptor& type) {
  if (&type == Any::descriptor()) return true;
  // Types that hold themselves, as Value does, are taken for not holding one while they are being looked at.
  const auto [at, fresh] = may_hold_any_.try_emplace(&type, false);
  if (!fresh) return at->second;
  bool found = false;
  for (int i = 0; i < type.field_count() && !found; ++i) {
    const FieldDescriptor& field = *type.field(i);
    found = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && may_hold_any(*field.message_type());
  }
  may_hold_any_[&type] = found;
  return found;
}

void Canonicalizer::drop_unknown(Message& message) const {
  if (common_) message.DiscardUnknownFields();
}

}  // namespace baton::storage
