#include "http/streamed_list.hpp"

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "base/redact.hpp"
#include "http/request.hpp"

namespace baton::http {
namespace {

constexpr std::size_t kMostParked = 8;

}  // namespace

/// An answer on its way.
class StreamedList::Walk {
 public:
  Walk(std::string list_target, BodyStream body, const StreamedListOptions& options)
      : target(std::move(list_target)),
        body_(std::move(body)),
        cutter_(options.member, options.max_row_bytes) {}

  /// The row at hand, null at the end of the list. Good until `pop`.
  Task<absl::StatusOr<std::string*>> peek() {
    while (cutter_.ready().empty() && !ended_) {
      absl::StatusOr<Body> piece = co_await body_.read();
      if (!piece.ok()) co_return piece.status();
      ended_ = piece->empty();
      const absl::Status status = ended_ ? cutter_.finish() : cutter_.feed(piece->view());
      if (!status.ok()) co_return annotate(status, "GET " + redact_url(target));
    }
    if (cutter_.ready().empty()) co_return nullptr;
    co_return &cutter_.ready().front();
  }
  void pop() {
    cutter_.ready().pop_front();
    ++at;
  }

  std::string target;
  std::uint64_t at = 0;

 private:
  BodyStream body_;
  JsonElementCutter cutter_;
  bool ended_ = false;
};

StreamedList::StreamedList(Client& client, StreamedListOptions options)
    : client_(client), options_(std::move(options)), json_pool_(JsonPool::create()) {}

StreamedList::~StreamedList() = default;

std::unique_ptr<StreamedList::Walk> StreamedList::unpark(std::string_view target, std::uint64_t at) {
  for (auto place = parked_.begin(); place != parked_.end(); ++place) {
    if ((*place)->at != at || (*place)->target != target) continue;
    std::unique_ptr<Walk> walk = std::move(*place);
    parked_.erase(place);
    return walk;
  }
  return nullptr;
}

Task<absl::StatusOr<std::unique_ptr<StreamedList::Walk>>> StreamedList::begin(std::string target,
                                                                              std::uint64_t skip) {
  Request request(Method::kGet, target);
  request.goes_on = skip > 0;
  absl::StatusOr<BodyStream> body = co_await client_.open(std::move(request), options_.max_body_bytes);
  if (!body.ok()) co_return body.status();
  auto walk = std::make_unique<Walk>(std::move(target), *std::move(body), options_);
  while (walk->at < skip) {
    absl::StatusOr<std::string*> row = co_await walk->peek();
    if (!row.ok()) co_return row.status();
    if (*row == nullptr) break;
    walk->pop();
  }
  co_return walk;
}

Task<absl::StatusOr<StreamedList::Rows>> StreamedList::page(std::string target, std::string token) {
  std::uint64_t at = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), at);
  if (!token.empty() && (error != std::errc() || end != token.data() + token.size())) {
    co_return absl::InvalidArgumentError("the page token is no place in this list");
  }
  std::unique_ptr<Walk> walk = unpark(target, at);
  if (!walk) {
    absl::StatusOr<std::unique_ptr<Walk>> begun = co_await begin(std::move(target), at);
    if (!begun.ok()) co_return begun.status();
    walk = *std::move(begun);
  }
  std::string text = "[";
  bool more = true;
  for (std::uint64_t rows = 0; more; ++rows) {
    absl::StatusOr<std::string*> row = co_await walk->peek();
    if (!row.ok()) co_return row.status();
    more = *row != nullptr;
    if (!more || rows == options_.rows_per_page) break;
    if (rows > 0) text += ',';
    text += **row;
    walk->pop();
  }
  text += ']';
  Body body;
  if (!body.append(text)) co_return absl::ResourceExhaustedError("out of memory");
  const std::string place = absl::StrCat("GET ", redact_url(walk->target), ", rows from ", at, " on");
  absl::StatusOr<JsonDocument> document = json_pool_->parse(std::move(body), place);
  if (!document.ok()) co_return document.status();
  Rows page(*std::move(document));
  if (more) {
    page.next_token = absl::StrCat(walk->at);
    parked_.push_back(std::move(walk));
    if (parked_.size() > kMostParked) parked_.pop_front();
  }
  co_return page;
}

}  // namespace baton::http
