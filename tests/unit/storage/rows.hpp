#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "baton/store/v1/plan.pb.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/encoded_rows.hpp"

/// Rows for tests: plain ones by hand, strange ones at random.
namespace baton::storage {

inline constexpr std::int64_t kDiscovered = 1'800'000'000'123'456'789;

c1::connector::v2::ResourceType make_type(const std::string& id);
c1::connector::v2::Resource make_resource(const std::string& type, const std::string& id);
/// `<type>:<resource>:<slug>` on the resource.
c1::connector::v2::Entitlement make_entitlement(const std::string& type, const std::string& resource,
                                                const std::string& slug);
/// A user's grant of `<type>:<resource>:member`.
c1::connector::v2::Grant make_grant(const std::string& type, const std::string& resource,
                                    const std::string& user);
/// Adds a GrantExpandable annotation.
void make_expandable(c1::connector::v2::Grant& grant, const std::vector<std::string>& entitlement_ids);

baton::store::v1::CursorRow make_cursor(std::uint32_t operation, const std::string& type,
                                        const std::string& resource = "");

template <class... Rows>
std::shared_ptr<const EncodedRows> encode_page(StructuralOrder order, const Rows&... rows) {
  EncodedRows page(order, kDiscovered);
  (page.add(rows), ...);
  page.finish();
  return std::make_shared<const EncodedRows>(std::move(page));
}

/// Deterministic bytes of a message.
std::string bytes_of(const google::protobuf::Message& message);

/// Messages with anything a connector could put into them: optional parts, unknown fields, foreign
/// annotations, enum values without a name, text of any length. Identities are complete.
class RandomRows {
 public:
  explicit RandomRows(std::uint32_t seed) : random_(seed) {}

  c1::connector::v2::ResourceType type();
  c1::connector::v2::Resource resource();
  c1::connector::v2::Entitlement entitlement();
  c1::connector::v2::Grant grant();

 private:
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  std::string text(std::size_t longest);
  std::string id() { return "i" + text(20); }
  void unknown(google::protobuf::Message& message, int percent);
  void annotate(google::protobuf::RepeatedPtrField<google::protobuf::Any>& annotations);
  void fill(google::protobuf::Struct& structure, int depth);
  void fill(c1::connector::v2::ResourceId& id);
  /// Everything but the id.
  void fill(c1::connector::v2::Resource& resource, int percent);

  std::mt19937 random_;
};

}  // namespace baton::storage
