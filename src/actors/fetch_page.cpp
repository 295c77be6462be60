#include "actors/fetch_page.hpp"

#include <exception>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/human.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "sync/annotation.hpp"
#include "sync/timestamp.hpp"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;

/// A call that takes longer is told of.
constexpr std::chrono::minutes kSlowCall{1};
/// How much a page holds in memory beside its rows, roughly.
constexpr std::size_t kPageOverhead = 1024;
constexpr std::size_t kPlannedBytes = 128;

storage::StructuralOrder order_of(const sync::Cursor& cursor) {
  return storage::StructuralOrder(static_cast<std::uint8_t>(cursor.phase()),
                                  hash64(storage::cursor_identity(cursor)), cursor.page());
}

/// Sibling tokens of a page: those that the SDK carries beside the message, and those of the wire annotation.
template <class Row>
absl::StatusOr<std::vector<std::string>> siblings_of(const sync::Cursor& cursor, const sdk::Page<Row>& page) {
  std::vector<std::string> tokens = page.siblings();
  int annotations = 0;
  for (const google::protobuf::Any& any : page.response().annotations()) {
    if (!sync::is_annotation(any, v2::EnqueuePageTokens::descriptor()->full_name())) continue;
    v2::EnqueuePageTokens enqueue;
    if (++annotations > 1 || !enqueue.ParseFromString(any.value())) {
      return absl::InternalError(absl::StrCat(
          sync::describe(cursor), ": more than one, or an unreadable, EnqueuePageTokens annotation"));
    }
    tokens.insert(tokens.end(), enqueue.page_tokens().begin(), enqueue.page_tokens().end());
  }
  return tokens;
}

template <class Row>
absl::Status finish(const FetchContext& context, const FetchRequest& request, const sdk::Page<Row>& page,
                    sync::Admitted<Row>& admitted, FetchedPage& result) {
  result.planned = std::move(admitted.planned);
  result.counters.set_rows_skipped_invalid(admitted.skipped_invalid);
  result.counters.set_rows_dropped_by_filter(admitted.dropped_by_filter);
  result.counters.set_expansions_dropped(admitted.expansions_dropped);
  result.counters.set_expansion_types_dropped(admitted.expansion_types_dropped);
  result.counters.set_grant_resources_dropped(admitted.grant_resources_dropped);
  result.counters.set_external_matches(admitted.external_matches);
  if (!admitted.rows.empty() || !admitted.inserted_resources.empty()) {
    auto rows = std::make_shared<storage::EncodedRows>(order_of(request.cursor),
                                                       sync::nanoseconds_of(context.clock->now()));
    for (const v2::Resource* resource : admitted.inserted_resources) rows->add(*resource);
    for (const Row* row : admitted.rows) rows->add(*row);
    rows->finish();
    result.rows = std::move(rows);
  }
  result.next_token = page.next_token();
  absl::StatusOr<std::vector<std::string>> siblings = siblings_of(request.cursor, page);
  if (!siblings.ok()) return siblings.status();
  return sync::append_siblings(request.cursor, *siblings, result.next_token, result.planned);
}

/// Calls, admits and encodes one page of any kind of row.
template <class Row, class Reply, class Admit>
Task<absl::Status> take_page(const FetchContext& context, const FetchRequest& request, Reply reply,
                             Admit admit, FetchedPage& result) {
  absl::StatusOr<sdk::Page<Row>> page = co_await std::move(reply);
  if (!page.ok()) co_return page.status();
  context.statistics->read(page->response().annotations(), request.cursor.resource_type_id());
  auto admitted = admit(*page);
  if (!admitted.ok()) co_return admitted.status();
  co_return finish(context, request, *page, *admitted, result);
}

Task<absl::Status> take_static_types(const FetchContext& context, const FetchRequest& request,
                                     FetchedPage& result) {
  const auto wire = sync::resource_types_request(request.cursor, context.sync_id);
  absl::StatusOr<sdk::Page<v2::ResourceType>> page = co_await context.connector->list_resource_types(wire);
  if (!page.ok()) co_return page.status();
  context.statistics->read(page->response().annotations(), "");
  result.planned = sync::plan_static_entitlements(page->response().list());
  result.next_token = page->next_token();
  co_return absl::OkStatus();
}

Task<absl::Status> take_static_entitlements(const FetchContext& context, const FetchRequest& request,
                                            FetchedPage& result) {
  const auto wire = sync::static_entitlements_request(request.cursor, context.sync_id);
  absl::StatusOr<sdk::Page<v2::Entitlement>> page =
      co_await context.connector->list_static_entitlements(wire);
  if (!page.ok()) co_return page.status();
  context.statistics->read(page->response().annotations(), request.cursor.resource_type_id());
  absl::StatusOr<std::vector<v2::Entitlement>> templates =
      sync::admit_templates(request.cursor, *page->response().mutable_list());
  if (!templates.ok()) co_return templates.status();
  result.templates = std::move(*templates);
  result.next_token = page->next_token();
  co_return absl::OkStatus();
}

