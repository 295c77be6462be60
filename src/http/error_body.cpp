#include "http/error_body.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <simdjson.h>

#include "absl/strings/ascii.h"
#include "base/redact.hpp"

namespace baton::http {
namespace {

namespace dom = simdjson::dom;

/// An error body that is larger is read as text: nobody writes a message at its end.
constexpr std::size_t kMostJsonBytes = 64 * 1024;

/// In the order of how much they say to a person.
constexpr std::array<std::string_view, 11> kMessageNames = {
    "message",     "error_description", "errorMessage", "errorSummary", "detail", "Message",
    "description", "error_message",     "msg",          "reason",       "title"};
constexpr std::array<std::string_view, 4> kInnerNames = {"error", "errors", "errorMessages", "fault"};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::optional<std::string> text_of(const dom::element& element) {
  std::string_view text;
  if (element.get_string().get(text) != simdjson::SUCCESS || text.empty()) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> message_in(const dom::element& element, int depth) {
  if (auto text = text_of(element)) return text;
  dom::array list;
  if (element.get_array().get(list) == simdjson::SUCCESS) {
    for (const dom::element entry : list) {
      if (depth > 0) return message_in(entry, depth - 1);
    }
    return std::nullopt;
  }
  dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  const auto member = [&object](std::string_view name) -> std::optional<dom::element> {
    dom::element found;
    if (object.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  };
  std::optional<std::string> message;
  for (const std::string_view name : kMessageNames) {
    const auto found = member(name);
    if (found) message = text_of(*found);
    if (message) break;
  }
  // A problem's title names the kind, its detail the case.
  const auto title = member("title");
  const auto detail = member("detail");
  if (title && detail) {
    const auto kind = text_of(*title);
    const auto instance = text_of(*detail);
    if (kind && instance && message == instance && kind != instance) message = *kind + ": " + *instance;
  }
  for (const std::string_view name : kInnerNames) {
    const auto found = member(name);
    if (!found || (message && !found->is_string())) continue;
    const auto inner = depth > 0 ? message_in(*found, depth - 1) : std::nullopt;
    if (!inner) continue;
    // `error` is often a code beside the message.
    return message && *message != *inner ? *inner + ": " + *message : *inner;
  }
  return message;
}

std::optional<std::string> title_of(std::string_view html) {
  const std::string head =
      absl::AsciiStrToLower(absl::string_view(html.data(), std::min<std::size_t>(html.size(), 4096)));
  const std::size_t begin = head.find("<title>");
  if (begin == std::string::npos) return std::nullopt;
  const std::size_t end = head.find("</title>", begin);
  if (end == std::string::npos) return std::nullopt;
  return std::string(html.substr(begin + 7, end - begin - 7));
}

}  // namespace

std::string error_message_of(std::string_view content_type, const Body& body, std::size_t max_bytes) {
  if (body.empty()) return {};
  const std::string type = absl::AsciiStrToLower(absl::string_view(content_type.data(), content_type.size()));
  const std::string_view text = body.view();
  std::optional<std::string> message;
  if ((contains(type, "json") || text.front() == '{' || text.front() == '[') &&
      text.size() <= kMostJsonBytes) {
    dom::parser parser(kMostJsonBytes);
    dom::element root;
    if (parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS) message = message_in(root, 3);
  } else if (contains(type, "html")) {
    message = title_of(text);
  } else if (contains(type, "text/plain")) {
    message = std::string(text.substr(0, 4 * max_bytes));
  }
  if (message) {
    const std::string shown = scrub(redact_text(*message), max_bytes);
    if (!shown.empty()) return shown;
  }
  return "\"" + scrub(redact_text(text.substr(0, 4 * max_bytes)), max_bytes) + "\"";
}

}  // namespace baton::http
