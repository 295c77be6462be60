/// Link fields: what is found is part of the field, and has the relation by its name.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "http/link_header.hpp"
#include "http/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  http::Headers headers;
  headers.add("Link", text.substr(0, text.size() / 2));
  headers.add("link", text.substr(text.size() / 2));
  static const http::Url kBase = *http::Url::parse("https://host/list");
  for (const char* relation : {"next", "prev"}) {
    const auto found = http::find_link(headers, relation);
    if (!found) continue;
    fuzz::require(text.find(*found) != std::string_view::npos, "a target is part of the field");
    fuzz::require(found->find('>') == std::string::npos, "and ends at its bracket");
    const auto url = kBase.resolve(*found);
    if (url.ok()) fuzz::require(http::Url::parse(url->text()).ok(), "a URL can be parsed again");
  }
  return 0;
}
