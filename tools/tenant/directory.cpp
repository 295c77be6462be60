#include "tenant/directory.hpp"

#include <cmath>
#include <numeric>
#include <string>

#include "tenant/hash.hpp"
#include "tenant/names.hpp"

namespace tenant {
namespace {

constexpr std::uint64_t kMostRows = 1'000'000'000;
constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
// Accounts are created in 2015 to 2022 and seen last in 2023 or 2024, so that no row has a date in the future
// and no login lies before its account.
constexpr std::int64_t kFirstCreated = 16'436 * kSecondsPerDay;
constexpr std::uint64_t kCreatedSpan = 2'922 * kSecondsPerDay;
constexpr std::int64_t kFirstLogin = 19'358 * kSecondsPerDay;
constexpr std::uint64_t kLoginSpan = 731 * kSecondsPerDay;

absl::Status bad_shape(const std::string& message) {
  return absl::InvalidArgumentError(absl::string_view(message.data(), message.size()));
}

// Scales 32 random bits to [0, span); span is below 2^32.
std::uint64_t scale(std::uint64_t bits, std::uint64_t span) {
  return (bits & 0xffffffff) * span >> 32;
}

Walk make_walk(bool groups, std::uint64_t start_bits, std::uint64_t stride_bits, std::uint64_t modulus,
               std::uint64_t count) {
  Walk walk;
  walk.groups = groups;
  walk.count = count;
  if (count == 0) return walk;
  walk.modulus = modulus;
  walk.start = start_bits % modulus;
  walk.stride = stride_bits % modulus;
  // Neighbours of a random number are soon without a common divisor; 1 always is.
  while (std::gcd(walk.stride, modulus) != 1) walk.stride = (walk.stride + 1) % modulus;
  return walk;
}

Walk single_group(std::uint64_t group) {
  Walk walk;
  walk.groups = true;
  walk.start = group;
  walk.modulus = group + 1;
  walk.count = 1;
  return walk;
}

}  // namespace

Shape workload_s() {
  return Shape();
}

Shape workload_l() {
  Shape shape;
  shape.users = 100'000;
  shape.groups = 5'000;
  shape.members = 200;
  shape.roles = 500;
  return shape;
}

absl::Status check_shape(const Shape& shape) {
  for (const std::uint64_t rows : {shape.users, shape.groups, shape.members, shape.roles, shape.assignments,
                                   shape.role_users, shape.apps}) {
    if (rows > kMostRows) return bad_shape("a directory holds at most 1000000000 rows of a kind");
  }
  if (shape.groups > 0 && shape.members > shape.users)
    return bad_shape("--members " + std::to_string(shape.members) + " needs at least as many --users, got " +
                     std::to_string(shape.users));
  if (shape.roles > 0 && shape.assignments > shape.groups)
    return bad_shape("--assignments " + std::to_string(shape.assignments) +
                     " needs at least as many --groups, got " + std::to_string(shape.groups));
  if (shape.roles > 0 && shape.role_users > shape.users)
    return bad_shape("--role-users " + std::to_string(shape.role_users) +
                     " needs at least as many --users, got " + std::to_string(shape.users));
  if (shape.roles > 0 && shape.apps == 0) return bad_shape("--roles needs at least one of --apps");
  if (!(shape.cycles >= 0 && shape.cycles <= 1)) return bad_shape("--cycles is a share from 0 to 1");
  return absl::OkStatus();
}

Principal PrincipalList::at(std::uint64_t position) const {
  std::size_t i = 0;
  while (position >= walks_[i].count) position -= walks_[i++].count;
  return Principal{walks_[i].groups, walks_[i].at(position)};
}

Directory::Directory(const Shape& shape)
    : shape_(shape),
      cycles_ppm_(static_cast<std::uint64_t>(std::llround(shape.cycles * static_cast<double>(kMillion)))),
      user_key_(stream_key(shape.seed, Stream::kUser)),
      group_key_(stream_key(shape.seed, Stream::kGroup)),
      role_key_(stream_key(shape.seed, Stream::kRole)) {}

std::uint64_t Directory::count(Kind kind) const {
  switch (kind) {
    case Kind::kUsers:
      return shape_.users;
    case Kind::kGroups:
      return shape_.groups;
    case Kind::kRoles:
      return shape_.roles;
    case Kind::kApps:
      return shape_.apps;
    case Kind::kMembers:
      return shape_.groups * shape_.members;
    case Kind::kAssignments:
      return shape_.roles * (shape_.assignments + shape_.role_users);
  }
  return 0;
}

UserFacts Directory::user(std::uint64_t index) const {
  const std::uint64_t words = draw(user_key_, 2 * index);
  const std::uint64_t times = draw(user_key_, 2 * index + 1);
  UserFacts facts;
  facts.first_name = words % kNameCount;
  facts.last_name = (words >> 8) % kNameCount;
  facts.department = (words >> 16) % kWordCount;
  facts.title = (words >> 24) % kWordCount;
  facts.disabled = (words >> 32) % 16 == 0;
  facts.service = (words >> 40) % 32 == 0;
  facts.created = kFirstCreated + static_cast<std::int64_t>(scale(times, kCreatedSpan));
  facts.last_login = kFirstLogin + static_cast<std::int64_t>(scale(times >> 32, kLoginSpan));
  return facts;
}

std::uint64_t Directory::group_words(std::uint64_t index) const {
  return draw(group_key_, index);
}

std::uint64_t Directory::role_words(std::uint64_t index) const {
  return draw(role_key_, index);
}

bool Directory::is_nested(std::uint64_t group) const {
  return shape_.nesting > 0 && group > 0 && group < shape_.groups && (group + 1) % shape_.nesting == 0 &&
         shape_.members > 0;
}

bool Directory::closes_cycle(std::uint64_t group) const {
  if (!is_nested(group)) return false;
  // The n-th nested group closes one when n * share passes a whole number: exact, even and without chance.
  // With a nesting of 1 the first group has none before it, so counting starts at the second.
  const std::uint64_t nth = (group + 1) / shape_.nesting - (shape_.nesting == 1 ? 1 : 0);
  return nth * cycles_ppm_ / kMillion > (nth - 1) * cycles_ppm_ / kMillion;
}

PrincipalList Directory::members(std::uint64_t group) const {
  std::array<Walk, 3> walks;
  std::uint64_t left = shape_.members;
  if (closes_cycle(group + 1)) {
    walks[2] = single_group(group + 1);
    --left;
  }
  if (left > 0 && is_nested(group)) {
    walks[0] = single_group(group - 1);
    --left;
  }
  walks[1] = make_walk(false, draw(stream_key(shape_.seed, Stream::kMemberStart), group),
                       draw(stream_key(shape_.seed, Stream::kMemberStride), group), shape_.users, left);
  return PrincipalList(walks);
}

PrincipalList Directory::assignments(std::uint64_t role) const {
  std::array<Walk, 3> walks;
  walks[0] = make_walk(true, draw(stream_key(shape_.seed, Stream::kAssignmentStart), role),
                       draw(stream_key(shape_.seed, Stream::kAssignmentStride), role), shape_.groups,
                       shape_.assignments);
  walks[1] = make_walk(false, draw(stream_key(shape_.seed, Stream::kRoleUserStart), role),
                       draw(stream_key(shape_.seed, Stream::kRoleUserStride), role), shape_.users,
                       shape_.role_users);
  return PrincipalList(walks);
}

}  // namespace tenant
