#pragma once

#include <memory>

#include "storage/database.hpp"
#include "storage/record_source.hpp"

namespace baton::storage {

/// The records of a run as they stand now; keeps the database open.
std::unique_ptr<RecordSource> make_record_source(std::shared_ptr<Database> database);

}  // namespace baton::storage
