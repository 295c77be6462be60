#include "sync/plan.hpp"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "sync/loop_detector.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::size_t kTokenExcerpt = 80;

std::string excerpt(std::string_view token) {
  std::string text = sanitize_utf8(truncate_utf8(token, kTokenExcerpt));
  if (token.size() > kTokenExcerpt) absl::StrAppend(&text, "… (", token.size(), " bytes)");
  return text;
}

Cursor make_cursor(Operation operation) {
  Cursor cursor;
  cursor.set_phase(static_cast<std::uint32_t>(operation));
  cursor.set_operation(static_cast<std::uint32_t>(operation));
  return cursor;
}

absl::Status broken(const Cursor& cursor, std::string_view what) {
  return absl::InternalError(
      absl::StrCat(describe(cursor), ": ", std::string(what), "; this is a bug of the connector"));
}

template <class Request>
void set_common(Request& request, const Cursor& cursor, const std::string& sync_id) {
  request.set_page_token(cursor.page_token());
  request.set_active_sync_id(sync_id);
}

/// Fills in the resource of an entitlement or grant request; a type-scoped one gets a stub and its marker.
template <class Marker, class Request>
void set_resource(Request& request, const Cursor& cursor, const v2::Resource* resource) {
  if (resource != nullptr) {
    *request.mutable_resource() = *resource;
    return;
  }
  v2::ResourceId& id = *request.mutable_resource()->mutable_id();
  id.set_resource_type(cursor.resource_type_id());
  id.set_resource(cursor.type_scoped() ? cursor.resource_type_id() : cursor.resource_id());
  if (cursor.type_scoped()) request.add_annotations()->PackFrom(Marker());
}

}  // namespace

Operation operation_of(const Cursor& cursor) {
  return static_cast<Operation>(cursor.operation());
}

Operation list_read_by(const Cursor& cursor) {
  const Operation operation = operation_of(cursor);
  const bool root = operation == Operation::kListStaticEntitlements && cursor.resource_type_id().empty();
  return root ? Operation::kListResourceTypes : operation;
}

std::vector<Cursor> first_cursors(const SyncOptions& options) {
  if (options.skip_full_sync) return {};
  std::vector<Cursor> cursors = {make_cursor(Operation::kListResourceTypes)};
  if (options.targeted) {
    for (const ResourceTarget& target : options.targets) {
      if (options.wants_type(target.type_id)) cursors.push_back(target_cursor(target));
    }
    return cursors;
  }
  if (!options.skip_entitlements_and_grants)
    cursors.push_back(make_cursor(Operation::kListStaticEntitlements));
  return cursors;
}

Cursor type_cursor(Operation operation, std::string_view type_id) {
  Cursor cursor = make_cursor(operation);
  cursor.set_resource_type_id(std::string(type_id));
  return cursor;
}

Cursor resource_cursor(Operation operation, const v2::ResourceId& resource, bool independent) {
  Cursor cursor = type_cursor(operation, resource.resource_type());
  cursor.set_resource_id(resource.resource());
  cursor.set_independent(independent);
  return cursor;
}

Cursor target_cursor(const ResourceTarget& target) {
  Cursor cursor = type_cursor(Operation::kTargetedResource, target.type_id);
  cursor.set_phase(static_cast<std::uint32_t>(Operation::kListResources));
  cursor.set_resource_id(target.id);
  cursor.set_parent_type_id(target.parent_type_id);
  cursor.set_parent_id(target.parent_id);
  return cursor;
}

Cursor related_cursor(const v2::Resource& resource) {
  // Without its parent: whoever mentions the resource, it is fetched once.
  return resource_cursor(Operation::kRelatedResource, resource.id(), false);
}

Cursor child_cursor(std::string_view child_type, const v2::ResourceId& parent) {
  Cursor cursor = type_cursor(Operation::kListResources, child_type);
  cursor.set_parent_type_id(parent.resource_type());
  cursor.set_parent_id(parent.resource());
  return cursor;
}

absl::Status append_siblings(const Cursor& cursor, const std::vector<std::string>& tokens,
                             std::string_view next_token, std::vector<Cursor>& planned) {
  if (tokens.empty()) return absl::OkStatus();
  if (tokens.size() > limits::kSiblingTokens) {
    return broken(cursor, absl::StrCat("announced ", tokens.size(), " sibling cursors on one page, at most ",
                                       limits::kSiblingTokens, " are allowed"));
  }
  std::set<std::string_view> seen;
  std::size_t bytes = 0;
  for (const std::string& token : tokens) {
    bytes += token.size();
    if (token.empty()) return broken(cursor, "announced a sibling cursor with an empty token");
    if (token.size() > limits::kPageTokenBytes || bytes > limits::kSiblingTokenBytes) {
      return broken(cursor, "announced sibling cursors whose tokens are too large");
    }
    if (!is_valid_utf8(token)) return broken(cursor, "announced a sibling cursor whose token is not UTF-8");
    if (token == next_token || !seen.insert(token).second) {
      return broken(cursor, absl::StrCat("duplicate or cyclic spawned cursor \"", excerpt(token), "\""));
    }
    Cursor sibling = cursor;
    sibling.set_sibling_token(token);
    sibling.set_page_token(token);
    sibling.set_page(0);
    sibling.set_attempts(0);
    sibling.clear_retry_at();
    sibling.set_done(false);
    sibling.clear_loop();
    planned.push_back(std::move(sibling));
  }
  return absl::OkStatus();
}

