#include "http/paging.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/redact.hpp"
#include "http/json.hpp"
#include "http/link_header.hpp"

namespace baton::http {
namespace {

/// What one page may announce; a longer list announces the rest in the last of them.
constexpr std::uint64_t kMostSiblings = 1024;

/// A place in a list that is counted: where a page begins, where its slice of the list ends (nothing for the
/// list's own end), and what the rows of the page before it hash to.
class Place {
 public:
  Place() = default;

  static std::optional<Place> parse(std::string_view text) {
    Place place;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&at, end](std::uint64_t& value, int base) {
      const auto [next, error] = std::from_chars(at, end, value, base);
      at = next;
      return error == std::errc();
    };
    if (!number(place.at, 10)) return std::nullopt;
    std::uint64_t value = 0;
    if (at != end && *at == '-') {
      ++at;
      if (!number(value, 10) || value <= place.at) return std::nullopt;
      place.end = value;
    }
    if (at != end && *at == '~') {
      ++at;
      if (!number(value, 16)) return std::nullopt;
      place.rows_before = value;
    }
    if (at != end) return std::nullopt;
    return place;
  }

  std::string text() const {
    std::string text = absl::StrCat(at);
    if (end) absl::StrAppend(&text, "-", *end);
    if (rows_before) absl::StrAppend(&text, "~", absl::Hex(*rows_before));
    return text;
  }

  std::uint64_t at = 0;
  std::optional<std::uint64_t> end;
  std::optional<std::uint64_t> rows_before;
};

void add_parameter(std::string& target, std::string_view name, std::string_view value) {
  if (name.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target.append(percent_encode(name)).append("=").append(percent_encode(value));
}

/// The member that a path leads to; nothing when it is absent or null.
std::optional<JsonValue> member_at(JsonDocument& document, std::string_view path) {
  JsonValue value = json_root_value(document);
  while (!path.empty()) {
    const std::string_view key = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), key.size() + 1));
    if (!value.is_object()) return std::nullopt;
    JsonObject object = value.object();
    const std::optional<JsonValue> member = object.find(key);
    if (!member) return std::nullopt;
    value = *member;
  }
  return value;
}

/// A text or a number; empty for what stands for "none".
std::string_view text_of(const std::optional<JsonValue>& value) {
  if (!value || (value->is_boolean() && !value->boolean())) return {};
  return value->id();
}

absl::Status error_of(JsonDocument& document) {
  return json_root_value(document).status();
}

absl::Status endless(const JsonResponse& answer, std::string_view what) {
  return absl::InternalError(
      absl::StrCat(redact_url(answer.url.text()), ": ", absl::string_view(what.data(), what.size())));
}

std::string names_itself(std::string_view token) {
  return absl::StrCat("the page names itself as the next, \"", scrub(redact_text(token), 100), "\"");
}

}  // namespace

Paging Paging::link_header(std::string relation) {
  return Paging(Kind::kLinkHeader, "", std::move(relation));
}

Paging Paging::link_member(std::string member) {
  return Paging(Kind::kLinkMember, "", std::move(member));
}

Paging Paging::cursor(std::string parameter, std::string member) {
  return Paging(Kind::kCursor, std::move(parameter), std::move(member));
}

Paging Paging::offset(std::string parameter, std::string rows, std::string total) {
  Paging paging(Kind::kOffset, std::move(parameter), std::move(rows));
  paging.total_ = std::move(total);
  return paging;
}

Paging Paging::page_number(std::string parameter, std::string rows, std::string total, std::uint64_t first) {
  Paging paging(Kind::kPageNumber, std::move(parameter), std::move(rows));
  paging.total_ = std::move(total);
  paging.first_ = first;
  return paging;
}

Paging& Paging::page_size(std::string parameter, std::uint64_t size) {
  size_parameter_ = std::move(parameter);
  size_ = size;
  return *this;
}

Paging& Paging::one_by_one() {
  one_by_one_ = true;
  return *this;
}

