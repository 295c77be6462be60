#pragma once

#include <array>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <google/protobuf/arena.h>

#include "absl/status/status.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sdk/profile.hpp"
#include "sdk/resources.hpp"

/// Traits: what kind of thing a resource is. Each class below drafts one trait of one row and writes it with
/// `apply()`, for example
///
///     UserTrait user(row);
///     user.email(address, true).login(name);
///     user.profile().text("department", department);
///     absl::Status status = user.apply();
///
/// A row without the trait gets a new one with the defaults named below; on a row that has it already the
/// calls change the existing one and no defaults apply. Whatever `apply` does not get to see is not written.
/// What upstream keeps both on the trait and on the resource (profile, icon, status, creation time) is copied
/// to the resource when the resource has no value of its own.
namespace baton::sdk {

using TimePoint = std::chrono::system_clock::time_point;

/// A trait message being edited, on a small arena of its own: the page pays only for the bytes that are
/// written.
template <class Message>
class TraitDraft {
 public:
  TraitDraft(const TraitDraft&) = delete;
  TraitDraft& operator=(const TraitDraft&) = delete;

  /// The message itself, for fields that have no call here.
  Message& message() { return *message_; }

 protected:
  explicit TraitDraft(c1::connector::v2::Resource& row);
  ~TraitDraft() = default;

  /// Stores the trait in the row, in the place of an earlier one; or tells why the earlier one was
  /// unreadable.
  absl::Status write();

  c1::connector::v2::Resource& row() { return row_; }
  /// The row had no such trait.
  bool is_new() const { return slot_ < 0; }

 private:
  c1::connector::v2::Resource& row_;
  alignas(8) std::array<char, 1024> block_;
  google::protobuf::Arena arena_;
  Message* message_;
  int slot_ = -1;
  absl::Status status_;
};

/// A trait that has a profile, which the resource has, too.
template <class Message>
class ProfiledTraitDraft : public TraitDraft<Message> {
 public:
  /// The profile, to fill in place; it ends up on the trait and, unless the resource has another, on the
  /// resource.
  Profile profile();

 protected:
  using TraitDraft<Message>::TraitDraft;
  absl::Status write();

 private:
  /// The profile lives on the row alone and is lent to the trait while that is written.
  bool on_row_ = false;
};

/// An account. Defaults: status ENABLED, account type HUMAN.
class UserTrait final : public ProfiledTraitDraft<c1::connector::v2::UserTrait> {
 public:
  using Message = c1::connector::v2::UserTrait;

  explicit UserTrait(c1::connector::v2::Resource& row) : ProfiledTraitDraft(row) {}

  UserTrait& status(Message::Status::Status status, std::string_view details = "");
  /// Adds an address; an empty one is ignored. None is primary unless said so.
  UserTrait& email(std::string_view address, bool primary = false);
  /// Sets the login and adds aliases; an empty login is ignored.
  UserTrait& login(std::string_view login, std::initializer_list<std::string_view> aliases = {});
  UserTrait& employee_id(std::string_view id);
  UserTrait& icon(std::string_view asset_id);
  UserTrait& account_type(Message::AccountType type);
  UserTrait& created_at(TimePoint moment);
  UserTrait& last_login(TimePoint moment);
  UserTrait& mfa_enabled(bool enabled);
  UserTrait& sso_enabled(bool enabled);
  UserTrait& name(std::string_view given, std::string_view family);
  /// Middle names, prefix and suffix go in through this.
  Message::StructuredName& structured_name() { return *message().mutable_structured_name(); }

  [[nodiscard]] absl::Status apply();
};

/// Where a group or application comes from, in upstream's words.
namespace source_type {
inline constexpr std::string_view kNative = "native";
inline constexpr std::string_view kAppImported = "app_imported";
inline constexpr std::string_view kBuiltIn = "built_in";
inline constexpr std::string_view kDirectorySynced = "directory_synced";
inline constexpr std::string_view kDynamic = "dynamic";
inline constexpr std::string_view kDistribution = "distribution";
}  // namespace source_type

/// A group of principals. No defaults.
class GroupTrait final : public ProfiledTraitDraft<c1::connector::v2::GroupTrait> {
 public:
  explicit GroupTrait(c1::connector::v2::Resource& row) : ProfiledTraitDraft(row) {}

