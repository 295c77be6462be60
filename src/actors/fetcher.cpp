#include "actors/fetcher.hpp"

#include <algorithm>

#include <caf/send.hpp>

namespace baton::actors {

void FetcherState::start(const SharedFetch& request, const PaginatorActor& paginator) {
  const std::uint64_t id = next_call_++;
  const FetcherActor fetcher{self_};
  calls_.emplace(id, start_fetch(config_.executor, config_.context, rules_, request.pointer(),
                                 [id, paginator, fetcher](FetchedPage page) {
                                   const std::uint64_t bytes = page.status.ok() ? page.bytes : 0;
                                   caf::anon_send(fetcher, done_atom_v, id, bytes);
                                   caf::anon_send(paginator, page_atom_v, SharedPage(std::move(page)));
                                 }));
}

void FetcherState::fetch(const SharedFetch& request, const PaginatorActor& paginator) {
  if (cancelled_) {
    FetchedPage page;
    page.status = absl::CancelledError("the sync is stopping");
    self_->send(paginator, page_atom_v, SharedPage(std::move(page)));
  } else if (held_bytes_ >= config_.byte_budget) {
    waiting_.emplace_back(request, paginator);
  } else {
    start(request, paginator);
  }
}

caf::result<SharedStatus> FetcherState::call(StatusCall* start) {
  const std::uint64_t id = next_call_++;
  const FetcherActor fetcher{self_};
  auto promise = self_->make_response_promise<SharedStatus>();
  answers_.emplace(id, promise);
  calls_.emplace(id, start(config_.executor, config_.context, [id, fetcher](absl::Status status) {
                   caf::anon_send(fetcher, valid_atom_v, id, SharedStatus(std::move(status)));
                 }));
  return promise;
}

void FetcherState::start_waiting() {
  while (!waiting_.empty() && held_bytes_ < config_.byte_budget) {
    auto [request, paginator] = std::move(waiting_.front());
    waiting_.pop_front();
    start(request, paginator);
  }
}

void FetcherState::cancel_all() {
  cancelled_ = true;
  for (const auto& [id, call] : calls_) call.cancel();
  auto waiting = std::exchange(waiting_, {});
  for (const auto& [request, paginator] : waiting) fetch(request, paginator);
}

FetcherActor::behavior_type FetcherState::make_behavior(FetcherConfig config) {
  config_ = std::move(config);
  rules_ = config_.first_rules;
  return {
      [this](fetch_atom, const SharedFetch& request, const PaginatorActor& paginator) {
        fetch(request, paginator);
      },
      [this](valid_atom) { return call(&start_validate); },
      [this](release_atom) { return call(&start_cleanup); },
      [this](valid_atom, std::uint64_t id, const SharedStatus& status) {
        calls_.erase(id);
        if (auto entry = answers_.extract(id)) entry.mapped().deliver(status);
      },
      [this](rules_atom, const SharedRules& rules) { rules_ = rules.pointer(); },
      [this](free_atom, std::uint64_t bytes) {
        held_bytes_ -= std::min(held_bytes_, bytes);
        start_waiting();
      },
      [this](cancel_atom) { cancel_all(); },
      [this](done_atom, std::uint64_t id, std::uint64_t bytes) {
        calls_.erase(id);
        held_bytes_ += bytes;
      },
  };
}

FetcherActor::behavior_type fetcher(FetcherActor::stateful_pointer<FetcherState> self, FetcherConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
