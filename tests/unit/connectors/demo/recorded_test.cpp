/// The example of docs/author-guide.md: a connector against a recording. It is made anew, from a running
/// service, by
///
///     BATON_RECORD_FROM=http://127.0.0.1:8080 build/release/tests/unit_connectors
///     --gtest_filter=DemoRecording.*
///
/// with `baton-tenant --port 8080 --users 5 --members 0 --groups 0 --roles 0 --page-size 3 --token t` and
/// BATON_RECORD_TOKEN=t.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "connectors/demo/connector.hpp"
#include "http/cassette.hpp"

namespace baton::connectors::demo {
namespace {

std::string variable(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : fallback;
}

/// Walks all pages of a list as the engine would; named, not a lambda, for the compiler's sake.
Task<void> list_all(sdk::Connector& connector, std::string type, std::vector<std::string>& ids,
                    absl::Status& end) {
  sdk::Connector::ListResourcesRequest request;
  request.set_resource_type_id(type);
  do {
    auto page = co_await connector.list_resources(request);
    end = page.status();
    if (!page.ok()) co_return;
    for (std::size_t i = 0; i < page->size(); ++i) ids.push_back(page->row(i).id().resource());
    request.set_page_token(page->next_token());
  } while (!request.page_token().empty());
}

TEST(DemoRecording, all_pages_of_users_are_read) {
  const std::string file = BATON_TEST_DATA "/users.json";
  const std::string live = variable("BATON_RECORD_FROM", "");
  http::ClientOptions options(live.empty() ? "http://directory.test" : live);
  options.credentials = http::Credentials::bearer(variable("BATON_RECORD_TOKEN", "any"));
  if (live.empty()) {
    absl::StatusOr<std::shared_ptr<http::Cassette>> cassette = http::Cassette::load(file);
    ASSERT_TRUE(cassette.ok()) << cassette.status();
    options.cassette = *cassette;
  } else {
    options.cassette = http::Cassette::record();
  }
  const std::shared_ptr<http::Cassette> cassette = options.cassette;

  boost::asio::io_context loop;
  http::UnlimitedPermits permits;
  auto demo = make_demo_connector(loop.get_executor(), std::move(options), permits, nullptr);
  ASSERT_TRUE(demo.ok()) << demo.status();
  std::vector<std::string> ids;
  absl::Status end;
  boost::asio::co_spawn(loop, list_all(*demo->connector, "user", ids, end), boost::asio::detached);
  loop.run();
  ASSERT_TRUE(end.ok()) << end;
  EXPECT_EQ(ids, (std::vector<std::string>{"u-000000", "u-000001", "u-000002", "u-000003", "u-000004"}));
  if (!live.empty()) {
    ASSERT_TRUE(cassette->save(file).ok());
  }
}

}  // namespace
}  // namespace baton::connectors::demo
