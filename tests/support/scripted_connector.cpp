#include "support/scripted_connector.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "absl/strings/str_cat.h"
#include "base/clock.hpp"

namespace baton::test {
namespace {

namespace asio = boost::asio;
namespace v2 = c1::connector::v2;

constexpr std::uint64_t kMostTurns = 12;

std::string with_token(std::string name, const std::string& token) {
  return token.empty() ? name : absl::StrCat(name, "@", token);
}

template <class Request>
std::string about_resource(const char* what, const Request& request) {
  const v2::ResourceId& id = request.resource().id();
  const bool type_scoped = !request.annotations().empty();
  return with_token(
      absl::StrCat(what, " ", id.resource_type(), type_scoped ? "*" : "/", type_scoped ? "" : id.resource()),
      request.page_token());
}

/// The resource type that a request's name is about.
std::string type_of(const std::string& request) {
  const std::size_t begin = request.find(' ');
  if (begin == std::string::npos) return {};
  return request.substr(begin + 1, request.find_first_of("/*<@", begin) - begin - 1);
}

}  // namespace

// -- the script

ScriptedAnswer& ScriptedAnswer::row(const v2::ResourceType& row) {
  types_.push_back(row);
  return *this;
}

ScriptedAnswer& ScriptedAnswer::row(const v2::Resource& row) {
  resources_.push_back(row);
  return *this;
}

ScriptedAnswer& ScriptedAnswer::row(const v2::Entitlement& row) {
  entitlements_.push_back(row);
  return *this;
}

ScriptedAnswer& ScriptedAnswer::row(const v2::Grant& row) {
  grants_.push_back(row);
  return *this;
}

ScriptedAnswer& ScriptedAnswer::next(std::string token) {
  next_ = std::move(token);
  return *this;
}

ScriptedAnswer& ScriptedAnswer::sibling(std::string token) {
  siblings_.push_back(std::move(token));
  return *this;
}

ScriptedAnswer& ScriptedAnswer::annotation(const google::protobuf::Message& message) {
  annotations_.emplace_back().PackFrom(message);
  return *this;
}

ScriptedAnswer& ScriptedAnswer::fails(absl::Status error, std::size_t times) {
  error_ = std::move(error);
  failures_ = times;
  return *this;
}

ScriptedAnswer& ScriptedAnswer::throws_exception() {
  throws_ = Throws::kException;
  return *this;
}

ScriptedAnswer& ScriptedAnswer::throws_number() {
  throws_ = Throws::kNumber;
  return *this;
}

ScriptedAnswer& ScriptedAnswer::never() {
  never_ = true;
  return *this;
}

ScriptedAnswer& ScriptedAnswer::after(std::string request) {
  after_ = std::move(request);
  return *this;
}

ScriptedAnswer& ScriptedConnector::on(std::string_view request) {
  return script_.try_emplace(std::string(request)).first->second;
}

// -- the record

class ScriptedConnector::InFlight {
 public:
  InFlight(ScriptedConnector& connector, const std::string& request, Operation operation)
      : connector_(connector), phase_(connector.begin(request, operation)) {}
  ~InFlight() { connector_.finish(phase_); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  ScriptedConnector& connector_;
  Operation phase_;
};

Operation ScriptedConnector::begin(const std::string& request, Operation operation) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  if (operation != Operation::kUnspecified && !independent_.contains(type_of(request))) {
    // The static entitlements ask for the types a second time, in their own phase.
    if (operation == Operation::kListResourceTypes && phase_ > operation) {
      operation = Operation::kListStaticEntitlements;
    }
    const auto earlier = std::find_if(in_flight_.begin(), in_flight_.end(), [operation](const auto& entry) {
      return entry.first != Operation::kUnspecified && entry.first < operation && entry.second > 0;
    });
    if (barrier_violation_.empty() && (operation < phase_ || earlier != in_flight_.end())) {
      barrier_violation_ = absl::StrCat(
          request, operation < phase_ ? " came in phase " : " came while a request was unanswered in phase ",
          static_cast<int>(operation < phase_ ? phase_ : earlier->first));
    }
    phase_ = std::max(phase_, operation);
  }
  ++in_flight_[operation];
  std::size_t all = 0;
  for (const auto& [phase, count] : in_flight_) all += count;
  most_in_flight_ = std::max(most_in_flight_, all);
  return operation;
}

void ScriptedConnector::finish(Operation phase) {
  const std::lock_guard lock(mutex_);
  --in_flight_[phase];
}

std::vector<std::string> ScriptedConnector::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> ScriptedConnector::answered() const {
  const std::lock_guard lock(mutex_);
  return answered_;
}

std::size_t ScriptedConnector::count(std::string_view request) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count(requests_.begin(), requests_.end(), request));
}