  GroupTrait& icon(std::string_view asset_id);
  /// One of `source_type`, and the service's own word for it.
  GroupTrait& source(std::string_view type, std::string_view raw_type = "");

  [[nodiscard]] absl::Status apply();
};

/// A role. No defaults.
class RoleTrait final : public ProfiledTraitDraft<c1::connector::v2::RoleTrait> {
 public:
  explicit RoleTrait(c1::connector::v2::Resource& row) : ProfiledTraitDraft(row) {}

  /// The role applies only where these expressions, in the language `type`, hold; replaces earlier ones.
  RoleTrait& scope_conditions(std::string_view type, std::initializer_list<std::string_view> expressions);

  [[nodiscard]] absl::Status apply();
};

/// A role within a scope; both are required (InvalidArgument from `apply`).
class ScopeBindingTrait final : public TraitDraft<c1::connector::v2::ScopeBindingTrait> {
 public:
  explicit ScopeBindingTrait(c1::connector::v2::Resource& row) : TraitDraft(row) {}

  ScopeBindingTrait& role(ResourceRef role);
  ScopeBindingTrait& scope(ResourceRef scope);

  [[nodiscard]] absl::Status apply();
};

/// An application. No defaults.
class AppTrait final : public ProfiledTraitDraft<c1::connector::v2::AppTrait> {
 public:
  using Message = c1::connector::v2::AppTrait;

  explicit AppTrait(c1::connector::v2::Resource& row) : ProfiledTraitDraft(row) {}

  AppTrait& icon(std::string_view asset_id);
  AppTrait& logo(std::string_view asset_id);
  AppTrait& flag(Message::AppFlag flag);
  /// Must start with https:// (InvalidArgument from `apply`).
  AppTrait& help_url(std::string_view url);
  AppTrait& source(std::string_view type, std::string_view raw_type = "");

  [[nodiscard]] absl::Status apply();
};

/// A credential, described without its secret part. No defaults.
class SecretTrait final : public ProfiledTraitDraft<c1::connector::v2::SecretTrait> {
 public:
  using Message = c1::connector::v2::SecretTrait;

  explicit SecretTrait(c1::connector::v2::Resource& row) : ProfiledTraitDraft(row) {}

  SecretTrait& created_at(TimePoint moment);
  SecretTrait& last_used_at(TimePoint moment);
  SecretTrait& expires_at(TimePoint moment);
  SecretTrait& created_by(ResourceRef creator);
  /// Whose credential it is.
  SecretTrait& identity(ResourceRef owner);
  SecretTrait& credential(Message::CredentialType type, std::string_view detail = "");

  [[nodiscard]] absl::Status apply();
};

/// A software agent. No defaults.
class AgentTrait final : public ProfiledTraitDraft<c1::connector::v2::AgentTrait> {
 public:
  using Message = c1::connector::v2::AgentTrait;

  explicit AgentTrait(c1::connector::v2::Resource& row) : ProfiledTraitDraft(row) {}

  AgentTrait& status(Message::AgentStatus status);
  /// The identity under which it acts.
  AgentTrait& identity(ResourceRef identity);

  [[nodiscard]] absl::Status apply();
};

/// A device under management. No defaults; fields are set on `message()`.
class ManagedDeviceTrait final : public TraitDraft<c1::connector::v2::ManagedDeviceTrait> {
 public:
  explicit ManagedDeviceTrait(c1::connector::v2::Resource& row) : TraitDraft(row) {}

  ManagedDeviceTrait& encrypted(bool value);
  ManagedDeviceTrait& supervised(bool value);
  ManagedDeviceTrait& personal(bool value);
  ManagedDeviceTrait& enrolled_at(TimePoint moment);

  [[nodiscard]] absl::Status apply() { return write(); }
};

/// A licence with seats. An empty currency becomes USD once a cost is set.
class LicenseProfileTrait final : public TraitDraft<c1::connector::v2::LicenseProfileTrait> {
 public:
  explicit LicenseProfileTrait(c1::connector::v2::Resource& row) : TraitDraft(row) {}

  LicenseProfileTrait& name(std::string_view name);
  LicenseProfileTrait& seats(std::int64_t purchased, std::int64_t consumed);
  LicenseProfileTrait& cost(std::int64_t cents_per_unit, std::string_view currency = "");
  LicenseProfileTrait& entitlement(std::string_view entitlement_id);

  [[nodiscard]] absl::Status apply() { return write(); }
};

}  // namespace baton::sdk
