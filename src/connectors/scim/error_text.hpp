#pragma once

#include <string>
#include <string_view>

namespace baton::connectors::scim {

/// What a SCIM error body says, as one text: "detail (scimType)" of RFC 7644 §3.12, or the descriptions of
/// SCIM 1.1's `Errors`. Empty for any other body.
std::string error_text(std::string_view body);

}  // namespace baton::connectors::scim
