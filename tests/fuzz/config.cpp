/// Configuration files.
#include <cstdint>
#include <string_view>

#include "fuzz/require.hpp"
#include "runner/config_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  const auto values =
      runner::parse_config(std::string_view(reinterpret_cast<const char*>(data), size), "c.yaml");
  if (values.ok()) {
    for (const auto& [name, value] : values->entries) fuzz::require(value.line > 0, "an entry has a line");
  } else {
    fuzz::require(absl::IsUnknown(values.status()), "errors are of one code");
    fuzz::require(values.status().message().substr(0, 7) == "c.yaml:", "an error names file and line");
  }
  return 0;
}
