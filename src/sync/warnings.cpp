#include "sync/warnings.hpp"

#include "absl/strings/str_cat.h"

namespace baton::sync {

baton::store::v1::WarningRow dropped_cursor(const Cursor& cursor, const absl::Status& error) {
  baton::store::v1::WarningRow row;
  row.set_code("not-found");
  row.set_message(absl::StrCat(describe(cursor), " was given up: ", error.message()));
  row.set_phase(cursor.phase());
  row.set_resource_type_id(cursor.resource_type_id());
  row.set_resource_id(cursor.resource_id());
  row.set_page_token(cursor.page_token());
  return row;
}

absl::Status check_warning_share(std::uint64_t warnings, std::uint64_t finished_cursors) {
  if (warnings <= 10 || warnings * 10 <= finished_cursors) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("too many warnings: ", warnings, " of ", finished_cursors,
                   " lists were given up, more than a tenth; see the warnings, and start "
                   "over with --restart once the service answers them"));
}

}  // namespace baton::sync
