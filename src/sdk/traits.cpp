#include "sdk/traits.hpp"

#include <algorithm>

#include "c1/connector/v2/annotation_security_insight.pb.h"
#include "c1/connector/v2/annotation_vendor.pb.h"
#include "c1/connector/v2/annotation_vendor_agreement.pb.h"
#include "sdk/annotations.hpp"
#include "sdk/timestamps.hpp"

// Upstream has deprecated the trait's copies of profile, icon, status and creation time, but writes them
// still.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace baton::sdk {

namespace v2 = c1::connector::v2;

namespace {

google::protobuf::ArenaOptions options_with_block(char* block, std::size_t size) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = size;
  return options;
}

/// Copies the trait's icon to a resource that has none.
template <class Message>
void mirror_icon(v2::Resource& row, const Message& trait) {
  if (trait.has_icon() && !row.has_icon()) *row.mutable_icon() = trait.icon();
}

template <class Message>
void mirror_created_at(v2::Resource& row, const Message& trait) {
  if (trait.has_created_at() && !row.has_created_at()) *row.mutable_created_at() = trait.created_at();
}

}  // namespace

template <class Message>
TraitDraft<Message>::TraitDraft(v2::Resource& row)
    : row_(row),
      arena_(options_with_block(block_.data(), block_.size())),
      message_(google::protobuf::Arena::CreateMessage<Message>(&arena_)) {
  for (int i = 0; i < row.annotations_size(); ++i) {
    if (!holds<Message>(row.annotations(i))) continue;
    slot_ = i;
    status_ = unpack_annotation(row.annotations(i), *message_);
    return;
  }
}

template <class Message>
absl::Status TraitDraft<Message>::write() {
  if (!status_.ok()) return status_;
  if (slot_ < 0) {
    slot_ = row_.annotations_size();
    row_.add_annotations();
  }
  pack_annotation(*row_.mutable_annotations(slot_), *message_);
  return absl::OkStatus();
}

template <class Message>
Profile ProfiledTraitDraft<Message>::profile() {
  v2::Resource& row = this->row();
  if (!on_row_ && row.has_profile()) return Profile(*this->message().mutable_profile());
  if (!on_row_) {
    on_row_ = true;
    row.mutable_profile();
    if (this->message().has_profile()) *row.mutable_profile() = this->message().profile();
  }
  return Profile(*row.mutable_profile());
}

template <class Message>
absl::Status ProfiledTraitDraft<Message>::write() {
  Message& trait = this->message();
  if (on_row_) {
    // Both places hold the same profile; lending it to the trait for the moment of writing spares a copy.
    trait.unsafe_arena_set_allocated_profile(this->row().mutable_profile());
    absl::Status status = TraitDraft<Message>::write();
    trait.unsafe_arena_release_profile();
    return status;
  }
  if (trait.has_profile() && !this->row().has_profile()) *this->row().mutable_profile() = trait.profile();
  return TraitDraft<Message>::write();
}

UserTrait& UserTrait::status(Message::Status::Status status, std::string_view details) {
  message().mutable_status()->set_status(status);
  message().mutable_status()->mutable_details()->assign(details);
  return *this;
}

UserTrait& UserTrait::email(std::string_view address, bool primary) {
  if (address.empty()) return *this;
  Message::Email& email = *message().add_emails();
  email.mutable_address()->assign(address);
  email.set_is_primary(primary);
  return *this;
}

UserTrait& UserTrait::login(std::string_view login, std::initializer_list<std::string_view> aliases) {
  if (login.empty()) return *this;
  message().mutable_login()->assign(login);
  for (const std::string_view alias : aliases) message().add_login_aliases()->assign(alias);
  return *this;
}

UserTrait& UserTrait::employee_id(std::string_view id) {
  message().add_employee_ids()->assign(id);
  return *this;
}

UserTrait& UserTrait::icon(std::string_view asset_id) {
  message().mutable_icon()->mutable_id()->assign(asset_id);
  return *this;
}

UserTrait& UserTrait::account_type(Message::AccountType type) {
  message().set_account_type(type);
  return *this;
}

UserTrait& UserTrait::created_at(TimePoint moment) {
  set_timestamp(*message().mutable_created_at(), moment);
  return *this;
}

