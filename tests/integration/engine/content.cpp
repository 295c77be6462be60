#include "content.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace baton::test {

namespace v2 = c1::connector::v2;

Content Content::read(const std::string& path) {
  Content content;
  auto opened = c1z::open_reader(path);
  if (!opened.ok()) {
    ADD_FAILURE() << opened.status();
    return content;
  }
  c1z::Reader& reader = **opened;
  content.syncs = reader.syncs().size();
  EXPECT_TRUE(reader.select("").ok());
  if (reader.selected() != nullptr) content.sync = *reader.selected();
  const auto expect_read = [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; };
  expect_read(reader.for_each_resource_type([&](const v2::ResourceType& row) {
    content.types.insert(row.id());
    return absl::OkStatus();
  }));
  expect_read(reader.for_each_resource("", [&](const v2::Resource& row) {
    std::string name = row.id().resource_type() + "/" + row.id().resource();
    if (row.has_parent_resource_id()) {
      name += "<" + row.parent_resource_id().resource_type() + "/" + row.parent_resource_id().resource();
    }
    content.resources.insert(name);
    return absl::OkStatus();
  }));
  expect_read(reader.for_each_entitlement("", [&](const v2::Entitlement& row) {
    content.entitlements.emplace(row.id(), row);
    return absl::OkStatus();
  }));
  expect_read(reader.for_each_grant(c1z::GrantFilter(), [&](const c1z::StoredGrant& stored) {
    const v2::Grant& row = stored.grant;
    auto& sources = content.grants[row.entitlement().id() + " " + row.principal().id().resource_type() + "/" +
                                   row.principal().id().resource()];
    for (const auto& [id, source] : row.sources().sources()) sources.insert(id);
    return absl::OkStatus();
  }));
  return content;
}

std::set<std::string> Content::entitlement_ids() const {
  std::set<std::string> ids;
  for (const auto& [id, row] : entitlements) ids.insert(id);
  return ids;
}

std::set<std::string> Content::grant_names() const {
  std::set<std::string> names;
  for (const auto& [name, sources] : grants) names.insert(name);
  return names;
}

std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace baton::test
