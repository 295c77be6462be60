#include "connectors/demo/connector.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace baton::connectors::demo {
namespace {

namespace v2 = c1::connector::v2;

/// Named, not a lambda awaited in place: the compiler's coroutine trap.
Task<void> list_types(sdk::Connector& connector, std::vector<std::string>& ids) {
  const sdk::Connector::ListResourceTypesRequest request;
  auto page = co_await connector.list_resource_types(request);
  if (!page.ok()) co_return;
  for (const v2::ResourceType& type : page->response().list()) ids.push_back(type.id());
}

TEST(DemoConnector, lists_its_types_in_order_without_a_request) {
  boost::asio::io_context loop;
  http::UnlimitedPermits permits;
  auto demo =
      make_demo_connector(loop.get_executor(), http::ClientOptions("http://127.0.0.1:1"), permits, nullptr);
  ASSERT_TRUE(demo.ok()) << demo.status();
  std::vector<std::string> ids;
  boost::asio::co_spawn(loop, list_types(*demo->connector, ids), boost::asio::detached);
  loop.run();
  EXPECT_EQ(ids, (std::vector<std::string>{"user", "group", "role", "app"}));
  EXPECT_EQ(demo->counters->requests.load(), 0U);
}

TEST(DemoConnector, promises_that_groups_and_roles_stand_alone) {
  boost::asio::io_context loop;
  http::UnlimitedPermits permits;
  auto demo =
      make_demo_connector(loop.get_executor(), http::ClientOptions("http://127.0.0.1:1"), permits, nullptr);
  ASSERT_TRUE(demo.ok());
  EXPECT_TRUE(demo->connector->hints("group").independent_phases);
  EXPECT_TRUE(demo->connector->hints("role").independent_phases);
  EXPECT_FALSE(demo->connector->hints("user").independent_phases);
}

TEST(DemoConnector, refuses_what_is_no_url) {
  boost::asio::io_context loop;
  http::UnlimitedPermits permits;
  EXPECT_FALSE(
      make_demo_connector(loop.get_executor(), http::ClientOptions("directory"), permits, nullptr).ok());
}

}  // namespace
}  // namespace baton::connectors::demo
