#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "http/body.hpp"

namespace baton::http {

class JsonPool;
class JsonState;

/// A JSON text that has been checked to be well formed, ready to be read by `http/json.hpp`. Owns the bytes;
/// texts read from it are views that live as long as it does.
///
/// Move-only; moving keeps views valid. One thread at a time; may be destroyed on any thread.
class JsonDocument {
 public:
  JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  ~JsonDocument();

  /// The whole text.
  std::string_view text() const;

 private:
  friend class JsonPool;
  friend class JsonReader;
  JsonDocument(std::shared_ptr<JsonPool> pool, std::unique_ptr<JsonState> state);
  void give_back();

  std::shared_ptr<JsonPool> pool_;
  std::unique_ptr<JsonState> state_;
};
static_assert(!std::is_aggregate_v<JsonDocument>);

/// Token indexes that are used again, so that a page costs next to no allocation for parsing. Safe from any
/// thread.
class JsonPool : public std::enable_shared_from_this<JsonPool> {
 public:
  static std::shared_ptr<JsonPool> create();
  ~JsonPool();

  /// Checks all of `body` and prepares it for reading. `origin` says where it came from and starts every
  /// error about it ("GET https://host/v1/users"). Internal, with the place, when it is not JSON; nesting
  /// deeper than 512 levels counts as not JSON.
  absl::StatusOr<JsonDocument> parse(Body body, std::string origin);

 private:
  friend class JsonDocument;
  class Free;

  JsonPool();
  std::unique_ptr<JsonState> take();
  void give_back(std::unique_ptr<JsonState> state);

  std::unique_ptr<Free> free_;
};

}  // namespace baton::http
