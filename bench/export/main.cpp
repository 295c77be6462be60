// What the SQLite library alone needs to write the rows of a finished .c1z: the yardstick of our export.
// Prints one JSON object.
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "export/library_write.hpp"
#include "export/loaded_rows.hpp"

namespace {

using baton::bench::LibraryTimes;
using baton::bench::LoadedRows;

void print(const LoadedRows& rows, const baton::c1z::WriteOptions& options,
           const std::vector<LibraryTimes>& runs) {
  std::cout << "{\"rows\": {";
  const char* separator = "";
  for (const baton::bench::LoadedTable& table : rows.tables) {
    std::cout << separator << '"' << table.name << "\": " << table.rows;
    separator = ", ";
  }
  std::cout << "},\n \"page_bytes\": " << options.page_bytes << ", \"cache_kib\": " << options.cache_kib
            << ", \"level\": " << options.level << ", \"workers\": " << options.workers
            << ",\n \"database_bytes\": " << runs.back().database_bytes
            << ", \"file_bytes\": " << runs.back().file_bytes << ",\n \"runs\": [";
  separator = "";
  for (const LibraryTimes& run : runs) {
    std::cout << separator << "\n  {\"rows_ns\": " << absl::ToInt64Nanoseconds(run.rows)
              << ", \"indexes_ns\": " << absl::ToInt64Nanoseconds(run.indexes)
              << ", \"close_ns\": " << absl::ToInt64Nanoseconds(run.close)
              << ", \"compression_ns\": " << absl::ToInt64Nanoseconds(run.compression) << "}";
    separator = ",";
  }
  std::cout << "]}\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::string path;
  std::string folder = ".";
  unsigned count = 3;
  CLI::App app(
      "Writes the rows of a .c1z with the SQLite library alone and prints how long that took, as JSON.");
  app.add_option("file", path, "A .c1z of version 1 that holds one sync")->required();
  app.add_option("--runs", count, "How often")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--folder", folder, "Where databases are written")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const absl::StatusOr<LoadedRows> rows = baton::bench::load_rows(path, folder);
  if (!rows.ok()) {
    std::cerr << "export_bench: " << rows.status() << '\n';
    return 1;
  }
  const baton::c1z::WriteOptions options;
  std::vector<LibraryTimes> runs;
  for (unsigned run = 0; run < count; ++run) {
    const absl::StatusOr<LibraryTimes> times = baton::bench::write_with_library(*rows, options, folder);
    if (!times.ok()) {
      std::cerr << "export_bench: " << times.status() << '\n';
      return 1;
    }
    runs.push_back(*times);
  }
  print(*rows, options, runs);
  return 0;
}
