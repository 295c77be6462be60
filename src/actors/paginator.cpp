#include "actors/paginator.hpp"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "base/human.hpp"
#include "sync/allowance.hpp"
#include "sync/retry.hpp"
#include "sync/timestamp.hpp"
#include "sync/warnings.hpp"

namespace baton::actors {

void PaginatorState::ask() {
  asking_ = true;
  self_->send(config_.fetcher, fetch_atom_v, SharedFetch(FetchRequest(config_.item.key, cursor_, resource_)),
              PaginatorActor{self_});
}

void PaginatorState::take(const SharedPage& page) {
  asking_ = false;
  if (!page->status.ok()) {
    take_error(page->status);
    return;
  }
  if (config_.log->enabled(LogLevel::kDebug)) {
    config_.log->write(LogLevel::kDebug, name, "page fetched",
                       {{"cursor", sync::describe(cursor_)},
                        {"rows", std::uint64_t{page->rows ? page->rows->size() : 0}},
                        {"took", human_duration(page->duration)}});
  }
  ReadyPage ready;
  ready.page = page;
  ready.number = cursor_.page();
  if (absl::Status advanced = sync::advance(cursor_, page->next_token); !advanced.ok()) {
    fail(advanced);
    return;
  }
  ready.cursor_after = cursor_;
  hand_on(std::move(ready));
  // The next page is asked for while this one is being committed, but no further ahead.
  if (!cursor_.done() && !held_ && !stopping_) ask();
}

void PaginatorState::take_error(const absl::Status& error) {
  if (stopping_ || absl::IsCancelled(error)) {
    stopping_ = true;
    end_if_idle();
    return;
  }
  static const sync::SyncOptions kNothingSpecial;
  const sync::SyncOptions& options = config_.options ? *config_.options : kNothingSpecial;
  switch (sync::judge(error, cursor_, options)) {
    case sync::Verdict::kRetry: {
      cursor_.set_attempts(cursor_.attempts() + 1);
      const auto wait = sync::retry_wait(error, cursor_.attempts(), *config_.clock, *config_.entropy);
      *cursor_.mutable_retry_at() = sync::to_timestamp(config_.clock->now() + wait);
      // All pages before this one are with the writer already, so that their order stands.
      CommitRequest note;
      note.note = true;
      note.commit.cursor_key = config_.item.key;
      note.commit.cursor = cursor_;
      self_->send(config_.writer, commit_atom_v, SharedCommit(std::move(note)), PaginatorActor{self_});
      park(wait, requested_wait(error, *config_.clock).has_value(), std::string(error.message()));
      return;
    }
    case sync::Verdict::kDrop:
      give_up(error);
      return;
    case sync::Verdict::kFatal:
      fail(annotate(error, sync::describe(cursor_)));
      return;
  }
}

void PaginatorState::park(std::chrono::milliseconds wait, bool announced, const std::string& error) {
  ParkNotice notice;
  notice.key = config_.item.key;
  notice.wait = wait;
  notice.announced = announced;
  notice.page = sync::describe(cursor_);
  notice.error = error;
  notice.attempt = cursor_.attempts();
  self_->send(config_.coordinator, park_atom_v, SharedPark(std::move(notice)));
  self_->delayed_send(self_, wait, retry_atom_v, ++retry_generation_);
}

bool PaginatorState::resume_wait() {
  if (begun_ || !cursor_.has_retry_at()) return false;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(sync::from_timestamp(cursor_.retry_at()) -
                                                                 config_.clock->now());
  // A wait that is longer than any we begin stems from a clock that was wrong.
  if (left.count() <= 0 || left > sync::kLongestHold + std::chrono::seconds(1)) return false;
  park(left, true, "an earlier process was told to wait");
  return true;
}

void PaginatorState::give_up(const absl::Status& error) {
  ReadyPage ready;
  ready.warning = sync::dropped_cursor(cursor_, error);
  config_.log->write(LogLevel::kWarn, name, ready.warning->message(), {});
  FetchedPage nothing;
  nothing.counters.set_warnings(1);
  ready.page = SharedPage(std::move(nothing));
  ready.number = cursor_.page();
  cursor_.set_done(true);
  ready.cursor_after = cursor_;
  hand_on(std::move(ready));
}

void PaginatorState::hand_on(ReadyPage ready) {
  if (committing_) {
    held_ = std::move(ready);
  } else {
    commit(std::move(ready));
  }
}

void PaginatorState::commit(ReadyPage ready) {
  committing_ = true;
  committing_bytes_ = ready.page->bytes;
  CommitRequest request;
  request.commit.cursor_key = config_.item.key;
  request.commit.cursor = ready.cursor_after;
  request.commit.rows = ready.page->rows;
  request.commit.planned = ready.page->planned;
  request.commit.counters = ready.page->counters;
  request.templates = ready.page->templates;
  if (ready.warning) request.commit.warnings.push_back(std::move(*ready.warning));
  self_->send(config_.writer, commit_atom_v, SharedCommit(std::move(request)), PaginatorActor{self_});
}

void PaginatorState::committed(std::uint32_t) {
  committing_ = false;
  self_->send(config_.fetcher, free_atom_v, std::exchange(committing_bytes_, 0));
  if (held_) {
    commit(*std::exchange(held_, std::nullopt));
    if (!cursor_.done() && !asking_ && !stopping_) ask();
    return;
  }
  if (cursor_.done()) {
    self_->send(config_.coordinator, done_atom_v, config_.item.key);
    self_->quit();
    return;
  }
  end_if_idle();
}

void PaginatorState::fail(const absl::Status& error) {
  self_->send(config_.coordinator, fail_atom_v, SharedStatus(error));
  stopping_ = true;
  end_if_idle();
}

void PaginatorState::end_if_idle() {
  if (stopping_ && !asking_ && !committing_ && !held_) self_->quit();
}

PaginatorActor::behavior_type PaginatorState::make_behavior(PaginatorConfig config) {
  config_ = std::move(config);
  cursor_ = config_.item.cursor;
  if (config_.item.resource) {
    resource_ = std::make_shared<const c1::connector::v2::Resource>(std::move(*config_.item.resource));
  }
  return {
      [this](start_atom) {
        const bool waits = resume_wait();
        begun_ = true;
        if (!waits) ask();
      },
      [this](page_atom, const SharedPage& page) { take(page); },
      [this](ack_atom, std::uint32_t number) { committed(number); },
      [this](stop_atom) {
        stopping_ = true;
        ++retry_generation_;
        end_if_idle();
      },
      [this](retry_atom, std::uint32_t generation) {
        if (generation == retry_generation_ && !stopping_) {
          self_->send(config_.coordinator, ready_atom_v, config_.item.key);
        }
      },
  };
}

PaginatorActor::behavior_type paginator(PaginatorActor::stateful_pointer<PaginatorState> self,
                                        PaginatorConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
