#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton::http {

/// The path of the value that starts at `offset` of the JSON text `json`, like `$.items[3].id`; `$` is the
/// root. Keys that are no plain names are shown as `["..."]`, scrubbed and cut. Meant for errors: it reads
/// the text from its start. On text that is not JSON it answers something, but nothing useful.
std::string json_path_at(std::string_view json, std::size_t offset);

}  // namespace baton::http
