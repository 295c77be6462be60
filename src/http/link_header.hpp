#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/headers.hpp"

namespace baton::http {

/// The target, as it is written, of the first link with this relation among the `Link` fields (RFC 8288 §3);
/// nothing when there is none. Relations are compared without regard to case; a link that speaks of another
/// resource (`anchor`) is passed over, and so is what cannot be read.
std::optional<std::string> find_link(const Headers& headers, std::string_view relation,
                                     std::string_view field = "Link");

}  // namespace baton::http
