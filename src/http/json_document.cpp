#include "http/json_document.hpp"

#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "http/json_path.hpp"
#include "http/json_state.hpp"

namespace baton::http {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

static_assert(Body::kPadding >= simdjson::SIMDJSON_PADDING);

constexpr int kMaxDepth = 512;
/// Parsers kept for later, and the largest that is: one giant page must not pin its memory for ever.
constexpr std::size_t kMaxFreeParsers = 64;
constexpr std::size_t kMaxKeptCapacity = std::size_t{4} << 20;

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

/// RFC 8259 §6. The parser would do this too, but it refuses integers that do not fit into 64 bits, which are
/// good JSON and harmless as long as nobody reads them as integers.
bool is_number(std::string_view token) {
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  const std::size_t first = token.starts_with('-') ? 1 : 0;
  std::size_t at = skip_digits(token, first);
  if (at == first || (token[first] == '0' && at > first + 1)) return false;
  if (at < token.size() && token[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(token, fraction);
    if (at == fraction) return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    std::size_t exponent = at + 1;
    if (exponent < token.size() && (token[exponent] == '+' || token[exponent] == '-')) ++exponent;
    at = skip_digits(token, exponent);
    if (at == exponent) return false;
  }
  return at == token.size();
}

/// Walks over every value, so that whatever the text breaks shows now, while the request can still be
/// repeated, and not between two rows of a page.
error_code walk(ondemand::value value, int depth) {
  if (depth > kMaxDepth) return simdjson::DEPTH_ERROR;
  ondemand::json_type type;
  if (const auto error = value.type().get(type)) return error;
  switch (type) {
    case ondemand::json_type::array: {
      ondemand::array array;
      if (const auto error = value.get_array().get(array)) return error;
      for (auto element : array) {
        ondemand::value child;
        if (const auto error = std::move(element).get(child)) return error;
        if (const auto error = walk(child, depth + 1)) return error;
      }
      return simdjson::SUCCESS;
    }
    case ondemand::json_type::object: {
      ondemand::object object;
      if (const auto error = value.get_object().get(object)) return error;
      for (auto member : object) {
        ondemand::value child;
        if (const auto error = member.value().get(child)) return error;
        if (const auto error = walk(child, depth + 1)) return error;
      }
      return simdjson::SUCCESS;
    }
    case ondemand::json_type::number:
      return is_number(value.raw_json_token()) ? simdjson::SUCCESS : simdjson::NUMBER_ERROR;
    case ondemand::json_type::string:
      return value.get_raw_json_string().error();
    case ondemand::json_type::boolean:
      return value.get_bool().error();
    case ondemand::json_type::null: {
      bool is_null = false;
      const auto error = value.is_null().get(is_null);
      return error ? error : is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
  }
  return simdjson::TAPE_ERROR;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// The first backslash that begins no escape, or null. A text that passed `walk` has them in strings only.
const char* find_bad_escape(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return nullptr;
    if (end - at < 2) return at;
    if (at[1] == 'u') {
      for (int i = 2; i < 6; ++i) {
        if (end - at <= i || !is_hex(at[i])) return at;
      }
    } else if (std::strchr("\"\\/bfnrt", at[1]) == nullptr) {
      return at;
    }
    at += 2;
  }
  return nullptr;
}

absl::Status not_json(const JsonState& state, const char* at, std::string_view why) {
  std::string where;
  const char* const begin = state.text.data();
  if (at >= begin && at <= begin + state.text.size()) {
    const auto offset = static_cast<std::size_t>(at - begin);
    where = absl::StrCat(" at byte ", offset, " (", json_path_at(state.text, offset), ")");
  }
  return absl::InternalError(
      absl::StrCat(state.origin, ": malformed JSON", where, ": ", absl::string_view(why.data(), why.size())));
}

/// Where the parser stands; null at the end of the text.
const char* place_of(ondemand::document& document) {
  const char* at = nullptr;
  if (document.current_location().get(at)) return nullptr;
  return at;
}

absl::Status check(JsonState& state) {
  if (state.text.empty()) {
    return absl::InternalError(absl::StrCat(state.origin, ": empty answer where JSON was expected"));
  }
  const simdjson::padded_string_view padded(state.text.data(), state.text.size(),
                                            state.text.size() + Body::kPadding);
  if (const auto error = state.parser.iterate(padded).get(state.document)) {
    return not_json(state, nullptr, simdjson::error_message(error));
  }
  ondemand::json_type type;
  error_code error = state.document.type().get(type);
  if (!error && (type == ondemand::json_type::object || type == ondemand::json_type::array)) {
    ondemand::value root;
    error = state.document.get_value().get(root);
    if (!error) error = walk(root, 1);
    if (!error && place_of(state.document) != nullptr) error = simdjson::TRAILING_CONTENT;
  } else if (!error) {
    return absl::InternalError(
        absl::StrCat(state.origin, ": a bare value where a JSON object or array was expected"));
  }
  if (error) return not_json(state, place_of(state.document), simdjson::error_message(error));
  if (const char* bad = find_bad_escape(state.text))
    return not_json(state, bad, "invalid escape in a string");
  state.document.rewind();
  return absl::OkStatus();
}

}  // namespace

class JsonPool::Free {
 public:
  std::mutex mutex;
  std::vector<std::unique_ptr<JsonState>> states;
};

JsonPool::JsonPool() : free_(std::make_unique<Free>()) {}
JsonPool::~JsonPool() = default;

std::shared_ptr<JsonPool> JsonPool::create() {
  return std::shared_ptr<JsonPool>(new JsonPool());
}

std::unique_ptr<JsonState> JsonPool::take() {
  {
    const std::lock_guard<std::mutex> lock(free_->mutex);
    if (!free_->states.empty()) {
      std::unique_ptr<JsonState> state = std::move(free_->states.back());
      free_->states.pop_back();
      return state;
    }
  }
  return std::make_unique<JsonState>();
}

void JsonPool::give_back(std::unique_ptr<JsonState> state) {
  if (state->parser.capacity() > kMaxKeptCapacity) return;
  state->body = Body();
  state->text = std::string_view();
  state->unescaped.clear();
  state->status = absl::OkStatus();
  const std::lock_guard<std::mutex> lock(free_->mutex);
  if (free_->states.size() < kMaxFreeParsers) free_->states.push_back(std::move(state));
}

absl::StatusOr<JsonDocument> JsonPool::parse(Body body, std::string origin) {
  JsonDocument document(shared_from_this(), take());
  JsonState& state = *document.state_;
  state.body = std::move(body);
  state.body.seal();
  state.text = state.body.view();
  if (state.text.starts_with("\xef\xbb\xbf")) state.text.remove_prefix(3);
  state.origin = std::move(origin);
  if (const absl::Status status = check(state); !status.ok()) return status;
  return document;
}

JsonDocument::JsonDocument() = default;
JsonDocument::JsonDocument(std::shared_ptr<JsonPool> pool, std::unique_ptr<JsonState> state)
    : pool_(std::move(pool)), state_(std::move(state)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;

JsonDocument& JsonDocument::operator=(JsonDocument&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::move(other.pool_);
    state_ = std::move(other.state_);
  }
  return *this;
}

JsonDocument::~JsonDocument() {
  give_back();
}

void JsonDocument::give_back() {
  if (state_) pool_->give_back(std::move(state_));
}

std::string_view JsonDocument::text() const {
  return state_ ? state_->text : std::string_view();
}

}  // namespace baton::http
