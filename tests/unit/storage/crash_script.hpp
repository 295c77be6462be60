#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/operation.hpp"
#include "rows.hpp"
#include "storage/sync_store.hpp"

/// What the process that gets killed does, so that its survivor can tell what should be there: lists of
/// resources, a few pages each; every resource has a list of entitlements, one page each.
namespace baton::storage::crash {

inline constexpr int kLists = 6;
inline constexpr int kPages = 40;
inline constexpr int kRows = 8;

inline std::string list_name(int list) {
  return "type" + std::to_string(list);
}
inline std::string row_name(std::uint32_t page, int row) {
  return std::to_string(page) + "-" + std::to_string(row);
}
inline StructuralOrder order_of(const baton::store::v1::CursorRow& cursor) {
  return StructuralOrder(static_cast<std::uint8_t>(cursor.phase()), hash64(cursor_identity(cursor)),
                         cursor.page());
}

inline std::vector<baton::store::v1::CursorRow> roots() {
  std::vector<baton::store::v1::CursorRow> cursors;
  for (int list = 0; list < kLists; ++list) {
    cursors.push_back(make_cursor(static_cast<std::uint32_t>(Operation::kListResources), list_name(list)));
  }
  return cursors;
}

/// The page that `cursor` stands at.
inline PageCommit page_of(CursorKey key, const baton::store::v1::CursorRow& cursor) {
  PageCommit commit;
  commit.cursor_key = key;
  commit.cursor = cursor;
  commit.cursor.set_page(cursor.page() + 1);
  commit.counters.set_pages(1);
  EncodedRows rows(order_of(cursor), kDiscovered);
  if (cursor.operation() == static_cast<std::uint32_t>(Operation::kListResources)) {
    commit.cursor.set_done(cursor.page() + 1 == kPages);
    for (int row = 0; row < kRows; ++row) {
      const std::string name = row_name(cursor.page(), row);
      rows.add(make_resource(cursor.resource_type_id(), name));
      commit.planned.push_back(make_cursor(static_cast<std::uint32_t>(Operation::kListEntitlements),
                                           cursor.resource_type_id(), name));
    }
  } else {
    commit.cursor.set_done(true);
    rows.add(make_entitlement(cursor.resource_type_id(), cursor.resource_id(), "member"));
  }
  rows.finish();
  commit.rows = std::make_shared<const EncodedRows>(std::move(rows));
  return commit;
}

}  // namespace baton::storage::crash
