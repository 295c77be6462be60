#include "storage/record_view.hpp"

#include "storage/wire.hpp"

namespace baton::storage {
namespace {

using wire::Field;
using wire::Reader;

/// Reads the bytes fields 1 … n of a message of strings into as many views.
template <class... Views>
bool parse_strings(std::string_view message, Views&... views) {
  Reader reader(message);
  for (Field field; reader.next(field);) {
    std::uint32_t number = 0;
    ((field.number == ++number ? static_cast<void>(views = field.bytes) : static_cast<void>(0)), ...);
  }
  return !reader.failed();
}

bool parse_timestamp(std::string_view message, std::int64_t& nanoseconds) {
  std::int64_t seconds = 0;
  std::int64_t rest = 0;
  Reader reader(message);
  for (Field field; reader.next(field);) {
    if (field.number == 1) seconds = static_cast<std::int64_t>(field.value);
    if (field.number == 2) rest = static_cast<std::int64_t>(field.value);
  }
  // Out of range only in damaged rows; wraps instead of overflowing.
  nanoseconds = static_cast<std::int64_t>(static_cast<std::uint64_t>(seconds) * 1'000'000'000U +
                                          static_cast<std::uint64_t>(rest));
  return !reader.failed();
}

/// Reads a message {id = 1, is_direct = `direct_field`}; for GrantSourceRecord the id is the map's key.
bool parse_direct(std::string_view message, std::uint32_t direct_field, bool& is_direct) {
  Reader reader(message);
  for (Field field; reader.next(field);) {
    if (field.number == direct_field) is_direct = field.value != 0;
  }
  return !reader.failed();
}

bool parse_source_entry(std::string_view entry, SourceView& source) {
  bool ok = true;
  Reader reader(entry);
  for (Field field; reader.next(field);) {
    if (field.number == 1) source.entitlement_id = field.bytes;
    if (field.number == 2) ok = ok && parse_direct(field.bytes, 4, source.is_direct);
  }
  return ok && !reader.failed();
}

}  // namespace

bool ResourceTypeView::parse(std::string_view record) {
  id = display_name = description = {};
  traits.clear();
  annotations.clear();
  discovered_at = 0;
  sourced_externally = false;
  bool ok = true;
  Reader reader(record);
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 2:
        id = field.bytes;
        break;
      case 3:
        display_name = field.bytes;
        break;
      case 4:
        traits.push_back(field.bytes);
        break;
      case 5:
        annotations.push_back(field.bytes);
        break;
      case 6:
        ok = parse_timestamp(field.bytes, discovered_at) && ok;
        break;
      case 7:
        description = field.bytes;
        break;
      case 8:
        sourced_externally = field.value != 0;
        break;
      default:
        break;
    }
  }
  return ok && !reader.failed();
}

bool ResourceView::parse(std::string_view record) {
  type_id = id = display_name = description = parent_type_id = parent_id = {};
  profile = status = created_at = icon = {};
  has_parent = has_profile = has_status = has_created_at = false;
  annotations.clear();
  discovered_at = 0;
  bool ok = true;
  Reader reader(record);
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 2:
        type_id = field.bytes;
        break;
      case 3:
        id = field.bytes;
        break;
      case 4:
        display_name = field.bytes;
        break;
      case 5:
        description = field.bytes;
        break;
      case 6:
        has_parent = true;
        ok = parse_strings(field.bytes, parent_type_id, parent_id) && ok;
        break;
      case 7:
        annotations.push_back(field.bytes);
        break;
      case 8:
        ok = parse_timestamp(field.bytes, discovered_at) && ok;
        break;
      case 9:
        has_profile = true;
        profile = field.bytes;
        break;
      case 10:
        has_status = true;
        status = field.bytes;
        break;
      case 11:
        has_created_at = true;
        created_at = field.bytes;
        break;
      case 13:
        icon = field.bytes;
        break;
      default:
        break;
    }
  }
  return ok && !reader.failed();
}

bool EntitlementView::parse(std::string_view record) {
  resource_type_id = resource_id = id = display_name = description = purpose = slug = {};
  grantable_to.clear();
  annotations.clear();
  discovered_at = 0;
  bool ok = true;
  Reader reader(record);
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 2:
        id = field.bytes;
        break;
      case 3:
        ok = parse_strings(field.bytes, resource_type_id, resource_id) && ok;
        break;
      case 4:
        display_name = field.bytes;
        break;
      case 5:
        description = field.bytes;
        break;
      case 6:
        purpose = field.bytes;
        break;
      case 7:
        annotations.push_back(field.bytes);
        break;
      case 8:
        ok = parse_timestamp(field.bytes, discovered_at) && ok;
        break;
      case 9:
        slug = field.bytes;
        break;
      case 10:
        grantable_to.push_back(field.bytes);
        break;
      default:
        break;
    }
  }
  return ok && !reader.failed();
}

bool GrantView::parse(std::string_view record) {
  id = resource_type_id = resource_id = entitlement_id = {};
  principal_type_id = principal_id = principal_parent_type_id = principal_parent_id = {};
  expansion = {};
  annotations.clear();
  sources.clear();
  discovered_at = 0;
  bool ok = true;
  Reader reader(record);
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 2:
        id = field.bytes;
        break;
      case 3:
        ok = parse_strings(field.bytes, resource_type_id, resource_id, entitlement_id) && ok;
        break;
      case 4:
        ok = parse_strings(field.bytes, principal_type_id, principal_id, principal_parent_type_id,
                           principal_parent_id) &&
             ok;
        break;
      case 5:
        ok = parse_timestamp(field.bytes, discovered_at) && ok;
        break;
      case 6:
        expansion = field.bytes;
        break;
      case 8:
        annotations.push_back(field.bytes);
        break;
      case 9:
        ok = parse_source_entry(field.bytes, sources.emplace_back()) && ok;
        break;
      default:
        break;
    }
  }
  return ok && !reader.failed();
}

bool parse_expanded_sources(std::string_view record, std::vector<SourceView>& sources) {
  sources.clear();
  bool ok = true;
  Reader reader(record);
  for (Field field; reader.next(field);) {
    if (field.number != 1) continue;
    SourceView& source = sources.emplace_back();
    ok = parse_strings(field.bytes, source.entitlement_id) &&
         parse_direct(field.bytes, 2, source.is_direct) && ok;
  }
  return ok && !reader.failed();
}

bool ExpansionView::parse(std::string_view expansion) {
  entitlement_ids.clear();
  resource_type_ids.clear();
  shallow = false;
  Reader reader(expansion);
  for (Field field; reader.next(field);) {
    if (field.number == 1) entitlement_ids.push_back(field.bytes);
    if (field.number == 2) shallow = field.value != 0;
    if (field.number == 3) resource_type_ids.push_back(field.bytes);
  }
  return !reader.failed();
}

}  // namespace baton::storage
