#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace baton::cli {

enum class Format : std::uint8_t { kConsole, kJson };

/// Which version a file is written in, by upstream's names; that of the file that is read unless named.
enum class StorageEngine : std::uint8_t { kAsInput, kSqlite, kPebble };

/// What `export c1z` writes unless told otherwise.
inline constexpr const char* kLatestFile = "latest.c1z";

/// What was asked for on the command line; a subcommand sees those that it takes.
class Options {
 public:
  Options() = default;

  std::string file = "sync.c1z";
  Format format = Format::kConsole;
  bool no_color = false;

  std::string sync_id;
  std::string resource_type;
  std::string resource;
  std::string entitlement;
  std::string principal_type;
  std::string principal;
  /// Paths of each kind.
  std::size_t limit = 20;
  bool why = false;
  /// Rows of a list; 0 is all.
  std::uint64_t rows_at_most = 0;
  bool direct = false;
  bool expanded = false;
  /// A file to write.
  std::string out;
  bool overwrite = false;
  StorageEngine engine = StorageEngine::kAsInput;
  bool strict = false;
  /// Grants that expansion may add; 0 is no bound.
  std::uint64_t max_rows = 0;
  bool dry_run = false;
  bool replay = false;
  bool validate = false;
  bool preserve_suspects = false;
  bool wide = false;
  bool timings = false;
  /// What is compared with: a file and an entitlement of it.
  std::string compare_file = "sync.c1z";
  std::string compare_entitlement;
  /// By which rules principals match, joined by commas.
  std::string match = "id,email,name";
  bool common = false;
  bool rows = false;
};

}  // namespace baton::cli