std::size_t ScriptedConnector::most_in_flight() const {
  const std::lock_guard lock(mutex_);
  return most_in_flight_;
}

std::string ScriptedConnector::barrier_violation() const {
  const std::lock_guard lock(mutex_);
  return barrier_violation_;
}

void ScriptedConnector::record_answer(const std::string& request) {
  const std::lock_guard lock(mutex_);
  answered_.push_back(request);
}

void ScriptedConnector::fail_from(std::size_t number, absl::Status error) {
  fail_from_ = number;
  failure_ = std::move(error);
}

// -- answering

void ScriptedConnector::wake() {
  for (const auto& waiting : std::exchange(waiting_, {})) {
    const auto timer = waiting.lock();
    if (!timer) continue;
    timer->cancel();
    waiting_.push_back(timer);
  }
}

void ScriptedConnector::signal(const std::string& name) {
  signals_.insert(name);
  wake();
}

Task<bool> ScriptedConnector::wait_until_seen(std::string request) {
  auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                    asio::steady_timer::time_point::max());
  waiting_.push_back(timer);
  while (request.empty() || (count(request) == 0 && !signals_.contains(request))) {
    // Ends by a further request, which cancels the timer, or by a cancellation of the call.
    boost::system::error_code ended;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ended));
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return false;
  }
  co_return true;
}

