#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A slow reader of what the writers of version 3 write, on its own: it shares no code with writer or reader,
/// checks every checksum, and fails the test where it meets something else than the format says.
namespace baton::c1z::v3 {

class WalkedRow {
 public:
  std::string key;
  std::string value;
  std::uint64_t trailer = 0;
};

/// The rows of one table, in its order.
std::vector<WalkedRow> walk_table(std::string_view table);

/// The tables that the one edit of a MANIFEST adds: number, size, smallest and largest user key.
class WalkedTable {
 public:
  std::uint64_t number = 0;
  std::uint64_t size = 0;
  std::string smallest;
  std::string largest;
};
std::vector<WalkedTable> walk_manifest(std::string_view log);

/// Name and content of every file in the envelope at `path`, by name; checks head, index, hashes and footer.
std::vector<std::pair<std::string, std::string>> walk_envelope(const std::string& path);

/// All rows of a file, by key, through everything above; the tables' ranges must not overlap.
std::vector<WalkedRow> walk_file(const std::string& path);

}  // namespace baton::c1z::v3
