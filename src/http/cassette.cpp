#include "http/cassette.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"
#include "http/json.hpp"

namespace baton::http {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kMark = "REDACTED-";

absl::string_view absl_view(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

void append_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (byte < 0x20) {
      absl::StrAppend(&json, "\\u", absl::Hex(byte, absl::kZeroPad4));
    } else {
      json += c;
    }
  }
  json += '"';
}

/// The value as JSON in one line, each text through `show(text, is_secret)`.
template <class Show>
void append_value(std::string& json, const dom::element& value, bool secret, const Show& show) {
  dom::object object;
  dom::array array;
  std::string_view text;
  if (value.get_object().get(object) == simdjson::SUCCESS) {
    json += '{';
    for (const auto& member : object) {
      if (json.back() != '{') json += ',';
      append_string(json, member.key);
      json += ':';
      append_value(json, member.value, secret || is_secret_parameter(member.key), show);
    }
    json += '}';
  } else if (value.get_array().get(array) == simdjson::SUCCESS) {
    json += '[';
    for (const dom::element element : array) {
      if (json.back() != '[') json += ',';
      append_value(json, element, secret, show);
    }
    json += ']';
  } else if (value.get_string().get(text) == simdjson::SUCCESS) {
    append_string(json, show(text, secret));
  } else {
    json += simdjson::minify(value);
  }
}

/// What only concerned the connection that it was recorded on, or that moment.
bool is_passing(std::string_view name) {
  for (const char* passing : {"Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection",
                              "Keep-Alive", "Date", "Set-Cookie"}) {
    if (equal_ignoring_case(name, passing)) return true;
  }
  return false;
}

/// Whether what was asked for is what was recorded, where a mark stands for anything.
bool fits(std::string_view recorded, std::string_view asked) {
  while (true) {
    const std::size_t mark = recorded.find(kMark);
    if (mark == std::string_view::npos) return recorded == asked;
    if (asked.substr(0, mark) != recorded.substr(0, mark)) return false;
    const auto end_of = [](std::string_view text) {
      return std::min(text.size(), text.find_first_of("&\""));
    };
    recorded.remove_prefix(mark);
    asked.remove_prefix(mark);
    recorded.remove_prefix(end_of(recorded));
    asked.remove_prefix(end_of(asked));
  }
}

std::optional<JsonValue> member_of(JsonObject& object, std::string_view name) {
  return object.find(name);
}

}  // namespace

Cassette::Cassette(bool replays) : replays_(replays), salt_(absl::StrCat(SystemEntropy().next64())) {}

std::shared_ptr<Cassette> Cassette::record() {
  return std::shared_ptr<Cassette>(new Cassette(false));
}

absl::StatusOr<std::shared_ptr<Cassette>> Cassette::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse(text, path);
}

absl::StatusOr<std::shared_ptr<Cassette>> Cassette::parse(std::string_view text, std::string origin) {
  Body body;
  if (!body.append(text)) return absl::ResourceExhaustedError("out of memory");
  absl::StatusOr<JsonDocument> document = JsonPool::create()->parse(std::move(body), std::move(origin));
  if (!document.ok()) return absl::InvalidArgumentError(document.status().message());
  std::shared_ptr<Cassette> cassette(new Cassette(true));
  const absl::Status read = json_root(*document).for_each("interactions", [&](JsonObject json) {
    Interaction& interaction = cassette->interactions_.emplace_back();
    JsonObject request = json.object("request");
    interaction.method = request.string("method");
    interaction.target = request.string("target");
    interaction.body = request.string_or("body", "");
    JsonObject response = json.object("response");
    interaction.status = static_cast<int>(std::clamp<std::int64_t>(response.integer("status"), 0, 999));
    if (const auto headers = member_of(response, "headers")) {
      const absl::Status fields = headers->object().for_each_member(
          [&](std::string_view name, JsonValue value) { interaction.headers.add(name, value.string()); });
      if (!fields.ok()) return fields;
    }
    if (const auto value = member_of(response, "json")) {
      interaction.answer = value->raw();
    } else if (const auto bytes = member_of(response, "base64")) {
      std::string decoded;
      if (!absl::Base64Unescape(absl_view(bytes->string()), &decoded)) response.fail("base64 is none");
      interaction.answer = std::move(decoded);
    } else {
      interaction.answer = response.string_or("text", "");
    }
    return response.status();
  });
  if (!read.ok()) return absl::InvalidArgumentError(read.message());
  return cassette;
}

std::string Cassette::marked(std::string_view secret) const {
  if (secret.empty() || secret.starts_with(kMark)) return std::string(secret);
  return absl::StrCat(absl_view(kMark),
                      absl::Hex(hash64(salt_ + std::string(secret)) & 0xffffffff, absl::kZeroPad8));
}

std::string Cassette::marked_query(std::string_view text) const {
  std::string shown;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (!shown.empty()) shown += '&';
    if (equals != std::string_view::npos && is_secret_parameter(pair.substr(0, equals))) {
      shown.append(pair.substr(0, equals + 1)).append(marked(pair.substr(equals + 1)));
    } else {
      shown += pair;
    }
  }
  return shown;
}

