#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <google/protobuf/arena.h>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"

namespace baton::sdk {

/// Which wire response carries rows of type `Row`.
template <class Row>
struct ResponseOf;
template <>
struct ResponseOf<c1::connector::v2::ResourceType> {
  using Type = c1::connector::v2::ResourceTypesServiceListResourceTypesResponse;
};
template <>
struct ResponseOf<c1::connector::v2::Resource> {
  using Type = c1::connector::v2::ResourcesServiceListResourcesResponse;
};
template <>
struct ResponseOf<c1::connector::v2::Entitlement> {
  using Type = c1::connector::v2::EntitlementsServiceListEntitlementsResponse;
};
template <>
struct ResponseOf<c1::connector::v2::Grant> {
  using Type = c1::connector::v2::GrantsServiceListGrantsResponse;
};

/// One page of a listing: rows on an arena of their own, the token of the next page, tokens of independent
/// sibling cursors, and response annotations.
///
/// Move-only; moving keeps row addresses. Not thread-safe while rows are added; a finished page is immutable
/// and may be read from any thread. Destroying it frees all rows at once.
template <class Row>
class Page {
 public:
  using Response = typename ResponseOf<Row>::Type;

  Page()
      : arena_(std::make_unique<google::protobuf::Arena>(options())),
        response_(google::protobuf::Arena::CreateMessage<Response>(arena_.get())) {}
  Page(Page&&) noexcept = default;
  Page& operator=(Page&&) noexcept = default;
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  ~Page() = default;

  /// A new, empty row to fill in; owned by the page.
  Row& add() { return *response_->add_list(); }

  std::size_t size() const { return static_cast<std::size_t>(response_->list_size()); }
  const Row& row(std::size_t index) const { return response_->list(static_cast<int>(index)); }
  Row& mutable_row(std::size_t index) { return *response_->mutable_list(static_cast<int>(index)); }

  /// Token of the page after this one; empty means that the listing ends here.
  const std::string& next_token() const { return response_->next_page_token(); }
  void set_next_token(std::string token) { response_->set_next_page_token(std::move(token)); }

  /// First tokens of cursors that can be walked independently of this one, for example one for each offset of
  /// a listing with a known total. Each is walked exactly once per sync.
  const std::vector<std::string>& siblings() const { return siblings_; }
  void add_sibling(std::string token) { siblings_.push_back(std::move(token)); }

  /// The wire message behind this page; `annotations` live there.
  const Response& response() const { return *response_; }
  Response& response() { return *response_; }

  /// Bytes that the page holds in memory; what back-pressure counts.
  std::size_t bytes() const { return static_cast<std::size_t>(arena_->SpaceAllocated()); }

 private:
  static google::protobuf::ArenaOptions options() {
    google::protobuf::ArenaOptions result;
    result.start_block_size = 4096;
    result.max_block_size = 64 * 1024;
    return result;
  }

  std::unique_ptr<google::protobuf::Arena> arena_;
  Response* response_;
  std::vector<std::string> siblings_;
};

static_assert(!std::is_aggregate_v<Page<c1::connector::v2::Grant>>);

}  // namespace baton::sdk
