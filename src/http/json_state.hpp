#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "http/body.hpp"

namespace baton::http {

/// What stands behind a `JsonDocument`: the text, an index of its tokens, and the first error of reading.
/// Include `http/json.hpp` instead.
///
/// A token is a bracket, a brace, a colon, a comma, or the start of a string or of another scalar. The text
/// is known to be well formed before anybody reads it, so the accessors check nothing.
class JsonState {
 public:
  JsonState();
  ~JsonState();
  JsonState(const JsonState&) = delete;
  JsonState& operator=(const JsonState&) = delete;

  /// Takes over a text; Internal, with the place, when it is not JSON.
  absl::Status load(Body body, std::string origin);
  /// Drops text and errors, keeps memory for the next one.
  void clear();
  /// Size of the largest text that there is memory for.
  std::size_t capacity() const;

  std::string_view text() const { return text_; }
  const absl::Status& status() const { return status_; }

  /// First character of a token.
  char kind(std::uint32_t token) const { return text_[tokens_[token]]; }
  std::size_t offset(std::uint32_t token) const { return tokens_[token]; }
  /// The token behind the value that begins at `token`.
  std::uint32_t behind(std::uint32_t token) const {
    const char first = kind(token);
    return first == '{' || first == '[' ? closing_[token] + 1 : token + 1;
  }
  std::uint32_t closing(std::uint32_t token) const { return closing_[token]; }
  /// A value as it is written, without white space behind it.
  std::string_view written(std::uint32_t token) const;
  /// The inside of a string token as it is written.
  std::string_view inside(std::uint32_t token) const;
  bool is_key(std::uint32_t token, std::string_view key) const {
    const std::size_t begin = tokens_[token] + 1;
    return text_.compare(begin, key.size(), key) == 0 && text_[begin + key.size()] == '"';
  }
  /// The text that `inside` stands for: itself when it has no escapes. Halves of surrogate pairs on their own
  /// become U+FFFD, as other JSON readers have it.
  std::string_view unescape(std::string_view inside);

  /// Keeps the first error only: what follows from it is no news. With a `key` it is about that member of the
  /// object at `token`.
  void fail(std::uint32_t token, std::string_view what) { fail(token, {}, what); }
  void fail(std::uint32_t token, std::string_view key, std::string_view what);

 private:
  class Indexer;

  absl::Status not_json(std::size_t offset, std::string_view why) const;
  absl::Status check_grammar();
  const char* find_bad_escape() const;

  std::unique_ptr<Indexer> indexer_;
  Body body_;
  /// What is read: the body without a byte order mark.
  std::string_view text_;
  std::string origin_;
  /// Where each token is in the text; one more entry stands for its end.
  const std::uint32_t* tokens_ = nullptr;
  std::uint32_t token_count_ = 0;
  /// For each opening token, its closing one.
  std::vector<std::uint32_t> closing_;
  std::vector<std::uint32_t> open_;
  /// Texts that had escapes in them; a deque, for their addresses must stay.
  std::deque<std::string> unescaped_;
  absl::Status status_;
};

}  // namespace baton::http
