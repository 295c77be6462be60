#include "expand/shapes.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "tenant/directory.hpp"
#include "tenant/ids.hpp"

namespace baton::bench {
namespace {

constexpr std::string_view kGroup = "group";
constexpr std::string_view kRole = "role";
constexpr std::string_view kUser = "user";

constexpr std::array<std::string_view, 6> kShapes = {"l", "chain", "fan-out", "layers", "cycle", "fan-in"};

std::string id_of(char letter, std::uint64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%c%07llu", letter, static_cast<unsigned long long>(number));
  return text.data();
}

GrantList group(std::uint64_t number) {
  GrantList list;
  list.type = kGroup;
  list.id = id_of('g', number);
  list.entitlement = absl::StrCat("group:", list.id, ":member");
  return list;
}

void add_user(GrantList& list, std::uint64_t number) {
  list.holders.push_back({kUser, id_of('u', number), ""});
}

/// The members of group `number` hold the entitlement of `list`, too.
void add_group(GrantList& list, std::uint64_t number) {
  GrantList source = group(number);
  list.holders.push_back({kGroup, std::move(source.id), std::move(source.entitlement)});
}

/// Workload L: users in groups, some groups in the next one, groups in roles.
absl::Status walk_l(std::uint64_t scale, ShapeVisitor& visitor) {
  tenant::Shape shape = tenant::workload_l();
  shape.users *= scale;
  shape.groups *= scale;
  shape.roles *= scale;
  const tenant::Directory directory(shape);
  const auto fill = [](GrantList& list, const tenant::PrincipalList& principals) {
    for (std::uint64_t i = 0; i < principals.size(); ++i) {
      const tenant::Principal principal = principals.at(i);
      principal.is_group ? add_group(list, principal.index) : add_user(list, principal.index);
    }
  };
  for (std::uint64_t i = 0; i < shape.groups; ++i) {
    GrantList list = group(i);
    fill(list, directory.members(i));
    if (absl::Status status = visitor.visit(list); !status.ok()) return status;
  }
  for (std::uint64_t i = 0; i < shape.roles; ++i) {
    GrantList list;
    list.type = kRole;
    list.id = id_of('r', i);
    list.entitlement = absl::StrCat("role:", list.id, ":assigned");
    fill(list, directory.assignments(i));
    if (absl::Status status = visitor.visit(list); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// 10,000 users in the first group, each group in the next one.
absl::Status walk_chain(std::uint64_t scale, ShapeVisitor& visitor) {
  for (std::uint64_t i = 0; i <= 100 * scale; ++i) {
    GrantList list = group(i);
    if (i > 0) add_group(list, i - 1);
    for (std::uint64_t user = 0; i == 0 && user < 10'000; ++user) add_user(list, user);
    if (absl::Status status = visitor.visit(list); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// 10,000 users in a group that is in 1,000 others.
absl::Status walk_fan_out(std::uint64_t scale, ShapeVisitor& visitor) {
  for (std::uint64_t i = 0; i <= 1'000 * scale; ++i) {
    GrantList list = group(i);
    if (i > 0) add_group(list, 0);
    for (std::uint64_t user = 0; i == 0 && user < 10'000; ++user) add_user(list, user);
    if (absl::Status status = visitor.visit(list); !status.ok()) return status;
  }
  return absl::OkStatus();
}

/// Six layers of 2,000 groups with 30 users each; each group is in three of the next layer.
absl::Status walk_layers(std::uint64_t scale, ShapeVisitor& visitor) {
  const std::uint64_t width = 2'000 * scale;
  std::mt19937_64 random(1);
  std::vector<std::set<std::uint64_t>> sources(width);
  for (std::uint64_t layer = 0; layer < 6; ++layer) {
    std::vector<std::set<std::uint64_t>> next(width);
    for (std::uint64_t i = 0; i < width; ++i) {
      const std::uint64_t number = layer * width + i;
      GrantList list = group(number);
      for (const std::uint64_t source : sources[i]) add_group(list, source);
      for (std::uint64_t user = 0; user < 30; ++user) add_user(list, number * 30 + user);
      if (absl::Status status = visitor.visit(list); !status.ok()) return status;
      for (std::size_t edges = 0; edges < 3;) edges += next[random() % width].insert(number).second ? 1 : 0;
    }
    sources = std::move(next);
  }
  return absl::OkStatus();
}

/// 2,000 groups that all feed one another, each three of them, and a group of 1,000 users that feeds one.
absl::Status walk_cycle(std::uint64_t scale, ShapeVisitor& visitor) {
  const std::uint64_t length = 2'000 * scale;
  std::mt19937_64 random(1);
  std::vector<std::set<std::uint64_t>> sources(length);
  for (std::uint64_t i = 0; i < length; ++i) {
    sources[(i + 1) % length].insert(i);
    for (int edge = 0; edge < 2; ++edge) {
      if (const std::uint64_t to = random() % length; to != i) sources[to].insert(i);
    }
  }
  for (std::uint64_t i = 0; i < length; ++i) {
    GrantList list = group(i);
    for (const std::uint64_t source : sources[i]) add_group(list, source);
    if (i == 0) add_group(list, length);
    if (absl::Status status = visitor.visit(list); !status.ok()) return status;
  }
  GrantList feeder = group(length);
  for (std::uint64_t user = 0; user < 1'000; ++user) add_user(feeder, user);
  return visitor.visit(feeder);
}

/// 2,000 groups of 500 among 100,000 users, all in one.
absl::Status walk_fan_in(std::uint64_t scale, ShapeVisitor& visitor) {
  const std::uint64_t count = 2'000 * scale;
  std::mt19937_64 random(1);
  GrantList target = group(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    GrantList list = group(i);
    std::set<std::uint64_t> members;
    while (members.size() < 500) members.insert(random() % (100'000 * scale));
    for (const std::uint64_t user : members) add_user(list, user);
    if (absl::Status status = visitor.visit(list); !status.ok()) return status;
    add_group(target, i);
  }
  return visitor.visit(target);
}

}  // namespace

std::span<const std::string_view> shape_names() {
  return kShapes;
}

absl::Status walk(std::string_view shape, std::uint64_t scale, ShapeVisitor& visitor) {
  if (shape == "l") return walk_l(scale, visitor);
  if (shape == "chain") return walk_chain(scale, visitor);
  if (shape == "fan-out") return walk_fan_out(scale, visitor);
  if (shape == "layers") return walk_layers(scale, visitor);
  if (shape == "cycle") return walk_cycle(scale, visitor);
  if (shape == "fan-in") return walk_fan_in(scale, visitor);
  return absl::InvalidArgumentError(absl::StrCat("no such shape: ", std::string(shape)));
}

}  // namespace baton::bench
