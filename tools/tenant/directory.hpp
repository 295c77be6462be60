#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <absl/status/status.h>

namespace tenant {

/// The sizes of a directory. Everything in it follows from these numbers.
struct Shape {
  std::uint64_t seed = 1;
  std::uint64_t users = 20'000;
  std::uint64_t groups = 1'000;
  /// Members per group, users and groups together.
  std::uint64_t members = 50;
  std::uint64_t roles = 100;
  /// Groups that each role is assigned to.
  std::uint64_t assignments = 20;
  /// Users that each role is assigned to directly.
  std::uint64_t role_users = 0;
  /// Every n-th group (the n-th, the 2n-th, ...) has the group before it as its first member; 0 = none.
  std::uint64_t nesting = 5;
  /// Share (0 to 1) of the nested groups whose first member has them as its last member: a loop of two.
  double cycles = 0;
  std::uint64_t apps = 10;
};

/// The two workloads with names (the defaults above are S).
Shape workload_s();
Shape workload_l();

/// Whether a directory of this shape can exist: members of a group and principals of a role are distinct, so
/// there must be enough users and groups to choose from. InvalidArgument names the flag at fault.
absl::Status check_shape(const Shape& shape);

/// The six collections a tenant serves.
enum class Kind { kUsers, kGroups, kRoles, kApps, kMembers, kAssignments };

/// What varies between users; names and words are positions in the tables of names.hpp.
struct UserFacts {
  std::uint8_t first_name;
  std::uint8_t last_name;
  std::uint8_t department;
  std::uint8_t title;
  bool disabled;
  bool service;
  std::int64_t created;     ///< seconds since 1970
  std::int64_t last_login;  ///< seconds since 1970, after `created`
};

/// A user or a group that holds something.
struct Principal {
  bool is_group;
  std::uint64_t index;
  friend bool operator==(const Principal&, const Principal&) = default;
};

/// `count` distinct numbers below `modulus`: start, start + stride, ... modulo `modulus`, to which the stride
/// has no common divisor.
struct Walk {
  bool groups = false;
  std::uint64_t start = 0;
  std::uint64_t stride = 0;
  std::uint64_t modulus = 1;
  std::uint64_t count = 0;

  std::uint64_t at(std::uint64_t position) const { return (start + position * stride) % modulus; }
};

/// The members of a group or the principals of a role, in order, as at most three walks. Nothing is stored.
class PrincipalList {
 public:
  explicit PrincipalList(std::array<Walk, 3> walks) : walks_(walks) {}

  std::uint64_t size() const { return walks_[0].count + walks_[1].count + walks_[2].count; }
  /// Position must be below size().
  Principal at(std::uint64_t position) const;
  const std::array<Walk, 3>& walks() const { return walks_; }

 private:
  std::array<Walk, 3> walks_;
};

/// A directory made from a seed, row by row, in constant memory: every function is pure and takes constant
/// time, whichever row is asked for. Safe to use from any thread.
class Directory {
 public:
  /// The shape must pass check_shape.
  explicit Directory(const Shape& shape);

  const Shape& shape() const { return shape_; }
  /// Rows of one kind in the whole directory; for members and assignments over all groups or roles.
  std::uint64_t count(Kind kind) const;

  /// Every index must be below the count of its kind.
  UserFacts user(std::uint64_t index) const;
  /// Free bits for the words in a group's or a role's name.
  std::uint64_t group_words(std::uint64_t index) const;
  std::uint64_t role_words(std::uint64_t index) const;
  std::uint64_t app_of_role(std::uint64_t role) const { return role % shape_.apps; }

  PrincipalList members(std::uint64_t group) const;
  PrincipalList assignments(std::uint64_t role) const;

  /// Whether the group's first member is the group before it.
  bool is_nested(std::uint64_t group) const;
  /// Whether, besides, the group before it has this group as its last member.
  bool closes_cycle(std::uint64_t group) const;

 private:
  Shape shape_;
  std::uint64_t cycles_ppm_;
  std::uint64_t user_key_;
  std::uint64_t group_key_;
  std::uint64_t role_key_;
};

}  // namespace tenant
