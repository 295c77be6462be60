#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace baton::bench {

/// An entitlement with all that is granted on it.
class GrantList {
 public:
  struct Holder {
    std::string_view type;
    std::string id;
    /// Not empty: a group whose entitlement of this id passes its users on.
    std::string source;
  };

  std::string_view type;
  std::string id;
  std::string entitlement;
  /// Distinct, by type and id.
  std::vector<Holder> holders;
};

/// Takes entitlements in any order, each once.
class ShapeVisitor {
 public:
  virtual ~ShapeVisitor() = default;
  virtual absl::Status visit(const GrantList& list) = 0;
};

/// Names of the shapes that `walk` knows.
std::span<const std::string_view> shape_names();

/// Makes the grants of a shape, `scale` times as large as it is at 1. Always the same ones. InvalidArgument
/// for a name that is none of `shape_names`.
absl::Status walk(std::string_view shape, std::uint64_t scale, ShapeVisitor& visitor);

}  // namespace baton::bench
