#pragma once

#include <string>
#include <string_view>

#include "storage/c1z/file.hpp"

namespace baton::fuzz {

/// A file that lives in memory and has a path all the same, used again for each input. Not thread-safe.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Replaces all that it holds.
  void assign(std::string_view bytes);
  const std::string& path() const { return path_; }
  /// Opens it for reading and writing, from its beginning.
  c1z::File open() const;

 private:
  int descriptor_;
  std::string path_;
};

/// A v1 file whose database is these bytes, whatever they are.
std::string as_v1(std::string_view database);

/// Limits for the reader that an input cannot make slow, and its private copies kept in memory where the
/// system has room for that. Call once, before the first input.
void bound_reader();

}  // namespace baton::fuzz