UserTrait& UserTrait::last_login(TimePoint moment) {
  set_timestamp(*message().mutable_last_login(), moment);
  return *this;
}

UserTrait& UserTrait::mfa_enabled(bool enabled) {
  message().mutable_mfa_status()->set_mfa_enabled(enabled);
  return *this;
}

UserTrait& UserTrait::sso_enabled(bool enabled) {
  message().mutable_sso_status()->set_sso_enabled(enabled);
  return *this;
}

UserTrait& UserTrait::name(std::string_view given, std::string_view family) {
  structured_name().mutable_given_name()->assign(given);
  structured_name().mutable_family_name()->assign(family);
  return *this;
}

absl::Status UserTrait::apply() {
  Message& trait = message();
  if (is_new()) {
    if (!trait.has_status()) trait.mutable_status()->set_status(Message::Status::STATUS_ENABLED);
    if (trait.account_type() == Message::ACCOUNT_TYPE_UNSPECIFIED) {
      trait.set_account_type(Message::ACCOUNT_TYPE_HUMAN);
    }
  }
  if (trait.has_status() && !row().has_status()) {
    // ENABLED, DISABLED and DELETED have the same numbers in both enums.
    v2::Status& status = *row().mutable_status();
    status.set_status(static_cast<v2::Status::ResourceStatus>(static_cast<int>(trait.status().status())));
    if (!trait.status().details().empty()) status.set_details(trait.status().details());
  }
  mirror_icon(row(), trait);
  mirror_created_at(row(), trait);
  return write();
}

GroupTrait& GroupTrait::icon(std::string_view asset_id) {
  message().mutable_icon()->mutable_id()->assign(asset_id);
  return *this;
}

GroupTrait& GroupTrait::source(std::string_view type, std::string_view raw_type) {
  message().mutable_group_source_type()->assign(type);
  message().mutable_raw_group_source_type()->assign(raw_type);
  return *this;
}

absl::Status GroupTrait::apply() {
  mirror_icon(row(), message());
  return write();
}

RoleTrait& RoleTrait::scope_conditions(std::string_view type,
                                       std::initializer_list<std::string_view> expressions) {
  v2::RoleScopeConditions& conditions = *message().mutable_role_scope_conditions();
  conditions.Clear();
  conditions.mutable_type()->assign(type);
  for (const std::string_view expression : expressions) {
    conditions.add_conditions()->mutable_expression()->assign(expression);
  }
  return *this;
}

absl::Status RoleTrait::apply() {
  return write();
}

ScopeBindingTrait& ScopeBindingTrait::role(ResourceRef role) {
  fill_resource_id(*message().mutable_role_id(), role);
  return *this;
}

ScopeBindingTrait& ScopeBindingTrait::scope(ResourceRef scope) {
  fill_resource_id(*message().mutable_scope_resource_id(), scope);
  return *this;
}

absl::Status ScopeBindingTrait::apply() {
  if (!message().has_role_id() || !message().has_scope_resource_id()) {
    return absl::InvalidArgumentError("a scope binding needs both a role and a scope");
  }
  return write();
}

AppTrait& AppTrait::icon(std::string_view asset_id) {
  message().mutable_icon()->mutable_id()->assign(asset_id);
  return *this;
}

AppTrait& AppTrait::logo(std::string_view asset_id) {
  message().mutable_logo()->mutable_id()->assign(asset_id);
  return *this;
}

AppTrait& AppTrait::flag(Message::AppFlag flag) {
  message().add_flags(flag);
  return *this;
}

AppTrait& AppTrait::help_url(std::string_view url) {
  message().mutable_help_url()->assign(url);
  return *this;
}

AppTrait& AppTrait::source(std::string_view type, std::string_view raw_type) {
  message().mutable_app_source_type()->assign(type);
  message().mutable_raw_app_source_type()->assign(raw_type);
  return *this;
}

absl::Status AppTrait::apply() {
  if (!message().help_url().empty() && !std::string_view(message().help_url()).starts_with("https://")) {
    return absl::InvalidArgumentError("the help URL of an application must start with https://");
  }
  mirror_icon(row(), message());
  return write();
}

SecretTrait& SecretTrait::created_at(TimePoint moment) {
  set_timestamp(*message().mutable_created_at(), moment);
  return *this;
}

SecretTrait& SecretTrait::last_used_at(TimePoint moment) {
  set_timestamp(*message().mutable_last_used_at(), moment);
  return *this;
}