absl::Status advance(Cursor& cursor, std::string_view next_token) {
  if (next_token.size() > limits::kPageTokenBytes) {
    return broken(cursor, absl::StrCat("page token of ", next_token.size(), " bytes, at most ",
                                       limits::kPageTokenBytes, " are allowed"));
  }
  if (!is_valid_utf8(next_token)) return broken(cursor, "page token that is not UTF-8");
  if (next_token.empty()) {
    cursor.set_done(true);
  } else if (next_token == cursor.page_token() || observe_token(*cursor.mutable_loop(), next_token)) {
    return broken(cursor, absl::StrCat("the listing goes in circles: page token \"", excerpt(next_token),
                                       "\" came back"));
  }
  cursor.set_page_token(std::string(next_token));
  cursor.set_page(cursor.page() + 1);
  cursor.set_attempts(0);
  cursor.clear_retry_at();
  return absl::OkStatus();
}

std::string describe(const Cursor& cursor) {
  std::string text(to_string(operation_of(cursor)));
  if (!cursor.resource_type_id().empty()) {
    absl::StrAppend(&text, " of ", cursor.resource_type_id());
    if (!cursor.resource_id().empty()) absl::StrAppend(&text, "/", cursor.resource_id());
  }
  if (!cursor.parent_id().empty()) {
    absl::StrAppend(&text, " below ", cursor.parent_type_id(), "/", cursor.parent_id());
  }
  absl::StrAppend(&text, ", page ", cursor.page() + 1);
  if (!cursor.page_token().empty()) absl::StrAppend(&text, " (token \"", excerpt(cursor.page_token()), "\")");
  return text;
}

v2::ResourceTypesServiceListResourceTypesRequest resource_types_request(const Cursor& cursor,
                                                                        const std::string& sync_id) {
  v2::ResourceTypesServiceListResourceTypesRequest request;
  set_common(request, cursor, sync_id);
  return request;
}

v2::ResourcesServiceListResourcesRequest resources_request(const Cursor& cursor, const std::string& sync_id) {
  v2::ResourcesServiceListResourcesRequest request;
  request.set_resource_type_id(cursor.resource_type_id());
  if (!cursor.parent_id().empty()) {
    request.mutable_parent_resource_id()->set_resource_type(cursor.parent_type_id());
    request.mutable_parent_resource_id()->set_resource(cursor.parent_id());
  }
  set_common(request, cursor, sync_id);
  return request;
}

v2::ResourceGetterServiceGetResourceRequest resource_request(const Cursor& cursor,
                                                             const std::string& sync_id) {
  v2::ResourceGetterServiceGetResourceRequest request;
  request.mutable_resource_id()->set_resource_type(cursor.resource_type_id());
  request.mutable_resource_id()->set_resource(cursor.resource_id());
  if (!cursor.parent_id().empty()) {
    request.mutable_parent_resource_id()->set_resource_type(cursor.parent_type_id());
    request.mutable_parent_resource_id()->set_resource(cursor.parent_id());
  }
  request.set_active_sync_id(sync_id);
  return request;
}

v2::EntitlementsServiceListStaticEntitlementsRequest static_entitlements_request(const Cursor& cursor,
                                                                                 const std::string& sync_id) {
  v2::EntitlementsServiceListStaticEntitlementsRequest request;
  request.set_resource_type_id(cursor.resource_type_id());
  set_common(request, cursor, sync_id);
  return request;
}

v2::EntitlementsServiceListEntitlementsRequest entitlements_request(const Cursor& cursor,
                                                                    const v2::Resource* resource,
                                                                    const std::string& sync_id) {
  v2::EntitlementsServiceListEntitlementsRequest request;
  set_resource<v2::TypeScopedEntitlements>(request, cursor, resource);
  set_common(request, cursor, sync_id);
  return request;
}

v2::GrantsServiceListGrantsRequest grants_request(const Cursor& cursor, const v2::Resource* resource,
                                                  const std::string& sync_id) {
  v2::GrantsServiceListGrantsRequest request;
  set_resource<v2::TypeScopedGrants>(request, cursor, resource);
  set_common(request, cursor, sync_id);
  return request;
}

}  // namespace baton::sync