std::string Cassette::marked_target(const Url& url) const {
  const std::string& target = url.target();
  const std::size_t query = target.find('?');
  if (query == std::string::npos) return target;
  return target.substr(0, query + 1) + marked_query(std::string_view(target).substr(query + 1));
}

std::string Cassette::marked_body(std::string_view body) const {
  if (body.empty()) return {};
  if (body.front() != '{' && body.front() != '[') return marked_query(body);
  dom::parser parser;
  dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return std::string(body);
  std::string json;
  append_value(json, root, false, [this](std::string_view text, bool secret) {
    return secret ? marked(text) : std::string(text);
  });
  return json;
}

void Cassette::keep(const Request& request, const Url& url, const Response& response,
                    const std::vector<std::string>& secrets) {
  Interaction interaction;
  interaction.method = method_name(request.method);
  interaction.target = marked_target(url);
  // A request for a token is nothing but secrets, another one each time.
  if (!request.anonymous) interaction.body = marked_body(request.body);
  interaction.status = response.status;
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const std::string_view name = response.headers.name_at(i);
    if (is_passing(name) || is_secret_header(name)) continue;
    interaction.headers.add(name, response.headers.value_at(i));
  }
  const std::string_view bytes = response.body.view();
  const bool json = absl::StrContains(absl_view(response.headers.value("Content-Type")), "json");
  interaction.answer = json ? marked_body(bytes) : std::string(bytes);
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::string* text : {&interaction.target, &interaction.body, &interaction.answer}) {
      *text = absl::StrReplaceAll(*text, {{secret, marked(secret)}});
    }
  }
  const std::lock_guard lock(mutex_);
  interactions_.push_back(std::move(interaction));
}

absl::StatusOr<Response> Cassette::take(const Request& request, const Url& url) {
  const std::string_view method = method_name(request.method);
  const std::string body = request.anonymous ? std::string() : marked_body(request.body);
  const std::lock_guard lock(mutex_);
  Interaction* found = nullptr;
  // Exactly what was asked for comes before what a mark stands for; what was not used yet before what was.
  for (const bool exact : {true, false}) {
    for (Interaction& interaction : interactions_) {
      if (interaction.method != method) continue;
      const bool same = exact ? interaction.target == url.target() && interaction.body == body
                              : fits(interaction.target, url.target()) && fits(interaction.body, body);
      if (!same) continue;
      if (found == nullptr || (found->used && !interaction.used) || (found->used && interaction.used)) {
        found = &interaction;
      }
      if (!found->used) break;
    }
    if (found != nullptr) break;
  }
  if (found == nullptr) {
    return absl::NotFoundError("the cassette holds no answer to this request; record it again");
  }
  found->used = true;
  Response response;
  response.status = found->status;
  response.headers = found->headers;
  if (!response.body.append(found->answer)) return absl::ResourceExhaustedError("out of memory");
  response.body.seal();
  return response;
}

void Cassette::append(std::string& text, const Interaction& interaction) const {
  text += "    {\n      \"request\": {\"method\": ";
  append_string(text, interaction.method);
  text += ", \"target\": ";
  append_string(text, interaction.target);
  if (!interaction.body.empty()) {
    text += ", \"body\": ";
    append_string(text, interaction.body);
  }
  absl::StrAppend(&text, "},\n      \"response\": {\n        \"status\": ", interaction.status,
                  ",\n        \"headers\": {");
  for (std::size_t i = 0; i < interaction.headers.size(); ++i) {
    if (i > 0) text += ", ";
    append_string(text, sanitize_utf8(interaction.headers.name_at(i)));
    text += ": ";
    append_string(text, sanitize_utf8(interaction.headers.value_at(i)));
  }
  text += "}";
  dom::parser parser;
  dom::element root;
  const std::string& answer = interaction.answer;
  if (!answer.empty() && (answer.front() == '{' || answer.front() == '[') &&
      parser.parse(answer.data(), answer.size()).get(root) == simdjson::SUCCESS) {
    absl::StrAppend(&text, ",\n        \"json\": ", answer);
  } else if (is_valid_utf8(answer)) {
    text += ",\n        \"text\": ";
    append_string(text, answer);
  } else {
    text += ",\n        \"base64\": ";
    append_string(text, absl::Base64Escape(answer));
  }
  text += "\n      }\n    }";
}

std::string Cassette::text() const {
  const std::lock_guard lock(mutex_);
  std::string text = "{\n  \"interactions\": [\n";
  for (std::size_t i = 0; i < interactions_.size(); ++i) {
    if (i > 0) text += ",\n";
    append(text, interactions_[i]);
  }
  text += "\n  ]\n}\n";
  return text;
}

absl::Status Cassette::save(const std::string& path) const {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text();
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
  return absl::OkStatus();
}

}  // namespace baton::http