SecretTrait& SecretTrait::expires_at(TimePoint moment) {
  set_timestamp(*message().mutable_expires_at(), moment);
  return *this;
}

SecretTrait& SecretTrait::created_by(ResourceRef creator) {
  fill_resource_id(*message().mutable_created_by_id(), creator);
  return *this;
}

SecretTrait& SecretTrait::identity(ResourceRef owner) {
  fill_resource_id(*message().mutable_identity_id(), owner);
  return *this;
}

SecretTrait& SecretTrait::credential(Message::CredentialType type, std::string_view detail) {
  message().set_credential_type(type);
  message().mutable_credential_detail()->assign(detail);
  return *this;
}

absl::Status SecretTrait::apply() {
  mirror_created_at(row(), message());
  return write();
}

AgentTrait& AgentTrait::status(Message::AgentStatus status) {
  message().set_status(status);
  return *this;
}

AgentTrait& AgentTrait::identity(ResourceRef identity) {
  fill_resource_id(*message().mutable_identity_resource_id(), identity);
  return *this;
}

absl::Status AgentTrait::apply() {
  if (message().status() != Message::AGENT_STATUS_UNSPECIFIED && !row().has_status()) {
    // READY, DISABLED and DELETED have the numbers of ENABLED, DISABLED and DELETED.
    row().mutable_status()->set_status(
        static_cast<v2::Status::ResourceStatus>(static_cast<int>(message().status())));
  }
  return write();
}

ManagedDeviceTrait& ManagedDeviceTrait::encrypted(bool value) {
  message().mutable_is_encrypted()->set_value(value);
  return *this;
}

ManagedDeviceTrait& ManagedDeviceTrait::supervised(bool value) {
  message().mutable_is_supervised()->set_value(value);
  return *this;
}

ManagedDeviceTrait& ManagedDeviceTrait::personal(bool value) {
  message().mutable_is_personal()->set_value(value);
  return *this;
}

ManagedDeviceTrait& ManagedDeviceTrait::enrolled_at(TimePoint moment) {
  set_timestamp(*message().mutable_enrolled_at(), moment);
  return *this;
}

LicenseProfileTrait& LicenseProfileTrait::name(std::string_view name) {
  message().mutable_license_name()->assign(name);
  return *this;
}

LicenseProfileTrait& LicenseProfileTrait::seats(std::int64_t purchased, std::int64_t consumed) {
  message().set_purchased_seats(purchased);
  message().set_consumed_seats(consumed);
  return *this;
}

LicenseProfileTrait& LicenseProfileTrait::cost(std::int64_t cents_per_unit, std::string_view currency) {
  message().set_cost_per_unit_in_cents(cents_per_unit);
  message().mutable_currency()->assign(currency.empty() ? std::string_view("USD") : currency);
  return *this;
}

LicenseProfileTrait& LicenseProfileTrait::entitlement(std::string_view entitlement_id) {
  const auto& ids = message().entitlement_ids();
  const bool known =
      std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return id == entitlement_id; });
  if (!known) message().add_entitlement_ids()->assign(entitlement_id);
  return *this;
}

template class TraitDraft<v2::UserTrait>;
template class TraitDraft<v2::GroupTrait>;
template class TraitDraft<v2::RoleTrait>;
template class TraitDraft<v2::ScopeBindingTrait>;
template class TraitDraft<v2::AppTrait>;
template class TraitDraft<v2::SecretTrait>;
template class TraitDraft<v2::AgentTrait>;
template class TraitDraft<v2::ManagedDeviceTrait>;
template class TraitDraft<v2::LicenseProfileTrait>;
// The three below are used in files of their own.
template class TraitDraft<v2::SecurityInsightTrait>;
template class TraitDraft<v2::VendorTrait>;
template class TraitDraft<v2::VendorAgreementTrait>;
template class ProfiledTraitDraft<v2::UserTrait>;
template class ProfiledTraitDraft<v2::GroupTrait>;
template class ProfiledTraitDraft<v2::RoleTrait>;
template class ProfiledTraitDraft<v2::AppTrait>;
template class ProfiledTraitDraft<v2::SecretTrait>;
template class ProfiledTraitDraft<v2::AgentTrait>;

}  // namespace baton::sdk
