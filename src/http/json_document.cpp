#include "http/json_document.hpp"

#include <mutex>
#include <utility>
#include <vector>

#include "http/json_state.hpp"

namespace baton::http {
namespace {

/// States kept for later, and the largest that is: one giant page must not pin its memory for ever.
constexpr std::size_t kMaxFreeStates = 64;
constexpr std::size_t kMaxKeptCapacity = std::size_t{4} << 20;

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
  if (state->capacity() > kMaxKeptCapacity) return;
  state->clear();
  const std::lock_guard<std::mutex> lock(free_->mutex);
  if (free_->states.size() < kMaxFreeStates) free_->states.push_back(std::move(state));
}

absl::StatusOr<JsonDocument> JsonPool::parse(Body body, std::string origin) {
  JsonDocument document(shared_from_this(), take());
  if (const absl::Status status = document.state_->load(std::move(body), std::move(origin)); !status.ok()) {
    return status;
  }
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
  return state_ ? state_->text() : std::string_view();
}

}  // namespace baton::http
