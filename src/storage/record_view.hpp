#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// Stored `c1.storage.v3` records read in place: strings are views into the record, nested messages that are
/// only copied stay bytes. One object is reused from row to row, so that reading a row allocates nothing.
namespace baton::storage {

class SourceView {
 public:
  std::string_view entitlement_id;
  bool is_direct = false;
};

class ResourceTypeView {
 public:
  /// False when the bytes are not a record. So for all of these.
  bool parse(std::string_view record);

  std::string_view id;
  std::string_view display_name;
  std::string_view description;
  std::vector<std::string_view> traits;
  std::vector<std::string_view> annotations;
  std::int64_t discovered_at = 0;
  bool sourced_externally = false;
};

class ResourceView {
 public:
  bool parse(std::string_view record);

  std::string_view type_id;
  std::string_view id;
  std::string_view display_name;
  std::string_view description;
  bool has_parent = false;
  std::string_view parent_type_id;
  std::string_view parent_id;
  std::vector<std::string_view> annotations;
  std::int64_t discovered_at = 0;
  bool has_profile = false;
  std::string_view profile;
  bool has_status = false;
  std::string_view status;
  bool has_created_at = false;
  std::string_view created_at;
  std::string_view icon;
};

class EntitlementView {
 public:
  bool parse(std::string_view record);

  std::string_view resource_type_id;
  std::string_view resource_id;
  std::string_view id;
  std::string_view display_name;
  std::string_view description;
  std::string_view purpose;
  std::string_view slug;
  std::vector<std::string_view> grantable_to;
  std::vector<std::string_view> annotations;
  std::int64_t discovered_at = 0;
};

class GrantView {
 public:
  bool parse(std::string_view record);

  std::string_view id;
  std::string_view resource_type_id;
  std::string_view resource_id;
  std::string_view entitlement_id;
  std::string_view principal_type_id;
  std::string_view principal_id;
  std::string_view principal_parent_type_id;
  std::string_view principal_parent_id;
  /// The serialized GrantExpandableRecord, field for field a GrantExpandable; empty if there is none.
  std::string_view expansion;
  std::vector<std::string_view> annotations;
  /// Sorted by id.
  std::vector<SourceView> sources;
  std::int64_t discovered_at = 0;
};

/// Reads a `baton.store.v1.ExpandedSources` into `sources`.
bool parse_expanded_sources(std::string_view record, std::vector<SourceView>& sources);

/// What an expandable description says, read in place.
class ExpansionView {
 public:
  bool parse(std::string_view expansion);

  std::vector<std::string_view> entitlement_ids;
  bool shallow = false;
  std::vector<std::string_view> resource_type_ids;
};

}  // namespace baton::storage
