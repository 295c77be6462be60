#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/c1z/writer.hpp"
#include "storage/row_source.hpp"

/// Rows for tests of readers and writers.
namespace baton::c1z {

inline constexpr std::int64_t kDiscovered = 1'700'000'000'120'000'000;

c1::connector::v2::ResourceType make_type(const std::string& id);
c1::connector::v2::Resource make_resource(const std::string& type, const std::string& id);
c1::connector::v2::Resource make_child(const std::string& type, const std::string& id,
                                       const std::string& parent_type, const std::string& parent_id);
/// With the id `<type>:<resource>:<slug>`.
c1::connector::v2::Entitlement make_entitlement(const std::string& type, const std::string& resource,
                                                const std::string& slug);
/// A user's grant of `<type>:<resource>:member`, with its composed id.
c1::connector::v2::Grant make_grant(const std::string& type, const std::string& resource,
                                    const std::string& user);

/// A source over messages that the test gives; each family is sorted by identity when it is first asked for.
class MemoryRows final : public storage::RowSource {
 public:
  void add(const c1::connector::v2::ResourceType& row);
  void add(const c1::connector::v2::Resource& row);
  void add(const c1::connector::v2::Entitlement& row);
  /// `structural` orders rows that share a public id; the greater one came later.
  void add(const c1::connector::v2::Grant& row, std::uint8_t structural = 0);
  /// Reading the grants fails after this many.
  void fail_after(std::size_t grants, absl::Status status) {
    fail_after_ = grants;
    failure_ = std::move(status);
  }

  absl::Status rewind_resource_types() override;
  absl::Status rewind_resources() override;
  absl::Status rewind_entitlements() override;
  absl::Status rewind_grants() override;
  absl::StatusOr<bool> next(storage::ResourceTypeRow& row) override;
  absl::StatusOr<bool> next(storage::ResourceRow& row) override;
  absl::StatusOr<bool> next(storage::EntitlementRow& row) override;
  absl::StatusOr<bool> next(storage::GrantRow& row) override;

 private:
  template <class Message>
  class Row {
   public:
    std::string key;
    Message message;
    std::string blob;
    std::string expansion;
    std::string order;
  };
  template <class Message>
  absl::Status rewind(std::vector<Row<Message>>& rows);

  std::vector<Row<c1::connector::v2::ResourceType>> types_;
  std::vector<Row<c1::connector::v2::Resource>> resources_;
  std::vector<Row<c1::connector::v2::Entitlement>> entitlements_;
  std::vector<Row<c1::connector::v2::Grant>> grants_;
  std::size_t at_ = 0;
  std::size_t fail_after_ = SIZE_MAX;
  absl::Status failure_;
};

/// A finished full sync with a fixed id and fixed times.
SyncRunInfo make_run();

/// Options that write to `path` in UTC.
WriteOptions make_options(const std::string& path);

/// Two types, users u1 to u3, groups g1 and g2 (in g1), an entitlement each, four grants of which one is
/// expandable.
void add_small_directory(MemoryRows& rows);

}  // namespace baton::c1z
