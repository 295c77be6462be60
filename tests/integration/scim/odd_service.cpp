#include "odd_service.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "sdk/annotations.hpp"

namespace baton::connectors::scim {
namespace {

namespace asio = boost::asio;
namespace v2 = c1::connector::v2;

using Tokens = std::vector<std::string>;

template <class Row>
void queue_tokens(const sdk::Page<Row>& page, Tokens& tokens) {
  if (!page.next_token().empty()) tokens.push_back(page.next_token());
  tokens.insert(tokens.end(), page.siblings().begin(), page.siblings().end());
}

Task<void> walk_resources(sdk::Connector& connector, std::string type, std::set<std::string>& resources,
                          absl::Status& status) {
  Tokens tokens = {""};
  while (!tokens.empty() && status.ok()) {
    sdk::Connector::ListResourcesRequest request;
    request.set_resource_type_id(type);
    request.set_page_token(tokens.back());
    tokens.pop_back();
    auto page = co_await connector.list_resources(request);
    if (!page.ok()) {
      status = page.status();
      co_return;
    }
    for (const v2::Resource& row : page->response().list())
      resources.insert(type + "/" + row.id().resource());
    queue_tokens(*page, tokens);
  }
}

Task<void> walk_all(sdk::Connector& connector, std::set<std::string>& resources,
                    std::set<std::string>& grants, absl::Status& status) {
  const sdk::Connector::ValidateRequest validate;
  const auto validated = co_await connector.validate(validate);
  status = validated.status();
  if (!status.ok()) co_return;
  const sdk::Connector::ListResourceTypesRequest types;
  auto page = co_await connector.list_resource_types(types);
  status = page.status();
  if (!status.ok()) co_return;
  for (const v2::ResourceType& type : page->response().list()) {
    co_await walk_resources(connector, type.id(), resources, status);
    if (status.ok() && sdk::contains_annotation<v2::TypeScopedGrants>(type.annotations())) {
      co_await walk_grants(connector, type.id(), grants, status);
    }
    if (!status.ok()) co_return;
  }
}

}  // namespace

Task<void> walk_grants(sdk::Connector& connector, std::string type, std::set<std::string>& grants,
                       absl::Status& status) {
  Tokens tokens = {""};
  while (!tokens.empty()) {
    sdk::Connector::ListGrantsRequest request;
    request.mutable_resource()->mutable_id()->set_resource_type(type);
    request.mutable_resource()->mutable_id()->set_resource(type);
    sdk::append_annotation(*request.mutable_annotations(), v2::TypeScopedGrants());
    request.set_page_token(tokens.back());
    tokens.pop_back();
    auto page = co_await connector.list_grants(request);
    if (!page.ok()) {
      status = page.status();
      co_return;
    }
    for (const v2::Grant& row : page->response().list()) grants.insert(row.id());
    queue_tokens(*page, tokens);
  }
}

void KeptLog::write(LogLevel level, std::string_view, std::string_view message,
                    std::initializer_list<LogField> fields) {
  if (level < LogLevel::kWarn) return;
  std::string line(message);
  for (const LogField& field : fields) line += " " + std::string(field.name) + "=" + field.value;
  warnings.push_back(line);
}

OddServiceTest::OddServiceTest() {
  list_users_ = list_groups_ = [](const std::vector<std::string>& all, const Asked& asked) {
    return slice(all, asked.start, asked.count);
  };
  server_.answer("/v2/Users", [this](const test::SeenRequest& request) {
    return reply(list_users_(users_, parse(request.target)));
  });
  server_.answer("/v2/Groups", [this](const test::SeenRequest& request) {
    return reply(list_groups_(groups_, parse(request.target)));
  });
  use_page_size(10);
}

void OddServiceTest::use_page_size(std::uint64_t page_size) {
  http::ClientOptions options(server_.url() + "/v2");
  options.retry.backoff = std::chrono::milliseconds(0);
  options.credentials = http::Credentials::bearer("t0p-s3cret");
  auto scim =
      make_scim_connector(context_.get_executor(), std::move(options), page_size, permits_, log_, nullptr);
  ASSERT_TRUE(scim.ok()) << scim.status();
  connector_ = std::move(scim->connector);
}

std::vector<std::string> OddServiceTest::plain(const std::string& prefix, int count) {
  std::vector<std::string> rows;
  for (int number = 1; number <= count; ++number)
    rows.push_back(absl::StrCat(R"({"id":")", prefix, number, "\"}"));
  return rows;
}

OddServiceTest::Answer OddServiceTest::slice(const std::vector<std::string>& all, std::uint64_t start,
                                             std::uint64_t count) {
  Answer answer;
  answer.total = std::to_string(all.size());
  for (std::uint64_t at = std::max<std::uint64_t>(start, 1) - 1;
       at < all.size() && answer.rows.size() < count; ++at) {
    answer.rows.push_back(all[at]);
  }
  return answer;
}

OddServiceTest::Found OddServiceTest::sync() {
  Found found;
  asio::co_spawn(context_, walk_all(*connector_, found.resources, found.grants, found.status),
                 asio::detached);
  run();
  return found;
}

std::size_t OddServiceTest::asked_for(const std::string& text) const {
  const auto requests = server_.requests();
  return static_cast<std::size_t>(std::count_if(
      requests.begin(), requests.end(),
      [&text](const test::SeenRequest& request) { return request.target.find(text) != std::string::npos; }));
}

std::size_t OddServiceTest::count_of(const std::set<std::string>& texts, const std::string& prefix) {
  return static_cast<std::size_t>(std::count_if(
      texts.begin(), texts.end(), [&prefix](const std::string& text) { return text.starts_with(prefix); }));
}

Asked OddServiceTest::parse(const std::string& target) {
  const auto value = [&target](const std::string& key) -> std::optional<std::string> {
    for (const char* const before : {"?", "&"}) {
      const std::size_t at = target.find(before + key + "=");
      if (at == std::string::npos) continue;
      const std::size_t begin = at + key.size() + 2;
      return target.substr(begin, target.find('&', begin) - begin);
    }
    return std::nullopt;
  };
  Asked asked;
  asked.start = std::stoull(value("startIndex").value_or("1"));
  asked.count = std::stoull(value("count").value_or("1000"));
  asked.attributes = value("attributes").value_or("");
  asked.excluded = value("excludedAttributes").value_or("");
  return asked;
}

test::FakeReply OddServiceTest::reply(const Answer& answer) {
  std::string body = R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],)";
  if (answer.total) absl::StrAppend(&body, "\"totalResults\":", *answer.total, ",");
  absl::StrAppend(&body, "\"Resources\":[", absl::StrJoin(answer.rows, ","), "]}");
  test::FakeReply reply(200, body);
  reply.header("Content-Type", "application/scim+json;charset=utf-8");
  return reply;
}

}  // namespace baton::connectors::scim
