#include "sync/external_match.hpp"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "sync/annotation.hpp"
#include "sync/simple_fold.hpp"
#include "sync/type_catalog.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::size_t kNotes = 100;
constexpr const char* kEmailKey = "email";

std::string key_of(const v2::ResourceId& id) {
  // The length keeps ("a", "b/c") and ("a/b", "c") apart.
  return absl::StrCat(id.resource_type().size(), ":", id.resource_type(), "/", id.resource());
}

template <class Message>
std::optional<Message> read_annotation(const Annotations& annotations) {
  const google::protobuf::Any* any = find_annotation(annotations, Message::descriptor()->full_name());
  Message message;
  if (any == nullptr || !message.ParseFromString(any->value())) return std::nullopt;
  return message;
}

const std::string* text_field(const google::protobuf::Struct& profile, const std::string& key) {
  const auto found = profile.fields().find(key);
  if (found == profile.fields().end() || !found->second.has_string_value()) return nullptr;
  return &found->second.string_value();
}

/// The profile that a trait's own message holds; nothing when it cannot be read.
template <class Message>
std::optional<google::protobuf::Struct> profile_of(const Annotations& annotations) {
  const auto message = read_annotation<Message>(annotations);
  if (!message) return std::nullopt;
  // By reflection: the field is deprecated, and services still fill it.
  const google::protobuf::FieldDescriptor* field = Message::descriptor()->FindFieldByName("profile");
  const google::protobuf::Message& profile = message->GetReflection()->GetMessage(*message, field);
  google::protobuf::Struct copy;
  copy.CopyFrom(profile);
  return copy;
}

std::optional<google::protobuf::Struct> profile_of(int trait, const Annotations& annotations) {
  switch (trait) {
    case v2::ResourceType::TRAIT_USER:
      return profile_of<v2::UserTrait>(annotations);
    case v2::ResourceType::TRAIT_GROUP:
      return profile_of<v2::GroupTrait>(annotations);
    case v2::ResourceType::TRAIT_ROLE:
      return profile_of<v2::RoleTrait>(annotations);
    case v2::ResourceType::TRAIT_APP:
      return profile_of<v2::AppTrait>(annotations);
    case v2::ResourceType::TRAIT_SECRET:
      return profile_of<v2::SecretTrait>(annotations);
    default:
      return std::nullopt;
  }
}

}  // namespace

const TraitSet& default_external_traits() {
  static const TraitSet kTraits = {v2::ResourceType::TRAIT_USER, v2::ResourceType::TRAIT_GROUP};
  return kTraits;
}

absl::StatusOr<v2::ResourceType::Trait> trait_from_name(std::string_view name) {
  std::string upper = "TRAIT_";
  for (const char c : name) upper.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  v2::ResourceType::Trait trait = v2::ResourceType::TRAIT_UNSPECIFIED;
  if (!v2::ResourceType::Trait_Parse(upper, &trait) || trait_message_name(trait).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::string_view(name.data(), name.size()),
                     "\" is no trait that external resources can have; there are "
                     "user, group, role, app and secret"));
  }
  return trait;
}

void ExternalMatcher::note(std::string text) {
  if (notes_.size() < kNotes) notes_.push_back(std::move(text));
}

void ExternalMatcher::add_carrier(const std::string& key, const v2::Grant& grant) {
  const Annotations& annotations = grant.annotations();
  const auto all = read_annotation<v2::ExternalResourceMatchAll>(annotations);
  const auto id = read_annotation<v2::ExternalResourceMatchID>(annotations);
  const auto value = read_annotation<v2::ExternalResourceMatch>(annotations);
  if (!all && !id && !value) return;
  const std::size_t index = carriers_.size();
  Carrier& carrier = carriers_.emplace_back();
  carrier.key = key;
  carrier.grant = grant;
  carrier_ids_.insert(grant.id());
  if (all) {
    match_all_[all->resource_type()].push_back(index);
    return;
  }
  if (id) match_id_[id->id()].push_back(index);
  if (!value) return;
  if (!traits_.contains(value->resource_type())) {
    note(absl::StrCat("grant ", grant.id(), " stands for external resources of trait ",
                      v2::ResourceType::Trait_Name(value->resource_type()), ", which are not copied"));
    return;
  }
  match_value_[{value->resource_type(), value->key()}][simple_fold(value->value())].push_back(index);
}

absl::Status ExternalMatcher::match(const v2::Resource& resource) {
  for (const auto& [trait, carriers] : match_all_) {
    const std::string name = trait_message_name(trait);
    if (name.empty() || find_annotation(resource.annotations(), name) == nullptr) continue;
    for (const std::size_t carrier : carriers) {
      if (absl::Status made = make(carriers_[carrier], resource, false); !made.ok()) return made;
    }
  }
  if (const auto found = match_id_.find(resource.id().resource()); found != match_id_.end()) {
    for (const std::size_t index : found->second) {
      // Ids of two types may agree: the type of the placeholder decides, else the last one in order.
      Carrier& carrier = carriers_[index];
      const bool of_its_type =
          resource.id().resource_type() == carrier.grant.principal().id().resource_type();
      if (carrier.of_its_type && !of_its_type) continue;
      carrier.of_its_type = of_its_type;
      carrier.found = true;
      carrier.candidate = resource;
    }
  }
  for (const auto& [what, values] : match_value_) {
    if (absl::Status made = match_fields(what.first, what.second, values, resource); !made.ok()) return made;
  }
  return absl::OkStatus();
}

