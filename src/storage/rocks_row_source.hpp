#pragma once

#include <memory>

#include "storage/database.hpp"
#include "storage/row_source.hpp"

namespace baton::storage {

/// The merged rows of a run as they stand at this moment; keeps its database alive.
std::unique_ptr<RowSource> make_row_source(std::shared_ptr<Database> database);

}  // namespace baton::storage
