#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "http/client.hpp"
#include "support/fake_http_server.hpp"

namespace baton::http {

/// Counts leases and keeps what was reported.
class CountingPermits final : public PermitSource {
 public:
  Task<absl::StatusOr<Permit>> acquire(std::string_view limit_key) override {
    keys.emplace_back(limit_key);
    if (!refusal.ok()) co_return refusal;
    ++granted;
    co_return Permit([this](bool was_spent) {
      ++given_back;
      if (was_spent) ++spent;
    });
  }
  void report(std::string_view, const ResponseFacts& facts) override { reports.push_back(facts); }

  absl::Status refusal;
  int granted = 0;
  int given_back = 0;
  int spent = 0;
  std::vector<std::string> keys;
  std::vector<ResponseFacts> reports;
};

/// A client and its executor, driven by the test's own thread.
class ClientTest : public ::testing::Test {
 protected:
  /// Repeats at once; limits of time far away.
  static ClientOptions options_for(const std::string& base_url) {
    ClientOptions options(base_url);
    options.retry.backoff = std::chrono::milliseconds(0);
    return options;
  }

  std::unique_ptr<Client> make_client(ClientOptions options) {
    auto client = Client::create(context_.get_executor(), std::move(options), permits_);
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  /// Runs one task to its end.
  template <class T>
  T await(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(context_, std::move(task), [&](const std::exception_ptr& error, T value) {
      if (error) std::rethrow_exception(error);
      result = std::move(value);
    });
    drive([&] { return result.has_value(); });
    return *std::move(result);
  }

  /// Starts a task that `cancel` can be told to end.
  template <class T>
  void start(Task<T> task, boost::asio::cancellation_signal& cancel, std::optional<T>& result) {
    boost::asio::co_spawn(
        context_, std::move(task),
        boost::asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error, T value) {
          if (error) std::rethrow_exception(error);
          result = std::move(value);
        }));
  }

  /// Runs the executor until the condition holds.
  void drive(const std::function<bool()>& done) {
    context_.restart();
    while (!done()) context_.run_one_for(std::chrono::milliseconds(20));
  }

  boost::asio::io_context context_;
  CountingPermits permits_;
};

}  // namespace baton::http
