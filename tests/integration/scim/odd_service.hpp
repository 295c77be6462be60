#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/log.hpp"
#include "base/task.hpp"
#include "connectors/scim/connector.hpp"
#include "support/fake_http_server.hpp"

namespace baton::connectors::scim {

/// A list request as a service reads it.
class Asked {
 public:
  Asked() = default;

  std::uint64_t start = 1;
  std::uint64_t count = 0;
  /// As it was sent; empty when it was not.
  std::string attributes;
  std::string excluded;
};

/// Keeps the lines that people would see.
class KeptLog final : public Log {
 public:
  bool enabled(LogLevel level) const override { return level >= LogLevel::kInfo; }
  void write(LogLevel level, std::string_view, std::string_view message,
             std::initializer_list<LogField> fields) override;

  std::vector<std::string> warnings;
};

/// A SCIM service on loopback whose lists are as odd as a test makes them, and the connector that reads it.
///
/// Without a test's doing, it pages as RFC 7644 says.
class OddServiceTest : public ::testing::Test {
 protected:
  /// The rows behind an answer, and what it announces; no total leaves it out.
  class Answer {
   public:
    std::vector<std::string> rows;
    std::optional<std::string> total;
  };
  using List = std::function<Answer(const std::vector<std::string>& all, const Asked& asked)>;

  /// What one sync found: "type/id" of resources, ids of grants.
  class Found {
   public:
    Found() = default;

    std::set<std::string> resources;
    std::set<std::string> grants;
    absl::Status status;
  };

  OddServiceTest();

  /// Resources as JSON: `{"id":"u1"}` to `{"id":"u<count>"}`.
  static std::vector<std::string> plain(const std::string& prefix, int count);
  static Answer slice(const std::vector<std::string>& all, std::uint64_t start, std::uint64_t count);

  /// Walks everything that the connector lists, as the engine would.
  Found sync();
  /// Runs to the end what has been started.
  void run() {
    context_.restart();
    context_.run();
  }

  /// How many requests had this in their target.
  std::size_t asked_for(const std::string& text) const;
  static std::size_t count_of(const std::set<std::string>& texts, const std::string& prefix);

  /// Makes the connector anew, with this `count`.
  void use_page_size(std::uint64_t page_size);

  std::vector<std::string> users_;
  std::vector<std::string> groups_;
  List list_users_;
  List list_groups_;
  test::FakeHttpServer server_;
  KeptLog log_;
  boost::asio::io_context context_;
  std::shared_ptr<sdk::Connector> connector_;

 private:
  static Asked parse(const std::string& target);
  static test::FakeReply reply(const Answer& answer);

  http::UnlimitedPermits permits_;
};

/// All grants of a type, walked from its first token on.
Task<void> walk_grants(sdk::Connector& connector, std::string type, std::set<std::string>& grants,
                       absl::Status& status);

}  // namespace baton::connectors::scim
