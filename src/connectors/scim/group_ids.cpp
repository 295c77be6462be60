#include "connectors/scim/group_ids.hpp"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "connectors/scim/list_page.hpp"
#include "http/json.hpp"

namespace baton::connectors::scim {
namespace {

namespace asio = boost::asio;

/// Ends the wait of all others when the reader is done, however it ends.
class WakeOthers {
 public:
  explicit WakeOthers(std::shared_ptr<asio::steady_timer>& timer) : timer_(timer) {}
  WakeOthers(const WakeOthers&) = delete;
  WakeOthers& operator=(const WakeOthers&) = delete;
  ~WakeOthers() {
    timer_->cancel();
    timer_.reset();
  }

 private:
  std::shared_ptr<asio::steady_timer>& timer_;
};

}  // namespace

Task<absl::StatusOr<const GroupIds::Ids*>> GroupIds::get() {
  while (!tokens_.empty()) {
    if (reading_ == nullptr) {
      const absl::Status status = co_await read();
      if (!status.ok()) co_return status;
      continue;
    }
    const std::shared_ptr<asio::steady_timer> reading = reading_;
    boost::system::error_code woken;
    co_await reading->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    // A wait that ends because its own call was cancelled must not become a reader.
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      co_return absl::CancelledError("cancelled while the groups were read");
    }
  }
  co_return &ids_;
}

Task<absl::Status> GroupIds::read() {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  reading_ = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const WakeOthers wake(reading_);
  while (!tokens_.empty()) {
    absl::StatusOr<ListPage> page =
        co_await fetch_list_page(*api_, Query("Groups", "attributes=id"), tokens_.back());
    if (!page.ok()) co_return page.status();
    const absl::Status read =
        page->for_each([this](http::JsonObject group) { ids_.emplace(group.id("id")); });
    if (!read.ok()) co_return read;
    tokens_.pop_back();
    for (std::string& token : page->siblings) tokens_.push_back(std::move(token));
    if (!page->next_token.empty()) tokens_.push_back(std::move(page->next_token));
  }
  co_return absl::OkStatus();
}

}  // namespace baton::connectors::scim