/// One resource by its id. A resource that is not there, or of a type without a getter, is nothing at all.
Task<absl::Status> take_resource(const FetchContext& context, const sync::AdmissionRules& rules,
                                 const FetchRequest& request, FetchedPage& result) {
  const auto wire = sync::resource_request(request.cursor, context.sync_id);
  absl::StatusOr<sdk::Connector::GetResourceResponse> response =
      co_await context.connector->get_resource(wire);
  if (absl::IsNotFound(response.status()) || absl::IsUnimplemented(response.status())) {
    // Whoever named a target wants to know; what a grant mentions by the way is no news.
    const bool named = sync::operation_of(request.cursor) == Operation::kTargetedResource;
    context.log->write(
        named ? LogLevel::kWarn : LogLevel::kInfo, "sync.fetch", "a resource cannot be had and is left out",
        {{"cursor", sync::describe(request.cursor)}, {"error", std::string(response.status().message())}});
    co_return absl::OkStatus();
  }
  if (!response.ok()) co_return response.status();
  context.statistics->read(response->annotations(), request.cursor.resource_type_id());
  sdk::Page<v2::Resource> page;
  if (response->has_resource()) page.add() = response->resource();
  auto admitted = sync::admit_target(rules, request.cursor, *page.response().mutable_list());
  if (!admitted.ok()) co_return admitted.status();
  co_return finish(context, request, page, *admitted, result);
}

Task<absl::Status> take(const FetchContext& context, const sync::AdmissionRules& rules,
                        const FetchRequest& request, FetchedPage& result) {
  const sync::Cursor& cursor = request.cursor;
  const std::string& sync_id = context.sync_id;
  sdk::Connector& connector = *context.connector;
  switch (sync::operation_of(cursor)) {
    case Operation::kListResourceTypes: {
      const auto wire = sync::resource_types_request(cursor, sync_id);
      const auto admit = [&](sdk::Page<v2::ResourceType>& page) {
        return sync::admit_resource_types(rules, cursor, *page.response().mutable_list());
      };
      auto reply = connector.list_resource_types(wire);
      co_return co_await take_page<v2::ResourceType>(context, request, std::move(reply), admit, result);
    }
    case Operation::kListResources: {
      const auto wire = sync::resources_request(cursor, sync_id);
      const auto admit = [&](sdk::Page<v2::Resource>& page) {
        return sync::admit_resources(rules, cursor, *page.response().mutable_list());
      };
      auto reply = connector.list_resources(wire);
      co_return co_await take_page<v2::Resource>(context, request, std::move(reply), admit, result);
    }
    case Operation::kListStaticEntitlements:
      if (cursor.resource_type_id().empty()) co_return co_await take_static_types(context, request, result);
      co_return co_await take_static_entitlements(context, request, result);
    case Operation::kListEntitlements: {
      const auto wire = sync::entitlements_request(cursor, request.resource.get(), sync_id);
      const auto admit = [&](sdk::Page<v2::Entitlement>& page) {
        return sync::admit_entitlements(rules, cursor, *page.response().mutable_list());
      };
      auto reply = connector.list_entitlements(wire);
      co_return co_await take_page<v2::Entitlement>(context, request, std::move(reply), admit, result);
    }
    case Operation::kListGrants: {
      const auto wire = sync::grants_request(cursor, request.resource.get(), sync_id);
      const auto admit = [&](sdk::Page<v2::Grant>& page) {
        const bool insert = sync::has_annotation<v2::InsertResourceGrants>(page.response().annotations());
        return sync::admit_grants(rules, cursor, insert, *page.response().mutable_list());
      };
      auto reply = connector.list_grants(wire);
      co_return co_await take_page<v2::Grant>(context, request, std::move(reply), admit, result);
    }
    case Operation::kTargetedResource:
      co_return co_await take_resource(context, rules, request, result);
    case Operation::kRelatedResource:
      // Stored by now: another list brought it.
      if (request.resource != nullptr) co_return absl::OkStatus();
      co_return co_await take_resource(context, rules, request, result);
    default:
      co_return absl::InternalError(
          absl::StrCat("the plan holds an operation that this version does not know: ", cursor.operation()));
  }
}

}  // namespace

Task<FetchedPage> fetch_page(std::shared_ptr<const FetchContext> context,
                             std::shared_ptr<const sync::AdmissionRules> rules,
                             std::shared_ptr<const FetchRequest> request) {
  FetchedPage result;
  const auto started = context->clock->steady_now();
  try {
    result.status = co_await take(*context, *rules, *request, result);
  } catch (const boost::system::system_error& error) {
    result.status =
        error.code() == boost::asio::error::operation_aborted
            ? absl::CancelledError("the call was cancelled")
            : absl::InternalError(absl::StrCat(sync::describe(request->cursor), ": ", error.what()));
  } catch (const std::exception& error) {
    result.status = absl::InternalError(
        absl::StrCat(sync::describe(request->cursor), ": the connector threw an exception: ", error.what()));
  } catch (...) {
    result.status = absl::InternalError(absl::StrCat(sync::describe(request->cursor),
                                                     ": the connector threw something that is no exception"));
  }
  result.duration = context->clock->steady_now() - started;
  context->statistics->add(to_string(sync::operation_of(request->cursor)), result.duration,
                           result.status.ok());
  if (result.duration > kSlowCall) {
    context->log->write(
        LogLevel::kWarn, "sync.fetch", "a call of the connector took long",
        {{"cursor", sync::describe(request->cursor)}, {"took", human_duration(result.duration)}});
  }
  result.bytes =
      kPageOverhead + result.planned.size() * kPlannedBytes + (result.rows ? result.rows->bytes() : 0);
  co_return result;
}

}  // namespace baton::actors