Task<absl::Status> ScriptedConnector::play(std::string request, Operation operation) {
  const InFlight in_flight(*this, request, operation);
  wake();
  if (observer_) observer_(request);
  if (operation != Operation::kUnspecified && ++lists_ >= fail_from_ && fail_from_ > 0) co_return failure_;
  if (shuffle_ != 0) {
    SeededEntropy entropy(shuffle_++);
    for (std::uint64_t turns = entropy.next64() % kMostTurns; turns > 0; --turns) {
      co_await asio::post(asio::use_awaitable);
    }
  }
  const auto found = script_.find(request);
  if (found == script_.end()) co_return absl::OkStatus();
  ScriptedAnswer& answer = found->second;
  if (answer.never_ || !answer.after_.empty()) {
    const bool came = co_await wait_until_seen(answer.after_);
    if (!came) throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (answer.throws_ == ScriptedAnswer::Throws::kException) throw std::runtime_error("scripted exception");
  if (answer.throws_ == ScriptedAnswer::Throws::kNumber) throw 42;
  if (answer.failures_ > 0) {
    if (answer.failures_ != ScriptedAnswer::kAlways) --answer.failures_;
    co_return answer.error_;
  }
  co_return absl::OkStatus();
}

template <class Row>
sdk::Connector::Reply<sdk::Page<Row>> ScriptedConnector::page(std::string request, Operation operation) {
  const absl::Status played = co_await play(request, operation);
  if (!played.ok()) co_return played;
  record_answer(request);
  sdk::Page<Row> page;
  const auto found = script_.find(request);
  if (found == script_.end()) co_return page;
  const ScriptedAnswer& answer = found->second;
  const auto fill = [&page](const std::vector<Row>& rows) {
    for (const Row& row : rows) page.add() = row;
  };
  if constexpr (std::is_same_v<Row, v2::ResourceType>) fill(answer.types_);
  if constexpr (std::is_same_v<Row, v2::Resource>) fill(answer.resources_);
  if constexpr (std::is_same_v<Row, v2::Entitlement>) fill(answer.entitlements_);
  if constexpr (std::is_same_v<Row, v2::Grant>) fill(answer.grants_);
  page.set_next_token(answer.next_);
  for (const std::string& token : answer.siblings_) page.add_sibling(token);
  for (const google::protobuf::Any& annotation : answer.annotations_) {
    *page.response().add_annotations() = annotation;
  }
  co_return page;
}

sdk::Connector::Reply<sdk::Connector::ValidateResponse> ScriptedConnector::validate(const ValidateRequest&) {
  const absl::Status played = co_await play("validate", Operation::kUnspecified);
  if (!played.ok()) co_return played;
  co_return ValidateResponse();
}

sdk::Connector::Reply<sdk::Connector::CleanupResponse> ScriptedConnector::cleanup(const CleanupRequest&) {
  const absl::Status played = co_await play("cleanup", Operation::kUnspecified);
  if (!played.ok()) co_return played;
  co_return CleanupResponse();
}

sdk::Connector::Reply<sdk::Page<v2::ResourceType>> ScriptedConnector::list_resource_types(
    const ListResourceTypesRequest& request) {
  return page<v2::ResourceType>(with_token("types", request.page_token()), Operation::kListResourceTypes);
}

sdk::Connector::Reply<sdk::Page<v2::Resource>> ScriptedConnector::list_resources(
    const ListResourcesRequest& request) {
  std::string name = absl::StrCat("resources ", request.resource_type_id());
  if (request.has_parent_resource_id()) {
    absl::StrAppend(&name, "<", request.parent_resource_id().resource_type(), "/",
                    request.parent_resource_id().resource());
  }
  return page<v2::Resource>(with_token(std::move(name), request.page_token()), Operation::kListResources);
}

sdk::Connector::Reply<sdk::Page<v2::Entitlement>> ScriptedConnector::list_static_entitlements(
    const ListStaticEntitlementsRequest& request) {
  return page<v2::Entitlement>(
      with_token(absl::StrCat("static ", request.resource_type_id()), request.page_token()),
      Operation::kListStaticEntitlements);
}

sdk::Connector::Reply<sdk::Page<v2::Entitlement>> ScriptedConnector::list_entitlements(
    const ListEntitlementsRequest& request) {
  return page<v2::Entitlement>(about_resource("entitlements", request), Operation::kListEntitlements);
}

sdk::Connector::Reply<sdk::Page<v2::Grant>> ScriptedConnector::list_grants(const ListGrantsRequest& request) {
  return page<v2::Grant>(about_resource("grants", request), Operation::kListGrants);
}

sdk::Connector::Reply<sdk::Connector::GetResourceResponse> ScriptedConnector::get_resource(
    const GetResourceRequest& request) {
  const v2::ResourceId& id = request.resource_id();
  std::string name = absl::StrCat("get ", id.resource_type(), "/", id.resource());
  const absl::Status played = co_await play(name, Operation::kUnspecified);
  if (!played.ok()) co_return played;
  record_answer(name);
  const auto found = script_.find(name);
  if (found == script_.end() || found->second.resources_.empty()) {
    co_return absl::NotFoundError("the script has no such resource");
  }
  GetResourceResponse response;
  *response.mutable_resource() = found->second.resources_.front();
  co_return response;
}

sdk::SyncHints ScriptedConnector::hints(std::string_view resource_type_id) const {
  sdk::SyncHints hints;
  hints.independent_phases = independent_.contains(resource_type_id);
  return hints;
}

}  // namespace baton::test
