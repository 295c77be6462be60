#pragma once

#include "absl/status/status.h"
#include "c1/connector/v2/resource.pb.h"
#include "http/json_document.hpp"
#include "sdk/page.hpp"

namespace baton::connectors::demo {

/// Reads a page of users ({"id", "login", "email", …}) as resources.
absl::Status read_users(http::JsonDocument& json, sdk::Page<c1::connector::v2::Resource>& page);

}  // namespace baton::connectors::demo