absl::Status ExternalMatcher::match_fields(int trait, const std::string& key, const Values& values,
                                           const v2::Resource& resource) {
  const bool is_user = trait == v2::ResourceType::TRAIT_USER;
  const auto profile = profile_of(trait, resource.annotations());
  // Without a readable trait it is none of these.
  if (!profile) return absl::OkStatus();
  // A user's description is kept as it is, as upstream keeps it.
  const bool remaps = !is_user;
  const std::string* text = text_field(*profile, key);
  if (text == nullptr) text = text_field(resource.profile(), key);
  if (text != nullptr) {
    if (absl::Status made = match_values(values, *text, remaps, resource); !made.ok()) return made;
  }
  if (!is_user || key != kEmailKey) return absl::OkStatus();
  const auto user = read_annotation<v2::UserTrait>(resource.annotations());
  for (const v2::UserTrait::Email& email : user->emails()) {
    if (absl::Status made = match_values(values, email.address(), remaps, resource); !made.ok()) return made;
  }
  return absl::OkStatus();
}

absl::Status ExternalMatcher::match_values(const Values& values, std::string_view value, bool remaps,
                                           const v2::Resource& resource) {
  const auto found = values.find(simple_fold(value));
  if (found == values.end()) return absl::OkStatus();
  for (const std::size_t carrier : found->second) {
    if (absl::Status made = make(carriers_[carrier], resource, remaps); !made.ok()) return made;
  }
  return absl::OkStatus();
}

absl::Status ExternalMatcher::make(Carrier& carrier, const v2::Resource& resource, bool remaps) {
  std::string key = key_of(resource.id());
  if (carrier.last == key) return absl::OkStatus();
  carrier.last = std::move(key);
  v2::Grant grant = carrier.grant;
  *grant.mutable_principal() = resource;
  grant.set_id(absl::StrCat(grant.entitlement().id(), ":", resource.id().resource_type(), ":",
                            resource.id().resource()));
  if (remaps) {
    if (absl::Status mapped = remap(grant, carrier, resource); !mapped.ok()) return mapped;
  }
  if (carrier_ids_.contains(grant.id())) rewritten_ids_.insert(grant.id());
  ++grants_made_;
  return sink_(grant);
}

absl::Status ExternalMatcher::remap(v2::Grant& grant, const Carrier& carrier, const v2::Resource& resource) {
  const std::string& name = v2::GrantExpandable::descriptor()->full_name();
  auto expandable = read_annotation<v2::GrantExpandable>(grant.annotations());
  if (!expandable) return absl::OkStatus();
  const v2::ResourceId& placeholder = carrier.grant.principal().id();
  v2::GrantExpandable mapped = *expandable;
  mapped.clear_entitlement_ids();
  for (const std::string& id : expandable->entitlement_ids()) {
    const std::optional<EntitlementReference> reference = parse_reference_(id);
    if (!reference) {
      note(absl::StrCat("grant ", carrier.grant.id(), " expands \"", id, "\", which is no identifier"));
      continue;
    }
    if (reference->resource_type_id != placeholder.resource_type() ||
        reference->resource_id != placeholder.resource()) {
      continue;
    }
    std::string target =
        absl::StrCat(resource.id().resource_type(), ":", resource.id().resource(), ":", reference->slug);
    const absl::StatusOr<bool> there =
        has_entitlement_(resource.id().resource_type(), resource.id().resource(), target);
    if (!there.ok()) return there.status();
    if (*there) {
      mapped.add_entitlement_ids(std::move(target));
    } else {
      note(absl::StrCat("grant ", carrier.grant.id(), " would expand ", target, ", which is not there"));
    }
  }
  if (mapped.entitlement_ids().empty()) {
    remove_annotations(*grant.mutable_annotations(), name);
    return absl::OkStatus();
  }
  for (google::protobuf::Any& any : *grant.mutable_annotations()) {
    if (is_annotation(any, name)) any.set_value(mapped.SerializeAsString());
  }
  return absl::OkStatus();
}

absl::Status ExternalMatcher::finish() {
  for (Carrier& carrier : carriers_) {
    if (!carrier.found) continue;
    // What a value of it found already is not found again.
    const v2::Resource resource = std::move(carrier.candidate);
    if (absl::Status made = make(carrier, resource, true); !made.ok()) return made;
  }
  return absl::OkStatus();
}

std::vector<std::string> ExternalMatcher::spent_carriers() const {
  std::vector<std::string> keys;
  for (const Carrier& carrier : carriers_) {
    if (!rewritten_ids_.contains(carrier.grant.id())) keys.push_back(carrier.key);
  }
  return keys;
}

}  // namespace baton::sync
