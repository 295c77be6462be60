#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tenant/directory.hpp"
#include "tenant/ids.hpp"
#include "tenant/json_buffer.hpp"
#include "tenant/names.hpp"

namespace tenant {

/// Writes rows of a directory as JSON objects. The forms are
///   user {"id","login","email","first_name","last_name","department","title","status":"active"|"disabled",
///            "type":"human"|"service","created_at","last_login"}, times as RFC 3339 in UTC
///   group   {"id","name","description"}
///   role    {"id","name","app"}
///   app     {"id","name"}
///   member, assignment  {"type":"user"|"group","id"}
/// Immutable; nothing is allocated per row beyond the growth of the buffer.
class RowWriter {
 public:
  /// Keeps a reference to the directory.
  explicit RowWriter(const Directory& directory);

  /// Appends rows [begin, end) of users, groups, roles or apps, each followed by `separator`.
  void write(Kind kind, std::uint64_t begin, std::uint64_t end, char separator, JsonBuffer& out) const;

  /// Appends principals [begin, end) of a list. `owner` is put in front of the fields of each row: nothing,
  /// or for instance `"group":"g-00012",`.
  void write(const PrincipalList& list, std::uint64_t begin, std::uint64_t end, std::string_view owner,
             char separator, JsonBuffer& out) const;

  const Directory& directory() const { return directory_; }
  const IdFormat& users() const { return user_ids_; }
  const IdFormat& groups() const { return group_ids_; }
  const IdFormat& roles() const { return role_ids_; }
  const IdFormat& apps() const { return app_ids_; }

 private:
  using Words = std::array<std::string, kWordCount>;

  char* write_user(char* out, std::uint64_t index) const;
  char* write_group(char* out, std::uint64_t index) const;
  char* write_role(char* out, std::uint64_t index) const;
  char* write_app(char* out, std::uint64_t index) const;

  const Directory& directory_;
  IdFormat user_ids_;
  IdFormat group_ids_;
  IdFormat role_ids_;
  IdFormat app_ids_;
  // The tables of names.hpp, escaped once.
  std::array<std::string, kNameCount> first_names_;
  std::array<std::string, kNameCount> last_names_;
  Words departments_, titles_, adjectives_, teams_, duties_, products_, sentences_;
};

}  // namespace tenant
