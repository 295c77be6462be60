#include "connectors/ldap/value_ranges.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/lower_case.hpp"

namespace baton::connectors::ldap {
namespace {

constexpr std::string_view kOption = ";range=";

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The first attribute of the entry that is a range, taken out of it.
std::optional<Attribute> take_ranged(Entry& entry) {
  const auto found =
      std::find_if(entry.attributes.begin(), entry.attributes.end(),
                   [](const Attribute& attribute) { return ValueRange::parse(attribute.name).has_value(); });
  if (found == entry.attributes.end()) return std::nullopt;
  Attribute ranged = std::move(*found);
  entry.attributes.erase(found);
  return ranged;
}

void move_values(std::vector<std::string>& from, std::vector<std::string>& to) {
  for (std::string& value : from) to.push_back(std::move(value));
}

Query query_for(const Entry& entry, const ValueRange& range) {
  Query query;
  query.base = entry.dn;
  query.scope = Scope::kBase;
  query.filter = "(objectClass=*)";
  query.attributes.push_back(range.following());
  return query;
}

absl::Status broken(const Entry& entry, const ValueRange& range) {
  return absl::InternalError(absl::StrCat(scrub(entry.dn, 300), ": the server does not go on with ",
                                          scrub(range.attribute, 60), " behind value ", *range.last));
}

}  // namespace

std::optional<ValueRange> ValueRange::parse(std::string_view name) {
  const std::size_t option = lower_case(name).find(kOption);
  if (option == std::string::npos || option == 0) return std::nullopt;
  const std::string_view bounds = name.substr(option + kOption.size());
  const std::size_t dash = bounds.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> first = number(bounds.substr(0, dash));
  const std::string_view end = bounds.substr(dash + 1);
  ValueRange range;
  range.attribute = name.substr(0, option);
  range.last = number(end);
  if (!first || (!range.last && end != "*") || (range.last && *range.last < *first)) return std::nullopt;
  range.first = *first;
  return range;
}

std::string ValueRange::following() const {
  return absl::StrCat(attribute, ";range=", *last + 1, "-*");
}

Task<absl::Status> complete_ranges(Client& client, Entry& entry) {
  while (std::optional<Attribute> ranged = take_ranged(entry)) {
    ValueRange range = *ValueRange::parse(ranged->name);
    std::vector<std::string> values = std::move(ranged->values);
    while (range.last) {
      absl::StatusOr<SearchPage> page = co_await client.read(query_for(entry, range));
      if (!page.ok()) co_return page.status();
      std::optional<Attribute> more;
      if (!page->entries.empty()) more = take_ranged(page->entries.front());
      const std::optional<ValueRange> next =
          more ? ValueRange::parse(more->name) : std::optional<ValueRange>();
      if (!next || next->first != *range.last + 1 || !equal_ignoring_case(next->attribute, range.attribute)) {
        co_return broken(entry, range);
      }
      move_values(more->values, values);
      range.last = next->last;
    }
    // Beside the range the attribute itself is there, without a value.
    const auto whole =
        std::find_if(entry.attributes.begin(), entry.attributes.end(), [&range](const Attribute& attribute) {
          return equal_ignoring_case(attribute.name, range.attribute);
        });
    if (whole != entry.attributes.end()) {
      move_values(values, whole->values);
    } else {
      entry.attributes.emplace_back(range.attribute).values = std::move(values);
    }
  }
  co_return absl::OkStatus();
}

}  // namespace baton::connectors::ldap
