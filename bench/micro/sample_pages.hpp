#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "http/json_document.hpp"
#include "sdk/page.hpp"

/// Pages as the demo connector gets them from a tenant of workload L, made without a server.
namespace baton::bench {

inline constexpr std::uint32_t kPageRows = 200;

/// The first page of users; about 50 kB of JSON.
std::string users_json();
/// All members of a group, of which there are 5,000; about 6 kB of JSON.
std::string members_json(std::uint64_t group);
/// Such as "g-00012".
std::string group_id(std::uint64_t group);

/// The answer of a service whose body is `text`.
http::JsonDocument parse(http::JsonPool& pool, const std::string& text);

/// The rows that the connector makes of these pages.
sdk::Page<c1::connector::v2::Resource> users_page();
sdk::Page<c1::connector::v2::Grant> members_page(std::uint64_t group);

}  // namespace baton::bench
