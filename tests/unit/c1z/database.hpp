#pragma once

#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/c1z/envelope.hpp"
#include "unit/c1z/scratch.hpp"

namespace baton::c1z {

/// The database inside a v1 file, or a new one, with SQLite alone between it and the test.
class RawDatabase {
 public:
  /// A new, empty database.
  RawDatabase() { open(); }
  /// The content of a v1 file.
  explicit RawDatabase(const std::string& c1z) {
    const auto source = open_for_reading(c1z);
    const auto target = create_exclusively(path(), 0600);
    if (!source.ok() || !target.ok() || !decompress_v1(*source, c1z, *target, DecodeLimits()).ok()) {
      throw std::runtime_error("cannot decode " + c1z);
    }
    open();
  }

  std::string path() const { return scratch_ / "db"; }

  /// Rows as text, columns joined by `|`, NULL as "NULL", blobs in hexadecimal where the query says so.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> lines;
    char* message = nullptr;
    const int code = sqlite3_exec(
        database_.get(), sql.c_str(),
        [](void* out, int count, char** values, char**) {
          std::string line;
          for (int i = 0; i < count; ++i) {
            if (i > 0) line += "|";
            line += values[i] == nullptr ? "NULL" : values[i];
          }
          static_cast<std::vector<std::string>*>(out)->push_back(line);
          return 0;
        },
        &lines, &message);
    if (code != SQLITE_OK) throw std::runtime_error(message);
    return lines;
  }
  std::string one(const std::string& sql) { return rows(sql).at(0); }

  /// Closes the database and writes it as a v1 file.
  void save_as(const std::string& c1z) {
    database_.reset();
    const auto source = open_for_reading(path());
    const auto target = create_exclusively(c1z, 0600);
    if (!compress_v1(*source, *source->size(), *target, CompressOptions()).ok()) {
      throw std::runtime_error("cannot write " + c1z);
    }
  }

 private:
  class Close {
   public:
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  void open() {
    sqlite3* raw = nullptr;
    sqlite3_open(path().c_str(), &raw);
    database_.reset(raw);
    sqlite3_exec(raw, "PRAGMA synchronous=off", nullptr, nullptr, nullptr);
  }

  Scratch scratch_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace baton::c1z
