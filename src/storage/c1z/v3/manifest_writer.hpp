#pragma once

#include <cstdint>
#include <span>
#include <string>

/// The small files of a Pebble directory beside its tables.
namespace baton::c1z::v3 {

inline constexpr const char* kManifestName = "MANIFEST-000001";
/// Empty files; the name is all that they say. 024 is the newest format of Pebble 2.1.
inline constexpr const char* kFormatMarker = "marker.format-version.000001.024";
inline constexpr const char* kManifestMarker = "marker.manifest.000001.MANIFEST-000001";

/// A finished table.
class TableInfo {
 public:
  TableInfo() = default;

  std::uint64_t number = 0;
  std::uint64_t size = 0;
  std::string smallest;
  std::string largest;
};

/// `NNNNNN.sst`.
std::string table_name(std::uint64_t number);

/// The content of the MANIFEST: one edit that adds all tables at the lowest level. Their key ranges must not
/// overlap. `next_number` is above all of theirs.
std::string make_manifest(std::span<const TableInfo> tables, std::uint64_t next_number);

}  // namespace baton::c1z::v3