absl::StatusOr<Request> Paging::request(std::string_view path, std::string_view token) const {
  std::string target(path);
  std::uint64_t size = size_;
  switch (kind_) {
    case Kind::kLinkHeader:
    case Kind::kLinkMember:
      if (!token.empty()) {
        // The link says everything, the page size included.
        target = token;
        size = 0;
      }
      break;
    case Kind::kCursor:
      if (!token.empty()) add_parameter(target, parameter_, token);
      break;
    case Kind::kOffset:
    case Kind::kPageNumber: {
      if (token.empty()) break;
      const std::optional<Place> place = Place::parse(token);
      if (!place || place->at < first_) {
        return absl::InvalidArgumentError(
            absl::StrCat("page token \"", scrub(token, 60), "\" is no place in this list"));
      }
      add_parameter(target, parameter_, std::to_string(place->at));
      // More than its slice would be the rows of the next one.
      if (size > 0 && kind_ == Kind::kOffset && place->end) size = std::min(size, *place->end - place->at);
      break;
    }
  }
  if (size > 0) add_parameter(target, size_parameter_, std::to_string(size));
  Request request(Method::kGet, std::move(target));
  request.goes_on = !token.empty();
  return request;
}

absl::StatusOr<Continuation> Paging::next(std::string_view token, JsonResponse& answer) const {
  switch (kind_) {
    case Kind::kLinkHeader:
      return follow(token, find_link(answer.headers, member_).value_or(""), answer);
    case Kind::kLinkMember: {
      const std::string_view link = text_of(member_at(answer.document, member_));
      if (const absl::Status status = error_of(answer.document); !status.ok()) return status;
      return follow(token, link, answer);
    }
    case Kind::kCursor: {
      Continuation next;
      next.token = text_of(member_at(answer.document, member_));
      if (const absl::Status status = error_of(answer.document); !status.ok()) return status;
      if (!next.token.empty() && next.token == token) return endless(answer, names_itself(next.token));
      return next;
    }
    case Kind::kOffset:
    case Kind::kPageNumber:
      break;
  }
  return count_on(token, answer);
}

absl::StatusOr<Continuation> Paging::follow(std::string_view token, std::string_view link,
                                            const JsonResponse& answer) const {
  Continuation next;
  if (link.empty()) return next;
  const absl::StatusOr<Url> url = answer.url.resolve(link);
  if (!url.ok()) return endless(answer, "the link to the next page is no URL");
  if (url->origin() != answer.url.origin()) {
    return endless(answer, absl::StrCat("the next page lies on another host, ", scrub(url->origin(), 100)));
  }
  next.token = url->text();
  if (next.token == token || next.token == answer.url.text()) {
    return endless(answer, names_itself(next.token));
  }
  return next;
}

absl::StatusOr<Continuation> Paging::count_on(std::string_view token, JsonResponse& answer) const {
  Place place;
  place.at = first_;
  if (!token.empty()) {
    const std::optional<Place> parsed = Place::parse(token);
    if (!parsed) return absl::InvalidArgumentError("the page token is no place in this list");
    place = *parsed;
  }
  const std::optional<JsonValue> rows = member_at(answer.document, member_);
  std::uint64_t count = 0;
  if (rows) {
    const absl::Status counted = rows->for_each([&count](JsonValue) { ++count; });
    if (!counted.ok()) return counted;
  }
  std::optional<std::uint64_t> end = place.end;
  if (!end && !total_.empty()) {
    if (const auto total = member_at(answer.document, total_)) {
      const std::int64_t announced = total->integer();
      if (announced >= 0) end = first_ + static_cast<std::uint64_t>(announced);
    }
  }
  if (const absl::Status status = error_of(answer.document); !status.ok()) return status;

  Continuation next;
  if (count == 0) return next;
  const std::uint64_t step = kind_ == Kind::kOffset ? count : 1;
  Place after;
  after.at = place.at + step;
  after.end = place.end;
  if (after.at < place.at || (end && after.at >= *end)) return next;
  if (end && !place.end && !one_by_one_) {
    // Slices of the size of this page; the last one has no end, so that it sees how the list has grown.
    for (std::uint64_t made = 1;; ++made) {
      Place slice;
      slice.at = after.at;
      const bool last = made == kMostSiblings || *end - after.at <= step;
      if (!last) slice.end = after.at + step;
      next.siblings.push_back(slice.text());
      if (last) return next;
      after.at += step;
    }
  }
  const std::uint64_t hash = hash64(rows->raw());
  if (place.rows_before == hash) return endless(answer, "the page repeats the rows of the page before it");
  after.rows_before = hash;
  next.token = after.text();
  return next;
}

}  // namespace baton::http
