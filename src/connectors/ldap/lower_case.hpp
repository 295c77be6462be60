#pragma once

#include <string>
#include <string_view>

namespace baton::connectors::ldap {

/// `text` in lower case: ASCII and, where it is well-formed UTF-8, every other letter by Unicode's simple
/// mapping, as upstream's ids need it. Bytes that are no UTF-8 stay as they are. Safe from any thread.
std::string lower_case(std::string_view text);

/// Whether both are the same but for the case of ASCII letters: how attribute and class names compare.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace baton::connectors::ldap
