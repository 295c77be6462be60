#include "absl/strings/str_cat.h"
#include "cli/command.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "storage/digest.hpp"

namespace baton::cli {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

/// `{"<kind>":{…}}` a line.
absl::Status print_rows(c1z::Reader& reader, const storage::DigestOptions& digest, Output& output) {
  // Once to find errors before anything is printed.
  absl::Status status = storage::for_each_canonical_row(
      reader, digest, [](const storage::CanonicalRow&) { return absl::OkStatus(); });
  if (!status.ok()) return status;
  std::string text;
  status = storage::for_each_canonical_row(reader, digest, [&](const storage::CanonicalRow& row) {
    text.push_back('{');
    append_json_string(row.kind, text);
    text.push_back(':');
    append_json(row.message, text);
    text += "}\n";
    if (text.size() >= kFlushBytes) {
      output.text(text);
      text.clear();
    }
    return absl::OkStatus();
  });
  output.text(text);
  return status;
}

}  // namespace

absl::Status run_digest(const Options& options, Output& output) {
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  const storage::DigestOptions digest(options.common);
  if (options.rows) return print_rows(**reader, digest, output);
  const absl::StatusOr<std::string> hash = storage::content_digest(**reader, digest);
  if (!hash.ok()) return hash.status();
  if (options.format == Format::kJson) {
    output.text(absl::StrCat("{\"digest\":\"", *hash, "\"}\n"));
  } else {
    output.text(absl::StrCat(*hash, "\n"));
  }
  return absl::OkStatus();
}

}  // namespace baton::cli
