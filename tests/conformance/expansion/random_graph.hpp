#pragma once

#include <cstdint>

#include "conformance/expansion/vector_file.hpp"

namespace baton::expansion::conformance {

/// A sync of 3 to 60 entitlements that depends on the seed alone: chains, cycles and self loops, filters and
/// shallow flags, several entitlements of one resource, rows that are missing, sources on base grants, ids
/// named twice, blank or unknown ones, grants that come twice, groups as principals; now and then one that
/// must fail.
VectorCase random_case(std::uint64_t seed);

}  // namespace baton::expansion::conformance
