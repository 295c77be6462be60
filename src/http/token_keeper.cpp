#include "http/token_keeper.hpp"

#include <algorithm>
#include <utility>

namespace baton::http {
namespace {

/// A token is renewed so long before its end, or when a tenth of its life is left if that is less: a request
/// must not reach the service with one that has just expired.
constexpr std::chrono::seconds kMargin{30};

}  // namespace

TokenKeeper::TokenKeeper(TokenGrant grant, const Clock& clock, Fetch fetch)
    : grant_(std::move(grant)), clock_(clock), fetch_(std::move(fetch)) {}

bool TokenKeeper::is_good() const {
  if (generation_ == 0 || refused_) return false;
  if (!token_.expires_at) return true;
  const auto life = *token_.expires_at - fetched_at_;
  const auto margin = std::min<std::chrono::system_clock::duration>(kMargin, life / 10);
  return clock_.now() + margin < *token_.expires_at;
}

void TokenKeeper::accepted(std::uint64_t generation) {
  accepted_ = std::max(accepted_, generation);
}

void TokenKeeper::refused(std::uint64_t generation) {
  if (generation == generation_) refused_ = true;
}

void TokenKeeper::fetch() {
  fetching_ = true;
  fetch_(grant_, [this](absl::StatusOr<AccessToken> token) {
    fetching_ = false;
    last_error_ = token.status();
    if (token.ok()) {
      token_ = *std::move(token);
      fetched_at_ = clock_.now();
      ++generation_;
      refused_ = false;
      if (!token_.refresh_token.empty() && grant_.kind == TokenGrant::Kind::kRefreshToken) {
        grant_.refresh_token = token_.refresh_token;
      }
    }
    for (Wake* wake : waiting_) wake->set();
  });
}

Task<absl::Status> TokenKeeper::ready(Watch& watch, const boost::asio::any_io_executor& executor) {
  if (is_good()) co_return absl::OkStatus();
  if (!fetching_) fetch();
  // A token that is signed here is there already.
  if (!fetching_) co_return last_error_;
  Wake wake(executor);
  const auto place = waiting_.insert(waiting_.end(), &wake);
  watch.enter("waiting for a token", wake);
  co_await wake.wait();
  watch.leave();
  waiting_.erase(place);
  co_return fetching_ ? absl::OkStatus() : last_error_;
}

}  // namespace baton::http
