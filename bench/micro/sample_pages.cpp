#include "micro/sample_pages.hpp"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "connectors/demo/members.hpp"
#include "connectors/demo/types.hpp"
#include "connectors/demo/users.hpp"
#include "http/body.hpp"
#include "tenant/directory.hpp"
#include "tenant/json_buffer.hpp"
#include "tenant/rows.hpp"

namespace baton::bench {
namespace {

const tenant::RowWriter& row_writer() {
  static const tenant::Directory directory(tenant::workload_l());
  static const tenant::RowWriter writer(directory);
  return writer;
}

/// Rows that were each followed by a comma, as a page.
std::string page_of(const tenant::JsonBuffer& rows) {
  std::string_view items = rows.view();
  items.remove_suffix(1);
  return "{\"items\":[" + std::string(items) + "],\"next\":null}";
}

[[noreturn]] void fail(const absl::Status& status) {
  std::cerr << "micro_bench: " << status << '\n';
  std::abort();
}

}  // namespace

std::string users_json() {
  tenant::JsonBuffer rows;
  row_writer().write(tenant::Kind::kUsers, 0, kPageRows, ',', rows);
  return page_of(rows);
}

std::string members_json(std::uint64_t group) {
  tenant::JsonBuffer rows;
  const tenant::PrincipalList members = row_writer().directory().members(group);
  row_writer().write(members, 0, members.size(), "", ',', rows);
  return page_of(rows);
}

std::string group_id(std::uint64_t group) {
  std::string id(static_cast<std::size_t>(row_writer().groups().size()), '\0');
  row_writer().groups().write(id.data(), group);
  return id;
}

http::JsonDocument parse(http::JsonPool& pool, const std::string& text) {
  http::Body body;
  if (!body.reserve(text.size()) || !body.append(text)) fail(absl::ResourceExhaustedError("out of memory"));
  auto document = pool.parse(std::move(body), "GET sample");
  if (!document.ok()) fail(document.status());
  return *std::move(document);
}

sdk::Page<c1::connector::v2::Resource> users_page() {
  const auto pool = http::JsonPool::create();
  http::JsonDocument json = parse(*pool, users_json());
  sdk::Page<c1::connector::v2::Resource> page;
  if (const absl::Status read = connectors::demo::read_users(json, page); !read.ok()) fail(read);
  return page;
}

sdk::Page<c1::connector::v2::Grant> members_page(std::uint64_t group) {
  const auto pool = http::JsonPool::create();
  http::JsonDocument json = parse(*pool, members_json(group));
  const std::string id = group_id(group);
  sdk::Page<c1::connector::v2::Grant> page;
  const absl::Status read = connectors::demo::read_principals(
      json, sdk::ResourceRef(connectors::demo::kGroup, id), connectors::demo::kMember, page);
  if (!read.ok()) fail(read);
  return page;
}

}  // namespace baton::bench
