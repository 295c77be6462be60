/// Lists that are cut while they come: the same in any pieces, and of an array the elements that a parser
/// sees.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/require.hpp"
#include "http/json.hpp"
#include "http/json_element_cutter.hpp"

namespace {

using namespace baton;

bool cut(std::string_view text, std::string_view member, std::size_t piece,
         std::vector<std::string>& elements) {
  http::JsonElementCutter cutter{std::string(member), 1 << 16};
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (!cutter.feed(text.substr(at, piece)).ok()) return false;
  }
  elements.assign(cutter.ready().begin(), cutter.ready().end());
  return cutter.finish().ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<http::JsonPool> kPool = http::JsonPool::create();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view member : {std::string_view(), std::string_view("items")}) {
    std::vector<std::string> whole;
    std::vector<std::string> pieces;
    const bool ok = cut(text, member, text.size() + 1, whole);
    fuzz::require(cut(text, member, 3, pieces) == ok, "an error does not depend on the pieces");
    fuzz::require(!ok || whole == pieces, "nor do the elements");
    if (!member.empty()) continue;
    http::Body body;
    fuzz::require(body.append(text), "there is memory");
    absl::StatusOr<http::JsonDocument> document = kPool->parse(std::move(body), "GET /");
    if (!document.ok() || !http::json_root_value(*document).is_array()) continue;
    fuzz::require(ok, "what is an array can be cut");
    std::size_t at = 0;
    const absl::Status read = http::json_root_value(*document).for_each([&](const http::JsonValue& value) {
      fuzz::require(at < whole.size() && whole[at].starts_with(value.raw()),
                    "elements are those of the parser");
      ++at;
    });
    fuzz::require(!read.ok() || at == whole.size(), "and as many");
  }
  return 0;
}
