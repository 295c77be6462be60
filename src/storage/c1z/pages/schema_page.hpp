#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/c1z/pages/page_output.hpp"
#include "storage/c1z/pages/page_stream.hpp"

namespace baton::c1z {

/// Page 1: the database's header and the schema with the roots of all tables and indexes of the format.
/// Whatever of the schema does not fit goes into `pages`, the last ones of the database. Internal when a root
/// is missing.
absl::StatusOr<std::vector<std::byte>> make_first_page(PageStream& pages, const Roots& roots);

}  // namespace baton::c1z
