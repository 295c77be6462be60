#include "connectors/scim/error_text.hpp"

#include <optional>
#include <utility>

#include "connectors/scim/attributes.hpp"
#include "http/body.hpp"
#include "http/json.hpp"
#include "http/json_document.hpp"

namespace baton::connectors::scim {
namespace {

/// An error that needs more is no error message.
constexpr std::size_t kMaxErrorBytes = std::size_t{64} * 1024;

void add(std::string& text, std::string_view more) {
  if (!text.empty() && !more.empty()) text += "; ";
  text += more;
}

}  // namespace

std::string error_text(std::string_view body) {
  if (body.size() > kMaxErrorBytes) return "";
  http::Body copy;
  if (!copy.append(body)) return "";
  copy.seal();
  absl::StatusOr<http::JsonDocument> json = http::JsonPool::create()->parse(std::move(copy), "error");
  if (!json.ok() || !http::json_root_value(*json).is_object()) return "";
  http::JsonObject root = http::json_root(*json);
  std::string text(text_of(root, "detail"));
  if (const std::string_view type = text_of(root, "scimType"); !type.empty()) {
    text += text.empty() ? std::string(type) : " (" + std::string(type) + ")";
  }
  const std::optional<http::JsonValue> errors = root.find("Errors");
  if (text.empty() && errors && errors->is_array()) {
    const absl::Status read = errors->for_each([&text](http::JsonValue value) {
      if (!value.is_object()) return;
      http::JsonObject error = value.object();
      add(text, text_of(error, "description"));
    });
    if (!read.ok()) return "";
  }
  return text;
}

}  // namespace baton::connectors::scim
