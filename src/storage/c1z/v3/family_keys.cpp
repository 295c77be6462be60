#include "storage/c1z/v3/family_keys.hpp"

#include <initializer_list>

#include "absl/strings/str_cat.h"

namespace baton::c1z::v3 {
namespace {

constexpr char kVersion = '\x03';

void begin(std::string& key, KeyFamily family) {
  key.assign({kVersion, static_cast<char>(family), '\0'});
}

void begin(std::string& key, KeyIndex index) {
  key.assign({kVersion, static_cast<char>(KeyFamily::kIndex), static_cast<char>(index), '\0'});
}

/// Cuts a tuple behind its first `count` elements; false when it has no more than these.
bool cut(std::string_view tuple, int count, std::string_view& front, std::string_view& back) {
  std::size_t at = 0;
  for (int i = 0; i < count; ++i) {
    const std::size_t end = tuple.find('\0', at);
    if (end == std::string_view::npos) return false;
    at = end + 1;
  }
  front = tuple.substr(0, at - 1);
  back = tuple.substr(at);
  return true;
}

bool has_elements(std::string_view tuple, int count) {
  std::string_view front;
  std::string_view last;
  return cut(tuple, count - 1, front, last) && last.find('\0') == std::string_view::npos;
}

absl::Status broken(const char* what) {
  return absl::DataLossError(absl::StrCat("a ", what, " key has not the elements that it should have"));
}

absl::Status read_elements(TupleReader& reader, const char* what,
                           std::initializer_list<std::string*> elements) {
  for (std::string* element : elements) {
    if (reader.at_end()) return broken(what);
    if (absl::Status status = reader.next(*element); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status expect_end(const TupleReader& reader, const char* what) {
  return reader.at_end() ? absl::OkStatus() : broken(what);
}

absl::Status read_entitlement(TupleReader& reader, EntitlementIdentity& entitlement) {
  absl::StatusOr<EntitlementIdentity> read = read_entitlement_identity(reader);
  if (!read.ok()) return read.status();
  entitlement = *std::move(read);
  return absl::OkStatus();
}

}  // namespace

std::string key_prefix(KeyFamily family) {
  if (family == KeyFamily::kSyncRun) return std::string(kSyncRunKey);
  std::string key;
  begin(key, family);
  if (family == KeyFamily::kMeta) key.pop_back();
  return key;
}

std::string key_prefix(KeyIndex index) {
  std::string key;
  begin(key, index);
  return key;
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

void resource_type_key(std::string& key, std::string_view id) {
  begin(key, KeyFamily::kResourceType);
  append_element(key, id);
}

void resource_key(std::string& key, std::string_view type_id, std::string_view id) {
  begin(key, KeyFamily::kResource);
  append_tuple(key, type_id, id);
}

void entitlement_key(std::string& key, std::string_view resource_type_id, std::string_view resource_id,
                     std::string_view entitlement_id) {
  begin(key, KeyFamily::kEntitlement);
  append_entitlement_identity(key, resource_type_id, resource_id, entitlement_id);
}

void grant_key(std::string& key, std::string_view resource_type_id, std::string_view resource_id,
               std::string_view entitlement_id, std::string_view principal_type_id,
               std::string_view principal_id) {
  begin(key, KeyFamily::kGrant);
  append_entitlement_identity(key, resource_type_id, resource_id, entitlement_id);
  append_next_element(key, principal_type_id);
  append_next_element(key, principal_id);
}

void meta_key(std::string& key, std::string_view name) {
  begin(key, KeyFamily::kMeta);
  // The names are ours and need no escapes; the 00 that ends some of them is part of the name.
  key.pop_back();
  key.append(name);
}

void session_key(std::string& key, std::string_view sync_id, std::string_view name) {
  begin(key, KeyFamily::kSession);
  append_tuple(key, sync_id, name);
}

void by_parent_key(std::string& key, std::string_view parent_type_id, std::string_view parent_id,
                   std::string_view child_tuple) {
  begin(key, KeyIndex::kByParent);
  append_tuple(key, parent_type_id, parent_id);
  key.push_back('\0');
  key.append(child_tuple);
}

bool by_principal_key(std::string& key, std::string_view grant_tuple) {
  GrantTuple halves;
  if (!split_grant_tuple(grant_tuple, halves)) return false;
  begin(key, KeyIndex::kByPrincipal);
  key.append(halves.principal).push_back('\0');
  key.append(halves.entitlement);
  return true;
}

void needs_expansion_key(std::string& key, std::string_view grant_tuple) {
  begin(key, KeyIndex::kNeedsExpansion);
  key.append(grant_tuple);
}

bool parse_key(std::string_view key, FamilyKey& result) {
  if (key.size() < 2 || key[0] != kVersion) return false;
  result.family = static_cast<KeyFamily>(static_cast<unsigned char>(key[1]));
  result.index = KeyIndex::kNone;
  key.remove_prefix(2);
  if (result.family == KeyFamily::kSyncRun) {
    result.tuple = {};
    return key.empty();
  }
  if (result.family == KeyFamily::kMeta) {
    result.tuple = key;
    return true;
  }
  if (result.family == KeyFamily::kIndex) {
    if (key.empty()) return false;
    result.index = static_cast<KeyIndex>(static_cast<unsigned char>(key[0]));
    key.remove_prefix(1);
  }
  if (key.empty()) return false;
  // Digest keys have the byte of their kind where others have the separator.
  if (result.family != KeyFamily::kDigest) {
    if (key[0] != '\0') return false;
    key.remove_prefix(1);
  }
  result.tuple = key;
  return true;
}

bool split_grant_tuple(std::string_view tuple, GrantTuple& result) {
  return cut(tuple, 4, result.entitlement, result.principal) && has_elements(result.principal, 2);
}

bool split_by_principal_tuple(std::string_view tuple, GrantTuple& result) {
  return cut(tuple, 2, result.principal, result.entitlement) && has_elements(result.entitlement, 4);
}

absl::StatusOr<std::string> read_resource_type_tuple(std::string_view tuple) {
  constexpr const char* kWhat = "resource type";
  std::string id;
  TupleReader reader(tuple);
  absl::Status status = read_elements(reader, kWhat, {&id});
  if (status.ok()) status = expect_end(reader, kWhat);
  if (!status.ok()) return status;
  return id;
}

absl::StatusOr<ResourceIdentity> read_resource_tuple(std::string_view tuple) {
  constexpr const char* kWhat = "resource";
  ResourceIdentity resource;
  TupleReader reader(tuple);
  absl::Status status = read_elements(reader, kWhat, {&resource.type_id, &resource.id});
  if (status.ok()) status = expect_end(reader, kWhat);
  if (!status.ok()) return status;
  return resource;
}

absl::StatusOr<EntitlementIdentity> read_entitlement_tuple(std::string_view tuple) {
  EntitlementIdentity entitlement;
  TupleReader reader(tuple);
  absl::Status status = read_entitlement(reader, entitlement);
  if (status.ok()) status = expect_end(reader, "entitlement");
  if (!status.ok()) return status;
  return entitlement;
}

absl::StatusOr<GrantIdentity> read_grant_tuple(std::string_view tuple) {
  constexpr const char* kWhat = "grant";
  GrantIdentity grant;
  TupleReader reader(tuple);
  absl::Status status = read_entitlement(reader, grant.entitlement);
  if (status.ok()) status = read_elements(reader, kWhat, {&grant.principal.type_id, &grant.principal.id});
  if (status.ok()) status = expect_end(reader, kWhat);
  if (!status.ok()) return status;
  return grant;
}

absl::StatusOr<GrantIdentity> read_by_principal_tuple(std::string_view tuple) {
  constexpr const char* kWhat = "by-principal";
  GrantIdentity grant;
  TupleReader reader(tuple);
  absl::Status status = read_elements(reader, kWhat, {&grant.principal.type_id, &grant.principal.id});
  if (status.ok()) status = read_entitlement(reader, grant.entitlement);
  if (status.ok()) status = expect_end(reader, kWhat);
  if (!status.ok()) return status;
  return grant;
}

absl::StatusOr<ParentLink> read_by_parent_tuple(std::string_view tuple) {
  constexpr const char* kWhat = "by-parent";
  ParentLink link;
  TupleReader reader(tuple);
  absl::Status status = read_elements(
      reader, kWhat, {&link.parent.type_id, &link.parent.id, &link.child.type_id, &link.child.id});
  if (status.ok()) status = expect_end(reader, kWhat);
  if (!status.ok()) return status;
  return link;
}

}  // namespace baton::c1z::v3
