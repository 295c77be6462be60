#include "storage/expandable.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace baton::storage {
namespace {

constexpr std::string_view kTypeName = "c1.connector.v2.GrantExpandable";

/// Unicode white space beyond ASCII, as UTF-8.
constexpr std::array<std::string_view, 19> kWideSpaces = {
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

}  // namespace

bool is_grant_expandable(const google::protobuf::Any& annotation) {
  const std::string_view url = annotation.type_url();
  if (!url.ends_with(kTypeName)) return false;
  return url.size() == kTypeName.size() || url[url.size() - kTypeName.size() - 1] == '/';
}

bool is_blank(std::string_view text) {
  while (!text.empty()) {
    if (std::string_view(" \t\n\v\f\r").find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
      continue;
    }
    const auto* const space = std::find_if(kWideSpaces.begin(), kWideSpaces.end(),
                                           [&](std::string_view wide) { return text.starts_with(wide); });
    if (space == kWideSpaces.end()) return false;
    text.remove_prefix(space->size());
  }
  return true;
}

Expandable::Expandable(const c1::connector::v2::Grant& grant) {
  for (int i = 0; i < grant.annotations_size(); ++i) {
    if (!is_grant_expandable(grant.annotations(i))) continue;
    found_ = true;
    c1::connector::v2::GrantExpandable message;
    if (!message.ParseFromString(grant.annotations(i).value())) {
      ++skipped_;
      continue;
    }
    const auto& ids = message.entitlement_ids();
    if (std::any_of(ids.begin(), ids.end(), [](const std::string& id) { return !is_blank(id); })) {
      index_ = i;
      message_ = std::move(message);
    }
    return;
  }
}

}  // namespace baton::storage
