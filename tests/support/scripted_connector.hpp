#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/any.pb.h>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/status.h"
#include "base/operation.hpp"
#include "sdk/connector.hpp"

namespace baton::test {

/// What a `ScriptedConnector` does with one request. Every setter may be chained.
class ScriptedAnswer {
 public:
  static constexpr std::size_t kAlways = std::numeric_limits<std::size_t>::max();

  ScriptedAnswer() = default;

  ScriptedAnswer& row(const c1::connector::v2::ResourceType& row);
  ScriptedAnswer& row(const c1::connector::v2::Resource& row);
  ScriptedAnswer& row(const c1::connector::v2::Entitlement& row);
  ScriptedAnswer& row(const c1::connector::v2::Grant& row);
  ScriptedAnswer& next(std::string token);
  ScriptedAnswer& sibling(std::string token);
  /// An annotation of the response.
  ScriptedAnswer& annotation(const google::protobuf::Message& message);
  /// Fails the first `times` requests; those after them are answered.
  ScriptedAnswer& fails(absl::Status error, std::size_t times = kAlways);
  /// Throws, as no connector should: an exception, or something that is none.
  ScriptedAnswer& throws_exception();
  ScriptedAnswer& throws_number();
  /// Answers only by being cancelled.
  ScriptedAnswer& never();
  /// Holds the answer until that other request has come, or was signalled.
  ScriptedAnswer& after(std::string request);

 private:
  friend class ScriptedConnector;
  enum class Throws { kNothing, kException, kNumber };

  std::vector<c1::connector::v2::ResourceType> types_;
  std::vector<c1::connector::v2::Resource> resources_;
  std::vector<c1::connector::v2::Entitlement> entitlements_;
  std::vector<c1::connector::v2::Grant> grants_;
  std::string next_;
  std::vector<std::string> siblings_;
  std::vector<google::protobuf::Any> annotations_;
  absl::Status error_;
  std::size_t failures_ = 0;
  Throws throws_ = Throws::kNothing;
  bool never_ = false;
  std::string after_;
};

/// A connector that answers by a script and remembers what it was asked.
///
/// A request has a name, by which it is scripted and recorded; a page token follows behind an @:
///
///     types              types@p1
///     resources team     resources team<group/g1 (below a parent)
///     static team
///     entitlements group/g1      entitlements group* (type-scoped)
///     grants group/g1            grants group*
///     get group/g1       (the first resource row of its answer; NotFound when there is none)
///     validate           cleanup
///
/// What is not scripted is answered with an empty page. The script is complete before the first request;
/// requests come from one executor; what was recorded may be read from any thread.
class ScriptedConnector final : public sdk::Connector {
 public:
  ScriptedConnector() = default;

  ScriptedAnswer& on(std::string_view request);
  /// Answers take a few turns of the executor, more or fewer by a seeded stream, so that they overtake each
  /// other.
  void shuffle(std::uint64_t seed) { shuffle_ = seed; }
  /// Fails the list request with this number, counted from 1, and all after it.
  void fail_from(std::size_t number, absl::Status error);
  /// The promise of `SyncHints::independent_phases` for a type.
  void independent(std::string type) { independent_.insert(std::move(type)); }
  /// Called on the executor with each request before it is answered.
  void on_request(std::function<void(const std::string&)> observer) { observer_ = std::move(observer); }

  /// Lets go the answers that wait for this, as if a request of that name had come. On the executor only.
  void signal(const std::string& name);

  /// Names of all requests, in the order in which they came.
  std::vector<std::string> requests() const;
  /// Those of them that were answered with a page, in the order of the answers.
  std::vector<std::string> answered() const;
  /// How often a request came.
  std::size_t count(std::string_view request) const;
  /// The most requests that were unanswered at one time.
  std::size_t most_in_flight() const;
  /// The first request that came while work of an earlier phase was unfinished, in words; empty if none did.
  /// Types that promise independent phases do not count.
  std::string barrier_violation() const;

  Reply<ValidateResponse> validate(const ValidateRequest& request) override;
  Reply<CleanupResponse> cleanup(const CleanupRequest& request) override;
  Reply<sdk::Page<c1::connector::v2::ResourceType>> list_resource_types(
      const ListResourceTypesRequest& request) override;
  Reply<sdk::Page<c1::connector::v2::Resource>> list_resources(const ListResourcesRequest& request) override;
  Reply<sdk::Page<c1::connector::v2::Entitlement>> list_static_entitlements(
      const ListStaticEntitlementsRequest& request) override;
  Reply<sdk::Page<c1::connector::v2::Entitlement>> list_entitlements(
      const ListEntitlementsRequest& request) override;
  Reply<sdk::Page<c1::connector::v2::Grant>> list_grants(const ListGrantsRequest& request) override;
  Reply<GetResourceResponse> get_resource(const GetResourceRequest& request) override;
  sdk::SyncHints hints(std::string_view resource_type_id) const override;

 private:
  /// Counts as in flight for as long as it lives, however its request ends.
  class InFlight;

  Task<absl::Status> play(std::string request, Operation operation);
  template <class Row>
  Reply<sdk::Page<Row>> page(std::string request, Operation operation);
  Task<bool> wait_until_seen(std::string request);
  void wake();
  /// Records a request and returns the phase that it counts in.
  Operation begin(const std::string& request, Operation operation);
  void finish(Operation phase);
  void record_answer(const std::string& request);

  std::map<std::string, ScriptedAnswer, std::less<>> script_;
  std::set<std::string, std::less<>> independent_;
  std::function<void(const std::string&)> observer_;
  std::uint64_t shuffle_ = 0;
  std::size_t lists_ = 0;
  std::size_t fail_from_ = 0;
  absl::Status failure_;
  std::set<std::string, std::less<>> signals_;
  std::vector<std::weak_ptr<boost::asio::steady_timer>> waiting_;

  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::string> answered_;
  std::map<Operation, std::size_t> in_flight_;
  std::size_t most_in_flight_ = 0;
  Operation phase_ = Operation::kUnspecified;
  std::string barrier_violation_;
};

}  // namespace baton::test
